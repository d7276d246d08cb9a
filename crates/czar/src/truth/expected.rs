//! What each truth file is compared with. It holds no number.

use czar_pipeline::lake::content_columns::CONTENT_TABLES;
use czar_pipeline::lake::schema::{TRACKING_EVENTS, history_name, snapshot_names};

/// A truth file and its counterpart in the lake.
pub(super) struct Expected {
    /// Name of the truth file.
    pub(super) file: &'static str,
    /// A query whose columns are named as in the file.
    pub(super) query: String,
    /// The columns that tell rows apart.
    pub(super) key: &'static [&'static str],
}

/// The tables whose records the truth accounts for: all that are loaded, but for those of course archives, which it does not count.
fn tables() -> impl Iterator<Item = &'static str> {
    std::iter::once(TRACKING_EVENTS).chain(snapshot_names().filter(|name| !CONTENT_TABLES.contains(name)))
}

/// The research tables whose numbers the truth has, with their keys.
const MARTS: [(&str, &str, &[&str]); 6] = [
    ("course_axis.csv", "course_axis", &["site", "course_run_key", "usage_key"]),
    ("enrollment_events.csv", "enrollment_events", &["site", "course_run_key", "user_id", "time", "event_name"]),
    ("person_course.csv", "person_course", &["site", "course_run_key", "user_id"]),
    ("person_course_day.csv", "person_course_day", &["site", "course_run_key", "user_id", "date"]),
    ("program_completions.csv", "program_completions", &["site", "program_uuid", "user_id"]),
    ("video_seconds.csv", "video_seconds", &["site", "course_run_key", "user_id", "video_id", "date"]),
];

/// Tables of course archives, with what tells the rows of a course run apart. Drafts are not taught, so the truth has none.
const CONTENT: [(&str, &str, &[&str]); 4] = [
    ("course_problems.csv", "course_problems", &["site", "course_run_key", "usage_key"]),
    ("course_videos.csv", "course_videos", &["site", "course_run_key", "usage_key"]),
    ("grading_policy.csv", "grading_policy", &["site", "course_run_key", "assignment_type"]),
    ("grade_cutoffs.csv", "grade_cutoffs", &["site", "course_run_key", "label"]),
];

/// All truth files.
pub(super) fn all() -> Vec<Expected> {
    let mut all = vec![
        Expected { file: "files.csv", query: format!("select * from loads where {}", is_accounted_for()), key: &["file_key"] },
        Expected { file: "rejects.csv", query: rejects(), key: &["file_key", "code"] },
        Expected { file: "not_produced.csv", query: not_produced(), key: &["file_key"] },
        Expected { file: "totals.csv", query: totals(), key: &["table_name", "site"] },
    ];
    all.extend(CONTENT.map(|(file, table, key)| {
        let query = format!("select _site as site, _course_run_key as course_run_key, * from {table}");
        Expected { file, query, key }
    }));
    all.extend(MARTS.map(|(file, mart, key)| Expected { file, query: format!("select * from {mart}"), key }));
    all
}

fn is_accounted_for() -> String {
    format!("state = 'loaded' and {}", is_covered())
}

fn is_covered() -> String {
    format!("table_name in ('{}')", tables().collect::<Vec<_>>().join("', '"))
}

/// Files edX could not make: it sent an error text, or nothing at all.
fn not_produced() -> String {
    format!(
        "select file_key, case when state = 'not_produced' then 'failed' else 'empty' end as reason \
         from loads where (state = 'not_produced' or failure_code in ('file.empty', 'database_file.no_header')) and {}",
        is_covered()
    )
}

fn rejects() -> String {
    format!(
        "select rejects.source_file as file_key, rejects.code, count(*) as n from rejects \
         join (select load_id from loads where {}) as accounted on accounted.load_id = rejects.load_id \
         group by rejects.source_file, rejects.code",
        is_accounted_for()
    )
}

/// Rows that are really there, counted in the tables themselves and not taken from the account of the loads.
fn totals() -> String {
    let count = |name: &str| {
        let table = if name == TRACKING_EVENTS { name.to_owned() } else { history_name(name) };
        format!("select '{name}' as table_name, _site as site, count(*) as n_rows from {table} group by _site")
    };
    tables().map(count).collect::<Vec<_>>().join(" union all ")
}
