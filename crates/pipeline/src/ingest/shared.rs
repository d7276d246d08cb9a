//! Takes the rows of event files out of the data files that small files of a past month share: into data files of their own when lines of
//! theirs change places, and away when their file was delivered again. All other rows stay where they are. It commits nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use deltalake_core::arrow::array::{Array as _, AsArray as _, BooleanArray, RecordBatch, StringArray};
use deltalake_core::arrow::compute::filter_record_batch;
use deltalake_core::arrow::error::ArrowError;

use super::Work;
use super::event_file::{open_part, open_shared_part};
use super::known::KnownFile;
use super::staging::SortedPart;
use super::whereabouts::{Whereabouts, month_of};
use crate::lake::{Change, FinishedPart, LakeError, LakeTable, without_keys};

/// Files with so many bytes in clear are taken out at once: about what is in memory. More of them take another reading of their month.
const BYTES_AT_ONCE: u64 = 128 << 20;

/// Event files, by key.
pub type Files<'a> = [(&'a str, &'a KnownFile)];

/// The change that leaves the rows of some files out of the data files they share with others.
///
/// # Errors
/// A data file cannot be read or written.
pub fn leave_out(work: &Work<'_>, table: &LakeTable, files: &Files<'_>) -> Result<Change, LakeError> {
    let mut change = Change::default();
    for month in months_with(work, table, files)? {
        change.adds.extend(month.rest(work, table)?);
        change.removes_paths.extend(month.paths);
    }
    Ok(change)
}

/// The change that moves the rows of some files from the data files they share with others to data files of their own. It keeps all rows.
///
/// # Errors
/// A data file cannot be read or written.
pub fn take_out(work: &Work<'_>, table: &LakeTable, files: &Files<'_>) -> Result<Change, LakeError> {
    let mut change = Change::default();
    for month in months_with(work, table, files)? {
        change.adds.extend(month.rest(work, table)?);
        let mut left = month.files.as_slice();
        while !left.is_empty() {
            let (some, later) = left.split_at(n_at_once(left));
            left = later;
            change.adds.extend(month.parts_of(work, table, some)?);
        }
        change.removes_paths.extend(month.paths);
    }
    Ok(change)
}

/// Shared data files of a month in which files lie that are to be taken out.
struct SharedMonth<'a> {
    site: Option<&'a str>,
    month: String,
    files: Vec<(&'a str, &'a KnownFile)>,
    paths: Vec<String>,
    has_others: bool,
}

fn months_with<'a>(work: &Work<'_>, table: &LakeTable, files: &Files<'a>) -> Result<Vec<SharedMonth<'a>>, LakeError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let whereabouts = Whereabouts::of(table)?;
    let mut paths: BTreeMap<(Option<&str>, String), BTreeSet<String>> = BTreeMap::new();
    for (file_key, file) in files {
        let rows = whereabouts.rows_of(file_key, file.site.as_deref(), file.log_date);
        if rows.is_shared {
            paths.entry((file.site.as_deref(), month_of(file.log_date))).or_default().extend(rows.paths);
        }
    }
    let mut months = Vec::new();
    for ((site, month), paths) in paths {
        let wanted: HashSet<&str> = files.iter().map(|(file_key, _)| *file_key).collect();
        let mut found: HashSet<String> = HashSet::new();
        let mut shared = SharedMonth { site, month, files: Vec::new(), paths: Vec::new(), has_others: false };
        for path in paths {
            let keys = keys_in(work, table, &path)?;
            if keys.iter().any(|key| wanted.contains(key.as_str())) {
                shared.has_others |= keys.iter().any(|key| !wanted.contains(key.as_str()));
                shared.paths.push(path);
                found.extend(keys);
            }
        }
        shared.files = files.iter().filter(|(file_key, _)| found.contains(*file_key)).copied().collect();
        if !shared.paths.is_empty() {
            months.push(shared);
        }
    }
    Ok(months)
}

impl SharedMonth<'_> {
    /// Data files of the rows that stay together.
    fn rest(&self, work: &Work<'_>, table: &LakeTable) -> Result<FinishedPart, LakeError> {
        if !self.has_others {
            return Ok(FinishedPart::default());
        }
        let go: HashSet<String> = self.files.iter().map(|(file_key, _)| (*file_key).to_owned()).collect();
        let mut part = open_shared_part(work, table, self.site, &self.month)?;
        let mut n_gone = 0;
        self.each(work, table, |rows| {
            let stay = without_keys(rows, "_source_file", &go).map_err(|source| table.columns_error(source))?;
            n_gone += (rows.num_rows() - stay.num_rows()) as u64;
            part.write(&stay)
        })?;
        let part = part.finish()?;
        let rows = table.rows_of_data_files()?;
        table.check_rows(self.paths.iter().filter_map(|path| rows.get(path)).sum(), n_gone + part.n_rows())?;
        Ok(part)
    }

    /// Data files of some files' own.
    fn parts_of(&self, work: &Work<'_>, table: &LakeTable, files: &Files<'_>) -> Result<FinishedPart, LakeError> {
        let mut parts: Vec<(&str, SortedPart)> = Vec::new();
        for (file_key, file) in files {
            parts.push((file_key, open_part(work, table, file_key, file.site.as_deref(), file.log_date, work.options.workers)?));
        }
        self.each(work, table, |rows| {
            for (file_key, part) in &mut parts {
                part.write(&rows_of(rows, file_key).map_err(|source| table.columns_error(source))?)?;
            }
            Ok(())
        })?;
        let mut finished = FinishedPart::default();
        for (_, part) in parts {
            finished.extend(part.finish()?);
        }
        Ok(finished)
    }

    fn each(
        &self,
        work: &Work<'_>,
        table: &LakeTable,
        mut take: impl FnMut(&RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        for path in &self.paths {
            for rows in work.lake.read_data_file(table, path, None)? {
                take(&rows?)?;
            }
        }
        Ok(())
    }
}

/// How many of the next files are taken out at once.
fn n_at_once(files: &Files<'_>) -> usize {
    let mut n_bytes = 0;
    let full = files.iter().position(|(_, file)| {
        n_bytes += file.n_clear_bytes;
        n_bytes >= BYTES_AT_ONCE
    });
    full.map_or(files.len(), |last| last + 1)
}

/// The files of which a shared data file has rows.
fn keys_in(work: &Work<'_>, table: &LakeTable, path: &str) -> Result<HashSet<String>, LakeError> {
    let mut keys: HashSet<String> = HashSet::new();
    for rows in work.lake.read_data_file(table, path, Some(&["_source_file"]))? {
        let rows = rows?;
        for key in source_files(&rows).map_err(|source| table.columns_error(source))?.iter().flatten() {
            if !keys.contains(key) {
                keys.insert(key.to_owned());
            }
        }
    }
    Ok(keys)
}

/// The keys of the files that rows came out of.
///
/// # Errors
/// The columns are not those of events: a bug.
pub fn source_files(rows: &RecordBatch) -> Result<&StringArray, ArrowError> {
    let column = rows.column_by_name("_source_file").and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| ArrowError::SchemaError("no column _source_file".to_owned()))
}

fn rows_of(rows: &RecordBatch, file_key: &str) -> Result<RecordBatch, ArrowError> {
    let keys = source_files(rows)?;
    let is_of_file: BooleanArray = (0..keys.len()).map(|row| Some(keys.is_valid(row) && keys.value(row) == file_key)).collect();
    filter_record_batch(rows, &is_of_file)
}
