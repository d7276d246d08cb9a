//! What can still be told of a line that [`parse_line`](super::parse_line) refused: when it happened, who sent it, what happened and in
//! which course run, as far as whole members say so before the fault (docs/concepts/edx-files.md, "Line grammar").
//!
//! It never makes an event of such a line, and it keeps nothing a learner or a browser may have written: of names only those of the
//! catalogue, of addresses only the kind of page and the key of the course run. A value that is cut, or that does not end where a member
//! ends, is none. Members after the fault are not known, so it relies on what holds for every line the platform wrote: no member stands
//! twice, `name` and `event_type` name the same event, and places that name a course run name the same one. Where that is not sure, it
//! tells nothing.

use serde::Deserialize as _;
use serde_json::value::RawValue;

use super::event::Text;
use super::json::{self, filled_text_of, text_of};
use super::{course, line, names, page, payload, redact, time};
use crate::json_repair;
use crate::reject::RejectCode;

/// Who may have sent an event; other text is not told.
const EVENT_SOURCES: [&str; 4] = ["browser", "mobile", "server", "task"];
/// The platform's own limit for the key of a course run, in characters.
const MAX_KEY_CHARACTERS: usize = 255;

/// The fields of [`Event`](super::Event) that could be told, with the same meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvage {
    /// When it happened, microseconds UTC.
    pub time: Option<i64>,
    /// `browser`, `server`, `mobile` or `task`.
    pub event_source: Option<&'static str>,
    /// The catalogue's name for this event; `page:<kind>` for a request.
    pub event_name: Option<&'static str>,
    /// The course run, in the form it was sent.
    pub course_run_key: Option<Box<str>>,
}

/// Tells what it can of a line that was refused; `None` if that is nothing.
#[must_use]
pub fn salvage(line: &[u8]) -> Option<Salvage> {
    memchr::memchr(b'{', line)?;
    let mended = json_repair::repaired(&String::from_utf8_lossy(line));
    let record = Record::read(object_of(mended.trim_ascii())?);
    let salvage = Salvage {
        time: record.time.and_then(time::moment_of),
        event_source: record
            .event_source
            .and_then(filled_text_of)
            .and_then(|source| EVENT_SOURCES.into_iter().find(|known| *known == source)),
        event_name: record.event_name(),
        course_run_key: record.course_run_key(),
    };
    (salvage != Salvage::default()).then_some(salvage)
}

/// The text from the first `{` on, unless that brace stands in a list or a string.
fn object_of(record: &str) -> Option<&str> {
    match line::object_of(record) {
        Ok((start, _)) => record.get(start..),
        Err(reject) if reject.code == RejectCode::TrackingLogCut => record.get(record.find('{')?..),
        Err(_) => None,
    }
}

/// Raw JSON text of the members of a record that are whole, and of the beginning of its context.
#[derive(Debug, Default)]
struct Record<'a> {
    time: Option<&'a str>,
    event_source: Option<&'a str>,
    event_type: Option<&'a str>,
    name: Option<&'a str>,
    page: Option<&'a str>,
    event: Option<&'a str>,
    context: Option<&'a str>,
    course_id: Option<&'a str>,
    path: Option<&'a str>,
    /// Whether the context was read to its end, or the record was and has none.
    has_whole_context: bool,
    /// Whether the record was read to its end.
    is_whole: bool,
}

impl<'a> Record<'a> {
    fn read(object: &'a str) -> Self {
        let mut record = Self::default();
        let end = for_each_whole_member(object, |key, value| {
            if let Some(member) = record.member(key) {
                *member = Some(value);
            }
        });
        record.is_whole = matches!(end, End::OfObject);
        if let End::InMember(key, beginning) = end
            && let Some(member) = record.member(&key)
        {
            // Of repeated members the last counts, and that is this one.
            *member = (key == "context" && beginning.starts_with('{')).then_some(beginning);
        }
        record.read_context();
        record
    }

    fn member(&mut self, key: &str) -> Option<&mut Option<&'a str>> {
        Some(match key {
            "time" => &mut self.time,
            "event_source" => &mut self.event_source,
            "event_type" => &mut self.event_type,
            "name" => &mut self.name,
            "page" => &mut self.page,
            "event" => &mut self.event,
            "context" => &mut self.context,
            _ => return None,
        })
    }

    fn read_context(&mut self) {
        let Some(context) = self.context else {
            self.has_whole_context = self.is_whole;
            return;
        };
        let (mut course_id, mut path) = (None, None);
        let end = for_each_whole_member(context, |key, value| match key {
            "course_id" => course_id = Some(value),
            "path" => path = Some(value),
            _ => {}
        });
        // One that is no object has no members.
        self.has_whole_context = matches!(end, End::OfObject) || !context.starts_with('{');
        // Staff of one course run can act on another: the path alone does not say what `course_id` would have said.
        self.path = path.filter(|_| course_id.is_some() || self.has_whole_context);
        self.course_id = course_id;
    }

    /// The path of a request, as the main reader sees it.
    fn request(&self) -> Text<'a> {
        [address(self.event_type), filled(self.name)].into_iter().flatten().find(|text| text.starts_with('/'))
    }

    fn event_name(&self) -> Option<&'static str> {
        if let Some(path) = self.request() {
            return Some(page::page_of(&path).kind.event_name());
        }
        let sent = filled(self.name).or_else(|| filled(self.event_type))?;
        // A name nobody documented may be any text a browser sent.
        names::known_event(&sent).map(|known| known.event_name)
    }

    fn course_run_key(&self) -> Option<Box<str>> {
        let in_address = |raw: Option<&'a str>| course::run_of_address(&address(raw)).map(Box::from);
        course::run_named_in(&self.course_id.and_then(text_of))
            .map(Box::from)
            .or_else(|| in_address(self.path))
            .or_else(|| in_address(self.event_type))
            .or_else(|| in_address(self.page))
            .or_else(|| self.run_of_payload())
            .filter(|key| key.chars().count() <= MAX_KEY_CHARACTERS)
    }

    /// The run the payload names. A payload may be about another course run than the page it was sent from, so it counts only when all
    /// that comes before it is known to name none.
    fn run_of_payload(&self) -> Option<Box<str>> {
        let is_last_place = self.is_whole || (self.has_whole_context && self.event_type.is_some() && self.page.is_some());
        if !is_last_place || self.request().is_some() {
            return None;
        }
        let payload = payload::decode(self.event);
        if !payload.is_object() {
            return None;
        }
        let text = payload.text?;
        let mut course_id = None;
        json::for_each_member(&text, |key, value| {
            if key == "course_id" {
                course_id = Some(value);
            }
        })
        .ok()?;
        course::run_named(&course_id.and_then(text_of)).map(Box::from)
    }
}

fn filled(raw: Option<&str>) -> Text<'_> {
    raw.and_then(filled_text_of)
}

fn address(raw: Option<&str>) -> Text<'_> {
    filled(raw).map(redact::redacted_form)
}

/// Where reading an object ended.
enum End<'a> {
    /// At its closing brace.
    OfObject,
    /// In the value of a member; with its name and the beginning of the value.
    InMember(String, &'a str),
    /// Anywhere else.
    Elsewhere,
}

/// Calls `each` with the name and the raw JSON text of every member that is whole: what follows it is a comma or the closing brace, as a
/// number may be cut anywhere and a string may end at a quote of another record.
fn for_each_whole_member<'a>(object: &'a str, mut each: impl FnMut(&str, &'a str)) -> End<'a> {
    let Some(mut rest) = object.strip_prefix('{') else { return End::Elsewhere };
    if without_space(rest).starts_with('}') {
        return End::OfObject;
    }
    loop {
        let Some((raw_key, after_key)) = value_at(rest) else { return End::Elsewhere };
        let Ok(key) = serde_json::from_str::<String>(raw_key) else { return End::Elsewhere };
        let Some(value_text) = without_space(after_key).strip_prefix(':') else { return End::Elsewhere };
        let Some((value, after)) = value_at(value_text) else { return End::InMember(key, without_space(value_text)) };
        let after = without_space(after);
        match after.as_bytes().first() {
            Some(b',') => each(&key, value),
            Some(b'}') => {
                each(&key, value);
                return End::OfObject;
            }
            _ => return End::InMember(key, value),
        }
        rest = &after[1..];
    }
}

/// The JSON value at the beginning of a text, however deep, and what follows it.
fn value_at(text: &str) -> Option<(&str, &str)> {
    let text = without_space(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = <&RawValue>::deserialize(&mut reader).ok()?.get();
    Some((value, text.get(value.len()..)?))
}

/// Without the white space JSON allows before a token.
fn without_space(text: &str) -> &str {
    text.trim_start_matches([' ', '\n', '\t', '\r'])
}
