//! Events whose bytes were seen before, in the same file or in an earlier one. It counts them; nothing is lost that is not elsewhere.
//!
//! Within a file a line is known by the 64-bit hash of its bytes. Between files the moment of the event has to be the same too.

use std::collections::{BTreeMap, HashMap, HashSet};

use deltalake_core::arrow::array::{AsArray, BooleanArray, RecordBatch};
use deltalake_core::arrow::compute::filter_record_batch;
use deltalake_core::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use deltalake_core::arrow::error::ArrowError;
use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::lake::{Lake, LakeError, LakeTable};

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// The lines of one file so far.
#[derive(Default)]
pub struct Seen {
    fingerprints: FxHashSet<i64>,
    /// Rows by day, days since 1970.
    pub event_days: BTreeMap<i32, u64>,
    /// Earliest and latest event.
    pub time_span: Option<(i64, i64)>,
}

impl Seen {
    /// Rows by day, and earliest and latest event; the lines themselves are forgotten.
    pub fn into_days_and_span(self) -> (BTreeMap<i32, u64>, Option<(i64, i64)>) {
        (self.event_days, self.time_span)
    }

    /// Keeps the rows whose bytes are new in this file.
    ///
    /// # Errors
    /// The columns are not those of events: a bug.
    pub fn keep_new(&mut self, rows: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let is_new: Vec<bool> = integers(&rows, "_fingerprint")?.iter().map(|&fingerprint| self.fingerprints.insert(fingerprint)).collect();
        let rows = if is_new.iter().all(|&is_new| is_new) { rows } else { filter_record_batch(&rows, &BooleanArray::from(is_new))? };
        for &time in times(&rows)? {
            *self.event_days.entry(day_of(time)).or_default() += 1;
            let (first, last) = self.time_span.unwrap_or((time, time));
            self.time_span = Some((first.min(time), last.max(time)));
        }
        Ok(rows)
    }
}

/// The events of one finished file that also stand in data files of earlier ones: their line numbers.
///
/// # Errors
/// A data file cannot be read.
pub fn lines_seen_in(lake: &Lake, table: &LakeTable, own_paths: &[String], other_paths: &[String]) -> Result<HashSet<i64>, LakeError> {
    let columns = ["time", "_fingerprint", "_source_line"];
    if other_paths.is_empty() {
        return Ok(HashSet::new());
    }
    let fail = |source| LakeError::Columns { table: table.name().to_owned(), source };
    let mut own: HashMap<(i64, i64), i64, FxBuildHasher> = HashMap::default();
    for path in own_paths {
        for rows in lake.read_data_file(table, path, Some(&columns))? {
            let rows = rows?;
            let fingerprints = integers(&rows, "_fingerprint").map_err(fail)?;
            let lines = integers(&rows, "_source_line").map_err(fail)?;
            let keys = times(&rows).map_err(fail)?.iter().zip(fingerprints);
            own.extend(keys.zip(lines).map(|((&time, &fingerprint), &line)| ((time, fingerprint), line)));
        }
    }
    let mut found = HashSet::new();
    for path in other_paths {
        for rows in lake.read_data_file(table, path, Some(&columns[..2]))? {
            let rows = rows?;
            let keys = times(&rows).map_err(fail)?.iter().zip(integers(&rows, "_fingerprint").map_err(fail)?);
            found.extend(keys.filter_map(|(&time, &fingerprint)| own.get(&(time, fingerprint))));
        }
    }
    Ok(found)
}

/// Rows without those of the given lines.
///
/// # Errors
/// The columns are not those of events: a bug.
pub fn without_lines(rows: &RecordBatch, lines: &HashSet<i64>) -> Result<RecordBatch, ArrowError> {
    let stays: BooleanArray = integers(rows, "_source_line")?.iter().map(|line| Some(!lines.contains(line))).collect();
    filter_record_batch(rows, &stays)
}

/// The day of a moment, days since 1970.
fn day_of(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(MICROSECONDS_A_DAY)).unwrap_or(i32::MAX)
}

fn integers<'a>(rows: &'a RecordBatch, name: &str) -> Result<&'a [i64], ArrowError> {
    let column = rows.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")))?;
    Ok(column.as_primitive::<Int64Type>().values())
}

fn times(rows: &RecordBatch) -> Result<&[i64], ArrowError> {
    let column = rows.column_by_name("time").ok_or_else(|| ArrowError::SchemaError("no column time".to_owned()))?;
    Ok(column.as_primitive::<TimestampMicrosecondType>().values())
}
