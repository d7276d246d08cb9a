//! Changes of rows of `loads` that stand: counts when rows change places between files, stamps when a file was only touched, the course run of
//! a file that others name. Everything else of a load stays as it was when its file was read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deltalake_core::arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch, StringArray};
use deltalake_core::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use deltalake_core::arrow::error::ArrowError;

use super::known_courses::Said;

/// Loads whose files have won rows that were duplicates, or lost some to another file, by file key.
///
/// # Errors
/// The columns are not those of `loads`: a bug.
pub fn with_rows_won(loads: &RecordBatch, n_rows_won: &BTreeMap<String, i64>) -> Result<RecordBatch, ArrowError> {
    if n_rows_won.is_empty() {
        return Ok(loads.clone());
    }
    let won = |row: usize| file_key(loads, row).and_then(|key| n_rows_won.get(key)).copied().unwrap_or_default();
    let added = |name: &str, sign: i64| -> Result<ArrayRef, ArrowError> {
        let counts = column(loads, name)?.as_primitive::<Int64Type>();
        let counts: Int64Array = counts.iter().enumerate().map(|(row, n)| n.map(|n| n + sign * won(row))).collect();
        Ok(Arc::new(counts))
    };
    let rows = replaced(loads, "n_rows", added("n_rows", 1)?)?;
    replaced(&rows, "n_duplicates", added("n_duplicates", -1)?)
}

/// Loads with new stamps, by file key.
///
/// # Errors
/// The columns are not those of `loads`: a bug.
pub fn with_stamps(loads: &RecordBatch, stamps: &HashMap<String, String>) -> Result<RecordBatch, ArrowError> {
    let old = column(loads, "source_stamp")?.as_string::<i32>();
    let stamp = |row: usize| match file_key(loads, row).and_then(|key| stamps.get(key)) {
        Some(new) => Some(new.as_str()),
        None => old.is_valid(row).then(|| old.value(row)),
    };
    let new: StringArray = (0..loads.num_rows()).map(stamp).collect();
    replaced(loads, "source_stamp", Arc::new(new))
}

/// Loads with the course runs that their files have by now, by file key.
///
/// # Errors
/// The columns are not those of `loads`: a bug.
pub fn with_courses(loads: &RecordBatch, changed: &BTreeMap<String, Said>) -> Result<RecordBatch, ArrowError> {
    let with = |name: &str, new: &dyn Fn(&Said) -> Option<&str>| -> Result<ArrayRef, ArrowError> {
        // A data file of an earlier release has no column of who named the course.
        let old = loads.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let value = |row: usize| match file_key(loads, row).and_then(|key| changed.get(key)) {
            Some(said) => new(said),
            None => old.filter(|old| old.is_valid(row)).map(|old| old.value(row)),
        };
        Ok(Arc::new((0..loads.num_rows()).map(value).collect::<StringArray>()))
    };
    let keys = with("course_run_key", &|said| said.named.as_ref().map(|(key, _)| key.as_str()))?;
    let named_by = with("course_named_by", &|said| said.named.as_ref().map(|(_, by)| by.as_str()))?;
    let rows = replaced(loads, "course_run_key", keys)?;
    if rows.column_by_name("course_named_by").is_some() {
        return replaced(&rows, "course_named_by", named_by);
    }
    let schema = rows.schema();
    let fields = schema.fields().iter().cloned().chain([Arc::new(Field::new("course_named_by", DataType::Utf8, true))]);
    let columns = rows.columns().iter().cloned().chain([named_by]).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns)
}

fn file_key(loads: &RecordBatch, row: usize) -> Option<&str> {
    let keys = loads.column_by_name("file_key")?.as_string_opt::<i32>()?;
    keys.is_valid(row).then(|| keys.value(row))
}

fn column<'a>(loads: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    loads.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")))
}

fn replaced(loads: &RecordBatch, name: &str, new: ArrayRef) -> Result<RecordBatch, ArrowError> {
    let mut columns = loads.columns().to_vec();
    columns[loads.schema().index_of(name)?] = new;
    RecordBatch::try_new(loads.schema(), columns)
}
