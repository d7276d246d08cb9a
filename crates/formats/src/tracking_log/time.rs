//! Reads the moments of a tracking log: the platform's date form in its variants, and seconds since 1970.
//!
//! It refuses dates that do not exist and does not guess at other forms; a moment without an offset is UTC
//! (docs/concepts/edx-files.md, "Time").

use super::json;

const MICROS_PER_SECOND: i64 = 1_000_000;
/// Seconds above this are milliseconds or nonsense (this is the year 5138).
const MAX_EPOCH_SECONDS: i64 = 100_000_000_000;

/// The moment in a JSON value, in microseconds since 1970-01-01 UTC: a date string, or whole seconds as a number or digits.
pub(super) fn moment_of(raw: &str) -> Option<i64> {
    let text = json::text_of(raw)?;
    let text = json::trimmed(&text);
    parse_moment(text).or_else(|| epoch_seconds(text))
}

fn epoch_seconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if ![seconds, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok().filter(|&seconds| seconds <= MAX_EPOCH_SECONDS)?;
    Some(seconds * MICROS_PER_SECOND + fraction_micros(fraction.as_bytes())?.0)
}

/// `YYYY-MM-DDThh:mm:ss[.fraction][Z|+hh:mm]`, with `T` or a space; digits of the fraction after the sixth are dropped.
pub(super) fn parse_moment(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (head, mut tail) = bytes.split_at_checked(19)?;
    if [head[4], head[7], head[13], head[16]] != *b"--::" || !matches!(head[10], b'T' | b't' | b' ') {
        return None;
    }
    let year = digits(&head[..4])?;
    let (month, day) = (digits(&head[5..7])?, digits(&head[8..10])?);
    let (hour, minute, second) = (digits(&head[11..13])?, digits(&head[14..16])?, digits(&head[17..19])?);
    // A leap second is the first moment of the next minute, as in the databases.
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut micros = 0;
    if let Some((b'.', fraction)) = tail.split_first() {
        (micros, tail) = fraction_micros(fraction)?;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset_seconds(tail)?;
    Some(seconds * MICROS_PER_SECOND + micros)
}

/// The number two or four digits make.
fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// Microseconds of the digits after the point, and what follows them.
fn fraction_micros(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let n_digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, tail) = bytes.split_at_checked(n_digits)?;
    let significant = fraction.get(..6).unwrap_or(fraction);
    let missing = u32::try_from(6 - significant.len()).ok()?;
    (n_digits > 0).then_some((digits(significant)? * 10_i64.pow(missing), tail))
}

fn offset_seconds(tail: &[u8]) -> Option<i64> {
    let (sign, rest) = match tail.split_first() {
        None => return Some(0),
        Some((b'Z' | b'z', [])) => return Some(0),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, minutes) = match rest {
        [_, _, b':', _, _] => (digits(&rest[..2])?, digits(&rest[3..])?),
        [_, _, _, _] => (digits(&rest[..2])?, digits(&rest[2..])?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01, with years that begin in March so that the leap day is the last (Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeZone, Utc};

    #[test]
    fn every_documented_form_is_the_same_moment() {
        let expected = Some(1_425_205_230_000_000);
        for text in [
            "2015-03-01T10:20:30",
            "2015-03-01T10:20:30Z",
            "2015-03-01T10:20:30+00:00",
            "2015-03-01 10:20:30",
            "2015-03-01T12:50:30+02:30",
            "2015-03-01T05:20:30.000000-05:00",
            "2015-03-01T10:20:30.0",
            "2015-03-01T12:50:30+0230",
            "2015-03-01 10:20:30.000+00:00",
        ] {
            assert_eq!(parse_moment(text), expected, "{text}");
        }
        for raw in ["1425205230", "\"1425205230\"", "1425205230.0", "\" 2015-03-01T10:20:30 \""] {
            assert_eq!(moment_of(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_fraction_is_kept_to_the_microsecond() {
        assert_eq!(parse_moment("1970-01-01T00:00:00.5"), Some(500_000));
        assert_eq!(parse_moment("1970-01-01T00:00:00.123456+00:00"), Some(123_456));
        assert_eq!(parse_moment("1970-01-01T00:00:00.123456999Z"), Some(123_456));
        assert_eq!(parse_moment("1969-12-31T23:59:59.999999"), Some(-1));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2015",
            "2015-02-29T00:00:00",
            "2015-13-01T00:00:00",
            "2015-00-01T00:00:00",
            "2015-01-32T00:00:00",
            "2015-01-01T24:00:00",
            "2015-01-01T00:00:00.",
            "2015-01-01T00:00:00+1",
            "2015-01-01T00:00:00 UTC",
            "2015-01-01",
            "2015/01/01T00:00:00",
            "20150101T000000",
            "2015-01-01T00:00:0x",
            "2015-01-01T00:00:00+25:00",
            "None",
            "２０15-01-01T00:00",
        ] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
        for raw in ["null", "\"\"", "{}", "1425205230000", "-5", "true", "\".\"", "1.2.3", "1."] {
            assert_eq!(moment_of(raw), None, "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_written_moment_is_read_back(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            let moment: DateTime<Utc> = Utc.timestamp_micros(micros).unwrap();
            proptest::prop_assert_eq!(parse_moment(&moment.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()), Some(micros));
        }
    }
}
