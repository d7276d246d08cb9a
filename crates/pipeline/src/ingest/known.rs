//! What the lake already holds, by file. It reads `loads` once at the start of a run.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use deltalake_core::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use deltalake_core::arrow::datatypes::{Date32Type, Int64Type};

use super::known_courses::{KnownCourses, NamedBy, Said};
use super::load_record::{COURSE_ARCHIVE, LoadRecord, LoadState, READER_VERSION, read_event_days};
use crate::lake::schema::LOADS;
use crate::lake::{Lake, LakeError};
use crate::package::Batch;

/// The loads of the lake.
#[derive(Default)]
pub struct Known {
    files: HashMap<String, KnownFile>,
    batches: HashMap<String, Vec<String>>,
    /// The course runs of members of packages.
    pub courses: KnownCourses,
}

/// What matters of an earlier load.
#[derive(Debug, Clone)]
pub struct KnownFile {
    digest: Option<String>,
    stamp: String,
    state: String,
    failure_code: Option<String>,
    is_of_this_reader: bool,
    batch: String,
    source_path: String,
    /// The site of an event file.
    pub site: Option<String>,
    /// The day of an event file.
    pub log_date: Option<NaiveDate>,
    /// Lines by day of the event.
    pub event_days: BTreeMap<i32, u64>,
    /// Its bytes in clear.
    pub n_clear_bytes: u64,
}

/// How a batch that is delivered stands to what is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is to be loaded.
    New,
    /// It is loaded, with this stamp.
    Unchanged,
    /// Its content is loaded; its stamp is another.
    Touched,
}

/// What came out of an archive when it was last read.
pub struct OutOfArchive<'a> {
    /// How many files.
    pub n_files: u64,
    /// The batches they are of.
    pub batches: HashSet<&'a str>,
    /// Whether reading all of them again would give the same.
    pub is_settled: bool,
    /// Those that failed: key, path, code.
    pub failures: Vec<(&'a str, &'a str, &'a str)>,
}

impl Default for OutOfArchive<'_> {
    fn default() -> Self {
        Self { n_files: 0, batches: HashSet::new(), is_settled: true, failures: Vec::new() }
    }
}

/// The first version of the readers that wrote down who named a course run.
const FIRST_TO_TELL_WHO_NAMED: i64 = 4;

/// Failures that other keys, another try or another version may mend; all others stay until the file changes.
const WORTH_ANOTHER_TRY: [&str; 6] =
    ["openpgp.no_key", "openpgp.other_recipients", "openpgp.key", "file.unreadable", "file.too_large", "file.reader_bug"];

impl KnownFile {
    /// Whether reading the same bytes again would give the same.
    fn is_settled(&self) -> bool {
        self.is_of_this_reader && self.failure_code.as_deref().is_none_or(|code| !WORTH_ANOTHER_TRY.contains(&code))
    }
}

impl Known {
    /// Reads `loads`.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn read(lake: &Lake) -> Result<Self, LakeError> {
        let mut known = Self::default();
        let Some(table) = lake.table(LOADS)? else { return Ok(known) };
        let columns = [
            "file_key",
            "digest",
            "source_stamp",
            "state",
            "failure_code",
            "reader_version",
            "batch",
            "source_path",
            "site",
            "log_date",
            "event_days",
            "n_clear_bytes",
            "n_rows",
            "kind",
            "table_name",
            "package_date",
            "stem",
            "course_run_key",
            "course_named_by",
        ];
        for path in table.data_files()? {
            for rows in lake.read_data_file(&table, &path, Some(&columns))? {
                known.take(&rows?);
            }
        }
        Ok(known)
    }

    fn take(&mut self, rows: &RecordBatch) {
        let text = |name: &str, row: usize| -> Option<String> {
            let column: &ArrayRef = rows.column_by_name(name)?;
            let column = column.as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        for row in 0..rows.num_rows() {
            let Some(file_key) = text("file_key", row) else { continue };
            let number = |name: &str| rows.column_by_name(name).map(|column| column.as_primitive::<Int64Type>().value(row));
            let file = KnownFile {
                digest: text("digest", row),
                stamp: text("source_stamp", row).unwrap_or_default(),
                failure_code: text("failure_code", row),
                is_of_this_reader: number("reader_version") == Some(READER_VERSION),
                state: text("state", row).unwrap_or_default(),
                batch: text("batch", row).unwrap_or_default(),
                source_path: text("source_path", row).unwrap_or_default(),
                site: text("site", row),
                log_date: day(rows, "log_date", row),
                event_days: text("event_days", row).map(|days| read_event_days(&days)).unwrap_or_default(),
                n_clear_bytes: number("n_clear_bytes").and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
            };
            if let Some(said) = said(rows, row, text) {
                self.courses.take(&file_key, said);
            }
            self.put(file_key, file);
        }
    }

    fn put(&mut self, file_key: String, file: KnownFile) {
        self.batches.entry(file.batch.clone()).or_default().push(file_key.clone());
        self.files.insert(file_key, file);
    }

    /// Notes loads that have just been committed for a batch.
    pub fn note(&mut self, batch: &Batch, loads: &[LoadRecord]) {
        let before = self.batches.remove(&batch.key).unwrap_or_default();
        self.courses.forget(&batch.key, before.iter());
        for key in before {
            self.files.remove(&key);
        }
        for load in loads {
            if let Some(said) = load.said() {
                self.courses.take(&load.file_key, said);
            }
            let file = KnownFile {
                digest: load.digest.clone(),
                stamp: load.source_stamp.clone(),
                state: load.state.as_str().to_owned(),
                failure_code: load.failure_code.clone(),
                is_of_this_reader: true,
                batch: load.batch.clone(),
                source_path: load.source_path.clone(),
                site: load.site.clone(),
                log_date: load.log_date,
                event_days: load.event_days.clone(),
                n_clear_bytes: load.n_clear_bytes,
            };
            self.put(load.file_key.clone(), file);
        }
    }

    /// Keys of the files that an earlier load of this batch had.
    pub fn files_of(&self, batch: &Batch) -> &[String] {
        self.batches.get(&batch.key).map_or(&[], Vec::as_slice)
    }

    /// Whether the batch is loaded as it stands: first by names, sizes and times, then, when those differ, by content.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn standing(&self, batch: &Batch, stamp: &str) -> std::io::Result<Standing> {
        let Some(keys) = self.batches.get(&batch.key) else { return Ok(Standing::New) };
        if keys.len() != batch.files().len() || keys.iter().any(|key| !self.files[key].is_settled()) {
            return Ok(Standing::New);
        }
        if keys.iter().all(|key| self.files[key].stamp == stamp) {
            return Ok(Standing::Unchanged);
        }
        for file in batch.files() {
            let Some(known) = self.files.get(&file.file.file_key) else { return Ok(Standing::New) };
            match &known.digest {
                Some(digest) if *digest == crate::package::digest(file)? => {}
                _ => return Ok(Standing::New),
            }
        }
        Ok(Standing::Touched)
    }

    /// What came out of each archive, by the name of the archive's file.
    pub fn out_of_archives(&self) -> HashMap<&str, OutOfArchive<'_>> {
        let mut archives: HashMap<&str, OutOfArchive<'_>> = HashMap::new();
        for (key, file) in &self.files {
            let Some(archive) = archive_of(&file.source_path) else { continue };
            let out = archives.entry(archive).or_default();
            out.n_files += 1;
            out.batches.insert(&file.batch);
            out.is_settled &= file.is_settled();
            out.failures.extend(file.failure_code.as_deref().map(|code| (key.as_str(), file.source_path.as_str(), code)));
        }
        archives
    }

    /// The archives, by key, out of which a file came that is loaded from elsewhere now: who gives such an archive again means the file
    /// that lies in it, so it is to be looked into again.
    pub fn overtaken_archives(&self, loads: &[&LoadRecord]) -> HashSet<String> {
        let names: HashSet<&str> = loads
            .iter()
            .filter_map(|load| {
                let before = archive_of(&self.files.get(&load.file_key)?.source_path)?;
                (archive_of(&load.source_path) != Some(before)).then_some(before)
            })
            .collect();
        if names.is_empty() {
            return HashSet::new();
        }
        let is_overtaken = |file: &KnownFile| file.state == LoadState::Listed.as_str() && names.contains(name_of(&file.source_path));
        self.files.iter().filter(|(_, file)| is_overtaken(file)).map(|(key, _)| key.clone()).collect()
    }

    /// Takes back what was noted of files that are batches of their own.
    pub fn forget(&mut self, file_keys: &HashSet<String>) {
        for key in file_keys {
            if let Some(file) = self.files.remove(key) {
                self.batches.remove(&file.batch);
            }
        }
    }

    /// Whether rows of a file are visible.
    pub fn is_loaded(&self, file_key: &str) -> bool {
        self.files.get(file_key).is_some_and(|file| file.state == LoadState::Loaded.as_str())
    }

    /// The code under which a file failed, when it did.
    pub fn failure_of(&self, file_key: &str) -> Option<&str> {
        self.files.get(file_key)?.failure_code.as_deref()
    }

    /// What is known of a file.
    pub fn file(&self, file_key: &str) -> Option<&KnownFile> {
        self.files.get(file_key)
    }

    /// The event files that are loaded: key, site and day.
    pub fn event_files(&self) -> impl Iterator<Item = (&str, &str, NaiveDate)> {
        let loaded = self.files.iter().filter(|(_, file)| file.state == LoadState::Loaded.as_str());
        loaded.filter_map(|(key, file)| Some((key.as_str(), file.site.as_deref()?, file.log_date?)))
    }

    /// The event files of a site with an event on one of the given days, by key.
    pub fn with_events_on<'a>(&'a self, site: Option<&'a str>, days: &'a BTreeSet<i32>) -> impl Iterator<Item = (&'a str, &'a KnownFile)> {
        let shares = move |file: &KnownFile| file.site.as_deref() == site && file.event_days.keys().any(|day| days.contains(day));
        self.files.iter().filter(move |(_, file)| shares(file)).map(|(key, file)| (key.as_str(), file))
    }
}

/// The file name of the archive that a place names, if it lies in one.
fn archive_of(source_path: &str) -> Option<&str> {
    source_path.split_once('!').map(|(archive, _)| name_of(archive))
}

pub fn name_of(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// What a row of `loads` says of its course run. Earlier readers did not write down who named it; a course structure always does itself.
fn said(rows: &RecordBatch, row: usize, text: impl Fn(&str, usize) -> Option<String>) -> Option<Said> {
    let number = |name: &str| rows.column_by_name(name)?.as_primitive_opt::<Int64Type>().map(|column| column.value(row));
    let kind = text("kind", row)?;
    let stem = text("stem", row)?;
    let key = text("course_run_key", row);
    let named_by = text("course_named_by", row).as_deref().and_then(NamedBy::of);
    let has_rows = number("n_rows").is_some_and(|n| n > 0);
    let named_by = match (&key, named_by) {
        (Some(_), None) if kind == "course_structure" && has_rows => Some(NamedBy::Content),
        (Some(_), None) => return None,
        (None, _) if number("reader_version").is_none_or(|version| version < FIRST_TO_TELL_WHO_NAMED) => return None,
        (_, named_by) => named_by,
    };
    Some(Said {
        batch: text("batch", row).unwrap_or_default(),
        place: (text("site", row), stem),
        date: day(rows, "package_date", row),
        table: text("table_name", row),
        has_rows,
        is_archive: kind == COURSE_ARCHIVE,
        named: key.zip(named_by),
    })
}

fn day(rows: &RecordBatch, name: &str, row: usize) -> Option<NaiveDate> {
    let column = rows.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
    column.is_valid(row).then(|| NaiveDate::from_epoch_days(column.value(row))).flatten()
}
