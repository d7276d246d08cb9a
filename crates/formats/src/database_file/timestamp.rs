//! Moments as edX writes them into tables, forum posts and course settings.
//! It refuses everything that is not a calendar date with an optional time of day: prose dates are not read.

use chrono::NaiveDate;

/// Microseconds since 1970 UTC of `YYYY-MM-DD`, or `MM/DD/YYYY` as reports of programmes write it, optionally followed by a space or `T` and `HH:MM[:SS[.f]]`, optionally followed by `Z`,
/// `UTC` or an offset (`+00:00`, `+0000`, `+00`). No offset means UTC; no time means midnight; digits below the microsecond are cut off.
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let bytes = text.trim_ascii().as_bytes();
    let (date, rest) = bytes.split_at_checked(10)?;
    let ([y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] | [m1, m2, b'/', d1, d2, b'/', y1, y2, y3, y4]) = *date else { return None };
    let year = number([y1, y2])? * 100 + number([y3, y4])?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number([m1, m2])?, number([d1, d2])?)?;
    let days = i64::from(date.to_epoch_days());
    let (micros_of_day, offset_minutes) = match rest {
        [] => (0, 0),
        [b' ' | b'T' | b't', time @ ..] => {
            let (micros, zone) = time_of_day(time)?;
            (micros, offset_minutes(zone)?)
        }
        _ => return None,
    };
    Some(days * 86_400_000_000 + micros_of_day - offset_minutes * 60_000_000)
}

fn time_of_day(time: &[u8]) -> Option<(i64, &[u8])> {
    let [h1, h2, b':', m1, m2, rest @ ..] = time else { return None };
    let (hours, minutes) = (number([*h1, *h2])?, number([*m1, *m2])?);
    let (seconds, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (number([*s1, *s2])?, rest),
        _ => (0, rest),
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let (fraction, rest) = match rest {
        [b'.' | b',', rest @ ..] => fraction(rest)?,
        _ => (0, rest),
    };
    Some((i64::from(hours * 3600 + minutes * 60 + seconds) * 1_000_000 + fraction, rest))
}

/// The microseconds of the digits behind the point, and what follows them.
fn fraction(digits: &[u8]) -> Option<(i64, &[u8])> {
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let (digits, rest) = digits.split_at(length);
    let micros = digits.iter().chain([b'0'; 6].iter()).take(6).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some((micros, rest))
}

fn offset_minutes(zone: &[u8]) -> Option<i64> {
    let (sign, digits) = match zone.trim_ascii() {
        b"" | b"Z" | b"z" | b"UTC" => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match *digits {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (number([h1, h2])?, number([m1, m2])?),
        [h1, h2] => (number([h1, h2])?, 0),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 60 + minutes))
}

fn number([tens, ones]: [u8; 2]) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/concepts/edx-files.md, "NULL and types".
    #[test]
    fn seconds_and_microseconds_mix_in_one_column() {
        assert_eq!(parse_timestamp("1970-01-02 00:00:01"), Some(86_401_000_000));
        assert_eq!(parse_timestamp("1970-01-02 00:00:01.000250"), Some(86_401_000_250));
        assert_eq!(parse_timestamp("1970-01-02T00:00:01.5Z"), Some(86_401_500_000));
        assert_eq!(parse_timestamp("1970-01-02 00:00:01.123456789+00:00"), Some(86_401_123_456));
        assert_eq!(parse_timestamp("1970-01-02 00:00:01 Z"), Some(86_401_000_000));
        assert_eq!(parse_timestamp("01/02/1970"), Some(86_400_000_000));
    }

    #[test]
    fn offsets_are_taken_off() {
        for text in
            ["1970-01-01 02:00:00+02:00", "1970-01-01T02:00+0200", "1969-12-31 19:00:00-05", "1970-01-01", " 1970-01-01 00:00:00 UTC "]
        {
            assert_eq!(parse_timestamp(text), Some(0), "{text}");
        }
    }

    #[test]
    fn a_moment_of_no_calendar_is_no_moment() {
        for text in [
            "",
            "now",
            "2013-02-30 00:00:00",
            "2013-13-01",
            "2013-01-01 24:00:00",
            "2013-01-01 00:60:00",
            "2013-01-01 00:00:00.",
            "2013-1-1",
            "2013-01-01 00:00:00 CET",
            "2013-01-01 00:00:00+1",
            "2013-01-01x",
            "２013-01-01",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9T:.+ Z-]{0,40}") {
            let _ = parse_timestamp(&text);
        }
    }
}
