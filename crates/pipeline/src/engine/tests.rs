//! The engine over small lakes made here: what a query gives is compared, and which files it would read.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::physical_plan::displayable;

use super::{Engine, EngineOptions};
use crate::lake::{BatchName, Change, Lake, PartWriter};

/// A lake with one table, each batch a data file of its own below its value of `kind`.
fn lake_with(name: &str, batches: &[(&str, RecordBatch)]) -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open_folder(folder.path()).unwrap();
    let attempt = lake.begin_attempt("a1").unwrap();
    for (at, (kind, rows)) in batches.iter().enumerate() {
        let kinds: ArrayRef = Arc::new(StringArray::from(vec![*kind; rows.num_rows()]));
        let schema = rows.schema();
        let columns = schema.fields().iter().map(|field| field.name().clone()).zip(rows.columns().iter().cloned());
        let whole = RecordBatch::try_from_iter_with_nullable(
            columns.chain([("kind".to_owned(), kinds)]).map(|(name, column)| (name, column, true)),
        )
        .unwrap();
        let mut table = lake.table_with(name, &whole.schema(), &["kind"]).unwrap();
        let batch = BatchName::of(&at.to_string());
        let mut part = PartWriter::open(&table, &whole.schema(), &batch, "a1", &[("kind", *kind)], lake.runtime()).unwrap();
        part.write(rows).unwrap();
        let change = Change { adds: part.finish().unwrap(), ..Change::default() };
        attempt.commit_together(vec![(&mut table, change)]).unwrap();
    }
    attempt.end().unwrap();
    (folder, lake)
}

fn numbers(values: &[i64]) -> RecordBatch {
    let texts: Vec<String> = values.iter().map(|value| format!("text {value}")).collect();
    RecordBatch::try_from_iter_with_nullable([
        ("user_id", Arc::new(Int64Array::from(values.to_vec())) as ArrayRef, true),
        ("page", Arc::new(StringArray::from(texts)) as ArrayRef, true),
    ])
    .unwrap()
}

fn moments(micros: &[i64]) -> RecordBatch {
    let time = TimestampMicrosecondArray::from(micros.to_vec()).with_timezone("UTC");
    RecordBatch::try_from_iter_with_nullable([("time", Arc::new(time) as ArrayRef, true)]).unwrap()
}

fn count(engine: &Engine, sql: &str) -> usize {
    engine.sql(sql).unwrap().batches.iter().map(RecordBatch::num_rows).sum()
}

fn text(engine: &Engine, sql: &str) -> String {
    engine.texts(sql).unwrap().join(",")
}

#[test]
fn text_of_a_table_is_plain_text_and_columns_stand_in_the_order_of_the_table() {
    let (_folder, lake) = lake_with("numbers", &[("a", numbers(&[1, 2]))]);
    let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    let schema = engine.schema_of("select * from numbers").unwrap();
    let columns: Vec<(&str, &DataType)> = schema.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
    assert_eq!(columns, [("user_id", &DataType::Int64), ("page", &DataType::Utf8), ("kind", &DataType::Utf8)]);
}

#[test]
fn a_filter_leaves_out_files_by_partition_and_by_bounds_and_no_row_that_matches() {
    let (_folder, lake) = lake_with("numbers", &[("a", numbers(&[1, 2])), ("b", numbers(&[3, 4])), ("b", numbers(&[100, 200]))]);
    let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    let n_files = |filter: &str| {
        let frame = engine.plan(&format!("select page from numbers where {filter}")).unwrap();
        let plan = engine.runtime.block_on(frame.create_physical_plan()).unwrap();
        displayable(plan.as_ref()).indent(false).to_string().matches(".parquet").count()
    };
    let left = ["kind = 'b'", "kind = 'b' and user_id > 50", "user_id = 3", "user_id > 1000", "page = 'text 1'"].map(n_files);
    assert_eq!(left, [2, 1, 1, 0, 3], "files that each filter leaves");
    for (filter, n_rows) in [
        ("true", 6),
        ("kind = 'b'", 4),
        ("kind <> 'b'", 2),
        ("kind is null", 0),
        ("kind = 'b' and user_id > 50", 2),
        ("kind = 'b' or user_id = 1", 5),
        ("user_id = 3", 1),
        ("user_id is null", 0),
        ("page = 'text 200'", 1),
        ("user_id between 2 and 100 and page like 'text%'", 4),
    ] {
        assert_eq!(count(&engine, &format!("select * from numbers where {filter}")), n_rows, "{filter}");
        assert_eq!(text(&engine, &format!("select count(*) from numbers where {filter}")), n_rows.to_string(), "count where {filter}");
    }
}

#[test]
fn a_filter_on_a_column_that_a_branch_fills_with_a_literal_excludes_the_branch() {
    let (_folder, lake) = lake_with("numbers", &[("k", numbers(&[1, 2, 3]))]);
    let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    let of = |kind: &str| {
        let branches = "select user_id, null as sort from numbers union all select user_id, 'a' as sort from numbers where user_id < 3";
        count(&engine, &format!("select user_id from ({branches}) where sort = '{kind}'"))
    };
    assert_eq!((of("a"), of("b")), (2, 0));
}

#[test]
fn the_last_microseconds_of_a_file_are_found_although_its_bounds_are_kept_in_milliseconds() {
    let (_folder, lake) = lake_with("clocks", &[("a", moments(&[1_000_000, 1_000_999])), ("b", moments(&[-1, -1_000_001]))]);
    let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    for (filter, n_rows) in [
        ("time >= timestamp '1970-01-01T00:00:01.000999Z'", 1),
        ("time < timestamp '1970-01-01T00:00:00Z'", 2),
        ("time > timestamp '1969-12-31T23:59:59.999998Z' and time < timestamp '1970-01-01T00:00:00Z'", 1),
    ] {
        assert_eq!(count(&engine, &format!("select * from clocks where {filter}")), n_rows, "{filter}");
    }
}

#[test]
fn moments_that_no_clock_tells_break_no_query() {
    let year_9999 = 253_370_764_800_000_000;
    let year_1 = -62_135_596_800_000_000;
    let (_folder, lake) = lake_with("clocks", &[("a", moments(&[year_9999, year_1, 1_520_000_000_000_000]))]);
    let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    for (sql, found) in [
        ("select count(*) from clocks where time < now()", "2"),
        ("select count(*) from clocks where time > current_timestamp", "1"),
        ("select count(*) from clocks where time > timestamp '2300-01-01'", "1"),
        ("select count(*) from clocks where time > '2300-01-01'", "1"),
        ("select count(*) from clocks where time > to_timestamp('2200-01-01T00:00:00Z')", "1"),
        ("select count(*) from clocks where time > cast('2300-01-01' as timestamp)", "1"),
        ("select date_trunc('month', time) from clocks order by time", "0001-01-01T00:00:00Z,2018-03-01T00:00:00Z,9999-01-01T00:00:00Z"),
        ("select date_trunc('year', time) from clocks order by time", "0001-01-01T00:00:00Z,2018-01-01T00:00:00Z,9999-01-01T00:00:00Z"),
        ("select date_trunc('week', time) from clocks order by time", "0001-01-01T00:00:00Z,2018-02-26T00:00:00Z,9998-12-28T00:00:00Z"),
        ("select date_part('year', time) from clocks order by time", "1,2018,9999"),
        ("select cast(time as date) as day from clocks order by day", "0001-01-01,2018-03-02,9999-01-01"),
    ] {
        assert_eq!(text(&engine, sql), found, "{sql}");
    }
}

#[test]
fn a_view_follows_when_what_it_stands_on_is_replaced() {
    let (_folder, lake) = lake_with("numbers", &[("a", numbers(&[1, 2]))]);
    let mut engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    engine.redefine("doubled", "select user_id * 2 as n from numbers").unwrap();
    assert_eq!(text(&engine, "select n from doubled order by n"), "2,4");
    engine.redefine("numbers", "select user_id + 10 as user_id from numbers").unwrap();
    assert_eq!(text(&engine, "select user_id from numbers order by user_id"), "11,12");
    assert_eq!(text(&engine, "select n from doubled order by n"), "2,4", "what was given stays what it was");
}
