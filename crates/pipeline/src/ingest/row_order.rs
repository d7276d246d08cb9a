//! The order of rows in a row group. Text is compared once for each different value, not once for each pair of rows.

use deltalake_core::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use deltalake_core::arrow::datatypes::{Date32Type, Int64Type, TimestampMicrosecondType};
use rustc_hash::FxHashMap;

/// Names of the columns by which rows are sorted. One that the rows do not have counts for nothing.
pub type SortColumns = [&'static str; 3];

/// Places of all rows (batch, then row) in order: nulls first, and rows that compare equal as they came.
pub fn sorted_places(batches: &[RecordBatch], sort_by: SortColumns) -> Vec<(usize, usize)> {
    let keys = sort_by.map(|name| ranks(batches, name));
    let key = |key: &[u64], at: usize| key.get(at).copied().unwrap_or_default();
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (number, batch) in batches.iter().enumerate() {
        for row in 0..batch.num_rows() {
            let at = rows.len();
            rows.push(([key(&keys[0], at), key(&keys[1], at), key(&keys[2], at)], (number, row)));
        }
    }
    rows.sort_unstable();
    rows.into_iter().map(|(_, place)| place).collect()
}

/// For each row a number in the order of its values, 0 for null; nothing when a batch lacks the column, or it is of a type not sorted by.
fn ranks(batches: &[RecordBatch], name: &str) -> Vec<u64> {
    let Some(columns) = batches.iter().map(|rows| rows.column_by_name(name)).collect::<Option<Vec<_>>>() else { return Vec::new() };
    if let Some(texts) = columns.iter().map(|column| column.as_string_opt::<i32>()).collect::<Option<Vec<_>>>() {
        return text_ranks(&texts);
    }
    let mut ranks = Vec::with_capacity(columns.iter().map(|column| column.len()).sum());
    for column in columns {
        if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
            ranks.extend(numbers.iter().map(rank));
        } else if let Some(moments) = column.as_primitive_opt::<TimestampMicrosecondType>() {
            ranks.extend(moments.iter().map(rank));
        } else if let Some(days) = column.as_primitive_opt::<Date32Type>() {
            ranks.extend(days.iter().map(|day| rank(day.map(i64::from))));
        } else {
            return Vec::new();
        }
    }
    ranks
}

/// Flips the sign bit, so that negative numbers come first; only the two largest numbers there are share a rank.
fn rank(number: Option<i64>) -> u64 {
    number.map_or(0, |number| (number ^ i64::MIN).cast_unsigned().saturating_add(1))
}

fn text_ranks(columns: &[&StringArray]) -> Vec<u64> {
    let mut rank_of: FxHashMap<&str, u64> = FxHashMap::default();
    for text in columns.iter().flat_map(|column| column.iter()).flatten() {
        rank_of.entry(text).or_default();
    }
    let mut texts: Vec<&str> = rank_of.keys().copied().collect();
    texts.sort_unstable();
    for (rank, text) in (1..).zip(texts) {
        rank_of.insert(text, rank);
    }
    let rank = |text: Option<&str>| text.and_then(|text| rank_of.get(text).copied()).unwrap_or_default();
    columns.iter().flat_map(|column| column.iter()).map(rank).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use deltalake_core::arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};
    use deltalake_core::arrow::compute::{SortColumn, concat, lexsort_to_indices};
    use proptest::prelude::*;

    use super::*;

    type Row = (Option<String>, Option<i64>, Option<i64>);

    fn rows(rows: &[Row]) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable([
            ("course", Arc::new(rows.iter().map(|row| row.0.as_deref()).collect::<StringArray>()) as ArrayRef, true),
            ("time", Arc::new(rows.iter().map(|row| row.1).collect::<TimestampMicrosecondArray>()) as ArrayRef, true),
            ("line", Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()) as ArrayRef, true),
        ])
        .unwrap()
    }

    fn batches() -> impl Strategy<Value = Vec<RecordBatch>> {
        let row = (proptest::option::of("[ab]{0,2}"), proptest::option::of(-2..2_i64), proptest::option::of(any::<i64>()));
        proptest::collection::vec(proptest::collection::vec(row, 0..8).prop_map(|found| rows(&found)), 1..4)
    }

    proptest! {
        #[test]
        fn rows_come_in_the_order_in_which_arrow_sorts_them(batches in batches()) {
            let keys = ["course", "time", "line"].map(|name| {
                let columns: Vec<&dyn Array> = batches.iter().map(|rows| rows.column_by_name(name).unwrap().as_ref()).collect();
                SortColumn { values: concat(&columns).unwrap(), options: None }
            });
            let all: Vec<(usize, usize)> =
                batches.iter().enumerate().flat_map(|(number, rows)| (0..rows.num_rows()).map(move |row| (number, row))).collect();
            let expected: Vec<String> = lexsort_to_indices(&keys, None).unwrap().values().iter()
                .map(|&at| values(&batches, all[at as usize])).collect();
            let found: Vec<String> =
                sorted_places(&batches, ["course", "time", "line"]).into_iter().map(|place| values(&batches, place)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    fn values(batches: &[RecordBatch], (number, row): (usize, usize)) -> String {
        format!("{:?}", batches[number].slice(row, 1).columns())
    }

    #[test]
    fn rows_that_compare_equal_keep_their_order_and_a_missing_column_counts_for_nothing() {
        let same = (Some("a".to_owned()), Some(1), Some(1));
        let batches = [rows(&[same.clone(), same.clone()]), rows(&[(None, Some(9), None), same])];
        assert_eq!(sorted_places(&batches, ["course", "no such column", "line"]), [(1, 0), (0, 0), (0, 1), (1, 1)]);
    }
}
