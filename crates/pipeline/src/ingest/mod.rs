//! Fills the lake from a delivery: what is new is read, accounted for and committed; what is known is passed over.
//!
//! A bad record is set aside, a bad file is named and the run goes on. Several batches are made visible together; a kill at any moment
//! leaves the lake as it was after the last commit, and the next run goes on from there.

mod archives;
mod block_rows;
mod books;
mod chunks;
mod clear;
mod columns;
mod contain;
mod content_rows;
mod course_archive;
mod duplicates;
mod error;
mod event_file;
mod event_group;
mod event_rows;
mod failure;
mod forum_rows;
mod hashes;
mod in_order;
mod known;
mod known_courses;
mod load_changes;
mod load_record;
mod member;
mod member_courses;
mod ownership;
mod package;
mod past_months;
mod record_rows;
mod rejects;
mod row_courses;
mod row_group;
mod row_order;
mod settle;
mod settle_courses;
mod shared;
mod staging;
mod summary;
mod table_file;
mod table_rows;
mod text_rows;
mod whereabouts;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

pub(crate) use clear::{ClearFile, decrypted};
pub(crate) use contain::contain;
pub use error::IngestError;
pub use failure::FileFailure;
pub(crate) use load_record::load_id;
pub use load_record::{LoadState, READER_VERSION};
pub(crate) use row_courses::is_row_keyed;
pub use summary::IngestSummary;
pub(crate) use table_file::{each_record, is_cut_by_content};

use books::Books;
use known::Standing;
use load_record::LoadRecord;
use rejects::CollectedRejects;

use crate::clock::Clock;
use crate::lake::{BatchName, Change, FinishedPart, Lake, LakeTable};
use crate::package::{Batch, BatchContent, DeliveredFile, Delivery};
use crate::progress::Progress;
use crate::vault::SecretKeys;

/// How to ingest.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// Threads that read records; decryption has one more of its own.
    pub workers: usize,
    /// A record longer than this is set aside, in bytes.
    pub max_record_bytes: usize,
    /// A file with more clear bytes than this is refused.
    pub max_clear_bytes: u64,
    /// Whether files that are loaded already are loaded again.
    pub again: bool,
    /// The only batches to look at, those in archives too; all when absent.
    pub only_batches: Option<HashSet<String>>,
    /// Days for which data files of the lake are kept after their rows were replaced.
    pub keep_replaced_days: u32,
    /// Whether the rows of small event files of past months are put together.
    pub merge_small_files: bool,
}

impl Default for IngestOptions {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            workers,
            max_record_bytes: 64 << 20,
            max_clear_bytes: 1 << 40,
            again: false,
            only_batches: None,
            keep_replaced_days: 7,
            merge_small_files: true,
        }
    }
}

/// What all steps of a run share.
struct Work<'a> {
    lake: &'a Lake,
    keys: Option<&'a SecretKeys>,
    options: &'a IngestOptions,
    clock: Clock,
    attempt: &'a str,
    progress: &'a dyn Progress,
}

/// Loads what is new in a delivery. `attempt` names this run and must be one no run had before: it is part of data file names.
///
/// # Errors
/// The lake cannot be used. A bad file is no error: it is named in the summary.
pub fn ingest(
    lake: &Lake,
    delivery: &Delivery,
    keys: Option<&SecretKeys>,
    options: &IngestOptions,
    clock: Clock,
    attempt: &str,
    progress: &dyn Progress,
) -> Result<IngestSummary, IngestError> {
    let began = lake.begin_attempt(attempt)?;
    let work = Work { lake, keys, options, clock, attempt, progress };
    let mut books = Books::open(&work, &began)?;
    let mut archives = archives::expand(&work, delivery, &mut books);
    if let (Some(only), Some(opened)) = (&options.only_batches, &mut archives.delivery) {
        opened.batches.retain(|batch| only.contains(&batch.key));
    }
    let delivery = archives.delivery.as_ref().unwrap_or(delivery);
    books.pass_over(delivery);
    let new = new_batches(&work, delivery, &mut books)?;
    let n_bytes = new.iter().map(|(batch, _)| batch.n_bytes()).sum();
    progress.begin("ingest", new.iter().map(|(batch, _)| batch.files().len()).sum(), n_bytes);
    let is_event_file = |batch: &Batch| matches!(batch.content, BatchContent::EventFile(_));
    let (mut event_files, packages): (Vec<_>, Vec<_>) = new.into_iter().partition(|(batch, _)| is_event_file(batch));
    // A packed tar is read forward only; all other files stay in the order they have.
    event_files.sort_by_key(|(batch, _)| batch.files().first().and_then(DeliveredFile::reading_order));
    event_group::load_event_files(&work, &event_files, &mut books)?;
    for (batch, stamp) in &packages {
        load_package(&work, batch, stamp, &mut books)?;
    }
    settle_courses::settle_courses(&work, &mut books)?;
    // Last, so that a kill before this has the archives read again.
    let listed = archives.listed.iter().map(|(batch, load)| (batch, vec![load.clone()])).collect();
    books.commit(&work, Vec::new(), listed, CollectedRejects::default().finish()?)?;
    progress.end();
    if options.merge_small_files {
        past_months::merge_small_files(&work, &mut books)?;
    }
    let mut summary = books.summary;
    summary.notes.extend(archives.notes());
    began.vacuum((work.clock)(), options.keep_replaced_days)?;
    began.end()?;
    summary.failures.extend(delivery.unreadable.iter().map(|(path, reason)| FileFailure {
        file_key: path.clone(),
        path: path.clone(),
        code: "file.unreadable",
        message: reason.clone(),
        hint: Some("check that it may be read, or fetch it again".to_owned()),
    }));
    Ok(summary)
}

/// The batches that are not loaded as they stand, each with its stamp. What failed before and has not changed since is named again.
fn new_batches<'a>(work: &Work<'_>, delivery: &'a Delivery, books: &mut Books<'_>) -> Result<Vec<(&'a Batch, String)>, IngestError> {
    let mut new = Vec::new();
    let mut touched = HashMap::new();
    for batch in &delivery.batches {
        let stamp = batch.stamp();
        // A file that cannot be read now will be named when it is loaded.
        let standing = if work.options.again { Standing::New } else { books.known.standing(batch, &stamp).unwrap_or(Standing::New) };
        if standing == Standing::New {
            new.push((batch, stamp));
            continue;
        }
        for file in batch.files() {
            if standing == Standing::Touched {
                touched.insert(file.file.file_key.clone(), stamp.clone());
            }
            match books.known.failure_of(&file.file.file_key) {
                Some(code) => books.summary.failures.push(FileFailure::known(file, code)),
                None => books.summary.n_unchanged += 1,
            }
        }
    }
    books.restamp(work, &touched)?;
    Ok(new)
}

/// Loads a package, all of it or nothing where it would replace one that was loaded before.
fn load_package(work: &Work<'_>, batch: &Batch, stamp: &str, books: &mut Books<'_>) -> Result<(), IngestError> {
    let BatchContent::Package { date, files } = &batch.content else { return Ok(()) };
    let present: HashSet<&str> = files.iter().map(|file| file.file.file_key.as_str()).collect();
    let loaded: Vec<&String> = books.known.files_of(batch).iter().filter(|key| books.known.is_loaded(key)).collect();
    let n_missing = loaded.iter().filter(|key| !present.contains(key.as_str())).count();
    if n_missing > 0 && !work.options.again {
        books.summary.failures.push(FileFailure::of_package(batch, n_missing));
        return Ok(());
    }
    let replaces = !books.known.files_of(batch).is_empty();
    let staged = package::stage(work, batch, *date, files, stamp, &books.known.courses)?;
    let loses = staged.failures.iter().any(|failure| books.known.is_loaded(&failure.file_key));
    books.summary.failures.extend(staged.failures);
    let mut tables: BTreeMap<String, (LakeTable, Change)> = BTreeMap::new();
    let mut names: BTreeMap<String, FinishedPart> = staged.parts;
    if replaces {
        // Tables that had rows of this package before, and have none now, lose them too.
        for name in work.lake.table_names()?.into_iter().filter(|name| name.ends_with("_history")) {
            names.entry(name).or_default();
        }
    }
    for (name, adds) in names {
        let Some(table) = work.lake.table(&name)? else { continue };
        if loses {
            adds.discard(&table, work.lake.runtime())?;
            continue;
        }
        let change = Change { replaces: vec![BatchName::of(&batch.key)], adds, ..Change::default() };
        tables.insert(name, (table, change));
    }
    if loses {
        return Ok(staged.rejects.discard(work)?);
    }
    let changes = tables.values_mut().map(|(table, change)| (table, std::mem::take(change))).collect();
    books.commit(work, changes, vec![(batch, staged.loads)], staged.rejects.finish()?)
}

/// Invariant 5: each record is a row, a duplicate, a blank or a reject.
fn check_account(load: &LoadRecord) -> Result<(), IngestError> {
    if load.adds_up() {
        return Ok(());
    }
    Err(IngestError::Account {
        file_key: load.file_key.clone(),
        n_records: load.n_records,
        n_rows: load.n_rows,
        n_duplicates: load.n_duplicates,
        n_blanks: load.n_blanks,
        n_rejects: load.n_rejects,
    })
}

fn seconds_since(start: DateTime<Utc>, end: DateTime<Utc>) -> f64 {
    (end - start).as_seconds_f64()
}
