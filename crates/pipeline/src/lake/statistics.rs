//! What a commit tells about a data file: rows, and for the pruning columns the smallest value, the largest and the number of nulls. It
//! leaves out a bound that is not known for each row group. Nulls are counted for every pruning column, also for one that the data file does
//! not have and the table may have, or get: readers take a column that is not counted for one without nulls.

use chrono::{DateTime, Datelike as _, Timelike as _};
use deltalake_core::parquet::basic::LogicalType;
use deltalake_core::parquet::file::metadata::ParquetMetaData;
use deltalake_core::parquet::file::statistics::Statistics;
use serde_json::{Map, Value, json};

use super::properties::PRUNING_COLUMNS;

/// A value that can be compared with others of its column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    Integer(i64),
    Text(Vec<u8>),
}

/// The statistics of a data file, as the log of a Delta table has them.
pub(super) fn statistics(metadata: &ParquetMetaData) -> String {
    let n_rows = metadata.file_metadata().num_rows();
    let (mut smallest, mut largest) = (Map::new(), Map::new());
    let mut nulls: Map<String, Value> = PRUNING_COLUMNS.iter().map(|name| ((*name).to_owned(), json!(n_rows))).collect();
    for (at, column) in metadata.file_metadata().schema_descr().columns().iter().enumerate() {
        if !PRUNING_COLUMNS.contains(&column.name()) {
            continue;
        }
        let of_groups: Option<Vec<&Statistics>> = metadata.row_groups().iter().map(|group| group.column(at).statistics()).collect();
        nulls.shift_remove(column.name());
        let Some(of_groups) = of_groups else { continue };
        if let Some(n_nulls) = of_groups.iter().map(|found| found.null_count_opt()).sum::<Option<u64>>() {
            nulls.insert(column.name().to_owned(), json!(n_nulls));
        }
        // A row group of nulls has no bounds, and needs none.
        let n_rows = metadata.row_groups().iter().map(|group| u64::try_from(group.num_rows()).unwrap_or_default());
        let with_values = of_groups.iter().zip(n_rows).filter(|(found, n_rows)| found.null_count_opt() != Some(*n_rows));
        let bounds: Option<Vec<(Bound, Bound)>> = with_values.map(|(found, _)| bounds(found)).collect();
        let Some(bounds) = bounds else { continue };
        let kind = column.logical_type_ref();
        let least = bounds.iter().map(|(least, _)| least).min().and_then(|bound| shown(bound, kind, 0));
        // Moments are cut to milliseconds: the next one is not below the largest.
        let most = bounds.iter().map(|(_, most)| most).max().and_then(|bound| shown(bound, kind, 999));
        if let (Some(least), Some(most)) = (least, most) {
            smallest.insert(column.name().to_owned(), least);
            largest.insert(column.name().to_owned(), most);
        }
    }
    json!({"numRecords": n_rows, "minValues": smallest, "maxValues": largest, "nullCount": nulls}).to_string()
}

fn bounds(found: &Statistics) -> Option<(Bound, Bound)> {
    match found {
        Statistics::Int64(values) => Some((Bound::Integer(*values.min_opt()?), Bound::Integer(*values.max_opt()?))),
        Statistics::ByteArray(values) => {
            Some((Bound::Text(values.min_bytes_opt()?.to_vec()), Bound::Text(values.max_bytes_opt()?.to_vec())))
        }
        _ => None,
    }
}

/// A bound as the Delta protocol writes it: moments are cut to milliseconds, after so many microseconds were added. A year that does not have
/// four digits has no form that every reader knows.
fn shown(bound: &Bound, kind: Option<&LogicalType>, more_micros: i64) -> Option<Value> {
    match (bound, kind) {
        (Bound::Integer(micros), Some(LogicalType::Timestamp(_))) => {
            let moment =
                DateTime::from_timestamp_micros(micros.checked_add(more_micros)?).filter(|moment| (0..10_000).contains(&moment.year()))?;
            let format = if moment.nanosecond() < 1_000_000 { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%.3fZ" };
            Some(json!(moment.format(format).to_string()))
        }
        (Bound::Integer(number), None) => Some(json!(number)),
        (Bound::Text(text), Some(LogicalType::String)) => std::str::from_utf8(text).ok().map(|text| json!(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use deltalake_core::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
    use deltalake_core::parquet::arrow::ArrowWriter;

    use super::*;

    fn told(groups: &[RecordBatch]) -> Value {
        let mut writer = ArrowWriter::try_new(Vec::new(), groups[0].schema(), None).unwrap();
        for rows in groups {
            writer.write(rows).unwrap();
            writer.flush().unwrap();
        }
        serde_json::from_str(&statistics(&writer.finish().unwrap())).unwrap()
    }

    fn rows(user_id: Vec<Option<i64>>, course: Vec<Option<&str>>, micros: Vec<i64>) -> RecordBatch {
        let time = TimestampMicrosecondArray::from(micros).with_timezone("UTC");
        RecordBatch::try_from_iter_with_nullable([
            ("user_id", Arc::new(Int64Array::from(user_id)) as ArrayRef, true),
            ("course_run_key", Arc::new(StringArray::from(course)) as ArrayRef, true),
            ("time", Arc::new(time) as ArrayRef, true),
            ("page", Arc::new(StringArray::from(vec!["x"; 2])) as ArrayRef, true),
        ])
        .unwrap()
    }

    #[test]
    fn bounds_span_all_row_groups_and_a_row_group_of_nulls_takes_none_away() {
        let first = rows(vec![Some(7), None], vec![Some("b"), Some("c")], vec![1_520_000_000_000_000, 1_520_000_001_234_567]);
        let second = rows(vec![None, None], vec![Some("a"), None], vec![1_519_999_999_000_000, 1_520_000_000_000_000]);
        let expected = json!({
            "numRecords": 4,
            "minValues": {"user_id": 7, "course_run_key": "a", "time": "2018-03-02T14:13:19Z"},
            "maxValues": {"user_id": 7, "course_run_key": "c", "time": "2018-03-02T14:13:21.235Z"},
            "nullCount": {"user_id": 3, "course_run_key": 1, "time": 0, "event_name": 4, "_course_run_key": 4, "_source_file": 4},
        });
        assert_eq!(told(&[first, second]), expected);
    }

    #[test]
    fn a_column_of_nulls_has_no_bounds() {
        let told = told(&[rows(vec![None, None], vec![None, None], vec![0, 0])]);
        assert_eq!(told["minValues"], json!({"time": "1970-01-01T00:00:00Z"}));
        assert_eq!((&told["nullCount"]["user_id"], &told["nullCount"]["course_run_key"]), (&json!(2), &json!(2)));
    }

    #[test]
    fn no_moment_lies_outside_its_bounds_and_a_year_of_five_digits_has_none() {
        let of = |micros: Vec<i64>| told(&[rows(vec![None, None], vec![None, None], micros)]);
        let before_1970 = of(vec![-1, -1_500_001]);
        assert_eq!(before_1970["minValues"]["time"], "1969-12-31T23:59:58.499Z");
        assert_eq!(before_1970["maxValues"]["time"], "1970-01-01T00:00:00Z");
        let far = of(vec![0, 253_402_300_800_000_000]);
        assert_eq!((&far["maxValues"], &far["nullCount"]["time"]), (&json!({}), &json!(0)));
    }
}
