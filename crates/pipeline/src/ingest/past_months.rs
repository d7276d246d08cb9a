//! Puts the rows of small event files of past months together, so that a query opens a data file a month and not one a day. It changes no row
//! and decides from what is loaded alone: a run that is killed, or has nothing new to load, leaves the rest to the next.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike as _, Months, NaiveDate, TimeDelta};

use super::books::Books;
use super::event_file::open_shared_part;
use super::settle::is_patch;
use super::whereabouts::month_of;
use super::{IngestError, Work};
use crate::lake::schema::{EVENT_PARTITIONS, TRACKING_EVENTS, event_schema};
use crate::lake::{BatchName, Change, FinishedPart, LakeError, LakeTable};

/// A month is past when the newest event file of its site is so many days younger than its last day: files of the last weeks are those that
/// are delivered late or again, and a run each day should not merge each day.
const DAYS_UNTIL_PAST: i64 = 35;
/// An event file with more bytes of rows than this keeps data files of its own: to open them is little beside reading them.
const SMALL_BYTES: u64 = 8 << 20;
/// Fewer small files of a month stay as they are.
const FEWEST_FILES: usize = 4;
/// Bytes of small files after which what was merged is committed.
const BYTES_A_COMMIT: u64 = 256 << 20;

/// An event file that has little rows, in data files of its own.
#[derive(Debug, Default)]
struct SmallFile<'a> {
    log_date: NaiveDate,
    file_key: &'a str,
    paths: Vec<String>,
    n_bytes: u64,
}

/// Small files by site and month, in the order of their days.
type ByMonth<'a> = BTreeMap<(&'a str, String), Vec<SmallFile<'a>>>;

/// Merges what there is to merge.
///
/// # Errors
/// The lake cannot be read or written. That there is no room is no error: all that was loaded is there, and it is noted.
pub fn merge_small_files(work: &Work<'_>, books: &mut Books<'_>) -> Result<(), IngestError> {
    let Some(table) = work.lake.table(TRACKING_EVENTS)? else { return Ok(()) };
    let event_files: Vec<_> = books.known.event_files().collect();
    let months = months_to_merge(&event_files, table.sizes_of_data_files()?);
    if months.is_empty() {
        return Ok(());
    }
    // Data files of an older release have fewer columns.
    let mut table = work.lake.table_with(TRACKING_EVENTS, &event_schema(), &EVENT_PARTITIONS)?;
    let n_bytes = months.values().flatten().map(|file| file.n_bytes).sum();
    work.progress.begin("merge", months.values().map(Vec::len).sum(), n_bytes);
    let (mut n_merged, mut n_into, mut note) = (0, 0, None);
    let mut open = Change::default();
    let mut open_bytes = 0;
    for ((site, month), files) in &months {
        let part = match merge_month(work, &table, site, month, files) {
            Err(error) if error.is_about_room() => {
                note = Some(format!(
                    "no room to put the small data files of {month} together; all rows are there, and the next run tries again"
                ));
                break;
            }
            part => part?,
        };
        n_merged += files.iter().map(|file| file.paths.len() as u64).sum::<u64>();
        n_into += part.paths().count() as u64;
        open.adds.extend(part);
        open.removes_paths.extend(files.iter().flat_map(|file| file.paths.iter().cloned()));
        open_bytes += files.iter().map(|file| file.n_bytes).sum::<u64>();
        if open_bytes >= BYTES_A_COMMIT {
            books.commit_layout(&mut table, std::mem::take(&mut open))?;
            open_bytes = 0;
        }
    }
    books.commit_layout(&mut table, open)?;
    work.progress.end();
    drop(months);
    (books.summary.n_merged, books.summary.n_merged_into) = (n_merged, n_into);
    books.summary.notes.extend(note);
    Ok(())
}

/// What is to be merged, of event files (key, site, day) and data files (path, bytes).
fn months_to_merge<'a>(event_files: &[(&'a str, &'a str, NaiveDate)], data_files: Vec<(String, u64)>) -> ByMonth<'a> {
    let mut newest: HashMap<&str, NaiveDate> = HashMap::new();
    for &(_, site, log_date) in event_files {
        let newest = newest.entry(site).or_insert(log_date);
        *newest = log_date.max(*newest);
    }
    let is_past = |site: &str, log_date| {
        newest.get(site).is_some_and(|newest| last_day_of_month(log_date) + TimeDelta::days(DAYS_UNTIL_PAST) <= *newest)
    };
    let mut files: HashMap<BatchName, (&str, SmallFile<'_>)> = event_files
        .iter()
        .filter(|(_, site, log_date)| is_past(site, *log_date))
        .map(|&(file_key, site, log_date)| (BatchName::of(file_key), (site, SmallFile { log_date, file_key, ..SmallFile::default() })))
        .collect();
    for (path, n_bytes) in data_files {
        if let Some((_, file)) = BatchName::of_path(&path).and_then(|batch| files.get_mut(&batch)) {
            file.paths.push(path);
            file.n_bytes += n_bytes;
        }
    }
    let mut months = ByMonth::new();
    for (site, file) in files.into_values().filter(|(_, file)| !file.paths.is_empty() && file.n_bytes < SMALL_BYTES) {
        months.entry((site, month_of(Some(file.log_date)))).or_default().push(file);
    }
    months.retain(|_, files| files.len() >= FEWEST_FILES);
    for files in months.values_mut() {
        // So that row groups follow each other in time.
        files.sort_by_key(|file| (file.log_date, is_patch(file.file_key), file.file_key));
    }
    months
}

fn last_day_of_month(date: NaiveDate) -> NaiveDate {
    let first = date.with_day(1).unwrap_or(date);
    first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
}

fn merge_month(work: &Work<'_>, table: &LakeTable, site: &str, month: &str, files: &[SmallFile<'_>]) -> Result<FinishedPart, LakeError> {
    let mut part = open_shared_part(work, table, Some(site), month)?;
    for file in files {
        work.progress.file(file.file_key);
        for path in &file.paths {
            let mut read = work.lake.read_data_file(table, path, None)?;
            if let Err(error) = read.try_for_each(|rows| part.write(&rows?)) {
                part.abandon()?;
                return Err(error);
            }
        }
        work.progress.advance(file.n_bytes);
        work.progress.file_done();
    }
    part.finish()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// An event file for each of some days, the first of them with a data file of so many bytes, the others with small ones.
    fn merged(days: &[&str], first_bytes: u64) -> Vec<(String, usize)> {
        let event_files: Vec<(&str, &str, NaiveDate)> = days.iter().map(|day| (*day, "edx", day.parse().unwrap())).collect();
        let path = |key: &str| format!("_site=edx/_log_month={}/{}/part-0.parquet", &key[..7], BatchName::of(key).directory("a1"));
        let sizes = std::iter::once(first_bytes).chain(std::iter::repeat(1000));
        let months = months_to_merge(&event_files, days.iter().zip(sizes).map(|(day, n_bytes)| (path(day), n_bytes)).collect());
        months.into_iter().map(|((_, month), files)| (month, files.len())).collect()
    }

    const MARCH: [&str; 5] = ["2015-03-01", "2015-03-02", "2015-03-03", "2015-03-30", "2015-03-31"];

    #[test]
    fn a_month_is_merged_when_the_newest_file_is_five_weeks_younger_and_not_before() {
        assert_eq!(merged(&[&MARCH[..], &["2015-05-04"]].concat(), 1000), []);
        assert_eq!(merged(&[&MARCH[..], &["2015-05-05"]].concat(), 1000), [("2015-03".to_owned(), 5)]);
    }

    #[test]
    fn large_files_are_left_as_they_are_and_so_are_fewer_than_four_small_ones() {
        assert_eq!(merged(&[&MARCH[..], &["2016-01-01"]].concat(), SMALL_BYTES), [("2015-03".to_owned(), 4)]);
        assert_eq!(merged(&[&MARCH[..4], &["2016-01-01"]].concat(), SMALL_BYTES), []);
    }

    #[test]
    fn days_that_are_merged_already_are_not_merged_again() {
        let event_files: Vec<(&str, &str, NaiveDate)> =
            MARCH.iter().chain(["2015-12-31"].iter()).map(|day| (*day, "edx", day.parse().unwrap())).collect();
        let shared = format!("_site=edx/_log_month=2015-03/{}/part-0.parquet", BatchName::shared().directory("a1"));
        assert!(months_to_merge(&event_files, vec![(shared, 5000)]).is_empty());
    }
}
