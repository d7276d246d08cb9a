//! When an expected text and a found value are the same. It compares as the column's type demands and never more loosely.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use datafusion::arrow::datatypes::DataType;

/// Floating-point numbers may differ by this part of the larger.
const TOLERANCE: f64 = 1e-6;

/// The spelling of a value in which equal values are equal texts. `None` when the text is no value of the type.
pub(super) fn canonical(text: &str, kind: &DataType) -> Option<String> {
    match kind {
        DataType::Date32 => text.parse::<NaiveDate>().ok().map(|day| day.to_string()),
        DataType::Timestamp(..) => moment(text).map(|micros| micros.to_string()),
        DataType::Boolean => text.parse::<bool>().ok().map(|truth| truth.to_string()),
        kind if kind.is_integer() => text.parse::<i64>().ok().map(|number| number.to_string()),
        kind if kind.is_floating() => text.parse::<f64>().ok().map(|number| number.to_string()),
        _ => Some(text.to_owned()),
    }
}

/// Whether two values are the same. Null and an empty text are: CSV cannot tell them apart.
pub(super) fn same(expected: Option<&str>, found: Option<&str>, kind: &DataType) -> bool {
    match (expected, found.filter(|text| !text.is_empty())) {
        (None, None) => true,
        (Some(expected), Some(found)) if kind.is_floating() => match (expected.parse::<f64>(), found.parse::<f64>()) {
            (Ok(expected), Ok(found)) => (expected - found).abs() <= TOLERANCE * expected.abs().max(found.abs()).max(f64::MIN_POSITIVE),
            _ => false,
        },
        (Some(expected), Some(found)) => match (canonical(expected, kind), canonical(found, kind)) {
            (Some(expected), Some(found)) => expected == found,
            _ => false,
        },
        _ => false,
    }
}

/// Microseconds since 1970. Arrow writes `2015-03-01T10:20:30.123456Z`, or without the zone when the column has none.
fn moment(text: &str) -> Option<i64> {
    let with_zone = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp_micros());
    with_zone.or_else(|| text.parse::<NaiveDateTime>().ok().map(|moment| moment.and_utc().timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::TimeUnit;

    use super::*;

    #[test]
    fn moments_are_equal_whatever_their_spelling() {
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        assert!(same(Some("2015-03-01T10:20:30.100000Z"), Some("2015-03-01T10:20:30.1Z"), &kind));
        assert!(!same(Some("2015-03-01T10:20:30.100000Z"), Some("2015-03-01T10:20:30.100001Z"), &kind));
    }

    #[test]
    fn only_floats_may_differ_a_little() {
        assert!(same(Some("0.333333333"), Some("0.3333333334"), &DataType::Float64));
        assert!(!same(Some("0.3333"), Some("0.3334"), &DataType::Float64));
        assert!(same(Some("0.0"), Some("0"), &DataType::Float64));
        assert!(!same(Some("12"), Some("13"), &DataType::Int64));
        assert!(!same(Some("x"), Some("X"), &DataType::Utf8));
    }

    #[test]
    fn null_is_not_zero() {
        assert!(same(None, None, &DataType::Int64));
        assert!(!same(None, Some("0"), &DataType::Int64));
        assert!(!same(Some("0"), None, &DataType::Int64));
    }
}
