//! What tells the rows of a table apart, so that a row can be followed from one weekly package to the next.
//! It refuses to guess: a table without a stated key has none, and its rows are compared as a whole.

use super::{EMAIL_OPT_IN, PROGRAM_ENTITLEMENT_REPORT, PROGRAM_LEARNER_REPORT, table};

/// The key of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableKey {
    /// Columns whose values no two rows of a course run share.
    pub columns: &'static [&'static str],
    /// Whether the files of several runs of a course hold the same rows, as those of the wiki do.
    pub is_shared_by_runs: bool,
}

/// The key of a known table.
pub fn key(name: &str) -> Option<TableKey> {
    let columns: &'static [&'static str] = match name {
        "user_id_map" => &["user_id"],
        "grades_persistentcoursegrade" => &["course_id", "user_id"],
        "grades_persistentsubsectiongrade" => &["course_id", "user_id", "usage_key"],
        "student_courseaccessrole" => &["org", "course_id", "user_id", "role"],
        "django_comment_client_role_users" => &["course_id", "user_id", "name"],
        "course_groups_cohortmembership" => &["course_id", "user_id", "group_type", "name"],
        "verify_student_verificationstatus" => &["user_id", "course_id", "checkpoint_location", "status", "timestamp"],
        EMAIL_OPT_IN => &["email", "course_id"],
        PROGRAM_LEARNER_REPORT => &["program_uuid", "user_id", "course_run_key"],
        PROGRAM_ENTITLEMENT_REPORT => &["email", "program_title", "purchase_date"],
        _ => table(name).filter(|table| table.kind("id").is_some()).map(|_| &["id"] as &[_])?,
    };
    Some(TableKey { columns, is_shared_by_runs: name.starts_with("wiki_") })
}

#[cfg(test)]
mod tests {
    use super::super::tables;
    use super::*;

    #[test]
    fn every_known_table_has_a_key_of_its_own_columns() {
        for table in tables() {
            let key = key(table.name);
            assert!(key.is_some_and(|key| key.columns.iter().all(|column| table.kind(column).is_some())), "{}", table.name);
        }
    }

    #[test]
    fn a_table_nobody_knows_has_no_key() {
        assert_eq!(key("some_new_table"), None);
    }
}
