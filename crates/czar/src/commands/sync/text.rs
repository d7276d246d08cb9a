//! What `czar sync` says: a closing line, what needs attention, and the rows of a dry run. Names of other organisations are never in it.

use std::sync::Arc;

use czar_pipeline::sync::{ObjectFailure, Place, Plan, SyncError, SyncSummary};
use datafusion::arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema};

use crate::printer::Trouble;
use crate::words;
use crate::workplace::Workplace;

/// Says what came of it. Places that could not be listed are told but for the one that the caller ends with.
pub(crate) fn tell(workplace: &Workplace<'_>, summary: &SyncSummary) {
    let printer = workplace.printer;
    printer.say(&closing_line(summary, &words::duration(workplace.elapsed())));
    if summary.n_left > 0 {
        printer.say(&format!("Left for the next run, as `sync.max_bytes` has it: {}", words::count(summary.n_left, "file")));
    }
    if summary.n_gone_here > 0 {
        let n = words::count(summary.n_gone_here, "known file");
        printer.say(&format!("No longer in the delivery folder: {n}; `czar sync --again KEY` fetches one again"));
    }
    tell_attention(workplace, summary);
    printer.troubles(&summary.failures.iter().map(trouble).collect::<Vec<_>>());
    for error in later_place_failures(summary) {
        printer.trouble(&Trouble { message: error.to_string(), hint: error.hint() });
    }
}

/// Says what a dry run found.
pub(super) fn tell_plan(workplace: &Workplace<'_>, plan: &Plan, place: &str) {
    let n_wanted = plan.wanted.len() as u64;
    let needed = words::size(plan.needed_bytes);
    let mut parts = vec![format!("{} to fetch: {needed}", words::count(n_wanted, "file"))];
    parts.extend(also_seen(&plan.summary));
    workplace.printer.say(&format!("{}{place} ({})", parts.join(", "), words::duration(workplace.elapsed())));
    tell_attention(workplace, &plan.summary);
    workplace.printer.troubles(&plan.summary.failures.iter().map(trouble).collect::<Vec<_>>());
    for error in later_place_failures(&plan.summary) {
        workplace.printer.trouble(&Trouble { message: error.to_string(), hint: error.hint() });
    }
}

fn tell_attention(workplace: &Workplace<'_>, summary: &SyncSummary) {
    let printer = workplace.printer;
    if !summary.vanished.is_empty() {
        let n = words::count(summary.n_vanished, "file");
        printer.warn(&format!("no longer there: {n} ({}); what was fetched of them stays", words::listed(&summary.vanished)));
    }
    if !summary.refused.is_empty() {
        let n = words::count_of(&summary.refused, "file");
        printer.warn(&format!("refused {n} whose names no folder can hold safely: {}", words::listed(&summary.refused)));
    }
    if summary.n_listed == 0 && summary.place_failures.is_empty() {
        printer.warn("no file of your organisation was listed");
        printer.hint("check `organisation.name` in czar.toml: it is the first part of your course run keys");
    }
}

/// All but the one by which the command ends.
fn later_place_failures(summary: &SyncSummary) -> impl Iterator<Item = &SyncError> {
    let first = super::first_failure(&summary.place_failures);
    summary.place_failures.iter().enumerate().filter(move |(index, _)| Some(*index) != first).map(|(_, error)| error)
}

/// One line on a run.
pub(crate) fn closing_line(summary: &SyncSummary, duration: &str) -> String {
    let mut parts = Vec::new();
    if summary.n_changed > 0 {
        parts.push(format!("{} changed", words::number(summary.n_changed)));
    }
    if summary.n_adopted > 0 {
        parts.push(format!("{} found here already", words::number(summary.n_adopted)));
    }
    parts.extend(also_seen(summary));
    if !summary.failures.is_empty() {
        parts.push(format!("{} failed", words::count_of(&summary.failures, "file")));
    }
    let rest = if parts.is_empty() { String::new() } else { format!(", {}", parts.join(", ")) };
    if summary.n_fetched == 0 && summary.failures.is_empty() && summary.n_adopted == 0 {
        let rest = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        return format!("Nothing to fetch{rest} ({duration})");
    }
    format!("Fetched {}: {}{rest} ({duration})", words::count(summary.n_fetched, "file"), words::size(summary.n_bytes))
}

fn also_seen(summary: &SyncSummary) -> Vec<String> {
    let mut parts = Vec::new();
    if summary.n_known > 0 {
        parts.push(format!("{} known", words::number(summary.n_known)));
    }
    if summary.n_foreign > 0 {
        parts.push(format!("{} of other organisations", words::number(summary.n_foreign)));
    }
    parts
}

fn trouble(failure: &ObjectFailure) -> Trouble {
    Trouble {
        message: format!("could not fetch `{}` from `{}`: {}", failure.key, failure.place, failure.message),
        hint: failure.hint.clone(),
    }
}

/// What would be fetched, one row a file.
pub(super) fn rows(plan: &Plan, places: &[Place]) -> anyhow::Result<RecordBatch> {
    let place = |index: usize| places.get(index).map(|place| place.address.as_str()).unwrap_or_default();
    let wanted = &plan.wanted;
    let days = wanted.iter().map(|wanted| wanted.object.date.map(days_since_1970));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("what", Arc::new(StringArray::from_iter_values(wanted.iter().map(|wanted| wanted.what())))),
        ("kind", Arc::new(StringArray::from_iter_values(wanted.iter().map(|wanted| wanted.object.kind.name())))),
        ("date", Arc::new(days.collect::<Date32Array>())),
        ("n_bytes", Arc::new(UInt64Array::from_iter_values(wanted.iter().map(|wanted| wanted.object.entry.n_bytes)))),
        ("place", Arc::new(StringArray::from_iter_values(wanted.iter().map(|wanted| place(wanted.place))))),
        ("key", Arc::new(StringArray::from_iter_values(wanted.iter().map(|wanted| wanted.object.entry.key.as_str())))),
    ];
    let field = |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), *array.data_type() == DataType::Date32);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    Ok(RecordBatch::try_new(schema.into(), columns.into_iter().map(|(_, array)| array).collect())?)
}

fn days_since_1970(day: chrono::NaiveDate) -> i32 {
    let days = day.signed_duration_since(chrono::NaiveDate::default()).num_days();
    i32::try_from(days).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_counts_what_there_is() {
        let summary =
            SyncSummary { n_fetched: 31, n_bytes: 4_120_332, n_changed: 1, n_known: 2969, n_foreign: 7, ..SyncSummary::default() };
        assert_eq!(closing_line(&summary, "2m 10s"), "Fetched 31 files: 4.1 MB, 1 changed, 2,969 known, 7 of other organisations (2m 10s)");
    }

    #[test]
    fn a_second_run_says_that_there_was_nothing_to_do() {
        let summary = SyncSummary { n_known: 3000, ..SyncSummary::default() };
        assert_eq!(closing_line(&summary, "0.10s"), "Nothing to fetch: 3,000 known (0.10s)");
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(chrono::NaiveDate::from_ymd_opt(1970, 1, 3).map(days_since_1970), Some(2));
    }
}
