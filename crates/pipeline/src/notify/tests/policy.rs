//! What is told and what is held, with the calendar of a test.

use chrono::{DateTime, TimeDelta, Utc};

use super::moment;
use crate::control::Control;
use crate::control::notices::{self, Channel, DeliveryState, Target, Which};
use crate::notify::facts::{ExpiringKey, Facts, Gap, GapFacts, KeyExpiringFacts};
use crate::notify::policy::{Fate, settle};
use crate::notify::samples::sample;
use crate::notify::{NoticeKind, failure, recovered, report};

struct House {
    _folder: tempfile::TempDir,
    control: Control,
    now: DateTime<Utc>,
    targets: Vec<Target>,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        let targets = vec![Target { channel: Channel::Mail, name: "ada@example.org".to_owned() }];
        Self { _folder: folder, control, now: moment("2018-03-04T01:00:00Z"), targets }
    }

    /// Tells, and sends what is to be sent.
    fn tell(&self, facts: Facts) -> Fate {
        let fate = self.tell_unsent(facts);
        for waiting in self.control.read(|connection| notices::waiting(connection, Which::All)).unwrap() {
            for (target, _) in waiting.targets {
                let finish = |connection: &_| notices::finish(connection, waiting.notice_id, &target, DeliveryState::Sent, self.now, None);
                self.control.write(finish).unwrap();
            }
        }
        fate
    }

    fn tell_unsent(&self, facts: Facts) -> Fate {
        self.control.write(|connection| settle(connection, facts, "[]", &self.targets, self.now, 24)).unwrap()
    }

    fn pass(&mut self, span: TimeDelta) {
        self.now += span;
    }

    /// The facts of the newest notice.
    fn newest(&self) -> Facts {
        let read = |connection: &rusqlite::Connection| {
            connection.query_row("select facts from notices order by notice_id desc limit 1", [], |row| row.get::<_, String>(0))
        };
        serde_json::from_str(&self.control.read(read).unwrap()).unwrap()
    }
}

#[test]
fn a_failure_that_lasts_is_told_once_a_day_with_what_was_not_told() {
    let mut house = House::new();
    assert_eq!(house.tell(failure("sync", "no network", None)), Fate::Written);
    for _ in 0..5 {
        house.pass(TimeDelta::hours(3));
        assert_eq!(house.tell(failure("sync", "no network", None)), Fate::Held);
    }
    // A nightly run that starts some minutes earlier than the night before.
    house.now = moment("2018-03-05T00:51:00Z");
    assert_eq!(house.tell(failure("sync", "no network", None)), Fate::Written);
    let Facts::Failure(facts) = house.newest() else { unreachable!() };
    assert_eq!((facts.n_untold, facts.failing_since), (5, Some(moment("2018-03-04T01:00:00Z"))));
}

#[test]
fn a_fault_that_nobody_mends_is_told_after_one_two_four_and_then_every_seven_days() {
    let mut house = House::new();
    let mut told_on = Vec::new();
    for day in 0..30 {
        if house.tell(failure("ingest", "could not read `x`: it is damaged", None)) == Fate::Written {
            let Facts::Failure(facts) = house.newest() else { unreachable!() };
            told_on.push((day, facts.repeat_after_hours));
        }
        house.pass(TimeDelta::days(1));
    }
    assert_eq!(told_on, [(0, 24), (1, 48), (3, 96), (7, 168), (14, 168), (21, 168), (28, 168)]);
}

#[test]
fn another_step_or_another_fault_is_told_at_once() {
    let house = House::new();
    assert_eq!(house.tell(failure("sync", "could not read `a`: 3 bytes short", None)), Fate::Written);
    assert_eq!(house.tell(failure("sync", "could not read `b`: 14 bytes short", None)), Fate::Held);
    assert_eq!(house.tell(failure("sync", "no room on the disk", None)), Fate::Written);
    assert_eq!(house.tell(failure("build", "no room on the disk", None)), Fate::Written);
}

#[test]
fn a_recovery_is_told_only_after_a_failure_that_was() {
    let mut house = House::new();
    assert_eq!(house.tell(recovered("sync")), Fate::Nothing);
    house.tell(failure("sync", "no network", None));
    house.pass(TimeDelta::hours(1));
    assert_eq!(house.tell(recovered("build")), Fate::Nothing);
    assert_eq!(house.tell(recovered("sync")), Fate::Written);
    let Facts::Recovered(facts) = house.newest() else { unreachable!() };
    assert_eq!(facts.failing_since, Some(moment("2018-03-04T01:00:00Z")));
    assert_eq!(house.tell(recovered("sync")), Fate::Nothing);
    assert_eq!(house.tell(failure("sync", "no network", None)), Fate::Written, "a failure after a recovery is a new one");
}

#[test]
fn what_comes_and_goes_is_told_three_times_a_day() {
    let mut house = House::new();
    let mut n_told = 0;
    for _ in 0..40 {
        for facts in [failure("sync", "no network", None), recovered("sync")] {
            n_told += usize::from(house.tell(facts) == Fate::Written);
            house.pass(TimeDelta::minutes(5));
        }
    }
    assert_eq!(n_told, 6);
    house.pass(TimeDelta::days(1));
    assert_eq!(house.tell(failure("sync", "no network", None)), Fate::Written);
}

#[test]
fn what_nobody_hears_is_not_taken_for_told() {
    let mut house = House::new();
    let events = || [failure("sync", "no network", None), gaps(&[("2018-03-01", "2018-03-02")]), report("grades", "2018-03", &[], None)];
    let people = std::mem::take(&mut house.targets);
    for facts in events() {
        assert_eq!(house.tell(facts), Fate::Nothing);
    }
    house.targets = people;
    for facts in events() {
        assert_eq!(house.tell(facts), Fate::Written);
    }
}

#[test]
fn a_recovery_that_nobody_hears_ends_the_failure_all_the_same() {
    let mut house = House::new();
    house.tell(failure("sync", "no network", None));
    let people = std::mem::take(&mut house.targets);
    assert_eq!(house.tell(recovered("sync")), Fate::Nothing);
    house.targets = people;
    assert_eq!(house.tell(failure("sync", "no network", None)), Fate::Written);
}

fn gaps(spans: &[(&str, &str)]) -> Facts {
    let gap = |(first, last): &(&str, &str)| Gap {
        what: "event_files".to_owned(),
        org: "universityx".to_owned(),
        site: Some("edx".to_owned()),
        first_date: first.parse().unwrap(),
        last_date: last.parse().unwrap(),
        n_missing: 1,
    };
    Facts::GapFound(GapFacts { gaps: spans.iter().map(gap).collect() })
}

#[test]
fn a_gap_is_told_once_also_when_it_grows_or_is_filled_in_part() {
    let house = House::new();
    assert_eq!(house.tell(gaps(&[("2018-03-01", "2018-03-03")])), Fate::Written);
    assert_eq!(house.tell(gaps(&[("2018-03-01", "2018-03-04")])), Fate::Held);
    assert_eq!(house.tell(gaps(&[("2018-03-02", "2018-03-02"), ("2018-03-04", "2018-03-05")])), Fate::Held);
    assert_eq!(house.tell(gaps(&[("2018-03-02", "2018-03-02"), ("2018-03-09", "2018-03-09")])), Fate::Written);
    assert_eq!(house.newest(), gaps(&[("2018-03-09", "2018-03-09")]));
}

fn key(n_days_left: i64, warning: i64) -> Facts {
    let expires_on = "2018-04-01".parse().unwrap();
    Facts::KeyExpiring(KeyExpiringFacts { keys: vec![ExpiringKey { key_id: "AB".to_owned(), expires_on, n_days_left, warning }] })
}

#[test]
fn each_warning_of_a_key_is_given_once() {
    let house = House::new();
    for (n_days_left, warning, fate) in
        [(20, 30, Fate::Written), (19, 30, Fate::Held), (14, 14, Fate::Written), (0, 0, Fate::Written), (0, 0, Fate::Held)]
    {
        assert_eq!(house.tell(key(n_days_left, warning)), fate, "{n_days_left} days");
    }
}

#[test]
fn a_warning_that_nobody_has_yet_gives_way_to_the_newer_one() {
    let mut house = House::new();
    house.tell_unsent(key(14, 14));
    house.pass(TimeDelta::days(7));
    house.tell_unsent(key(7, 7));
    let waiting = house.control.read(|connection| notices::waiting(connection, Which::All)).unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].facts.contains("\"n_days_left\":7"));
}

#[test]
fn old_notices_are_forgotten_and_what_was_told_is_not() {
    let mut house = House::new();
    house.tell(gaps(&[("2018-03-01", "2018-03-03")]));
    house.pass(TimeDelta::days(500));
    house.control.write(|connection| notices::forget(connection, house.now)).unwrap();
    assert_eq!(house.control.notice_lines(10).unwrap(), []);
    assert_eq!(house.tell(gaps(&[("2018-03-01", "2018-03-03")])), Fate::Held);
}

#[test]
fn the_names_of_kinds_are_those_of_their_facts() {
    for kind in NoticeKind::ALL {
        let facts = sample(kind, moment("2018-03-04T01:00:00Z"));
        assert_eq!(facts.kind(), kind);
        let text = serde_json::to_string(&facts).unwrap();
        assert!(text.starts_with(&format!("{{\"about\":\"{kind}\"")), "{text}");
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
    }
}
