//! Gives files that do not name their course run the one that the packages of the lake name by now. What it does is told from `loads` alone, so
//! a run that is killed before it leaves the work to the next one. No file is read again: their rows are in the lake.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use deltalake_core::arrow::array::{Array as _, AsArray as _, RecordBatch, StringArray};
use deltalake_core::arrow::error::ArrowError;

use super::books::Books;
use super::known_courses::Said;
use super::package::open_part;
use super::{IngestError, Work};
use crate::lake::content_columns::{CONTENT_TABLES, loaded_as};
use crate::lake::schema::history_name;
use crate::lake::{BatchName, Change, LakeError, LakeTable};

/// Settles the course runs of the lake and says of how many files they are others.
///
/// # Errors
/// The lake cannot be read or written.
pub fn settle_courses(work: &Work<'_>, books: &mut Books<'_>) -> Result<(), IngestError> {
    let changed = books.known.courses.changed();
    let Some(first) = changed.keys().next() else { return Ok(()) };
    books.summary.notes.push(format!(
        "the course run of {} is told by the content of other packages or by the name, and is another now, as that of `{first}`",
        if changed.len() == 1 { "1 file".to_owned() } else { format!("{} files", changed.len()) }
    ));
    let mut tables = Vec::new();
    for name in tables_of(&changed) {
        if let Some(table) = work.lake.table(&history_name(name))? {
            let change = rewritten(work, &table, &changed)?;
            tables.push((table, change));
        }
    }
    books.commit_courses(work, tables.iter_mut().map(|(table, change)| (table, std::mem::take(change))).collect(), &changed)
}

/// The tables with rows of some files.
fn tables_of(changed: &BTreeMap<String, Said>) -> BTreeSet<&str> {
    let loaded: BTreeSet<&str> = changed.values().filter(|said| said.has_rows).filter_map(|said| said.table.as_deref()).collect();
    // A course archive fills several tables.
    let details = CONTENT_TABLES.into_iter().filter(|table| loaded.contains(loaded_as(table)));
    loaded.iter().copied().chain(details).collect()
}

/// Data files with the new course runs in place of those that have rows of the files.
fn rewritten(work: &Work<'_>, table: &LakeTable, changed: &BTreeMap<String, Said>) -> Result<Change, LakeError> {
    let batches: HashSet<BatchName> = changed.values().map(|said| BatchName::of(&said.batch)).collect();
    let mut change = Change::default();
    for path in table.data_files()?.into_iter().filter(|path| BatchName::of_path(path).is_some_and(|batch| batches.contains(&batch))) {
        let Some(said) = one_in(work, table, &path, changed)? else { continue };
        let (Some(site), Some(date)) = (said.place.0.as_deref(), said.date) else { continue };
        let mut part = open_part(work, table, &said.batch, site, date)?;
        for rows in work.lake.read_data_file(table, &path, None)? {
            let rows = with_courses(&rows?, changed).map_err(|source| table.columns_error(source))?;
            part.write(&rows)?;
        }
        change.adds.extend(part.finish()?);
        change.removes_paths.push(path);
    }
    Ok(change)
}

/// One of the files that have rows in a data file. All rows of a data file are of one package and site.
fn one_in<'a>(work: &Work<'_>, table: &LakeTable, path: &str, changed: &'a BTreeMap<String, Said>) -> Result<Option<&'a Said>, LakeError> {
    for rows in work.lake.read_data_file(table, path, Some(&["_source_file"]))? {
        let rows = rows?;
        let files = rows.column(0).as_string_opt::<i32>();
        if let Some(said) = files.and_then(|files| files.iter().flatten().find_map(|file_key| changed.get(file_key))) {
            return Ok(Some(said));
        }
    }
    Ok(None)
}

/// Rows with the course runs that their files have by now.
fn with_courses(rows: &RecordBatch, changed: &BTreeMap<String, Said>) -> Result<RecordBatch, ArrowError> {
    let column = |name: &str| {
        let column = rows.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        column.ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")))
    };
    let (files, old) = (column("_source_file")?, column("_course_run_key")?);
    let key = |row: usize| match files.is_valid(row).then(|| changed.get(files.value(row))).flatten() {
        Some(said) => said.named.as_ref().map(|(key, _)| key.as_str()),
        None => old.is_valid(row).then(|| old.value(row)),
    };
    let keys: StringArray = (0..rows.num_rows()).map(key).collect();
    let mut columns = rows.columns().to_vec();
    columns[rows.schema().index_of("_course_run_key")?] = Arc::new(keys);
    RecordBatch::try_new(rows.schema(), columns)
}
