//! Reads one day's event file: clear stream, records on all cores, repeated lines out, data files in. It looks at no other file and commits
//! nothing.

use chrono::NaiveDate;
use czar_formats::tracking_log::FingerprintKey;

use super::chunks::{Buffers, Chunks, Piece, at_line_feed};
use super::clear::ClearFile;
use super::contain::contain;
use super::duplicates::Seen;
use super::event_rows::EventReader;
use super::in_order::in_order;
use super::load_record::{LoadRecord, LoadState, days_since_1970};
use super::record_rows::{Parsed, RecordReader};
use super::rejects::{FinishedRejects, Rejects};
use super::row_order::SortColumns;
use super::staging::{Constant, Constants, SortedPart};
use super::whereabouts::{month_of, partition};
use super::{FileFailure, IngestError, Work};
use crate::lake::schema::event_schema;
use crate::lake::{BatchName, FinishedPart, LakeError, LakeTable, PartWriter};
use crate::package::DeliveredFile;

/// A file whose data files are written and not committed.
pub struct StagedEvents {
    /// What it gave.
    pub load: LoadRecord,
    /// Data files of its rows.
    pub part: FinishedPart,
    /// Data files of lines that another file owns.
    pub copies: FinishedPart,
    /// What was set aside.
    pub rejects: FinishedRejects,
}

/// Why reading stopped.
enum Stop {
    File(FileFailure),
    Lake(LakeError),
    Columns(deltalake_core::arrow::error::ArrowError),
}

/// Rows of a row group lie in this order, so that a course's log is a pruned scan.
const SORT: SortColumns = ["course_run_key", "time", "_source_line"];

/// Loads a file into data files of `table`, on so many threads (0: on this one). The outer error stops the run, the inner one only this file.
///
/// # Errors
/// The lake cannot be written.
pub fn stage(
    work: &Work<'_>,
    table: &LakeTable,
    file: &DeliveredFile,
    mut load: LoadRecord,
    n_workers: usize,
) -> Result<Result<StagedEvents, FileFailure>, IngestError> {
    let clear = match contain(file, || ClearFile::open(file, work.keys, work.options)).flatten() {
        Ok(clear) => clear,
        Err(failure) => return Ok(Err(failure)),
    };
    let mut counts = clear.counts();
    let mut chunks = Chunks::new(clear.stream, at_line_feed, work.options.max_record_bytes).without_lines();
    let mut part = open_part(work, table, &load.file_key, load.site.as_deref(), file.file.date, n_workers)?;
    let mut constants = constants(file, &load);
    let mut seen = Seen::default();
    let mut rejects = Rejects::of(&load);
    let (reader, buffers) = (EventReader::new(fingerprint_key(table)?), chunks.buffers());
    let take = |parsed: Result<Parsed, _>| {
        // A record of a log is a line.
        let parsed = parsed.and_then(|parsed| parsed.after_lines(load.n_records)).map_err(Stop::Columns)?;
        load.n_records += parsed.n_records;
        load.n_blanks += parsed.n_blanks;
        rejects.add(work, parsed.rejects).map_err(Stop::Lake)?;
        let n_rows = parsed.rows.num_rows();
        let rows = seen.keep_new(parsed.rows).map_err(Stop::Columns)?;
        load.n_duplicates += (n_rows - rows.num_rows()) as u64;
        load.n_rows += rows.num_rows() as u64;
        let rows = constants.add_to(&rows).map_err(Stop::Columns)?;
        work.progress.advance(counts.n_new_raw_bytes());
        part.write(&rows).map_err(Stop::Lake)
    };
    let next = || chunks.next_piece().map_err(|error| Stop::File(FileFailure::of_stream(file, &error)));
    let read = contain(file, || in_order(n_workers, Piece::held_bytes, next, |piece| parse(&reader, &buffers, piece), take));
    match read.unwrap_or_else(|failure| Err(Stop::File(failure))) {
        Ok(()) => {}
        Err(Stop::File(failure)) => {
            part.abandon()?;
            rejects.abandon()?;
            return Ok(Err(failure));
        }
        Err(Stop::Lake(error)) => return Err(error.into()),
        Err(Stop::Columns(source)) => return Err(LakeError::Columns { table: table.name().to_owned(), source }.into()),
    }
    load.n_rejects = rejects.n_records;
    load.n_clear_bytes = counts.n_clear_bytes();
    load.digest = Some(counts.digest());
    (load.event_days, load.time_span) = seen.into_days_and_span();
    load.state = LoadState::Loaded;
    let part = part.finish()?;
    Ok(Ok(StagedEvents { load, part, copies: FinishedPart::default(), rejects: rejects.finish()? }))
}

fn parse(reader: &EventReader, buffers: &Buffers, piece: Piece) -> Result<Parsed, deltalake_core::arrow::error::ArrowError> {
    match piece {
        Piece::Chunk(chunk) => {
            let parsed = reader.read(&chunk);
            buffers.give_back(chunk.bytes);
            parsed
        }
        Piece::TooLong { line, offset, n_bytes } => Parsed::too_long(reader, line, offset, n_bytes),
    }
}

/// Opens data files for rows of an event file, in `tracking_events` or its table of copies. They are encoded on so many threads.
///
/// # Errors
/// The values do not fit the table: a bug.
pub fn open_part(
    work: &Work<'_>,
    table: &LakeTable,
    file_key: &str,
    site: Option<&str>,
    log_date: Option<NaiveDate>,
    n_threads: usize,
) -> Result<SortedPart, LakeError> {
    open_part_of(work, table, &BatchName::of(file_key), site, &month_of(log_date), n_threads)
}

/// Opens data files for rows of several event files of a month.
///
/// # Errors
/// The values do not fit the table: a bug.
pub fn open_shared_part(work: &Work<'_>, table: &LakeTable, site: Option<&str>, month: &str) -> Result<SortedPart, LakeError> {
    open_part_of(work, table, &BatchName::shared(), site, month, work.options.workers)
}

fn open_part_of(
    work: &Work<'_>,
    table: &LakeTable,
    batch: &BatchName,
    site: Option<&str>,
    month: &str,
    n_threads: usize,
) -> Result<SortedPart, LakeError> {
    let writer = PartWriter::open(table, &event_schema(), batch, work.attempt, &partition(site, month), work.lake.runtime())?;
    Ok(SortedPart::new(table, writer, SORT, n_threads))
}

/// The key under which lines are known again, the same as long as the table is there: it follows from the table's own name among all tables,
/// random bits that no one who writes events has seen.
fn fingerprint_key(table: &LakeTable) -> Result<FingerprintKey, LakeError> {
    Ok(FingerprintKey::derived_from(&table.id()?))
}

fn constants(file: &DeliveredFile, load: &LoadRecord) -> Constants {
    Constants::new(vec![
        ("_load_id", Constant::Text(Some(load.load_id.clone()))),
        ("_source_file", Constant::Text(Some(load.file_key.clone()))),
        ("_log_date", Constant::Day(file.file.date.map(days_since_1970).unwrap_or_default())),
    ])
}
