//! Makes facts from what the steps of a run give. It decides what deserves a notice; whether it was told before is not known here.

use chrono::{DateTime, NaiveDate, Utc};

use super::facts::{
    ExpiringKey, Facts, FailedFile, FailureFacts, Gap, GapFacts, KeyExpiringFacts, NewDataFacts, RecoveredFacts, ReportFacts,
};
use super::plain_words::PlainWords;
use crate::control::{RunOutcome, StepEnd};
use crate::ingest::IngestSummary;
use crate::inventory::{DayState, EventSeries, Inventory, PackageKind};
use crate::vault::KeyFacts;

/// So many files are named.
const MOST_FILES: usize = 50;
/// Days before a key's end on which its owner is told, and the end itself.
const WARNINGS: [i64; 5] = [0, 1, 7, 14, 30];

/// Files that a run loaded; `None` when there was none. The names are keys of files, in any order. The run is told of once, by its name.
#[must_use]
pub fn new_data(run: &str, summary: &IngestSummary, file_keys: &[String]) -> Option<Facts> {
    if summary.n_files == 0 {
        return None;
    }
    let mut files = file_keys.to_vec();
    files.sort();
    files.truncate(MOST_FILES);
    let failed = summary.failures.iter().take(MOST_FILES);
    Some(Facts::NewData(NewDataFacts {
        run: run.to_owned(),
        n_files: summary.n_files,
        n_rows: summary.n_rows,
        n_rejects: summary.n_rejects,
        n_bytes: summary.n_bytes,
        n_failed: summary.failures.len() as u64,
        n_not_produced: summary.not_produced.len() as u64,
        n_more_files: summary.n_files.saturating_sub(files.len() as u64),
        files,
        failed: failed.map(|failure| FailedFile { file: failure.file_key.clone(), code: failure.code.to_owned() }).collect(),
    }))
}

/// A step that failed, with the error on one line and the next step.
#[must_use]
pub fn failure(step: &str, message: &str, hint: Option<&str>) -> Facts {
    Facts::Failure(FailureFacts {
        step: step.to_owned(),
        message: PlainWords::of(message),
        hint: hint.map(PlainWords::of),
        failing_since: None,
        n_untold: 0,
        repeat_after_hours: 0,
    })
}

/// A step that was done. To be given for every step that was: it is told of only when a failure of the step was.
#[must_use]
pub fn recovered(step: &str) -> Facts {
    Facts::Recovered(RecoveredFacts { step: step.to_owned(), failing_since: None })
}

/// What the end of a step is to be told as: trouble as a failure, success as the end of one. A step that was passed over says nothing.
#[must_use]
pub fn step_ended(step: &str, end: &StepEnd) -> Option<Facts> {
    let words = || end.error.as_deref().or(end.summary.as_deref()).unwrap_or("it came to no end").to_owned();
    match end.outcome {
        RunOutcome::Done => Some(recovered(step)),
        RunOutcome::WithTrouble | RunOutcome::Failed | RunOutcome::Interrupted => Some(failure(step, &words(), end.hint.as_deref())),
        RunOutcome::PassedOver => None,
    }
}

/// Keys that expire within 30 days or have expired; `None` when there is none, or when another key will still be in force in 30 days: a key
/// that another has followed may expire, it opens old files for ever.
#[must_use]
pub fn key_expiring(keys: &[KeyFacts], now: DateTime<Utc>) -> Option<Facts> {
    let today = now.date_naive();
    let mut expiring = Vec::new();
    for key in keys {
        if key.is_revoked || key.encryption_keys.iter().all(|part| part.is_revoked) {
            continue;
        }
        let key_id = key.fingerprint.get(key.fingerprint.len().saturating_sub(16)..).unwrap_or(&key.fingerprint).to_owned();
        let expires_at = end_of(key)?;
        let expires_on = expires_at.date_naive();
        let n_days_left = if expires_at <= now { 0 } else { (expires_on - today).num_days().max(1) };
        let warning = WARNINGS.into_iter().find(|warning| n_days_left <= *warning)?;
        expiring.push(ExpiringKey { key_id, expires_on, n_days_left, warning });
    }
    expiring.sort_by(|a, b| (a.expires_on, &a.key_id).cmp(&(b.expires_on, &b.key_id)));
    // Of several keys the one that lasts longest is the one edX should have.
    let last = expiring.pop()?;
    Some(Facts::KeyExpiring(KeyExpiringFacts { keys: vec![last] }))
}

/// When nobody can encrypt to a key any more: its own end, or that of the part that lasts longest.
fn end_of(key: &KeyFacts) -> Option<DateTime<Utc>> {
    let parts = key.encryption_keys.iter().filter(|part| !part.is_revoked).map(|part| part.expires_at);
    let longest = parts.max_by_key(|expires_at| expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC)).flatten();
    [longest, key.expires_at].into_iter().flatten().min()
}

/// What an inventory lacks since a day: days without an event file or with an empty one, weeks without a package. `None` when it lacks
/// nothing. An inventory of years has holes that will never be filled; the day keeps them out of the first notice.
#[must_use]
pub fn gaps(inventory: &Inventory, since: Option<NaiveDate>) -> Option<Facts> {
    let mut gaps = Vec::new();
    for series in &inventory.events {
        let of_series = |what: &str, first_date, last_date, n_missing| Gap {
            what: what.to_owned(),
            org: series.org.clone(),
            site: Some(series.site.clone()),
            first_date,
            last_date,
            n_missing,
        };
        gaps.extend(series.missing.iter().map(|span| of_series("event_files", span.first_date, span.last_date, span.n_days)));
        gaps.extend(empty_days(series).into_iter().map(|day| of_series("empty_event_files", day, day, 1)));
    }
    for series in &inventory.packages {
        let what = match series.kind {
            PackageKind::DataPackage => "packages",
            PackageKind::EmailOptIn => "email_opt_in",
        };
        for gap in &series.gaps {
            let (Some(first), Some(last)) = (gap.expected.first(), gap.expected.last()) else { continue };
            gaps.push(Gap {
                what: what.to_owned(),
                org: series.org.clone(),
                site: None,
                first_date: *first,
                last_date: *last,
                n_missing: gap.expected.len() as u64,
            });
        }
    }
    gaps.retain(|gap| since.is_none_or(|since| gap.last_date >= since));
    gaps.sort_by(|a, b| (a.first_date, &a.what, &a.org, &a.site).cmp(&(b.first_date, &b.what, &b.org, &b.site)));
    (!gaps.is_empty()).then_some(Facts::GapFound(GapFacts { gaps }))
}

fn empty_days(series: &EventSeries) -> Vec<NaiveDate> {
    series.days.iter().filter(|day| day.state == DayState::Empty).map(|day| day.date).collect()
}

/// A report that was written. The name and the period say which; for each it is told of once.
#[must_use]
pub fn report(name: &str, period: &str, files: &[std::path::PathBuf], n_rows: Option<u64>) -> Facts {
    let names = files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
    Facts::Report(ReportFacts { name: name.to_owned(), period: period.to_owned(), files: names.collect(), n_rows })
}
