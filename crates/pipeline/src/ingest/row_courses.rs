//! Lists of a whole organisation: each row names its own course run. It refuses to give a row the course of another.

use std::sync::Arc;

use czar_formats::course_run_key::CourseRunKey;
use czar_formats::database_file::schema::{EMAIL_OPT_IN, PROGRAM_ENTITLEMENT_REPORT, PROGRAM_LEARNER_REPORT};
use deltalake_core::arrow::array::{Array as _, AsArray as _, RecordBatch, StringArray};
use deltalake_core::arrow::error::ArrowError;

/// Whether the rows of a table may be of many course runs, or of none.
#[must_use]
pub fn is_row_keyed(table: &str) -> bool {
    matches!(table, EMAIL_OPT_IN | PROGRAM_LEARNER_REPORT | PROGRAM_ENTITLEMENT_REPORT)
}

/// Fills `_course_run_key` with the course run each row names.
///
/// # Errors
/// The columns could not be made: a bug.
pub fn with_courses_of_rows(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let named = ["course_id", "course_run_key"].iter().find_map(|name| rows.column_by_name(name)?.as_string_opt::<i32>());
    let key = |row: usize| CourseRunKey::parse(named.filter(|column| column.is_valid(row))?.value(row));
    // One course stands in many rows that follow each other, but parsing is cheap beside writing.
    let keys: StringArray = (0..rows.num_rows()).map(|row| key(row).map(|key| key.as_str().to_owned())).collect();
    let mut columns = rows.columns().to_vec();
    if let Some(place) = rows.schema().index_of("_course_run_key").ok().and_then(|at| columns.get_mut(at)) {
        *place = Arc::new(keys);
    }
    RecordBatch::try_new(rows.schema(), columns)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::ingest::columns::Columns;
    use crate::lake::schema::Kind;

    #[test]
    fn each_row_has_the_course_it_names_or_none() {
        let mut columns = Columns::new([("_course_run_key", Kind::Text), ("course_id", Kind::Text)]);
        for course in [Some("course-v1:O+C+R"), Some("O/C/R"), Some("nothing"), None] {
            columns.text(Some("wrong"));
            columns.text(course);
            columns.end_row();
        }
        let rows = with_courses_of_rows(&columns.finish().unwrap()).unwrap();
        let keys: Vec<_> = rows.column(0).as_string::<i32>().iter().collect();
        assert_eq!(keys, [Some("course-v1:O+C+R"), Some("O/C/R"), None, None]);
    }
}
