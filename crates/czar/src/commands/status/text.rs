//! The facts of `czar status` as text for people. It collects nothing.

use std::fmt::Write as _;

use super::facts::{DaySpan, Facts};
use crate::words;

/// More lines than this of one list help nobody; `--format json` has them all.
const MAX_LINES: usize = 12;

/// Writes the report.
pub(super) fn write(facts: &Facts) -> String {
    let mut text = format!("Lake `{}`\n", facts.lake);
    event_files(&mut text, facts);
    packages(&mut text, facts);
    tables(&mut text, facts);
    trouble(&mut text, facts);
    marts(&mut text, facts);
    text
}

fn event_files(text: &mut String, facts: &Facts) {
    text.push_str("\nEvent files\n");
    if facts.event_files.is_empty() {
        text.push_str("  none\n");
    }
    for files in &facts.event_files {
        let days = words::count(files.n_days, "day");
        let n_missing: u64 = files.missing.iter().map(|gap| gap.n_days).sum();
        let missing = if n_missing == 0 { "no day missing".to_owned() } else { format!("{} missing", words::count(n_missing, "day")) };
        let _ = writeln!(text, "  {} {}: {} to {}, {days}, {missing}", files.org, files.site, files.first_date, files.last_date);
        lines(text, "    missing ", files.missing.iter().map(span));
    }
}

fn packages(text: &mut String, facts: &Facts) {
    text.push_str("\nData packages\n");
    if facts.packages.is_empty() {
        text.push_str("  none\n");
    }
    let newest_first = facts.packages.iter().rev().map(|package| {
        let failed = if package.n_failed > 0 { format!(", {} failed", package.n_failed) } else { String::new() };
        let files = words::count(package.n_files, "file");
        format!("{} {}: {files}, {}{failed}", package.org, package.package_date, words::count(package.n_course_runs, "course run"))
    });
    lines(text, "  ", newest_first);
}

fn tables(text: &mut String, facts: &Facts) {
    text.push_str("\nRecords\n");
    let header = ["table", "files", "records", "rows", "duplicates", "blanks", "rejects"].map(str::to_owned);
    let rows = facts.tables.iter().map(|table| {
        let counts = [table.n_files, table.n_records, table.n_rows, table.n_duplicates, table.n_blanks, table.n_rejects].map(words::number);
        let [files, records, rows, duplicates, blanks, rejects] = counts;
        [table.table_name.clone(), files, records, rows, duplicates, blanks, rejects]
    });
    let rows: Vec<[String; 7]> = std::iter::once(header).chain(rows).collect();
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    for row in &rows {
        let _ = write!(text, "  {:width$}", row[0], width = widths[0]);
        for (cell, width) in row.iter().zip(widths).skip(1) {
            let _ = write!(text, "  {cell:>width$}");
        }
        text.push('\n');
    }
}

fn trouble(text: &mut String, facts: &Facts) {
    if !facts.failed_files.is_empty() {
        let _ = writeln!(text, "\nFailed files: {}", facts.failed_files.len());
        lines(
            text,
            "  ",
            facts.failed_files.iter().map(|file| format!("{}: {} (`{}`)", file.file_key, file.failure_code, file.source_path)),
        );
    }
    if !facts.not_produced.is_empty() {
        let _ = writeln!(text, "\nFiles edX could not produce: {}", facts.not_produced.len());
        lines(text, "  ", facts.not_produced.iter().cloned());
    }
    if !facts.passed_over.is_empty() {
        let _ = writeln!(text, "\nOlder versions of files, passed over: {}", facts.passed_over.len());
        lines(text, "  ", facts.passed_over.iter().cloned());
    }
    if facts.n_outdated > 0 {
        let _ = writeln!(text, "\nFiles that an older version of the readers read: {}", words::number(facts.n_outdated));
        text.push_str("  `czar ingest` reads those of a delivery again; `czar ingest --again=outdated` reads nothing else\n");
    }
    if facts.n_not_read > 0 {
        let _ = writeln!(text, "\nFiles that are no text, of kinds that are not read: {}", words::number(facts.n_not_read));
    }
}

fn marts(text: &mut String, facts: &Facts) {
    text.push_str("\nResearch tables\n");
    let width = facts.marts.iter().map(|mart| mart.name.len()).max().unwrap_or_default();
    for mart in &facts.marts {
        let _ = writeln!(text, "  {:width$}  {}", mart.name, mart.state);
    }
    if facts.marts.iter().any(|mart| mart.state != "up to date") {
        text.push_str("  `czar build` brings them up to date\n");
    }
}

fn lines(text: &mut String, indent: &str, all: impl ExactSizeIterator<Item = String>) {
    let n_more = all.len().saturating_sub(MAX_LINES);
    for line in all.take(MAX_LINES) {
        let _ = writeln!(text, "{indent}{line}");
    }
    if n_more > 0 {
        let _ = writeln!(text, "{indent}and {n_more} more: see `czar status --format json`");
    }
}

fn span(gap: &DaySpan) -> String {
    if gap.n_days == 1 { gap.first_date.to_string() } else { format!("{} to {}", gap.first_date, gap.last_date) }
}
