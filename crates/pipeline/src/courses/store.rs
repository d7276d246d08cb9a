//! Keeps the list of courses as a table of the lake, so that models can join it. The table is written only when the list has changed.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};

use super::{CoursesError, RegisteredCourse};
use crate::lake::schema::{Column, Kind, arrow_schema};
use crate::lake::{BatchName, Change, Lake, PartWriter};

/// Name of the table: one row per registered course and course run.
pub const REGISTERED_COURSES: &str = "registered_courses";

/// Its columns.
pub const REGISTERED_COURSE_COLUMNS: [Column<'static>; 8] = [
    ("site", Kind::Text),
    ("course_run_key", Kind::Text),
    ("course_id", Kind::Text),
    ("course_name", Kind::Text),
    ("department", Kind::Text),
    ("start_date", Kind::Day),
    ("end_date", Kind::Day),
    ("attributes", Kind::Text),
];

/// The note in the table's commit that says which list it holds.
const DIGEST: &str = "czar.registered_courses";

/// Replaces the table by the list, if it holds another. Tells whether it did.
///
/// # Errors
/// The lake cannot be read or written.
pub fn store(lake: &Lake, courses: &[RegisteredCourse], attempt: &str) -> Result<bool, CoursesError> {
    let rows = rows(courses)?;
    let digest = blake3::hash(format!("{rows:?}").as_bytes()).to_hex().to_string();
    let existing = lake.table(REGISTERED_COURSES)?;
    match &existing {
        // Nobody asked for a list.
        None if courses.is_empty() => return Ok(false),
        None => {}
        Some(table) => {
            let note = lake.runtime().block_on(table.note(DIGEST))?;
            if note.as_ref().and_then(serde_json::Value::as_str) == Some(&digest) {
                return Ok(false);
            }
        }
    }
    let attempt = lake.begin_attempt(attempt)?;
    let schema = rows.schema();
    let mut table = lake.table_with(REGISTERED_COURSES, &schema, &[])?;
    let mut writer = PartWriter::open(&table, &schema, &BatchName::of(REGISTERED_COURSES), attempt.name(), &[], lake.runtime())?;
    writer.write(&rows)?;
    let notes = HashMap::from([(DIGEST.to_owned(), serde_json::Value::String(digest))]);
    let change = Change { replaces_all: true, adds: writer.finish()?, notes, ..Change::default() };
    attempt.commit_together(vec![(&mut table, change)])?;
    attempt.end()?;
    Ok(true)
}

fn rows(courses: &[RegisteredCourse]) -> Result<RecordBatch, CoursesError> {
    // A course without runs is kept too: it may be that its first run is still to come.
    let of_run: Vec<(&RegisteredCourse, Option<&str>)> = courses
        .iter()
        .flat_map(|course| {
            let runs = course.course_run_keys.iter().map(move |key| (course, Some(key.as_str())));
            let none = course.course_run_keys.is_empty().then_some((course, None));
            runs.chain(none)
        })
        .collect();
    let texts = |value: &dyn Fn(&RegisteredCourse) -> Option<String>| -> ArrayRef {
        Arc::new(of_run.iter().map(|(course, _)| value(course)).collect::<StringArray>())
    };
    let days = |value: &dyn Fn(&RegisteredCourse) -> Option<NaiveDate>| -> ArrayRef {
        let since_1970 = |day: NaiveDate| i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok();
        Arc::new(of_run.iter().map(|(course, _)| value(course).and_then(since_1970)).collect::<Date32Array>())
    };
    let columns: Vec<ArrayRef> = vec![
        texts(&|course| Some(course.site().to_owned())),
        Arc::new(of_run.iter().map(|(_, key)| *key).collect::<StringArray>()),
        texts(&|course| Some(course.id.clone())),
        texts(&|course| course.name.clone()),
        texts(&|course| course.department.clone()),
        days(&|course| course.days().0),
        days(&|course| course.days().1),
        texts(&|course| serde_json::to_string(&course.attributes).ok()),
    ];
    Ok(RecordBatch::try_new(Arc::new(arrow_schema(REGISTERED_COURSE_COLUMNS)), columns)?)
}
