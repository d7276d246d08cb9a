//! Reads JSON text member by member, without building a tree: a value stays the slice of text it was.
//!
//! It refuses nothing that can be understood: numbers in quotes are numbers, a lone half of a surrogate pair is U+FFFD.

use std::borrow::Cow;

use serde::Deserializer as _;
use serde::de::{Deserialize, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::event::Text;
use super::scan::{Scanner, has_backslash};
use super::unescape::unescaped;
use crate::{json_repair, user_id};

/// Levels of nesting a record may have; the payload is one of them.
pub(super) const MAX_DEPTH: usize = 128;

/// Calls `each` with the name and the raw JSON text of every member. Members seen before a fault have been handed over.
pub(super) fn for_each_member<'a>(object: &'a str, each: impl FnMut(&str, &'a str)) -> serde_json::Result<()> {
    for_each_member_and_secrets(object, each).map(drop)
}

/// As [`for_each_member`]; whether the object may hold secrets.
pub(super) fn for_each_member_and_secrets<'a>(object: &'a str, mut each: impl FnMut(&str, &'a str)) -> serde_json::Result<bool> {
    let mut n_handed_over = 0_usize;
    let mut scanner = Scanner::new(object);
    let is_read = scanner.members(|scanner, key| {
        each(key, scanner.value()?);
        n_handed_over += 1;
        Some(())
    });
    if is_read.and_then(|()| scanner.end()).is_some() {
        return Ok(scanner.may_hold_secrets);
    }
    let mut n_left = n_handed_over;
    for_each_member_by_serde(object, |key, value| match n_left {
        0 => each(key, value),
        _ => n_left -= 1,
    })?;
    Ok(true)
}

/// As [`for_each_member`], slower, for any text: the definition of what can be read, and of what is wrong with the rest.
pub(super) fn for_each_member_by_serde<'a>(object: &'a str, each: impl FnMut(&str, &'a str)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(object);
    reader.deserialize_map(Members(each))?;
    reader.end()
}

/// Whether the text is one JSON value and nothing else.
pub(super) fn check(text: &str) -> serde_json::Result<()> {
    check_and_secrets(text).map(drop)
}

/// As [`check`]; whether the value may hold secrets.
pub(super) fn check_and_secrets(text: &str) -> serde_json::Result<bool> {
    let mut scanner = Scanner::new(text);
    if scanner.value().and_then(|_| scanner.end()).is_some() {
        return Ok(scanner.may_hold_secrets);
    }
    serde_json::from_str::<IgnoredAny>(text).map(|_| true)
}

struct Members<F>(F);

impl<'a, F: FnMut(&str, &'a str)> Visitor<'a> for Members<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = members.next_key::<Key<'a>>()? {
            let value: &'a RawValue = members.next_value()?;
            (self.0)(&key, value.get());
        }
        Ok(())
    }
}

/// A member's name; `Cow`'s own reader would always copy.
struct Key<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Key<'a> {
    fn deserialize<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'a> Visitor<'a> for KeyVisitor {
            type Value = Key<'a>;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a member name")
            }
            fn visit_borrowed_str<E>(self, key: &'a str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// The text of a string, or of a number or truth value that stands where text is expected. `null`, objects and lists have none.
pub(super) fn text_of(raw: &str) -> Text<'_> {
    match raw.as_bytes().first()? {
        b'"' => {
            let inner = raw.get(1..raw.len().checked_sub(1)?)?;
            if !has_backslash(inner.as_bytes()) {
                return Some(Cow::Borrowed(inner));
            }
            if let Some(text) = unescaped(inner) {
                return Some(Cow::Owned(text));
            }
            let mut text = serde_json::from_str::<String>(raw).or_else(|_| serde_json::from_str(&json_repair::repaired(raw))).ok()?;
            // Databases refuse NUL in text, and no column needs it.
            text.retain(|character| character != '\0');
            Some(Cow::Owned(text))
        }
        b'n' | b'{' | b'[' => None,
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// As [`text_of`], without surrounding white space; empty text is no text.
pub(super) fn filled_text_of(raw: &str) -> Text<'_> {
    let text = match text_of(raw)? {
        Cow::Borrowed(text) => Cow::Borrowed(trimmed(text)),
        Cow::Owned(text) if trimmed(&text).len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(trimmed(&text).to_owned()),
    };
    (!text.is_empty()).then_some(text)
}

/// As `str::trim`, which looks at characters where two bytes tell that there is nothing to do.
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// A whole number, in quotes or not.
pub(super) fn integer_of(raw: &str) -> Option<i64> {
    let text = text_of(raw)?;
    let text = trimmed(&text);
    text.parse().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        // Above 2^53 a float no longer names one whole number.
        (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
    })
}

/// A finite number, in quotes or not: `NaN` and infinities have no place in a typed column.
pub(super) fn number_of(raw: &str) -> Option<f64> {
    trimmed(&text_of(raw)?).parse().ok().filter(|number: &f64| number.is_finite())
}

/// The identifier of a learner: `""` and `null` stand for nobody, as do numbers that no learner has.
pub(super) fn user_id_of(raw: &str) -> Option<i64> {
    integer_of(raw).and_then(user_id::of_number)
}

/// Whether objects and lists are nested deeper than `limit`.
pub(super) fn is_deeper_than(text: &str, limit: usize) -> bool {
    // Most records have too few brackets to be deep, and counting is much faster than following strings.
    if n_opening_brackets(text.as_bytes()) <= limit {
        return false;
    }
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Counts in bytes, 255 at a time, which the processor does many at once. `[` and `{` differ in one bit.
fn n_opening_brackets(bytes: &[u8]) -> usize {
    bytes.chunks(255).map(|chunk| usize::from(chunk.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum::<u8>())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_escapes_is_borrowed() {
        assert!(matches!(text_of(r#""abc""#), Some(Cow::Borrowed("abc"))));
        assert_eq!(text_of(r#""a\"b""#).as_deref(), Some("a\"b"));
    }

    #[test]
    fn a_number_where_text_is_expected_is_its_digits_and_null_is_nothing() {
        assert_eq!(text_of("12").as_deref(), Some("12"));
        assert_eq!(text_of("true").as_deref(), Some("true"));
        for raw in ["null", "{}", "[1]"] {
            assert_eq!(text_of(raw), None);
        }
    }

    #[test]
    fn half_a_surrogate_pair_does_not_lose_the_text() {
        assert_eq!(text_of(r#""a\ud83db""#).as_deref(), Some("a\u{fffd}b"));
        assert_eq!(text_of(r#""\ud83d\ude00""#).as_deref(), Some("😀"));
    }

    #[test]
    fn numbers_in_quotes_are_numbers_and_those_that_are_none_are_nothing() {
        assert_eq!(integer_of(r#"" 17 ""#), Some(17));
        assert_eq!(integer_of("17.0"), Some(17));
        assert_eq!(integer_of("17.5"), None);
        assert_eq!(number_of(r#""1.50""#), Some(1.5));
        for raw in [r#""NaN""#, "NaN", "Infinity", r#""inf""#, r#""""#, "null", "1e999"] {
            assert_eq!(number_of(raw), None, "{raw}");
        }
    }

    #[test]
    fn zero_and_empty_are_no_user() {
        for raw in ["0", r#""""#, "null", r#""0""#, "-4", "true", r#""staff""#] {
            assert_eq!(user_id_of(raw), None, "{raw}");
        }
        assert_eq!(user_id_of(r#""42""#), Some(42));
    }

    #[test]
    fn brackets_inside_strings_are_not_nesting() {
        let flat = format!("[\"{}\\\"[[\"]", "[".repeat(200));
        assert!(!is_deeper_than(&flat, 128));
        assert!(!is_deeper_than(&format!("{}{}", "[".repeat(128), "]".repeat(128)), 128));
        assert!(is_deeper_than(&format!("{}{}", "[".repeat(129), "]".repeat(129)), 128));
    }
}
