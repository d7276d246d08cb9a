//! One row of `loads`: what a file gave. It states the sum of the account and refuses one that does not add up.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use czar_formats::database_file::schema::EMAIL_OPT_IN;
use czar_formats::package_file::FileKind;
use deltalake_core::arrow::array::RecordBatch;
use deltalake_core::arrow::error::ArrowError;

use super::columns::Columns;
use super::known_courses::{NamedBy, Said};
use super::record_rows::RejectedRecord;
use crate::lake::content_columns::{CONTENT_TABLES, COURSE_CONTENT_BLOCKS};
use crate::lake::schema::{
    COURSE_STRUCTURE_BLOCKS, FORUM_CONTENTS, LOAD_COLUMNS, LOADS, OTHER_RECORDS, REJECT_COLUMNS, REJECTS, TRACKING_EVENT_COPIES,
    TRACKING_EVENTS,
};
use crate::package::{Batch, DeliveredFile};

/// Raised when the readers begin to give other rows for the same bytes; files loaded by an older version can then be loaded again.
pub const READER_VERSION: i64 = 6;

/// The kind of a tab-separated table that edX did not name.
pub const TAB_SEPARATED: &str = "tab_separated";
/// The kind of a course archive.
pub const COURSE_ARCHIVE: &str = "course_archive";

/// How a load ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadState {
    /// All records are accounted for.
    Loaded,
    /// The file could not be read; none of its rows is visible.
    Failed,
    /// edX shipped the error of its own job in place of the file.
    NotProduced,
    /// Something that is no text, of a kind that this version does not read.
    NotRead,
    /// An archive: its members have loads of their own.
    Listed,
}

impl LoadState {
    /// The value of the column `state`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Failed => "failed",
            Self::NotProduced => "not_produced",
            Self::NotRead => "not_read",
            Self::Listed => "listed",
        }
    }
}

/// One load.
#[derive(Debug, Clone)]
pub struct LoadRecord {
    /// Names the load: the same file with the same content has the same one in every run.
    pub load_id: String,
    /// The file.
    pub file_key: String,
    /// Its site.
    pub site: Option<String>,
    /// Its organisation.
    pub org: Option<String>,
    /// What kind of file it is.
    pub kind: &'static str,
    /// The table its rows go to.
    pub table_name: Option<String>,
    /// Day of an event file.
    pub log_date: Option<NaiveDate>,
    /// Day of the package.
    pub package_date: Option<NaiveDate>,
    /// The course run of a package member.
    pub course_run_key: Option<String>,
    /// Who named that course run.
    pub course_named_by: Option<NamedBy>,
    /// The course as it stands in the name.
    pub stem: Option<String>,
    /// How the load ended.
    pub state: LoadState,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// BLAKE3 of the bytes as kept.
    pub digest: Option<String>,
    /// Bytes as kept.
    pub n_bytes: u64,
    /// Bytes in clear.
    pub n_clear_bytes: u64,
    /// Records in all.
    pub n_records: u64,
    /// Records that are rows.
    pub n_rows: u64,
    /// Records whose bytes stand before in the file, or in a file that owns them.
    pub n_duplicates: u64,
    /// Blank records.
    pub n_blanks: u64,
    /// Records set aside.
    pub n_rejects: u64,
    /// Lines by day of the event, days since 1970: rows of the file and copies of other files' rows, each line once.
    pub event_days: BTreeMap<i32, u64>,
    /// Earliest and latest event, microseconds since 1970 UTC.
    pub time_span: Option<(i64, i64)>,
    /// How a database file is written.
    pub dialect: Option<&'static str>,
    /// Where the file lies.
    pub source_path: String,
    /// The batch's stamp when it was loaded.
    pub source_stamp: String,
    /// The batch it belongs to.
    pub batch: String,
    /// When it was loaded.
    pub loaded_at: DateTime<Utc>,
    /// How long it took.
    pub duration_secs: f64,
    /// Where an older version of the file lay in the same delivery.
    pub passed_over: Option<String>,
}

impl LoadRecord {
    /// A load that has not read anything yet.
    pub fn begin(file: &DeliveredFile, batch: &Batch, stamp: &str, loaded_at: DateTime<Utc>) -> Self {
        let (kind, table_name) = kind_and_table(&file.file.kind);
        let is_event_file = file.file.kind == FileKind::TrackingLog;
        Self {
            load_id: load_id(file),
            file_key: file.file.file_key.clone(),
            site: file.file.site.as_ref().map(ToString::to_string),
            org: file.file.org.clone(),
            kind,
            table_name,
            log_date: file.file.date.filter(|_| is_event_file),
            package_date: file.file.date.filter(|_| !is_event_file),
            course_run_key: None,
            course_named_by: None,
            stem: file.file.stem.clone(),
            state: LoadState::Failed,
            failure_code: None,
            digest: None,
            n_bytes: file.n_bytes,
            n_clear_bytes: 0,
            n_records: 0,
            n_rows: 0,
            n_duplicates: 0,
            n_blanks: 0,
            n_rejects: 0,
            event_days: BTreeMap::new(),
            time_span: None,
            dialect: None,
            source_path: file.display_path(),
            source_stamp: stamp.to_owned(),
            batch: batch.key.clone(),
            loaded_at,
            duration_secs: 0.0,
            passed_over: None,
        }
    }

    /// Whether records = rows + duplicates + blanks + rejects.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.n_records == self.n_rows + self.n_duplicates + self.n_blanks + self.n_rejects
    }

    /// What it says of its course run, if its name has a course.
    #[must_use]
    pub fn said(&self) -> Option<Said> {
        Some(Said {
            batch: self.batch.clone(),
            place: (self.site.clone(), self.stem.clone()?),
            date: self.package_date,
            table: self.table_name.clone(),
            has_rows: self.n_rows > 0,
            is_archive: self.kind == COURSE_ARCHIVE,
            named: self.course_run_key.clone().zip(self.course_named_by),
        })
    }

    fn push(&self, columns: &mut Columns) {
        columns.text(Some(&self.load_id));
        columns.text(Some(&self.file_key));
        columns.text(self.site.as_deref());
        columns.text(self.org.as_deref());
        columns.text(Some(self.kind));
        columns.text(self.table_name.as_deref());
        columns.day(self.log_date.map(days_since_1970));
        columns.day(self.package_date.map(days_since_1970));
        columns.text(self.course_run_key.as_deref());
        columns.text(self.stem.as_deref());
        columns.text(Some(self.state.as_str()));
        columns.text(self.failure_code.as_deref());
        columns.text(self.digest.as_deref());
        for count in [self.n_bytes, self.n_clear_bytes, self.n_records, self.n_rows, self.n_duplicates, self.n_blanks, self.n_rejects] {
            columns.count(count);
        }
        columns.moment(self.time_span.map(|span| span.0));
        columns.moment(self.time_span.map(|span| span.1));
        columns.text(event_days_text(&self.event_days).as_deref());
        columns.text(self.dialect);
        columns.integer(Some(READER_VERSION));
        columns.text(Some(&self.source_path));
        columns.text(Some(&self.source_stamp));
        columns.text(Some(&self.batch));
        columns.moment(Some(self.loaded_at.timestamp_micros()));
        columns.float(Some(self.duration_secs));
        columns.text(self.passed_over.as_deref());
        columns.text(self.course_named_by.map(NamedBy::as_str));
        columns.end_row();
    }
}

/// Rows of `loads`.
///
/// # Errors
/// The columns could not be made: a bug.
pub fn load_rows(loads: &[&LoadRecord]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::new(LOAD_COLUMNS);
    for load in loads {
        load.push(&mut columns);
    }
    columns.finish()
}

/// Rows of `rejects`.
///
/// # Errors
/// The columns could not be made: a bug.
pub fn reject_rows(rejects: &[(String, String, Vec<RejectedRecord>)]) -> Result<RecordBatch, ArrowError> {
    let mut columns = Columns::new(REJECT_COLUMNS);
    for (load_id, file_key, records) in rejects {
        for record in records {
            columns.text(Some(load_id));
            columns.text(Some(file_key));
            columns.count(record.line);
            columns.count(record.offset);
            columns.count(record.n_bytes);
            columns.text(Some(record.code.id()));
            columns.integer(record.column.map(i64::from));
            columns.text(record.member.as_deref());
            let salvage = record.salvage.as_deref();
            columns.moment(salvage.and_then(|salvage| salvage.time));
            columns.text(salvage.and_then(|salvage| salvage.event_source));
            columns.text(salvage.and_then(|salvage| salvage.event_name));
            columns.text(salvage.and_then(|salvage| salvage.course_run_key.as_deref()));
            columns.end_row();
        }
    }
    columns.finish()
}

/// Days since 1970.
#[must_use]
pub fn days_since_1970(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

/// Names a load from what tells one content of a file from another without reading it twice: key, size, first and last bytes. An
/// OpenPGP message begins with a random session key, a gzip file ends with a checksum; of a clear text only its ends are seen.
pub fn load_id(file: &DeliveredFile) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(file.file.file_key.as_bytes());
    hasher.update(&file.n_bytes.to_le_bytes());
    hasher.update(&crate::package::ends_of(file));
    hasher.finalize().to_hex().as_str()[..16].to_owned()
}

fn kind_and_table(kind: &FileKind) -> (&'static str, Option<String>) {
    match kind {
        FileKind::TrackingLog => ("tracking_log", Some(TRACKING_EVENTS.to_owned())),
        FileKind::Table(name) => ("database_file", Some(name.clone()).filter(|name| is_usable_table_name(name))),
        FileKind::Forum => ("forum", Some(FORUM_CONTENTS.to_owned())),
        FileKind::CourseStructure => ("course_structure", Some(COURSE_STRUCTURE_BLOCKS.to_owned())),
        FileKind::CourseArchive => (COURSE_ARCHIVE, Some(COURSE_CONTENT_BLOCKS.to_owned())),
        FileKind::EmailOptIn => ("email_opt_in", Some(EMAIL_OPT_IN.to_owned())),
        FileKind::Csv(name) => ("csv", Some(name.clone()).filter(|name| is_usable_table_name(name))),
        // Their headers tell the table.
        FileKind::ProgramReport => ("program_report", None),
        FileKind::UnnamedTable => ("database_file", None),
        FileKind::DatabaseArchive | FileKind::EmailOptInArchive | FileKind::LogArchive | FileKind::ResearchExchangeArchive => {
            ("archive", None)
        }
        // Their content may tell more.
        FileKind::Unknown | FileKind::LooseLog | FileKind::TabSeparated(_) => ("unknown", None),
    }
}

/// Whether a table of this name may be made: a file's name must not take the place of a table of ours, nor of a folder's or a mart's.
pub fn is_usable_table_name(name: &str) -> bool {
    let ours = [TRACKING_EVENTS, TRACKING_EVENT_COPIES, LOADS, REJECTS, FORUM_CONTENTS, COURSE_STRUCTURE_BLOCKS, OTHER_RECORDS];
    let is_word = name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let is_view = name.ends_with("_history") || name.ends_with("_cumulative");
    is_word
        && !is_view
        && !ours.contains(&name)
        && !CONTENT_TABLES.contains(&name)
        && crate::marts::models().iter().all(|model| model.name != name)
}

/// Lines by day as JSON text: `{"2015-03-01":1200}`. Events stray over days, so this tells which files may hold the same event.
fn event_days_text(days: &BTreeMap<i32, u64>) -> Option<String> {
    if days.is_empty() {
        return None;
    }
    let named: BTreeMap<String, u64> =
        days.iter().filter_map(|(day, n)| Some((NaiveDate::from_epoch_days(*day)?.to_string(), *n))).collect();
    serde_json::to_string(&named).ok()
}

/// Reads [`event_days_text`] back.
pub fn read_event_days(text: &str) -> BTreeMap<i32, u64> {
    let named: BTreeMap<NaiveDate, u64> = serde_json::from_str::<BTreeMap<String, u64>>(text)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(day, n)| Some((day.parse().ok()?, n)))
        .collect();
    named.into_iter().map(|(day, n)| (days_since_1970(day), n)).collect()
}
