//! The wrapped values of MongoDB's export: identifiers, numbers and dates in each encoding its versions used.
//! It refuses prose: a value that is none of them is no value.

use serde_json::Value;

use crate::database_file::parse_timestamp;

/// Text; a number gives its digits. NUL characters are dropped, no column could hold them.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if text.contains('\0') => Some(text.replace('\0', "")),
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(_) => integer(value).map(|number| number.to_string()),
        _ => None,
    }
}

/// `{"$oid": "..."}`, or the identifier without its wrapping.
pub(super) fn identifier(value: Value) -> Option<String> {
    match value {
        Value::Object(mut wrapped) if wrapped.contains_key("$oid") => wrapped.remove("$oid").and_then(text),
        _ => text(value),
    }
}

/// A whole number, bare, as digits in text, or as `{"$numberInt": "..."}` or `{"$numberLong": "..."}`.
pub(super) fn integer(value: Value) -> Option<i64> {
    match &value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(digits) => digits.trim().parse().ok(),
        Value::Object(wrapped) => {
            let inner = wrapped.get("$numberLong").or_else(|| wrapped.get("$numberInt")).or_else(|| wrapped.get("$numberDouble"))?;
            match inner {
                Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
                Value::String(digits) => digits.trim().parse().ok().or_else(|| whole(digits.trim().parse().ok()?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Truth, also as 0 or 1.
pub(super) fn boolean(value: Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(truth),
        Value::String(word) => word.trim().to_ascii_lowercase().parse().ok(),
        _ => match integer(value)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
    }
}

/// Microseconds since 1970 UTC of `{"$date": ...}` with milliseconds, `{"$numberLong": ...}` or ISO text inside; also of each without
/// the wrapping.
pub(super) fn moment(value: Value) -> Option<i64> {
    let inner = match value {
        Value::Object(mut wrapped) if wrapped.contains_key("$date") => wrapped.remove("$date")?,
        other => other,
    };
    if let Value::String(text) = &inner
        && let Some(micros) = parse_timestamp(text)
    {
        return Some(micros);
    }
    integer(inner)?.checked_mul(1000)
}

/// A list as JSON text, with its identifiers and numbers unwrapped. Members that are neither text nor number are dropped.
pub(super) fn texts_of_list(value: Value) -> Option<String> {
    let Value::Array(members) = value else { return None };
    let texts = members.into_iter().filter_map(identifier).map(Value::String).collect();
    Some(Value::Array(texts).to_string())
}

fn whole(number: f64) -> Option<i64> {
    // Beyond 2^53 a double no longer tells whole numbers apart.
    #[expect(clippy::cast_possible_truncation, reason = "the number is whole and within range")]
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// docs/concepts/edx-files.md, "Forum".
    #[test]
    fn every_encoding_of_a_date_is_the_same_moment() {
        let micros = Some(1_386_903_598_520_000);
        for value in [
            json!({"$date": 1_386_903_598_520_i64}),
            json!({"$date": "2013-12-13T02:59:58.520Z"}),
            json!({"$date": "2013-12-13T02:59:58.520+0000"}),
            json!({"$date": {"$numberLong": "1386903598520"}}),
            json!("2013-12-13T02:59:58.520Z"),
            json!(1_386_903_598_520_i64),
        ] {
            assert_eq!(moment(value.clone()), micros, "{value}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_no_value() {
        for value in [json!(null), json!([]), json!({}), json!({"$date": null}), json!({"$date": "soon"}), json!(i64::MAX), json!(true)] {
            assert_eq!(moment(value.clone()), None, "{value}");
        }
        assert_eq!(integer(json!("12a")), None);
        assert_eq!(integer(json!(1.5)), None);
        assert_eq!(boolean(json!(2)), None);
        assert_eq!(texts_of_list(json!({})), None);
    }

    #[test]
    fn numbers_and_identifiers_are_unwrapped() {
        for value in
            [json!(7), json!("7"), json!(7.0), json!({"$numberInt": "7"}), json!({"$numberLong": 7}), json!({"$numberDouble": "7.0"})]
        {
            assert_eq!(integer(value.clone()), Some(7), "{value}");
        }
        assert_eq!(texts_of_list(json!([{"$oid": "ab"}, "cd", 5, null])).as_deref(), Some(r#"["ab","cd","5"]"#));
        assert_eq!(identifier(json!({"$oid": "a\u{0}b"})).as_deref(), Some("ab"));
    }
}
