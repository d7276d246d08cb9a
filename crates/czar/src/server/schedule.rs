//! The times of the schedule: entries are read and asked for their next time. No clock is read and nothing is started here.

use std::str::FromStr as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::failure::refusal_with_hint;
use crate::words;

const FORMS: &str =
    "write `every 5 minutes`, `every 2 hours`, or five fields of cron and a time zone: `0 2 * * * Europe/London` is two o'clock each night";

/// One entry of the schedule.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// As it stands in the settings.
    pub(super) text: String,
    times: Times,
}

#[derive(Debug, Clone)]
enum Times {
    /// Counted from the beginning of 1970, so that a restart does not shift them.
    Every(TimeDelta),
    Cron {
        expression: Box<Cron>,
        zone: Tz,
    },
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    /// It is none of the forms, names a time zone that does not exist, or a time that never comes.
    pub(super) fn parse(text: &str, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let times = if words.first().is_some_and(|first| first.eq_ignore_ascii_case("every")) {
            interval(&words[1..]).map(Times::Every).ok_or_else(|| refused(text, FORMS))?
        } else {
            cron(text, &words)?
        };
        let entry = Self { text: text.to_owned(), times };
        if entry.next_after(now).is_none() {
            return Err(refused(text, "the time it names never comes"));
        }
        Ok(entry)
    }

    /// The first time after a moment. Where the clocks go forward over a fixed time, that is the first moment after the gap; where they go
    /// back over it, the first of the two.
    pub(super) fn next_after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.times {
            Times::Every(interval) => {
                let (secs, length) = (moment.timestamp(), interval.num_seconds());
                DateTime::from_timestamp(secs - secs.rem_euclid(length) + length, 0)
            }
            Times::Cron { expression, zone } => {
                let next = expression.find_next_occurrence(&moment.with_timezone(zone), false).ok()?;
                Some(next.with_timezone(&Utc))
            }
        }
    }
}

/// Reads all entries.
///
/// # Errors
/// As [`Entry::parse`].
pub(super) fn parse(texts: &[String], now: DateTime<Utc>) -> anyhow::Result<Vec<Entry>> {
    texts.iter().map(|text| Entry::parse(text, now)).collect()
}

/// `5 minutes`, `1 hour`, `minute`.
fn interval(words: &[&str]) -> Option<TimeDelta> {
    let (number, unit) = match words {
        [unit] => (1, *unit),
        [number, unit] => (number.parse::<u32>().ok().filter(|number| *number > 0)?, *unit),
        _ => return None,
    };
    match unit {
        "minute" | "minutes" => Some(TimeDelta::minutes(number.into())),
        "hour" | "hours" => Some(TimeDelta::hours(number.into())),
        _ => None,
    }
}

fn cron(text: &str, words: &[&str]) -> anyhow::Result<Times> {
    let n_fields = if words.first().is_some_and(|first| first.starts_with('@')) { 1 } else { 5 };
    let zone = match words.get(n_fields..) {
        Some([]) => Tz::UTC,
        Some([name]) => Tz::from_str(name).map_err(|_| {
            let hint = match words::nearest(name, TZ_VARIANTS.iter().map(|zone| zone.name())) {
                Some(near) => format!("did you mean `{near}`? Time zones have names such as `Europe/London`"),
                None => "time zones have names such as `Europe/London`".to_owned(),
            };
            refused(text, &hint)
        })?,
        _ => return Err(refused(text, FORMS)),
    };
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let expression = parser.parse(&words[..n_fields].join(" ")).map_err(|_| refused(text, FORMS))?;
    Ok(Times::Cron { expression: Box::new(expression), zone })
}

fn refused(text: &str, hint: &str) -> anyhow::Error {
    refusal_with_hint(format!("the entry `{text}` of the setting `serve.schedule` is no time"), hint)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;
    use crate::failure;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The next times of an entry after a moment.
    fn next(entry: &str, after: &str, n: usize) -> Vec<String> {
        let mut moment = at(after);
        let entry = Entry::parse(entry, moment).unwrap();
        let mut times = Vec::new();
        for _ in 0..n {
            moment = entry.next_after(moment).unwrap();
            times.push(moment.format("%Y-%m-%dT%H:%MZ").to_string());
        }
        times
    }

    #[test]
    fn times_of_an_expression_are_those_of_its_zone() {
        assert_eq!(next("0 2 * * * Europe/London", "2026-01-10T12:00:00Z", 2), ["2026-01-11T02:00Z", "2026-01-12T02:00Z"]);
        assert_eq!(next("0 2 * * * Europe/London", "2026-07-10T12:00:00Z", 1), ["2026-07-11T01:00Z"]);
        assert_eq!(next("0 2 * * * Australia/Adelaide", "2026-01-10T12:00:00Z", 1), ["2026-01-10T15:30Z"]);
        assert_eq!(next("30 6 * * MON", "2026-01-10T12:00:00Z", 1), ["2026-01-12T06:30Z"]);
        assert_eq!(next("@daily Europe/London", "2026-07-10T12:00:00Z", 1), ["2026-07-10T23:00Z"]);
    }

    #[test]
    fn an_hour_that_is_missing_is_made_good_right_after_it() {
        // London, 29 March 2026: from 01:00 to 02:00, so that 01:30 does not exist.
        let times = next("30 1 * * * Europe/London", "2026-03-28T12:00:00Z", 2);
        assert_eq!(times, ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]);
    }

    #[test]
    fn an_hour_that_comes_twice_counts_once() {
        // London, 25 October 2026: from 02:00 back to 01:00, so that 01:30 comes twice.
        let times = next("30 1 * * * Europe/London", "2026-10-24T12:00:00Z", 2);
        assert_eq!(times, ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
        // Each half hour goes on through both.
        let times = next("*/30 * * * * Europe/London", "2026-10-25T00:00:00Z", 4);
        assert_eq!(times, ["2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z"]);
    }

    #[test]
    fn an_interval_does_not_depend_on_when_it_is_asked() {
        assert_eq!(next("every 5 minutes", "2026-01-10T12:01:40Z", 2), ["2026-01-10T12:05Z", "2026-01-10T12:10Z"]);
        assert_eq!(next("every 2 hours", "2026-01-10T12:00:00Z", 1), ["2026-01-10T14:00Z"]);
        assert_eq!(next("every minute", "2026-01-10T12:00:59Z", 1), ["2026-01-10T12:01Z"]);
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_way_out() {
        for (text, hint) in [
            ("at two", "write `every 5 minutes`"),
            ("every 0 minutes", "write `every 5 minutes`"),
            ("every 5 moons", "write `every 5 minutes`"),
            ("61 2 * * *", "write `every 5 minutes`"),
            ("0 0 2 * * * UTC", "write `every 5 minutes`"),
            ("0 2 * * * Europe/Londen", "did you mean `Europe/London`?"),
            ("0 2 30 2 *", "never comes"),
        ] {
            let error = Entry::parse(text, at("2026-01-10T12:00:00Z")).unwrap_err();
            assert!(failure::hint(&error).is_some_and(|told| told.contains(hint)), "{text}: {:?}", failure::hint(&error));
        }
    }
}
