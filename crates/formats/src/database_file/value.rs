//! One value of a database file, typed by its column.
//! It refuses to force a value into a type: what does not fit is handed back.

use std::borrow::Cow;

use super::{ColumnKind, Dialect, parse_timestamp};
use crate::user_id;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// SQL's NULL, or a word that stands for it in a typed column.
    Null,
    /// Text, with escapes read.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// Microseconds since 1970 UTC.
    Timestamp(i64),
    /// True or false.
    Truth(bool),
}

/// Reads the text of a field, whose escapes are those of the dialect or none; `Err` holds the text if it does not fit its column.
pub(super) fn parse_value(text: Cow<'_, str>, kind: ColumnKind, escapes: Option<Dialect>) -> Result<Value<'_>, Cow<'_, str>> {
    if text == "NULL" {
        return Ok(Value::Null);
    }
    let trimmed = text.trim_ascii();
    let value = match kind {
        ColumnKind::Text => return Ok(Value::Text(unescaped(text, escapes))),
        ColumnKind::Integer => integer(trimmed).map(Value::Integer),
        ColumnKind::UserId => integer(trimmed).and_then(user_id::of_number).map(Value::Integer),
        ColumnKind::Float => float(trimmed).map(Value::Float),
        ColumnKind::Timestamp => parse_timestamp(trimmed).map(Value::Timestamp),
        ColumnKind::Truth => truth(trimmed).map(Value::Truth),
    };
    match value {
        Some(value) => Ok(value),
        None if stands_for_null(trimmed, kind) => Ok(Value::Null),
        None => Err(unescaped(text, escapes)),
    }
}

fn unescaped(text: Cow<'_, str>, escapes: Option<Dialect>) -> Cow<'_, str> {
    match escapes {
        Some(dialect) => dialect.unescape(text),
        None => text,
    }
}

/// Whether a word in a typed column means that there is no value: nothing, what other layers made of NULL, or MySQL's date of zeros.
fn stands_for_null(text: &str, kind: ColumnKind) -> bool {
    let zero_date = || text.starts_with("0000-00-00") && text.bytes().all(|byte| matches!(byte, b'0' | b'-' | b':' | b' ' | b'.'));
    text.is_empty() || ["null", "none"].iter().any(|word| text.eq_ignore_ascii_case(word)) || (kind == ColumnKind::Timestamp && zero_date())
}

/// A whole number; also one that passed through a float column (`1990.0`) or a Python truth value.
fn integer(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    match text {
        "True" => return Some(1),
        "False" => return Some(0),
        _ => {}
    }
    let (whole, fraction) = text.split_once('.')?;
    fraction.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok())?
}

/// A truth as databases, Python and spreadsheets write it.
fn truth(text: &str) -> Option<bool> {
    let is_among = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_among(["true", "1", "t", "yes", "y"]) {
        return Some(true);
    }
    is_among(["false", "0", "f", "no", "n"]).then_some(false)
}

fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::super::clean_text::clean_text;
    use super::*;

    fn read(field: &[u8], kind: ColumnKind) -> Result<Value<'_>, Cow<'_, str>> {
        parse_value(clean_text(field), kind, Some(Dialect::Escaped))
    }

    /// docs/concepts/edx-files.md, "NULL and types".
    #[test]
    fn null_is_null_in_every_kind_and_its_stand_ins_only_in_typed_kinds() {
        for kind in [ColumnKind::Integer, ColumnKind::UserId, ColumnKind::Float, ColumnKind::Timestamp, ColumnKind::Truth] {
            for field in [&b"NULL"[..], b"None", b"none", b"null", b"", b" ", b"NU\0LL"] {
                assert_eq!(read(field, kind), Ok(Value::Null), "{kind:?}");
            }
        }
        assert_eq!(read(b"NULL", ColumnKind::Text), Ok(Value::Null));
        assert_eq!(read(b"None", ColumnKind::Text), Ok(Value::Text("None".into())));
        assert_eq!(read(b"", ColumnKind::Text), Ok(Value::Text("".into())));
        assert_eq!(read(b"0000-00-00 00:00:00", ColumnKind::Timestamp), Ok(Value::Null));
    }

    #[test]
    fn numbers_are_read_as_python_writes_them() {
        for (field, value) in [("1990", 1990), ("1990.0", 1990), (" -3 ", -3), ("True", 1), ("False", 0), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(read(field.as_bytes(), ColumnKind::Integer), Ok(Value::Integer(value)), "{field}");
        }
        for (field, value) in [("0.84", 0.84), ("1e-05", 1e-5), ("0.0", 0.0), ("7", 7.0)] {
            assert_eq!(read(field.as_bytes(), ColumnKind::Float), Ok(Value::Float(value)), "{field}");
        }
    }

    #[test]
    fn truths_are_read_in_every_spelling_that_is_known() {
        for (field, value) in [("True", true), ("true", true), ("1", true), ("Y", true), ("False", false), ("no", false), ("0", false)] {
            assert_eq!(read(field.as_bytes(), ColumnKind::Truth), Ok(Value::Truth(value)), "{field}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_handed_back() {
        for (field, kind) in [
            ("19x", ColumnKind::Integer),
            ("1990.5", ColumnKind::Integer),
            ("0", ColumnKind::UserId),
            ("-1", ColumnKind::UserId),
            ("9223372036854775808", ColumnKind::Integer),
            (".", ColumnKind::Integer),
            ("nan", ColumnKind::Float),
            ("inf", ColumnKind::Float),
            ("1e999", ColumnKind::Float),
            ("2013-02-30", ColumnKind::Timestamp),
            ("perhaps", ColumnKind::Truth),
        ] {
            assert_eq!(read(field.as_bytes(), kind), Err(Cow::Borrowed(field)));
        }
    }

    /// docs/concepts/edx-files.md, "Records and headers".
    #[test]
    fn nul_bytes_go_and_broken_utf_8_is_marked() {
        assert_eq!(read(b"A\0da", ColumnKind::Text), Ok(Value::Text("Ada".into())));
        assert_eq!(read(b"Ad\xff\\ta", ColumnKind::Text), Ok(Value::Text("Ad\u{fffd}\ta".into())));
        assert_eq!(read(b"1\x002", ColumnKind::Integer), Ok(Value::Integer(12)));
    }
}
