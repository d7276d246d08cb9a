//! Instants as microseconds since 1970 in UTC, and the ways edX writes them.
//!
//! It knows no clock: every instant is decided by the generator.

use chrono::NaiveDate;

/// Microseconds since 1970-01-01T00:00:00Z.
pub(crate) type Moment = i64;
/// Days since 1970-01-01.
pub(crate) type Day = i64;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) fn day_of(moment: Moment) -> Day {
    moment.div_euclid(DAY)
}

pub(crate) fn day_of_date(date: NaiveDate) -> Day {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

/// Year, month and day of a count of days since 1970 (proleptic Gregorian calendar).
pub(crate) fn civil(day: Day) -> (i64, u32, u32) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month as u32, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

/// `2018-03-04`
pub(crate) fn date_text(day: Day) -> String {
    let (year, month, date) = civil(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// Sunday is 0.
pub(crate) fn weekday(day: Day) -> i64 {
    (day + 4).rem_euclid(7)
}

fn two(out: &mut Vec<u8>, value: i64) {
    out.push(b'0' + ((value / 10) % 10) as u8);
    out.push(b'0' + (value % 10) as u8);
}

fn push_clock(out: &mut Vec<u8>, moment: Moment, separator: u8, with_zero_fraction: bool) {
    let (year, month, date) = civil(day_of(moment));
    two(out, year / 100);
    two(out, year % 100);
    out.push(b'-');
    two(out, i64::from(month));
    out.push(b'-');
    two(out, i64::from(date));
    out.push(separator);
    let rest = moment.rem_euclid(DAY);
    two(out, rest / HOUR);
    out.push(b':');
    two(out, rest / MINUTE % 60);
    out.push(b':');
    two(out, rest / SECOND % 60);
    let micros = rest % SECOND;
    if micros != 0 || with_zero_fraction {
        out.push(b'.');
        two(out, micros / 10_000);
        two(out, micros / 100 % 100);
        two(out, micros % 100);
    }
}

/// `2018-03-04T10:20:30.123456+00:00`, without the fraction when it is zero, as Python writes it.
pub(crate) fn push_event_time(out: &mut Vec<u8>, moment: Moment) {
    push_clock(out, moment, b'T', false);
    out.extend_from_slice(b"+00:00");
}

/// `2018-03-04 10:20:30[.123456]`, the form of the database files.
pub(crate) fn database_text(moment: Moment) -> String {
    let mut out = Vec::with_capacity(26);
    push_clock(&mut out, moment, b' ', false);
    String::from_utf8(out).unwrap_or_default()
}

/// `2018-03-04T10:20:30.123456Z`, the form of the truth files.
pub(crate) fn truth_text(moment: Moment) -> String {
    let mut out = Vec::with_capacity(27);
    push_clock(&mut out, moment, b'T', true);
    out.push(b'Z');
    String::from_utf8(out).unwrap_or_default()
}

/// `2018-03-04 10:20:30 Z`, the form of programme reports.
pub(crate) fn report_text(moment: Moment) -> String {
    content_text(moment).replace('T', " ").replace('Z', " Z")
}

/// `2018-03-04T10:20:30Z`, the form of course content and the forum.
pub(crate) fn content_text(moment: Moment) -> String {
    let mut out = Vec::with_capacity(20);
    push_clock(&mut out, moment - moment.rem_euclid(SECOND), b'T', false);
    out.push(b'Z');
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    #[test]
    fn days_agree_with_the_calendar() {
        for (year, month, date) in [(1970, 1, 1), (2000, 2, 29), (2013, 7, 15), (2018, 3, 4), (2100, 12, 31)] {
            let day = day_of_date(NaiveDate::from_ymd_opt(year, month, date).unwrap());
            assert_eq!(civil(day), (i64::from(year), month, date));
        }
        assert_eq!(weekday(day_of_date(NaiveDate::from_ymd_opt(2018, 3, 4).unwrap())), 0);
    }

    #[test]
    fn a_zero_fraction_is_left_out_of_logs_and_tables_but_not_of_truth() {
        let moment = 1_520_158_830 * SECOND;
        assert_eq!(database_text(moment), "2018-03-04 10:20:30");
        assert_eq!(database_text(moment + 120_000), "2018-03-04 10:20:30.120000");
        assert_eq!(truth_text(moment), "2018-03-04T10:20:30.000000Z");
    }
}
