//! Loads one day's event file: clear stream, records on all cores, duplicates out, one data file in. It commits nothing.

use std::collections::HashSet;

use chrono::Datelike as _;

use super::chunks::{Chunks, Piece, at_line_feed};
use super::clear::ClearFile;
use super::duplicates::{Seen, lines_seen_in, without_lines};
use super::event_rows::EventReader;
use super::in_order::in_order;
use super::known::Known;
use super::load_record::{LoadRecord, LoadState, days_since_1970};
use super::record_rows::{Parsed, RecordReader, RejectedRecord};
use super::staging::{Constant, SortedPart, with_constants};
use super::{FileFailure, IngestError, Work};
use crate::lake::schema::{EVENT_BOOKKEEPING, EVENT_COLUMNS, arrow_schema};
use crate::lake::{BatchName, FinishedPart, LakeError, LakeTable, PartWriter};
use crate::package::{Batch, DeliveredFile};

/// A file whose data files are written and not committed.
pub struct StagedEvents {
    /// What it gave.
    pub load: LoadRecord,
    /// Its data files.
    pub part: FinishedPart,
    /// What was set aside.
    pub rejects: Vec<RejectedRecord>,
}

/// Why reading stopped.
enum Stop {
    File(std::io::Error),
    Lake(LakeError),
    Columns(deltalake_core::arrow::error::ArrowError),
}

/// Rows of a row group lie in this order, so that a course's log is a pruned scan.
const SORT: &[&str] = &["course_run_key", "time", "_source_line"];

/// Loads a file into data files of `table`. The outer error stops the run, the inner one only this file.
///
/// # Errors
/// The lake cannot be written.
pub fn stage(
    work: &Work<'_>,
    table: &LakeTable,
    batch: &Batch,
    file: &DeliveredFile,
    mut load: LoadRecord,
    earlier: &Earlier<'_>,
) -> Result<Result<StagedEvents, FileFailure>, IngestError> {
    let clear = match ClearFile::open(file, work.keys, work.options) {
        Ok(clear) => clear,
        Err(failure) => return Ok(Err(failure)),
    };
    let mut counts = clear.counts();
    let mut chunks = Chunks::new(clear.stream, at_line_feed, work.options.max_record_bytes);
    let mut part = SortedPart::new(table, open_part(work, table, batch, file)?, SORT);
    let constants = constants(file, &load);
    let mut seen = Seen::default();
    let mut rejects = Vec::new();
    let read = in_order(
        work.options.workers,
        || chunks.next_piece().map_err(Stop::File),
        parse,
        |parsed| {
            let mut parsed = parsed.map_err(Stop::Columns)?;
            load.n_records += parsed.n_records;
            load.n_blanks += parsed.n_blanks;
            rejects.append(&mut parsed.rejects);
            let n_rows = parsed.rows.num_rows();
            let rows = seen.keep_new(parsed.rows).map_err(Stop::Columns)?;
            load.n_duplicates += (n_rows - rows.num_rows()) as u64;
            load.n_rows += rows.num_rows() as u64;
            let rows = with_constants(&rows, &constants).map_err(Stop::Columns)?;
            work.progress.advance(counts.n_new_raw_bytes());
            part.write(&rows).map_err(Stop::Lake)
        },
    );
    match read {
        Ok(()) => {}
        Err(Stop::File(error)) => {
            part.abandon()?;
            return Ok(Err(FileFailure::of_stream(file, &error)));
        }
        Err(Stop::Lake(error)) => return Err(error.into()),
        Err(Stop::Columns(source)) => return Err(LakeError::Columns { table: table.name().to_owned(), source }.into()),
    }
    load.n_rejects = rejects.len() as u64;
    load.n_clear_bytes = counts.n_clear_bytes();
    load.digest = Some(counts.digest());
    (load.event_days, load.time_span) = seen.into_days_and_span();
    load.state = LoadState::Loaded;
    let part = part.finish()?;
    let part = drop_lines_of_earlier_files(work, table, batch, file, part, &mut load, earlier)?;
    Ok(Ok(StagedEvents { load, part, rejects }))
}

/// Event files loaded before this one, in the lake or staged in this run.
pub struct Earlier<'a> {
    /// Those in the lake.
    pub known: &'a Known,
    /// Keys of batches that this run is about to replace: their present rows count no more.
    pub pending: &'a HashSet<String>,
    /// Those staged and not committed.
    pub staged: &'a [StagedEvents],
}

impl Earlier<'_> {
    /// Data files that may hold the same events as the given load.
    fn paths(&self, table: &LakeTable, load: &LoadRecord) -> Result<Vec<String>, LakeError> {
        let batches: Vec<BatchName> =
            self.known.sharing_days(load.site.as_deref(), self.pending, &load.event_days).map(BatchName::of).collect();
        let mut paths = Vec::new();
        if !batches.is_empty() {
            paths.extend(table.data_files()?.into_iter().filter(|path| batches.iter().any(|batch| batch.owns(path))));
        }
        let shares_days =
            |other: &LoadRecord| other.site == load.site && other.event_days.keys().any(|day| load.event_days.contains_key(day));
        paths.extend(
            self.staged.iter().filter(|other| shares_days(&other.load)).flat_map(|other| other.part.paths()).map(ToOwned::to_owned),
        );
        Ok(paths)
    }
}

/// Rewrites the data files when some of their lines stand in earlier files; rare, and cheap when nothing is shared.
fn drop_lines_of_earlier_files(
    work: &Work<'_>,
    table: &LakeTable,
    batch: &Batch,
    file: &DeliveredFile,
    part: FinishedPart,
    load: &mut LoadRecord,
    earlier: &Earlier<'_>,
) -> Result<FinishedPart, IngestError> {
    let own: Vec<String> = part.paths().map(ToOwned::to_owned).collect();
    let repeated = lines_seen_in(work.lake, table, &own, &earlier.paths(table, load)?)?;
    if repeated.is_empty() {
        return Ok(part);
    }
    let mut rewritten = SortedPart::new(table, open_part(work, table, batch, file)?, SORT);
    let mut seen = Seen::default();
    for path in &own {
        for rows in work.lake.read_data_file(table, path, None)? {
            let rows = rows?;
            let fail = |source| LakeError::Columns { table: table.name().to_owned(), source };
            let rows = without_lines(&rows, &repeated).and_then(|rows| seen.keep_new(rows)).map_err(fail)?;
            rewritten.write(&rows)?;
        }
    }
    load.n_duplicates += repeated.len() as u64;
    load.n_rows -= repeated.len() as u64;
    load.event_days = seen.event_days;
    load.time_span = seen.time_span;
    part.discard(table, work.lake.runtime())?;
    Ok(rewritten.finish()?)
}

fn parse(piece: Piece) -> Result<Parsed, deltalake_core::arrow::error::ArrowError> {
    match piece {
        Piece::Chunk(chunk) => EventReader.read(&chunk),
        Piece::TooLong { line, offset, n_bytes } => Parsed::too_long(&EventReader, line, offset, n_bytes),
    }
}

fn open_part(work: &Work<'_>, table: &LakeTable, batch: &Batch, file: &DeliveredFile) -> Result<PartWriter, LakeError> {
    let schema = arrow_schema(EVENT_BOOKKEEPING.into_iter().chain(EVENT_COLUMNS));
    let site = file.file.site.as_ref().map_or_else(String::new, ToString::to_string);
    let month = month(file);
    let partition = [("_site", site.as_str()), ("_log_month", month.as_str())];
    PartWriter::open(table, &schema, &BatchName::of(&batch.key), work.attempt, &partition, work.lake.runtime())
}

fn constants(file: &DeliveredFile, load: &LoadRecord) -> Vec<(&'static str, Constant)> {
    vec![
        ("_load_id", Constant::Text(Some(load.load_id.clone()))),
        ("_source_file", Constant::Text(Some(load.file_key.clone()))),
        ("_log_date", Constant::Day(file.file.date.map(days_since_1970).unwrap_or_default())),
    ]
}

fn month(file: &DeliveredFile) -> String {
    file.file.date.map_or_else(|| "unknown".to_owned(), |date| format!("{:04}-{:02}", date.year(), date.month()))
}
