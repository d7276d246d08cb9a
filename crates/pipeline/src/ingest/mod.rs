//! Fills the lake from a delivery: what is new is read, accounted for and committed; what is known is passed over.
//!
//! A bad record is set aside, a bad file is named and the run goes on. Several batches are made visible together; a kill at any moment
//! leaves the lake as it was after the last commit, and the next run goes on from there.

mod block_rows;
mod books;
mod chunks;
mod clear;
mod columns;
mod duplicates;
mod error;
mod event_file;
mod event_rows;
mod failure;
mod forum_rows;
mod in_order;
mod known;
mod load_record;
mod member;
mod package;
mod record_rows;
mod staging;
mod summary;
mod table_rows;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};

pub use error::IngestError;
pub use failure::FileFailure;
pub use load_record::{LoadState, READER_VERSION};
pub use summary::IngestSummary;

use books::Books;
use event_file::{Earlier, StagedEvents};
use load_record::LoadRecord;

use crate::clock::Clock;
use crate::lake::schema::{EVENT_BOOKKEEPING, EVENT_COLUMNS, EVENT_PARTITIONS, TRACKING_EVENTS, arrow_schema};
use crate::lake::{BatchName, Change, FinishedPart, Lake, LakeTable};
use crate::package::{Batch, BatchContent, Delivery};
use crate::progress::Progress;
use crate::vault::SecretKeys;

/// Event files that are committed together at most: a kill loses no more work than this.
const MOST_FILES_A_COMMIT: usize = 16;
/// Bytes, as kept, after which event files are committed.
const BYTES_A_COMMIT: u64 = 256 << 20;

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
}

impl Default for IngestOptions {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self { workers, max_record_bytes: 64 << 20, max_clear_bytes: 1 << 40, again: false }
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
    let new = new_batches(delivery, &mut books, options);
    let n_bytes = new.iter().map(|(batch, _)| batch.n_bytes()).sum();
    progress.begin("ingest", new.iter().map(|(batch, _)| batch.files().len()).sum(), n_bytes);
    let is_event_file = |batch: &Batch| matches!(batch.content, BatchContent::EventFile(_));
    let (event_files, packages): (Vec<_>, Vec<_>) = new.into_iter().partition(|(batch, _)| is_event_file(batch));
    load_event_files(&work, &event_files, &mut books)?;
    for (batch, stamp) in &packages {
        load_package(&work, batch, stamp, &mut books)?;
    }
    progress.end();
    let mut summary = books.summary;
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
fn new_batches<'a>(delivery: &'a Delivery, books: &mut Books<'_>, options: &IngestOptions) -> Vec<(&'a Batch, String)> {
    let mut new = Vec::new();
    for batch in &delivery.batches {
        let stamp = batch.stamp();
        // A file that cannot be read now will be named when it is loaded.
        if options.again || !books.known.is_unchanged(batch, &stamp).unwrap_or(false) {
            new.push((batch, stamp));
            continue;
        }
        for file in batch.files() {
            match books.known.failure_of(&file.file.file_key) {
                Some(code) => books.summary.failures.push(FileFailure::known(file, code)),
                None => books.summary.n_unchanged += 1,
            }
        }
    }
    new
}

/// Loads event files, committing some of them together.
fn load_event_files(work: &Work<'_>, batches: &[(&Batch, String)], books: &mut Books<'_>) -> Result<(), IngestError> {
    if batches.is_empty() {
        return Ok(());
    }
    let schema = arrow_schema(EVENT_BOOKKEEPING.into_iter().chain(EVENT_COLUMNS));
    let mut table = work.lake.table_with(TRACKING_EVENTS, &schema, &EVENT_PARTITIONS)?;
    let mut pending: HashSet<String> = batches.iter().map(|(batch, _)| batch.key.clone()).collect();
    let mut rest = batches;
    while !rest.is_empty() {
        let (group, later) = rest.split_at(group_len(rest));
        rest = later;
        let mut staged: Vec<StagedEvents> = Vec::new();
        let mut done: Vec<(&Batch, Vec<LoadRecord>)> = Vec::new();
        for (batch, stamp) in group {
            let BatchContent::EventFile(file) = &batch.content else { continue };
            work.progress.file(&file.file.file_key);
            let load = LoadRecord::begin(file, batch, stamp, (work.clock)());
            let earlier = Earlier { known: &books.known, pending: &pending, staged: &staged };
            match event_file::stage(work, &table, batch, file, load.clone(), &earlier)? {
                Ok(mut events) => {
                    events.load.duration_secs = seconds_since(load.loaded_at, (work.clock)());
                    check_account(&events.load)?;
                    done.push((batch, vec![events.load.clone()]));
                    staged.push(events);
                }
                // What was loaded before stays as it is: a damaged copy is no reason to lose it.
                Err(failure) if books.known.is_loaded(&failure.file_key) => books.summary.failures.push(failure),
                Err(failure) => {
                    done.push((batch, vec![LoadRecord { failure_code: Some(failure.code.to_owned()), ..load }]));
                    books.summary.failures.push(failure);
                }
            }
            work.progress.file_done();
        }
        let mut change = Change { replaces: done.iter().map(|(batch, _)| BatchName::of(&batch.key)).collect(), ..Change::default() };
        let mut rejects = Vec::new();
        for events in staged {
            change.adds.extend(events.part);
            rejects.push((events.load.load_id, events.load.file_key, events.rejects));
        }
        books.commit(work, vec![(&mut table, change)], done, &rejects)?;
        for (batch, _) in group {
            pending.remove(&batch.key);
        }
    }
    Ok(())
}

/// How many of the next event files are committed together.
fn group_len(batches: &[(&Batch, String)]) -> usize {
    let mut n_bytes = 0;
    let full = batches.iter().take(MOST_FILES_A_COMMIT).position(|(batch, _)| {
        n_bytes += batch.n_bytes();
        n_bytes >= BYTES_A_COMMIT
    });
    full.map_or(batches.len().min(MOST_FILES_A_COMMIT), |last| last + 1)
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
    let staged = package::stage(work, batch, *date, files, stamp)?;
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
        return Ok(());
    }
    let changes = tables.values_mut().map(|(table, change)| (table, std::mem::take(change))).collect();
    books.commit(work, changes, vec![(batch, staged.loads)], &staged.rejects)
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
