//! Loads event files, some together: each is read (small ones beside each other, large ones one by one on all cores), then it is settled
//! who owns the lines that several hold, then all are committed as one. It reads no record and compares no line itself.

use super::books::Books;
use super::clear::{hold, release};
use super::event_file::{self, StagedEvents};
use super::in_order::in_order;
use super::known::{Known, KnownFile};
use super::load_record::LoadRecord;
use super::ownership::EventTables;
use super::rejects::CollectedRejects;
use super::settle::settle;
use super::shared::leave_out;
use super::{FileFailure, IngestError, Work, check_account, seconds_since};
use crate::lake::schema::{EVENT_PARTITIONS, REJECT_COLUMNS, REJECTS, TRACKING_EVENT_COPIES, TRACKING_EVENTS, arrow_schema, event_schema};
use crate::lake::{BatchName, Change, LakeTable};
use crate::package::{Batch, BatchContent, DeliveredFile, is_named_by_content};

/// Event files that are committed together at most: a kill loses no more work than this. Each commit lists all data files
/// of the lake again, so thousands of small files are not loaded a few at a time.
const MOST_FILES_A_COMMIT: usize = 128;
/// Bytes, as kept, after which event files are committed.
const BYTES_A_COMMIT: u64 = 256 << 20;
/// A file with no more bytes than this, as kept, is read by one thread, beside others: it has too few chunks to keep several busy, and
/// what it becomes is about one row group.
const SMALL_FILE_BYTES: u64 = 2 << 20;

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
    // Made here, because files that are read beside each other may both have many records to set aside.
    work.lake.table_with(REJECTS, &arrow_schema(REJECT_COLUMNS), &[])?;
    let mut rest = batches;
    while !rest.is_empty() {
        let (group, later) = rest.split_at(group_len(rest));
        rest = later;
        load_group(work, &mut tables, group, books)?;
    }
    Ok(())
}

fn load_group(work: &Work<'_>, tables: &mut EventTables, group: &[(&Batch, String)], books: &mut Books<'_>) -> Result<(), IngestError> {
    let files: Vec<EventFile<'_>> = group.iter().filter_map(|(batch, stamp)| EventFile::of(batch, stamp)).collect();
    let mut group = Group::default();
    for beside in files.chunk_by(|a, b| a.is_small() && b.is_small()) {
        if let [alone] = beside {
            let read = alone.read(work, &tables.events, work.options.workers)?;
            group.take(work, tables, books, alone, read)?;
        } else {
            read_beside_each_other(work, &tables.events, beside, |file, read| group.take(work, tables, books, file, read))?;
        }
    }
    let Group { mut staged, rejects, mut done } = group;
    let settled = settle(work, tables, &mut staged, books)?;
    let replaced_files = done.iter().flat_map(|(batch, _)| books.known.files_of(batch));
    let replaced_files: Vec<(&str, &KnownFile)> = replaced_files.filter_map(|key| Some((key.as_str(), books.known.file(key)?))).collect();
    let left_out = leave_out(work, &tables.events, &replaced_files)?;
    let replaces: Vec<BatchName> = done.iter().map(|(batch, _)| BatchName::of(&batch.key)).collect();
    let mut events = Change { replaces: replaces.clone(), ..settled.events };
    events.removes_paths.extend(left_out.removes_paths);
    events.adds.extend(left_out.adds);
    let mut copies = Change { replaces, ..settled.copies };
    for file in staged {
        check_account(&file.load)?;
        tables.events.check_rows(file.load.n_rows, file.part.n_rows())?;
        events.adds.extend(file.part);
        copies.adds.extend(file.copies);
        if let Some((_, loads)) = done.iter_mut().find(|(batch, _)| batch.key == file.load.batch) {
            loads.push(file.load);
        }
    }
    let changes = vec![(&mut tables.events, events), (&mut tables.copies, copies)];
    books.commit_settled(work, changes, done, rejects.finish()?, &settled.n_rows_won)
}

/// An event file that is to be loaded.
struct EventFile<'a> {
    batch: &'a Batch,
    stamp: &'a str,
    file: &'a DeliveredFile,
}

/// What a file gave: its rows, or why it gave none, with the load as it began.
type Read = Result<StagedEvents, (Box<LoadRecord>, FileFailure)>;

impl<'a> EventFile<'a> {
    fn of(batch: &'a Batch, stamp: &'a str) -> Option<Self> {
        let BatchContent::EventFile(file) = &batch.content else { return None };
        Some(Self { batch, stamp, file })
    }

    fn is_small(&self) -> bool {
        self.file.n_bytes <= SMALL_FILE_BYTES
    }

    /// Reads the file on so many threads; 0: on this one.
    fn read(&self, work: &Work<'_>, table: &LakeTable, n_workers: usize) -> Result<Read, IngestError> {
        work.progress.file(&self.file.file.file_key);
        let load = LoadRecord::begin(self.file, self.batch, self.stamp, (work.clock)());
        let read = event_file::stage(work, table, self.file, load.clone(), n_workers)?;
        work.progress.file_done();
        Ok(match read {
            Ok(mut events) => {
                events.load.duration_secs = seconds_since(load.loaded_at, (work.clock)());
                Ok(events)
            }
            Err(failure) => Err((Box::new(load), failure)),
        })
    }
}

/// Reads small files on all cores, each on one, and takes them in their order.
fn read_beside_each_other<'f>(
    work: &Work<'_>,
    table: &LakeTable,
    files: &'f [EventFile<'f>],
    mut take: impl FnMut(&'f EventFile<'f>, Read) -> Result<(), IngestError>,
) -> Result<(), IngestError> {
    let mut next = files.iter();
    in_order(
        work.options.workers,
        |file: &&EventFile<'_>| usize::try_from(file.file.n_bytes).unwrap_or(usize::MAX),
        || Ok(next.next().inspect(|file| hold(file.file, work.keys, work.options))),
        |file| {
            let read = file.read(work, table, 0);
            release(file.file);
            (file, read)
        },
        |(file, read)| take(file, read?),
    )
}

/// The files of a group that have been read.
#[derive(Default)]
struct Group<'a> {
    staged: Vec<StagedEvents>,
    rejects: CollectedRejects,
    done: Vec<(&'a Batch, Vec<LoadRecord>)>,
}

impl<'a> Group<'a> {
    fn take(
        &mut self,
        work: &Work<'_>,
        tables: &EventTables,
        books: &mut Books<'_>,
        EventFile { batch, file, .. }: &EventFile<'a>,
        read: Read,
    ) -> Result<(), IngestError> {
        let takes_all = work.options.again && work.options.only_batches.is_none();
        match read {
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
                self.rejects.add(work, &batch.key, std::mem::take(&mut events.rejects))?;
                self.done.push((batch, Vec::new()));
                self.staged.push(events);
            }
            // What was loaded before stays as it is: a damaged copy is no reason to lose it.
            Err((_, failure)) if books.known.is_loaded(&failure.file_key) => books.summary.failures.push(failure),
            Err((load, failure)) => {
                self.done.push((batch, vec![LoadRecord { failure_code: Some(failure.code.to_owned()), ..*load }]));
                books.summary.failures.push(failure);
            }
        }
        Ok(())
    }
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
