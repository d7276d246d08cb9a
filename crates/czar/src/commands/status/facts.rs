//! Collects the facts of `czar status` from the table `loads` and from the marts. It formats nothing.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use czar_pipeline::engine::Engine;
use czar_pipeline::ingest::READER_VERSION;
use czar_pipeline::lake::Lake;
use czar_pipeline::marts;
use serde::Serialize;

use crate::output::text_rows;

/// All that `czar status` tells.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    pub(crate) lake: String,
    /// Event files by organisation and site.
    pub(crate) event_files: Vec<EventFiles>,
    pub(crate) packages: Vec<Package>,
    /// Accounts by table.
    pub(crate) tables: Vec<TableAccount>,
    pub(crate) failed_files: Vec<FailedFile>,
    /// Files in whose place edX sent the error of its own job.
    pub(crate) not_produced: Vec<String>,
    /// Older versions of files, which were passed over.
    pub(crate) passed_over: Vec<String>,
    /// Files that are no text, of kinds that are not read.
    pub(crate) n_not_read: u64,
    /// Files that an older version of the readers read.
    pub(crate) n_outdated: u64,
    pub(crate) marts: Vec<Mart>,
}

/// The event files of one site.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EventFiles {
    pub(crate) org: String,
    pub(crate) site: String,
    pub(crate) first_date: NaiveDate,
    pub(crate) last_date: NaiveDate,
    pub(crate) n_days: u64,
    /// Days between the first and the last without an event file.
    pub(crate) missing: Vec<DaySpan>,
}

/// Days in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DaySpan {
    pub(crate) first_date: NaiveDate,
    pub(crate) last_date: NaiveDate,
    pub(crate) n_days: u64,
}

/// One weekly data package.
#[derive(Debug, Serialize)]
pub(crate) struct Package {
    pub(crate) org: String,
    pub(crate) package_date: String,
    pub(crate) n_files: u64,
    pub(crate) n_failed: u64,
    pub(crate) n_course_runs: u64,
}

/// What became of the records for one table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TableAccount {
    pub(crate) table_name: String,
    pub(crate) n_files: u64,
    pub(crate) n_records: u64,
    pub(crate) n_rows: u64,
    pub(crate) n_duplicates: u64,
    pub(crate) n_blanks: u64,
    pub(crate) n_rejects: u64,
}

/// A file of which nothing is visible.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FailedFile {
    pub(crate) file_key: String,
    pub(crate) failure_code: String,
    pub(crate) source_path: String,
}

/// A research table.
#[derive(Debug, Serialize)]
pub(crate) struct Mart {
    pub(crate) name: String,
    pub(crate) state: &'static str,
}

/// Asks the lake.
pub(crate) fn collect(lake: &Lake, engine: &Engine, lake_folder: &Path) -> anyhow::Result<Facts> {
    let not_produced = text_rows(engine, "select file_key from loads where state = 'not_produced' order by 1")?;
    // Lakes of earlier releases lack the column until they are next written to.
    let has_versions = engine.columns("loads")?.iter().any(|(name, _)| name == "passed_over");
    let passed_over = match has_versions {
        true => text_rows(engine, "select passed_over from loads where passed_over is not null order by 1")?,
        false => Vec::new(),
    };
    let not_read = text_rows(engine, "select count(*) from loads where state = 'not_read'")?;
    let outdated = format!("select count(*) from loads where reader_version < {READER_VERSION}");
    Ok(Facts {
        lake: lake_folder.display().to_string(),
        event_files: event_files(engine)?,
        packages: packages(engine)?,
        tables: tables(engine)?,
        failed_files: failed_files(engine)?,
        not_produced: not_produced.iter().map(|row| text(row, 0)).collect(),
        passed_over: passed_over.iter().map(|row| text(row, 0)).collect(),
        n_not_read: not_read.first().map_or(0, |row| count(row, 0)),
        n_outdated: text_rows(engine, &outdated)?.first().map_or(0, |row| count(row, 0)),
        marts: mart_states(lake, engine)?,
    })
}

fn event_files(engine: &Engine) -> anyhow::Result<Vec<EventFiles>> {
    let sql = "select distinct org, site, log_date from loads where kind = 'tracking_log' and state = 'loaded' and log_date is not null";
    let mut days: BTreeMap<(String, String), Vec<NaiveDate>> = BTreeMap::new();
    for row in text_rows(engine, sql)? {
        if let Ok(day) = text(&row, 2).parse() {
            days.entry((text(&row, 0), text(&row, 1))).or_default().push(day);
        }
    }
    let mut found = Vec::new();
    for ((org, site), mut days) in days {
        days.sort();
        let (Some(&first_date), Some(&last_date)) = (days.first(), days.last()) else { continue };
        found.push(EventFiles { org, site, first_date, last_date, n_days: days.len() as u64, missing: gaps(&days) });
    }
    Ok(found)
}

/// The days that are missing from a sorted list.
fn gaps(days: &[NaiveDate]) -> Vec<DaySpan> {
    let mut gaps = Vec::new();
    for pair in days.windows(2) {
        let n_days = (pair[1] - pair[0]).num_days() - 1;
        if let (1.., Some(first_date), Some(last_date)) = (n_days, pair[0].succ_opt(), pair[1].pred_opt()) {
            gaps.push(DaySpan { first_date, last_date, n_days: n_days.unsigned_abs() });
        }
    }
    gaps
}

fn packages(engine: &Engine) -> anyhow::Result<Vec<Package>> {
    let sql = "select org, package_date, count(*), sum(case when state = 'failed' then 1 else 0 end), count(distinct course_run_key) \
               from loads where package_date is not null and kind <> 'program_report' group by org, package_date order by package_date, org";
    let rows = text_rows(engine, sql)?;
    let package = |row: &Vec<Option<String>>| Package {
        org: text(row, 0),
        package_date: text(row, 1),
        n_files: count(row, 2),
        n_failed: count(row, 3),
        n_course_runs: count(row, 4),
    };
    Ok(rows.iter().map(package).collect())
}

fn tables(engine: &Engine) -> anyhow::Result<Vec<TableAccount>> {
    let sql = "select table_name, count(*), sum(n_records), sum(n_rows), sum(n_duplicates), sum(n_blanks), sum(n_rejects) \
               from loads where state = 'loaded' and table_name is not null group by table_name order by table_name";
    let rows = text_rows(engine, sql)?;
    let account = |row: &Vec<Option<String>>| TableAccount {
        table_name: text(row, 0),
        n_files: count(row, 1),
        n_records: count(row, 2),
        n_rows: count(row, 3),
        n_duplicates: count(row, 4),
        n_blanks: count(row, 5),
        n_rejects: count(row, 6),
    };
    Ok(rows.iter().map(account).collect())
}

fn failed_files(engine: &Engine) -> anyhow::Result<Vec<FailedFile>> {
    let rows = text_rows(engine, "select file_key, failure_code, source_path from loads where state = 'failed' order by file_key")?;
    Ok(rows.iter().map(|row| FailedFile { file_key: text(row, 0), failure_code: text(row, 1), source_path: text(row, 2) }).collect())
}

fn mart_states(lake: &Lake, engine: &Engine) -> anyhow::Result<Vec<Mart>> {
    let mut found = Vec::new();
    // Models that are not materialised are views and always as new as what they read.
    for model in marts::models().iter().filter(|model| model.is_materialized) {
        let state = match (engine.has_table(&model.name), marts::is_up_to_date(lake, engine, model)?) {
            (false, _) => "not built",
            (true, false) => "out of date",
            (true, true) => "up to date",
        };
        found.push(Mart { name: model.name.clone(), state });
    }
    Ok(found)
}

fn text(row: &[Option<String>], column: usize) -> String {
    row.get(column).cloned().flatten().unwrap_or_default()
}

fn count(row: &[Option<String>], column: usize) -> u64 {
    text(row, column).parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2015, 3, number).unwrap_or_default()
    }

    #[test]
    fn a_gap_is_told_as_one_span() {
        let found = gaps(&[day(1), day(2), day(5), day(6), day(8)]);
        let expected =
            [DaySpan { first_date: day(3), last_date: day(4), n_days: 2 }, DaySpan { first_date: day(7), last_date: day(7), n_days: 1 }];
        assert_eq!(found, expected);
    }
}
