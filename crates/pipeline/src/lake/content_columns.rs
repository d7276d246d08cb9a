//! The columns of the tables that course archives fill. It fixes names and types; one archive feeds all of them.

use super::schema::Column;
use super::schema::Kind::{Float, Integer, Moment, Text, Truth};

/// Name of the table of blocks of course archives. Its loads are those of all tables here.
pub const COURSE_CONTENT_BLOCKS: &str = "course_content_blocks";
/// Name of the table of problems.
pub const COURSE_PROBLEMS: &str = "course_problems";
/// Name of the table of input fields of problems.
pub const COURSE_PROBLEM_INPUTS: &str = "course_problem_inputs";
/// Name of the table of videos.
pub const COURSE_VIDEOS: &str = "course_videos";
/// Name of the table of discussion blocks.
pub const COURSE_DISCUSSIONS: &str = "course_discussions";
/// Name of the table of assignment types.
pub const GRADING_POLICY: &str = "grading_policy";
/// Name of the table of cutoffs.
pub const GRADE_CUTOFFS: &str = "grade_cutoffs";

/// The tables a course archive fills.
pub const CONTENT_TABLES: [&str; 7] =
    [COURSE_CONTENT_BLOCKS, COURSE_PROBLEMS, COURSE_PROBLEM_INPUTS, COURSE_VIDEOS, COURSE_DISCUSSIONS, GRADING_POLICY, GRADE_CUTOFFS];

/// The columns of [`COURSE_CONTENT_BLOCKS`].
pub const CONTENT_BLOCK_COLUMNS: [Column<'static>; 35] = [
    ("usage_key", Text),
    ("category", Text),
    ("url_name", Text),
    ("display_name", Text),
    ("parent_usage_key", Text),
    ("parent_line", Integer),
    ("is_root", Truth),
    ("is_orphan", Truth),
    ("is_draft", Truth),
    ("sort_index", Integer),
    ("depth", Integer),
    ("n_children", Integer),
    ("start", Moment),
    ("due", Moment),
    ("graded", Truth),
    ("format", Text),
    ("visible_to_staff_only", Truth),
    ("graceperiod", Text),
    ("showanswer", Text),
    ("rerandomize", Text),
    ("max_attempts", Integer),
    ("inherited_start", Moment),
    ("inherited_due", Moment),
    ("inherited_graded", Truth),
    ("inherited_format", Text),
    ("inherited_visible_to_staff_only", Truth),
    ("inherited_graceperiod", Text),
    ("inherited_showanswer", Text),
    ("inherited_rerandomize", Text),
    ("inherited_max_attempts", Integer),
    ("chapter_usage_key", Text),
    ("sequential_usage_key", Text),
    ("vertical_usage_key", Text),
    ("member", Text),
    ("attributes", Text),
];

/// The columns with which each detail of a block begins.
const DETAIL_COLUMNS: [Column<'static>; 5] =
    [("usage_key", Text), ("url_name", Text), ("display_name", Text), ("is_orphan", Truth), ("is_draft", Truth)];

const PROBLEM_COLUMNS: [Column<'static>; 13] = [
    ("text", Text),
    ("itype", Text),
    ("response_types", Text),
    ("n_responses", Integer),
    ("n_inputs", Integer),
    ("n_hints", Integer),
    ("has_solution", Truth),
    ("has_script", Truth),
    ("weight", Float),
    ("max_attempts", Integer),
    ("rerandomize", Text),
    ("showanswer", Text),
    ("member", Text),
];

const INPUT_COLUMNS: [Column<'static>; 11] = [
    ("response_number", Integer),
    ("input_number", Integer),
    ("answer_id_suffix", Text),
    ("response_type", Text),
    ("input_type", Text),
    ("label", Text),
    ("n_choices", Integer),
    ("n_correct", Integer),
    ("choices", Text),
    ("answers", Text),
    ("tolerance", Text),
];

const VIDEO_COLUMNS: [Column<'static>; 12] = [
    ("youtube_id", Text),
    ("youtube_ids", Text),
    ("html5_sources", Text),
    ("edx_video_id", Text),
    ("client_video_id", Text),
    ("sub", Text),
    ("start_time", Float),
    ("end_time", Float),
    ("duration_secs", Float),
    ("transcripts", Text),
    ("transcript_languages", Text),
    ("member", Text),
];

const DISCUSSION_COLUMNS: [Column<'static>; 4] =
    [("discussion_id", Text), ("discussion_category", Text), ("discussion_target", Text), ("member", Text)];

const GRADING_POLICY_COLUMNS: [Column<'static>; 13] = [
    ("grader_number", Integer),
    ("assignment_type", Text),
    ("name", Text),
    ("fraction_of_overall_grade", Float),
    ("min_count", Integer),
    ("drop_count", Integer),
    ("short_label", Text),
    ("overall_lower_cutoff", Float),
    ("overall_lower_cutoff_label", Text),
    ("overall_upper_cutoff", Float),
    ("overall_upper_cutoff_label", Text),
    ("member", Text),
    ("attributes", Text),
];

const GRADE_CUTOFF_COLUMNS: [Column<'static>; 3] = [("label", Text), ("fraction", Float), ("member", Text)];

/// The columns of a table a course archive fills; `None` for any other.
#[must_use]
pub fn content_columns(table: &str) -> Option<Vec<Column<'static>>> {
    let detail = |own: &[Column<'static>]| DETAIL_COLUMNS.iter().chain(own).copied().collect();
    Some(match table {
        COURSE_CONTENT_BLOCKS => CONTENT_BLOCK_COLUMNS.to_vec(),
        COURSE_PROBLEMS => detail(&PROBLEM_COLUMNS),
        COURSE_PROBLEM_INPUTS => detail(&INPUT_COLUMNS),
        COURSE_VIDEOS => detail(&VIDEO_COLUMNS),
        COURSE_DISCUSSIONS => detail(&DISCUSSION_COLUMNS),
        GRADING_POLICY => GRADING_POLICY_COLUMNS.to_vec(),
        GRADE_CUTOFFS => GRADE_CUTOFF_COLUMNS.to_vec(),
        _ => return None,
    })
}

/// The table whose loads tell in which packages a snapshot table's rows came: a course archive has one load for all of its tables.
#[must_use]
pub fn loaded_as(table: &str) -> &str {
    if CONTENT_TABLES.contains(&table) { COURSE_CONTENT_BLOCKS } else { table }
}
