//! The calendar of event files: for each site and day what there is. It judges by names, sizes and times only.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, TimeDelta};
use czar_formats::site::Site;

use super::sorted::{Days, Found, Sorted};
use super::value::{Day, DaySpan, DayState, EventSeries};

/// A file is small below this share of the median of its weekday.
const SMALL_SHARE: u64 = 10;
/// Below a median of so many bytes a few learners more or less make the difference.
const LEAST_MEDIAN_BYTES: u64 = 50_000;
/// The median is taken over the same weekday so many weeks before and after.
const WEEKS_AROUND: i64 = 4;
/// With fewer days than this there is nothing to compare with.
const FEWEST_AROUND: usize = 4;
/// edX delivers a day on the next one; more than two days after its end is late.
const LATE_AFTER_DAYS: i64 = 3;

/// One series for each organisation and site.
pub(super) fn series(sorted: &Sorted<'_>, until: Option<NaiveDate>) -> Vec<EventSeries> {
    sorted.events.iter().filter_map(|((org, site), days)| one_series(org, site, days, until)).collect()
}

fn one_series(org: &str, site: &Site, days: &Days<'_>, until: Option<NaiveDate>) -> Option<EventSeries> {
    // Corrections, and sites nobody knows, come when they come.
    let is_daily = [Site::EDX, Site::EDGE].contains(site);
    let first_date = *days.keys().next()?;
    let newest = *days.keys().next_back()?;
    let last_date = if is_daily { until.map_or(newest, |until| until.max(newest)) } else { newest };
    let is_lateness_judged = is_lateness_judged(days);
    let small = small_days(days);
    let mut calendar = Vec::new();
    for date in first_date.iter_days().take_while(|date| *date <= last_date) {
        match days.get(&date) {
            Some(files) => calendar.push(day(date, files, small.contains(&date), is_lateness_judged)),
            None if is_daily => calendar.push(Day { date, state: DayState::Missing, n_files: 0, n_bytes: 0, is_late: false }),
            None => {}
        }
    }
    let files = || days.values().flatten();
    Some(EventSeries {
        org: org.to_owned(),
        site: site.to_string(),
        first_date,
        last_date,
        is_daily,
        n_days: days.len() as u64,
        n_files: files().count() as u64,
        n_bytes: files().map(|found| found.entry.n_bytes).sum(),
        missing: spans(calendar.iter().filter(|day| day.state == DayState::Missing).map(|day| day.date)),
        is_lateness_judged,
        days: calendar,
    })
}

fn day(date: NaiveDate, files: &[Found<'_>], is_small: bool, is_lateness_judged: bool) -> Day {
    let kept = kept(files);
    let n_bytes = kept.map_or(0, |found| found.entry.n_bytes);
    let state = if files.iter().all(|found| found.entry.n_bytes == 0) {
        DayState::Empty
    } else if are_several(files) {
        DayState::Several
    } else if is_small {
        DayState::Small
    } else {
        DayState::Present
    };
    Day { date, state, n_files: files.len() as u64, n_bytes, is_late: is_lateness_judged && files.iter().all(is_late) }
}

/// The same file in two places, as in a folder and the bucket it came from, is one.
fn are_several(files: &[Found<'_>]) -> bool {
    let kinds: BTreeSet<_> = files.iter().map(|found| (&found.file.file_key, found.file.wrapping.encrypted, found.entry.n_bytes)).collect();
    let places: BTreeSet<usize> = files.iter().map(|found| found.place).collect();
    kinds.len() > 1 || places.len() < files.len()
}

/// Of several shapes the most original one is read, as by ingest; of these the one with most in it.
fn kept<'f, 'a>(files: &'f [Found<'a>]) -> Option<&'f Found<'a>> {
    files.iter().max_by_key(|found| (found.entry.n_bytes > 0, found.file.wrapping.encrypted, found.file.wrapping.gzip, found.entry.n_bytes))
}

/// Sizes of different shapes cannot be compared: a clear file is twenty times as large.
fn small_days(days: &Days<'_>) -> BTreeSet<NaiveDate> {
    let mut by_shape: BTreeMap<(bool, bool), BTreeMap<NaiveDate, u64>> = BTreeMap::new();
    for (date, files) in days {
        if let Some(found) = kept(files).filter(|found| found.entry.n_bytes > 0) {
            let shape = (found.file.wrapping.encrypted, found.file.wrapping.gzip);
            by_shape.entry(shape).or_default().insert(*date, found.entry.n_bytes);
        }
    }
    let mut small = BTreeSet::new();
    for sizes in by_shape.values() {
        for (date, n_bytes) in sizes {
            let weeks = (-WEEKS_AROUND..=WEEKS_AROUND).filter(|week| *week != 0);
            let mut around: Vec<u64> = weeks.filter_map(|week| sizes.get(&(*date + TimeDelta::weeks(week))).copied()).collect();
            if around.len() < FEWEST_AROUND {
                continue;
            }
            around.sort_unstable();
            let median = around[around.len() / 2];
            if median >= LEAST_MEDIAN_BYTES && n_bytes.saturating_mul(SMALL_SHARE) < median {
                small.insert(*date);
            }
        }
    }
    small
}

/// Times of a copy or a late download say nothing: they are believed only when most files are on time.
fn is_lateness_judged(days: &Days<'_>) -> bool {
    let timed: Vec<&Found<'_>> = days.values().flatten().filter(|found| found.entry.modified_at > 0).collect();
    let n_late = timed.iter().filter(|found| is_late(found)).count();
    !timed.is_empty() && n_late * 2 < timed.len()
}

fn is_late(found: &Found<'_>) -> bool {
    let due = found.file.date.and_then(|date| date.checked_add_signed(TimeDelta::days(LATE_AFTER_DAYS)));
    due.is_some_and(|due| found.entry.modified_at > due.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros())
}

/// Days in order as spans of days in a row.
pub(super) fn spans(dates: impl Iterator<Item = NaiveDate>) -> Vec<DaySpan> {
    let mut spans: Vec<DaySpan> = Vec::new();
    for date in dates {
        match spans.last_mut().filter(|span| span.last_date.num_days_from_ce() + 1 == date.num_days_from_ce()) {
            Some(span) => {
                span.last_date = date;
                span.n_days += 1;
            }
            None => spans.push(DaySpan { first_date: date, last_date: date, n_days: 1 }),
        }
    }
    spans
}
