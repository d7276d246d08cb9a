//! Decodes the payload, the member `event`: how it was sent, its text, and the members that have a use
//! (docs/concepts/edx-files.md, "Payload forms").
//!
//! It loses no payload: text that cannot be decoded is kept as it is, with a status that says so.

use std::borrow::Cow;

use super::event::{EventStatus, Text};
use super::json;
use crate::json_repair;

/// The server cuts the payloads of requests at this many characters.
const CUT_LENGTH: usize = 512;
/// A string in a string in a string: more than this was never documented.
const MAX_ENCODINGS: u32 = 4;

/// A payload's text and status.
#[derive(Debug, PartialEq)]
pub(super) struct Payload<'a> {
    /// Decoded text; the members of an object are read from it.
    pub(super) text: Text<'a>,
    pub(super) status: EventStatus,
}

impl<'a> Payload<'a> {
    fn new(status: EventStatus, text: Option<Cow<'a, str>>) -> Self {
        Self { text, status }
    }

    /// Whether the text is, or looks like, a JSON object with members.
    pub(super) fn is_object(&self) -> bool {
        matches!(self.status, EventStatus::Object | EventStatus::Decoded)
    }

    /// The payload after its text turned out not to be JSON: mended where that is possible, else with the status
    /// that says what is wrong with it.
    pub(super) fn mended(self) -> Self {
        let Some(text) = self.text else { return self };
        let mended = json_repair::repaired(&text);
        match json::check(&mended) {
            Ok(()) => Self::new(self.status, Some(Cow::Owned(mended))),
            Err(fault) => {
                let is_cut = fault.is_eof() || text.chars().count() == CUT_LENGTH;
                Self::new(if is_cut { EventStatus::Cut } else { EventStatus::Invalid }, Some(text))
            }
        }
    }
}

/// Decodes the raw JSON value of `event`. An object in a string is not checked here: whoever reads its members does, and calls
/// [`Payload::mended`] if it has none.
pub(super) fn decode(raw: Option<&str>) -> Payload<'_> {
    let Some(raw) = raw else { return Payload::new(EventStatus::Missing, None) };
    match raw.as_bytes().first() {
        Some(b'n') | None => Payload::new(EventStatus::Null, None),
        Some(b'{') if is_empty_object(raw) => Payload::new(EventStatus::Empty, Some(Cow::Borrowed(raw))),
        Some(b'{') => Payload::new(EventStatus::Object, Some(json_text(raw))),
        Some(b'[') => Payload::new(EventStatus::List, Some(json_text(raw))),
        Some(b'"') => match json::text_of(raw) {
            Some(text) => decode_string(text, 1),
            None => Payload::new(EventStatus::Invalid, Some(Cow::Borrowed(raw))),
        },
        Some(_) => Payload::new(EventStatus::Scalar, Some(Cow::Borrowed(raw))),
    }
}

/// JSON text that every reader takes.
pub(super) fn json_text(raw: &str) -> Cow<'_, str> {
    if json_repair::has_half_surrogate(raw) { Cow::Owned(json_repair::repaired(raw)) } else { Cow::Borrowed(raw) }
}

fn decode_string(text: Cow<'_, str>, n_encodings: u32) -> Payload<'_> {
    let bare = json::trimmed(&text);
    match bare.as_bytes().first() {
        None => Payload::new(EventStatus::Empty, None),
        // As if the payload stood in the record as an object, one level down.
        Some(b'{' | b'[') if json::is_deeper_than(bare, json::MAX_DEPTH - 1) => Payload::new(EventStatus::Invalid, Some(text)),
        Some(b'{') if is_empty_object(bare) => Payload::new(EventStatus::Empty, Some(text)),
        Some(b'{') => {
            let payload = Payload::new(EventStatus::Decoded, Some(text));
            if payload.text.as_deref().is_some_and(json_repair::has_half_surrogate) { payload.mended() } else { payload }
        }
        Some(b'[') => {
            let is_sound = json::check(bare).is_ok() && !json_repair::has_half_surrogate(bare);
            let payload = Payload::new(EventStatus::List, Some(text));
            if is_sound { payload } else { payload.mended() }
        }
        Some(b'"') => match serde_json::from_str::<String>(bare) {
            Ok(inner) if n_encodings < MAX_ENCODINGS => decode_string(Cow::Owned(inner), n_encodings + 1),
            Err(fault) if fault.is_eof() => Payload::new(EventStatus::Cut, Some(text)),
            _ => Payload::new(EventStatus::Invalid, Some(text)),
        },
        Some(_) if bare == "null" => Payload::new(EventStatus::Null, None),
        Some(_) if bare.parse::<f64>().is_ok() || matches!(bare, "true" | "false") => Payload::new(EventStatus::Scalar, Some(text)),
        Some(_) if is_form(bare) => Payload::new(EventStatus::Form, Some(text)),
        Some(_) => Payload::new(EventStatus::Invalid, Some(text)),
    }
}

fn is_empty_object(text: &str) -> bool {
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).is_some_and(|inner| inner.trim().is_empty())
}

/// A url-encoded form: `name=value&...`, in which braces and white space are escaped.
fn is_form(text: &str) -> bool {
    text.find('=').is_some_and(|at| at > 0) && !text.contains(|character: char| character == '{' || character.is_whitespace())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a string is always JSON")]
    use super::*;

    fn decoded(raw: &str) -> (EventStatus, Option<String>) {
        let payload = decode(Some(raw));
        let payload =
            if payload.is_object() && json::check(payload.text.as_deref().unwrap()).is_err() { payload.mended() } else { payload };
        (payload.status, payload.text.map(Cow::into_owned))
    }

    fn in_string(text: &str) -> String {
        serde_json::to_string(text).unwrap()
    }

    fn pair(status: EventStatus, text: &str) -> (EventStatus, Option<String>) {
        (status, Some(text.to_owned()))
    }

    /// docs/concepts/edx-files.md, "Payload forms".
    #[test]
    fn each_form_of_a_payload_is_told_apart() {
        let object = r#"{"problem_id": "i4x://a/b/problem/c", "odd-name.1": 2}"#;
        assert_eq!(decoded(object), pair(EventStatus::Object, object));
        assert_eq!(decoded(&in_string(object)), pair(EventStatus::Decoded, object));
        assert_eq!(decoded(&in_string(&in_string(object))), pair(EventStatus::Decoded, object));
        let list = r#"["input_a_2_1=x", "<p>{</p>"]"#;
        assert_eq!(decoded(list), pair(EventStatus::List, list));
        assert_eq!(decoded(&in_string(list)), pair(EventStatus::List, list));
        let form = "input_i4x-U-D-problem-P_2_1=choice_2&input_a_3_1%5B%5D=choice_0";
        assert_eq!(decoded(&in_string(form)), pair(EventStatus::Form, form));
        assert_eq!(decoded(r#""""#), (EventStatus::Empty, None));
        assert_eq!(decoded("{ }"), pair(EventStatus::Empty, "{ }"));
        assert_eq!(decoded(r#""{}""#), pair(EventStatus::Empty, "{}"));
        assert_eq!(decoded("null"), (EventStatus::Null, None));
        assert_eq!(decoded(r#""null""#), (EventStatus::Null, None));
        assert_eq!(decoded("12.5"), pair(EventStatus::Scalar, "12.5"));
        assert_eq!(decoded(r#""true""#), pair(EventStatus::Scalar, "true"));
        assert_eq!(decoded(r#""some words""#), pair(EventStatus::Invalid, "some words"));
        assert_eq!(decode(None), Payload::new(EventStatus::Missing, None));
    }

    /// docs/concepts/edx-files.md, "Payload forms".
    #[test]
    fn a_payload_cut_at_512_characters_is_kept_and_marked() {
        let whole = format!(r#"{{"POST": {{"answer": ["{}"]}}, "GET": {{}}}}"#, "ä".repeat(600));
        let cut: String = whole.chars().take(512).collect();
        assert_eq!(decoded(&in_string(&cut)), pair(EventStatus::Cut, &cut));
        for text in ["{", "[", "{\"a\": ", "{\"a\": \"\\u00", "\"{\\\"a\\\": "] {
            assert_eq!(decoded(&in_string(text)), pair(EventStatus::Cut, text));
        }
        assert_eq!(decoded(&in_string("{'a': 1}")), pair(EventStatus::Invalid, "{'a': 1}"));
    }

    /// docs/concepts/edx-files.md, "Line grammar".
    #[test]
    fn not_a_number_does_not_make_a_payload_invalid() {
        let text = r#"{"old_speed": NaN, "new_speed": 1.5}"#;
        assert_eq!(decoded(&in_string(text)), pair(EventStatus::Decoded, r#"{"old_speed": null, "new_speed": 1.5}"#));
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_in_the_text() {
        let text = r#"{"body": "\ud83d"}"#;
        for raw in [text.to_owned(), in_string(text)] {
            assert_eq!(decoded(&raw).1.as_deref(), Some(r#"{"body": "\ufffd"}"#));
        }
    }

    #[test]
    fn a_payload_nested_too_deep_stays_text() {
        let text = format!("{}{}", "[".repeat(400), "]".repeat(400));
        assert_eq!(decoded(&in_string(&text)), pair(EventStatus::Invalid, &text));
    }
}
