//! Lines of one event file that have the same bytes as an earlier line of it. It knows of no other file; see `ownership` for those.

use std::collections::BTreeMap;

use czar_formats::tracking_log::Fingerprint;
use deltalake_core::arrow::array::{Array as _, AsArray as _, BooleanArray, RecordBatch};
use deltalake_core::arrow::compute::filter_record_batch;
use deltalake_core::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use deltalake_core::arrow::error::ArrowError;

use super::hashes::Hashes;
use crate::lake::schema::FINGERPRINT;

const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// What a line is known by among the files of a site: the moment of its event and its fingerprint.
pub type LineKey = (i64, Fingerprint);

/// The lines of one file so far, each known by its fingerprint: fifteen to twenty bytes a line.
#[derive(Default)]
pub struct Seen {
    fingerprints: Hashes,
    event_days: BTreeMap<i32, u64>,
    time_span: Option<(i64, i64)>,
}

impl Seen {
    /// Lines by day (since 1970), and earliest and latest event; the lines themselves are forgotten.
    pub fn into_days_and_span(self) -> (BTreeMap<i32, u64>, Option<(i64, i64)>) {
        (self.event_days, self.time_span)
    }

    /// Keeps the rows whose bytes are new in this file.
    ///
    /// # Errors
    /// The columns are not those of events: a bug.
    pub fn keep_new(&mut self, rows: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let is_new: Vec<bool> = fingerprints(&rows)?.map(|fingerprint| self.fingerprints.insert(fingerprint)).collect();
        let rows = if is_new.iter().all(|&is_new| is_new) { rows } else { filter_record_batch(&rows, &BooleanArray::from(is_new))? };
        for &time in times(&rows)? {
            *self.event_days.entry(day_of(time)).or_default() += 1;
            let (first, last) = self.time_span.unwrap_or((time, time));
            self.time_span = Some((first.min(time), last.max(time)));
        }
        Ok(rows)
    }
}

/// The lines of some rows, in their order.
///
/// # Errors
/// The columns are not those of events: a bug.
pub fn line_keys(rows: &RecordBatch) -> Result<impl Iterator<Item = LineKey>, ArrowError> {
    Ok(times(rows)?.iter().copied().zip(fingerprints(rows)?))
}

/// The day of a moment, days since 1970.
pub fn day_of(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(MICROSECONDS_A_DAY)).unwrap_or(i32::MAX)
}

/// The fingerprints of some rows, in their order. The second half is 0 in rows of releases that had none: they are known among themselves.
fn fingerprints(rows: &RecordBatch) -> Result<impl Iterator<Item = Fingerprint>, ArrowError> {
    let column = |name: &str| rows.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("no column {name}")));
    let first = column(FINGERPRINT[0])?.as_primitive::<Int64Type>().values().iter();
    let second = column(FINGERPRINT[1]).ok().map(|column| column.as_primitive::<Int64Type>());
    let second_of = move |row: usize| second.filter(|second| second.is_valid(row)).map_or(0, |second| second.value(row));
    Ok(first.enumerate().map(move |(row, &first)| Fingerprint { first, second: second_of(row) }))
}

fn times(rows: &RecordBatch) -> Result<&[i64], ArrowError> {
    let column = rows.column_by_name("time").ok_or_else(|| ArrowError::SchemaError("no column time".to_owned()))?;
    Ok(column.as_primitive::<TimestampMicrosecondType>().values())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use deltalake_core::arrow::array::{ArrayRef, Int64Array};

    use super::*;

    #[test]
    fn rows_of_releases_with_half_a_fingerprint_are_known_by_it() {
        let first: ArrayRef = Arc::new(Int64Array::from(vec![5, -6]));
        let second: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(7)]));
        let of = |columns: Vec<(&str, ArrayRef)>| {
            let rows = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap();
            fingerprints(&rows).unwrap().map(|fingerprint| (fingerprint.first, fingerprint.second)).collect::<Vec<_>>()
        };
        assert_eq!(of(vec![(FINGERPRINT[0], Arc::clone(&first))]), [(5, 0), (-6, 0)]);
        assert_eq!(of(vec![(FINGERPRINT[0], first), (FINGERPRINT[1], second)]), [(5, 0), (-6, 7)]);
    }
}
