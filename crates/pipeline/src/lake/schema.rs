//! The columns of the lake's tables. It fixes names and types; what a column means is told in `docs/reference/tables.md`.

use czar_formats::database_file::schema::TableKey;
use czar_formats::database_file::{ColumnKind, schema as known_tables};
use czar_formats::tracking_log::{ColumnValue, Event};
use deltalake_core::arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::content_columns::{CONTENT_TABLES, COURSE_CONTENT_BLOCKS, COURSE_DISCUSSIONS, COURSE_PROBLEMS, COURSE_VIDEOS, content_columns};

/// The type of a column, in the few kinds the lake has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number, 64 bits.
    Integer,
    /// A floating-point number, 64 bits.
    Float,
    /// True or false.
    Truth,
    /// A moment in UTC, in microseconds.
    Moment,
    /// A calendar day.
    Day,
}

impl Kind {
    /// The Arrow type.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Truth => DataType::Boolean,
            Self::Moment => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Day => DataType::Date32,
        }
    }
}

/// A column of a table: name and kind.
pub type Column<'a> = (&'a str, Kind);

/// Makes an Arrow schema in which every column may be null.
#[must_use]
pub fn arrow_schema<'a>(columns: impl IntoIterator<Item = Column<'a>>) -> Schema {
    Schema::new(columns.into_iter().map(|(name, kind)| Field::new(name, kind.arrow(), true)).collect::<Vec<_>>())
}

/// Name of the table of events.
pub const TRACKING_EVENTS: &str = "tracking_events";
/// Name of the table of events that a file holds and another file's row stands for; columns and partitions as those of [`TRACKING_EVENTS`].
pub const TRACKING_EVENT_COPIES: &str = "tracking_event_copies";
/// Name of the table of loads.
pub const LOADS: &str = "loads";
/// Name of the table of rejects.
pub const REJECTS: &str = "rejects";
/// Name of the table of forum documents.
pub const FORUM_CONTENTS: &str = "forum_contents";
/// Name of the table of course blocks.
pub const COURSE_STRUCTURE_BLOCKS: &str = "course_structure_blocks";

/// Name of the table of records of files of unknown kinds.
pub const OTHER_RECORDS: &str = "other_records";

/// The physical table behind a snapshot view: `auth_user` is the view, `auth_user_history` the table.
#[must_use]
pub fn history_name(view: &str) -> String {
    format!("{view}_history")
}

/// Partition columns of [`TRACKING_EVENTS`].
pub const EVENT_PARTITIONS: [&str; 2] = ["_site", "_log_month"];
/// Partition columns of snapshot tables.
pub const SNAPSHOT_PARTITIONS: [&str; 2] = ["_site", "_package_date"];

use Kind::{Day, Float, Integer, Moment, Text, Truth};

/// The two halves of an event's fingerprint. Rows of releases that had only one hash have no second half.
pub const FINGERPRINT: [&str; 2] = ["_fingerprint", "_fingerprint_2"];

/// Bookkeeping columns of events, before the event's own.
pub const EVENT_BOOKKEEPING: [Column<'static>; 8] = [
    ("_site", Text),
    ("_log_month", Text),
    ("_load_id", Text),
    ("_source_file", Text),
    ("_source_line", Integer),
    ("_log_date", Day),
    (FINGERPRINT[0], Integer),
    (FINGERPRINT[1], Integer),
];

/// Bookkeeping columns of snapshot tables, before the table's own.
pub const SNAPSHOT_BOOKKEEPING: [Column<'static>; 6] = [
    ("_site", Text),
    ("_package_date", Day),
    ("_load_id", Text),
    ("_source_file", Text),
    ("_source_line", Integer),
    ("_course_run_key", Text),
];

/// Holds, as a JSON object, the values of a row that did not fit their column's type.
pub const UNPARSED: Column<'static> = ("_unparsed", Text);

/// The columns of an event.
#[must_use]
pub fn event_columns() -> Vec<Column<'static>> {
    let mut columns = Vec::new();
    Event::default().for_each_column(|name, value, _| {
        let kind = match value {
            ColumnValue::Text(_) => Text,
            ColumnValue::Integer(_) => Integer,
            ColumnValue::Float(_) => Float,
            ColumnValue::Moment(_) => Moment,
        };
        columns.push((name, kind));
    });
    columns
}

/// All columns of [`TRACKING_EVENTS`] and [`TRACKING_EVENT_COPIES`], bookkeeping included.
#[must_use]
pub fn event_table_columns() -> Vec<Column<'static>> {
    EVENT_BOOKKEEPING.into_iter().chain(event_columns()).collect()
}

/// The schema of [`TRACKING_EVENTS`] and [`TRACKING_EVENT_COPIES`].
#[must_use]
pub fn event_schema() -> Schema {
    arrow_schema(event_table_columns())
}

/// The columns of [`LOADS`]: one row per delivered file.
pub const LOAD_COLUMNS: [Column<'static>; 32] = [
    ("load_id", Text),
    ("file_key", Text),
    ("site", Text),
    ("org", Text),
    ("kind", Text),
    ("table_name", Text),
    ("log_date", Day),
    ("package_date", Day),
    ("course_run_key", Text),
    ("stem", Text),
    ("state", Text),
    ("failure_code", Text),
    ("digest", Text),
    ("n_bytes", Integer),
    ("n_clear_bytes", Integer),
    ("n_records", Integer),
    ("n_rows", Integer),
    ("n_duplicates", Integer),
    ("n_blanks", Integer),
    ("n_rejects", Integer),
    ("first_time", Moment),
    ("last_time", Moment),
    ("event_days", Text),
    ("dialect", Text),
    ("reader_version", Integer),
    ("source_path", Text),
    ("source_stamp", Text),
    ("batch", Text),
    ("loaded_at", Moment),
    ("duration_secs", Float),
    ("passed_over", Text),
    ("course_named_by", Text),
];

/// The columns of [`REJECTS`]: one row per record that was set aside. The last four tell what can still be told of a line of a tracking
/// log.
pub const REJECT_COLUMNS: [Column<'static>; 12] = [
    ("load_id", Text),
    ("source_file", Text),
    ("source_line", Integer),
    ("source_offset", Integer),
    ("n_bytes", Integer),
    ("code", Text),
    ("column", Integer),
    ("member", Text),
    ("time", Moment),
    ("event_source", Text),
    ("event_name", Text),
    ("course_run_key", Text),
];

/// The columns of [`FORUM_CONTENTS`].
pub const FORUM_COLUMNS: [Column<'static>; 35] = [
    ("_id", Text),
    ("_type", Text),
    ("author_id", Integer),
    ("author_username", Text),
    ("course_id", Text),
    ("created_at", Moment),
    ("updated_at", Moment),
    ("last_activity_at", Moment),
    ("title", Text),
    ("body", Text),
    ("thread_type", Text),
    ("context", Text),
    ("commentable_id", Text),
    ("comment_thread_id", Text),
    ("parent_id", Text),
    ("parent_ids", Text),
    ("depth", Integer),
    ("comment_count", Integer),
    ("child_count", Integer),
    ("endorsed", Truth),
    ("endorsement_user_id", Integer),
    ("endorsement_time", Moment),
    ("anonymous", Truth),
    ("anonymous_to_peers", Truth),
    ("pinned", Truth),
    ("closed", Truth),
    ("visible", Truth),
    ("votes_up_count", Integer),
    ("votes_down_count", Integer),
    ("votes_count", Integer),
    ("votes_point", Integer),
    ("abuse_flaggers", Text),
    ("group_id", Integer),
    ("sk", Text),
    ("document", Text),
];

/// The columns of [`COURSE_STRUCTURE_BLOCKS`].
pub const BLOCK_COLUMNS: [Column<'static>; 26] = [
    ("usage_key", Text),
    ("category", Text),
    ("url_name", Text),
    ("display_name", Text),
    ("parent_usage_key", Text),
    ("is_root", Truth),
    ("is_orphan", Truth),
    ("sort_index", Integer),
    ("depth", Integer),
    ("children", Text),
    ("n_children", Integer),
    ("start", Moment),
    ("due", Moment),
    ("graded", Truth),
    ("format", Text),
    ("visible_to_staff_only", Truth),
    ("inherited_start", Moment),
    ("inherited_due", Moment),
    ("inherited_graded", Truth),
    ("inherited_format", Text),
    ("inherited_visible_to_staff_only", Truth),
    ("chapter_usage_key", Text),
    ("sequential_usage_key", Text),
    ("vertical_usage_key", Text),
    ("weight", Float),
    ("metadata", Text),
];

/// The columns of [`OTHER_RECORDS`].
pub const OTHER_RECORD_COLUMNS: [Column<'static>; 2] = [("file_name", Text), ("record", Text)];

/// The columns every snapshot table of this name has, bookkeeping included; a delivery may bring more.
#[must_use]
pub fn snapshot_columns(view: &str) -> Vec<Column<'static>> {
    let own: Vec<Column<'static>> = match view {
        FORUM_CONTENTS => FORUM_COLUMNS.to_vec(),
        COURSE_STRUCTURE_BLOCKS => BLOCK_COLUMNS.to_vec(),
        OTHER_RECORDS => OTHER_RECORD_COLUMNS.to_vec(),
        content if CONTENT_TABLES.contains(&content) => content_columns(content).unwrap_or_default(),
        _ => known_tables::table(view)
            .into_iter()
            .flat_map(|table| table.columns.iter().map(|column| (column.name, kind_of(column.kind))))
            .chain([UNPARSED])
            .collect(),
    };
    SNAPSHOT_BOOKKEEPING.into_iter().chain(own).collect()
}

/// The names of all snapshot tables that are known in advance.
pub fn snapshot_names() -> impl Iterator<Item = &'static str> {
    known_tables::tables().map(|table| table.name).chain([FORUM_CONTENTS, COURSE_STRUCTURE_BLOCKS, OTHER_RECORDS]).chain(CONTENT_TABLES)
}

/// What tells the rows of a snapshot table apart; `None` for tables nobody knows.
#[must_use]
pub fn snapshot_key(view: &str) -> Option<TableKey> {
    match view {
        FORUM_CONTENTS => Some(TableKey { columns: &["_id"], is_shared_by_runs: false }),
        COURSE_STRUCTURE_BLOCKS => Some(TableKey { columns: &["usage_key"], is_shared_by_runs: false }),
        // Nobody knows what a line stands for, so it is what it says.
        OTHER_RECORDS => Some(TableKey { columns: &["file_name", "record"], is_shared_by_runs: false }),
        COURSE_CONTENT_BLOCKS | COURSE_PROBLEMS | COURSE_VIDEOS | COURSE_DISCUSSIONS => {
            Some(TableKey { columns: &["usage_key", "is_draft"], is_shared_by_runs: false })
        }
        _ => known_tables::key(view),
    }
}

/// The kind of a column of a database file.
#[must_use]
pub fn kind_of(kind: ColumnKind) -> Kind {
    match kind {
        ColumnKind::Text => Text,
        ColumnKind::Integer | ColumnKind::UserId => Integer,
        ColumnKind::Float => Float,
        ColumnKind::Timestamp => Moment,
        ColumnKind::Truth => Truth,
    }
}
