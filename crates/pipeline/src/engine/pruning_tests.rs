//! How much of the data files a query of one course reads. Bytes are counted, not time.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::physical_plan::{ExecutionPlan, collect};
use deltalake_core::parquet::file::metadata::ParquetMetaDataReader;

use super::{Engine, EngineOptions};
use crate::lake::schema::TRACKING_EVENTS;
use crate::lake::{BatchName, Change, Lake, PartWriter, ROW_GROUP_ROWS};

const N_COURSES: usize = 40;
const DAY_MICROS: i64 = 86_400_000_000;

fn course_of(row: usize) -> usize {
    row * N_COURSES / ROW_GROUP_ROWS
}

fn micros_of(row: usize) -> i64 {
    number(row * N_COURSES % ROW_GROUP_ROWS) * DAY_MICROS / number(ROW_GROUP_ROWS)
}

fn number(row: usize) -> i64 {
    i64::try_from(row).unwrap()
}

/// A day of events as ingest sorts it: by course, then by time. Text of an event is like nothing before it.
fn day_of_events() -> RecordBatch {
    let rows = 0..ROW_GROUP_ROWS;
    let hash = |row: usize| blake3::hash(&row.to_le_bytes()).to_hex().to_string();
    let texts = |text: &dyn Fn(usize) -> String| -> ArrayRef { Arc::new(rows.clone().map(|row| Some(text(row))).collect::<StringArray>()) };
    let kinds = ["play_video", "pause_video", "problem_check", "seq_next"];
    RecordBatch::try_from_iter([
        (
            "time",
            Arc::new(rows.clone().map(|row| Some(micros_of(row))).collect::<TimestampMicrosecondArray>().with_timezone("UTC")) as ArrayRef,
        ),
        ("course_run_key", texts(&|row| format!("course-v1:UniversityX+C{:02}+2015", course_of(row)))),
        ("user_id", Arc::new(rows.clone().map(|row| Some(number(row * 7919 % 5000))).collect::<Int64Array>())),
        ("event_name", texts(&|row| kinds[row % kinds.len()].to_owned())),
        ("session", texts(&|row| hash(row / 5))),
        ("event", texts(&|row| hash(row).repeat(2))),
    ])
    .unwrap()
}

fn bytes_scanned(plan: &dyn ExecutionPlan) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.sum_by_name("bytes_scanned")).map_or(0, |bytes| bytes.as_usize());
    own + plan.children().into_iter().map(|child| bytes_scanned(child.as_ref())).sum::<usize>()
}

#[test]
fn the_events_of_one_course_of_forty_are_read_without_reading_those_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open_folder(folder.path()).unwrap();
    let attempt = lake.begin_attempt("a1").unwrap();
    let rows = day_of_events();
    let mut table = lake.table_with(TRACKING_EVENTS, &rows.schema(), &[]).unwrap();
    let mut part = PartWriter::open(&table, &rows.schema(), &BatchName::of("a day"), "a1", &[], lake.runtime()).unwrap();
    part.write(&rows).unwrap();
    let change = Change { adds: part.finish().unwrap(), ..Change::default() };
    attempt.commit_together(vec![(&mut table, change)]).unwrap();
    attempt.end().unwrap();
    let path = folder.path().join(TRACKING_EVENTS).join(table.data_files().unwrap().remove(0));
    let n_bytes = usize::try_from(std::fs::metadata(&path).unwrap().len()).unwrap();
    let facts = ParquetMetaDataReader::new().parse_and_finish(&File::open(&path).unwrap()).unwrap();
    let columns: i64 = facts.row_groups().iter().map(deltalake_core::parquet::file::metadata::RowGroupMetaData::compressed_size).sum();
    // Footer and page index are read whole, and not counted with the rest.
    let about_the_file = n_bytes - usize::try_from(columns).unwrap();
    let engine = Engine::open(&lake, &EngineOptions::default()).unwrap();
    let course = "course_run_key = 'course-v1:UniversityX+C17+2015'";
    let hours = "time between timestamp '1970-01-01T08:00:00Z' and timestamp '1970-01-01T09:00:00Z'";
    let thousandths = |columns: &str, filter: &str, n_expected: usize| {
        let frame = engine.plan(&format!("select {columns} from tracking_events where {filter}")).unwrap();
        let plan = engine.runtime.block_on(frame.create_physical_plan()).unwrap();
        let found = engine.runtime.block_on(collect(Arc::clone(&plan), engine.context.task_ctx())).unwrap();
        assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), n_expected);
        1000 * (bytes_scanned(plan.as_ref()) + about_the_file) / n_bytes
    };
    let of_course = || (0..ROW_GROUP_ROWS).filter(|row| course_of(*row) == 17);
    let n_hour = of_course().filter(|row| (DAY_MICROS / 24 * 8..=DAY_MICROS / 24 * 9).contains(&micros_of(*row))).count();
    for columns in ["time, user_id, event_name", "time, user_id, event_name, session"] {
        let read = thousandths(columns, course, of_course().count());
        assert!(read < 50, "{columns}: {read} of 1000 bytes");
    }
    let an_hour = format!("{course} and {hours}");
    for (filter, n_expected) in [(course, of_course().count()), (an_hour.as_str(), n_hour)] {
        let read = thousandths("*", filter, n_expected);
        assert!(read < 80, "the rest of the first page and of the last is read too: {filter}: {read} of 1000 bytes");
    }
}
