//! Loads event files, some together: each is read, then it is settled who owns the lines that several hold, then all are committed as one.
//! It reads no record and compares no line itself.

use super::books::Books;
use super::event_file::{self, StagedEvents};
use super::known::Known;
use super::load_record::LoadRecord;
use super::ownership::EventTables;
use super::rejects::CollectedRejects;
use super::settle::settle;
use super::{IngestError, Work, check_account, seconds_since};
use crate::lake::schema::{EVENT_PARTITIONS, TRACKING_EVENT_COPIES, TRACKING_EVENTS, event_schema};
use crate::lake::{BatchName, Change};
use crate::package::{Batch, BatchContent, DeliveredFile, is_named_by_content};

/// Event files that are committed together at most: a kill loses no more work than this. Each commit lists all data files
/// of the lake again, so thousands of small files are not loaded a few at a time.
const MOST_FILES_A_COMMIT: usize = 128;
/// Bytes, as kept, after which event files are committed.
const BYTES_A_COMMIT: u64 = 256 << 20;

/// Loads event files, each with its stamp.
///
/// # Errors
/// The lake cannot be used.
pub fn load_event_files(work: &Work<'_>, batches: &[(&Batch, String)], books: &mut Books<'_>) -> Result<(), IngestError> {
    if batches.is_empty() {
        return Ok(());
    }
    let mut tables = EventTables {
        events: work.lake.table_with(TRACKING_EVENTS, &event_schema(), &EVENT_PARTITIONS)?,
        copies: work.lake.table_with(TRACKING_EVENT_COPIES, &event_schema(), &EVENT_PARTITIONS)?,
    };
    let mut rest = batches;
    while !rest.is_empty() {
        let (group, later) = rest.split_at(group_len(rest));
        rest = later;
        load_group(work, &mut tables, group, books)?;
    }
    Ok(())
}

fn load_group(work: &Work<'_>, tables: &mut EventTables, group: &[(&Batch, String)], books: &mut Books<'_>) -> Result<(), IngestError> {
    let takes_all = work.options.again && work.options.only_batches.is_none();
    let mut staged: Vec<StagedEvents> = Vec::new();
    let mut rejects = CollectedRejects::default();
    let mut done: Vec<(&Batch, Vec<LoadRecord>)> = Vec::new();
    for (batch, stamp) in group {
        let BatchContent::EventFile(file) = &batch.content else { continue };
        work.progress.file(&file.file.file_key);
        let load = LoadRecord::begin(file, batch, stamp, (work.clock)());
        match event_file::stage(work, &tables.events, file, load.clone())? {
            // A log that begins with the same line and is shorter is an earlier copy of it, or was cut: it takes nothing away.
            Ok(events) if !takes_all && is_shorter_copy(file, &events.load, &books.known) => {
                let place = file.display_path();
                let note =
                    format!("`{place}`: shorter than the copy of this log that is loaded, which stays; `--again` takes it in its place");
                books.summary.notes.push(note);
                books.summary.n_unchanged += 1;
                events.part.discard(&tables.events, work.lake.runtime())?;
                events.rejects.discard(work)?;
            }
            Ok(mut events) => {
                events.load.duration_secs = seconds_since(load.loaded_at, (work.clock)());
                rejects.add(work, &batch.key, std::mem::take(&mut events.rejects))?;
                done.push((batch, Vec::new()));
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
    let settled = settle(work, tables, &mut staged, &books.known)?;
    let replaces: Vec<BatchName> = done.iter().map(|(batch, _)| BatchName::of(&batch.key)).collect();
    let mut events = Change { replaces: replaces.clone(), ..settled.events };
    let mut copies = Change { replaces, ..settled.copies };
    for file in staged {
        check_account(&file.load)?;
        events.adds.extend(file.part);
        copies.adds.extend(file.copies);
        if let Some((_, loads)) = done.iter_mut().find(|(batch, _)| batch.key == file.load.batch) {
            loads.push(file.load);
        }
    }
    let changes = vec![(&mut tables.events, events), (&mut tables.copies, copies)];
    books.commit_settled(work, changes, done, rejects.finish()?, &settled.n_rows_won)
}

/// Whether a log that is named by its first line is shorter than what is loaded under that name.
fn is_shorter_copy(file: &DeliveredFile, load: &LoadRecord, known: &Known) -> bool {
    let loaded = known.file(&load.file_key).filter(|_| known.is_loaded(&load.file_key));
    is_named_by_content(&file.file) && loaded.is_some_and(|loaded| load.n_clear_bytes < loaded.n_clear_bytes)
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
