//! The catalogue of documented event names: one name for each event, whatever it was called when it was sent.
//!
//! The names stand in `data/event_names.tsv`, one event a line, older names of an event separated by spaces. It refuses to guess: a name it
//! does not know stays as it is, in no group.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// One documented event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownEvent {
    /// The name used in the column `event_name`.
    pub event_name: &'static str,
    /// What the event belongs to: `video`, `problem`, `forum`, ...
    pub group: &'static str,
    /// Who sends it: `browser`, `server`, `mobile`, or several joined by `+`.
    pub source: &'static str,
    /// Day (or year) of its first appearance, where that is documented.
    pub since: Option<&'static str>,
}

struct Catalogue {
    events: Vec<KnownEvent>,
    /// Names and older names.
    by_name: FxHashMap<&'static str, usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue { events: Vec::new(), by_name: FxHashMap::default() };
    for line in include_str!("../../data/event_names.tsv").lines().skip(1) {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (event_name, aliases, group, source, since) = (cell(), cell(), cell(), cell(), cell());
        for name in std::iter::once(event_name).chain(aliases.split(' ').filter(|alias| !alias.is_empty())) {
            catalogue.by_name.insert(name, catalogue.events.len());
        }
        catalogue.events.push(KnownEvent { event_name, group, source, since: (!since.is_empty()).then_some(since) });
    }
    catalogue
});

/// The documented event of a name, old or new.
#[must_use]
pub fn known_event(name: &str) -> Option<&'static KnownEvent> {
    CATALOGUE.by_name.get(name).and_then(|&index| CATALOGUE.events.get(index))
}

/// What an event belongs to; requests are `page`.
#[must_use]
pub fn group_of(event_name: &str) -> Option<&'static str> {
    if event_name.starts_with("page:") {
        return Some("page");
    }
    known_event(event_name).map(|event| event.group)
}

/// Every documented event, ordered by name.
#[must_use]
pub fn known_events() -> &'static [KnownEvent] {
    &CATALOGUE.events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_name_leads_to_the_same_event() {
        for (alias, event_name) in [
            ("save_problem_check", "problem_check"),
            ("save_problem_check_fail", "problem_check_fail"),
            ("show_answer", "showanswer"),
            ("edx.video.played", "play_video"),
            ("edx.video.position.changed", "seek_video"),
            ("edx.video.transcript.hidden", "hide_transcript"),
            ("edx.video.transcript.shown", "show_transcript"),
            ("seq_next", "edx.ui.lms.sequence.next_selected"),
            ("seq_prev", "edx.ui.lms.sequence.previous_selected"),
            ("seq_goto", "edx.ui.lms.sequence.tab_selected"),
            ("oe_hide_problem", "oe_hide_question"),
            ("staff_grading_show_problem", "staff_grading_show_question"),
            ("edx.course.bookmark.added", "edx.bookmark.added"),
            ("textbook.pdf.display.scrolled", "textbook.pdf.page.scrolled"),
        ] {
            assert_eq!(known_event(alias).map(|event| event.event_name), Some(event_name));
            assert_eq!(known_event(event_name).map(|event| event.event_name), Some(event_name));
        }
    }

    #[test]
    fn a_name_means_one_event_only() {
        let n_aliases: usize = include_str!("../../data/event_names.tsv")
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').nth(1))
            .map(|aliases| aliases.split(' ').filter(|alias| !alias.is_empty()).count())
            .sum();
        assert_eq!(CATALOGUE.by_name.len(), CATALOGUE.events.len() + n_aliases);
        assert!(known_events().is_sorted_by_key(|event| event.event_name));
    }

    #[test]
    fn every_line_of_the_catalogue_is_whole() {
        for event in known_events() {
            assert!(!event.event_name.is_empty() && !event.group.is_empty(), "{event:?}");
            assert!(event.source.split('+').all(|source| ["browser", "server", "mobile"].contains(&source)), "{event:?}");
        }
    }

    #[test]
    fn an_unknown_name_has_no_group() {
        assert_eq!(group_of("edx.not.yet.invented"), None);
        assert_eq!(group_of("page:info"), Some("page"));
        assert_eq!(group_of("problem_check"), Some("problem"));
    }
}
