//! Reads one member of a data package to rows, held in memory or handed on as they come. It writes nothing.

use std::io::Read as _;

use czar_formats::course_run_key::CourseRunKey;
use czar_formats::course_structure::parse_course_structure;
use czar_formats::package_file::FileKind;
use deltalake_core::arrow::array::{Array as _, AsArray as _, RecordBatch};
use deltalake_core::arrow::error::ArrowError;

use super::block_rows::read_blocks;
use super::chunks::{Chunks, Piece, at_line_feed};
use super::clear::{ClearFile, Limited};
use super::contain::contain;
use super::forum_rows::ForumReader;
use super::in_order::in_order;
use super::load_record::{LoadRecord, LoadState, TAB_SEPARATED};
use super::record_rows::{Parsed, RecordReader, RejectedRecord};
use super::rejects::{FinishedRejects, MOST_HELD, Rejects};
use super::row_courses::is_row_keyed;
use super::table_file::Opened;
use super::{FileFailure, Work, content_rows, course_archive, table_file};
use crate::lake::LakeError;
use crate::lake::schema::OTHER_RECORDS;
use crate::package::DeliveredFile;
use crate::vault::VaultError;

/// Clear bytes a course structure may have; the largest seen has 30 MB.
const MAX_STRUCTURE_BYTES: u64 = 512 << 20;
/// Bytes of a file that is read beside others which may be held to tell what it is.
const MAX_LOOK_BYTES_OF_SMALL: usize = 8 << 20;

/// Why reading a member stopped.
pub enum Stop {
    /// This file cannot be read; others can.
    File(FileFailure),
    /// Its rows, or what was set aside of it, do not fit in the memory given; read it as a stream instead.
    TooLarge,
    /// The lake failed.
    Lake(LakeError),
    /// A bug.
    Columns(ArrowError),
}

impl From<ArrowError> for Stop {
    fn from(source: ArrowError) -> Self {
        Self::Columns(source)
    }
}

/// Counts a member's records while its rows go elsewhere.
pub struct MemberAccount {
    /// The load, counted up.
    pub load: LoadRecord,
    /// What was set aside.
    pub rejects: Rejects,
    is_alone: bool,
}

impl MemberAccount {
    /// Counts nothing yet. `is_alone` says that no other file is read at the same time.
    pub fn of(load: LoadRecord, is_alone: bool) -> Self {
        Self { rejects: Rejects::of(&load), load, is_alone }
    }

    /// Closes the account.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn finish(self) -> Result<(LoadRecord, FinishedRejects), LakeError> {
        Ok((self.load, self.rejects.finish()?))
    }

    /// Sets records aside. Only a file that is read alone may write them to the lake.
    fn set_aside(&mut self, work: &Work<'_>, records: Vec<RejectedRecord>) -> Result<(), Stop> {
        self.load.n_rejects += records.len() as u64;
        if !self.is_alone && self.load.n_rejects > MOST_HELD as u64 {
            return Err(Stop::TooLarge);
        }
        self.rejects.add(work, records).map_err(Stop::Lake)
    }

    fn take(&mut self, work: &Work<'_>, parsed: &mut Parsed) -> Result<(), Stop> {
        self.load.n_records += parsed.n_records;
        self.load.n_blanks += parsed.n_blanks;
        self.load.n_rows += parsed.rows.num_rows() as u64;
        self.set_aside(work, std::mem::take(&mut parsed.rejects))?;
        let is_of_one_course = self.load.stem.is_some() && !self.load.table_name.as_deref().is_some_and(is_row_keyed);
        if self.load.course_run_key.is_none() && is_of_one_course {
            self.load.course_run_key = course_of_rows(&parsed.rows);
        }
        Ok(())
    }
}

/// Reads a member. `rows` takes the rows, in order, with the name of their table and the account so far (whose course is known as soon as
/// a row names it). A course archive has rows of several tables, and takes the course the load names already.
///
/// # Errors
/// See [`Stop`].
pub fn read(
    work: &Work<'_>,
    file: &DeliveredFile,
    load: LoadRecord,
    n_workers: usize,
    rows: impl FnMut(&MemberAccount, &str, RecordBatch) -> Result<(), Stop>,
) -> Result<MemberAccount, Stop> {
    let mut account = MemberAccount::of(load, n_workers > 1);
    let read = contain(file, || read_into(work, file, &mut account, n_workers, rows));
    match read.unwrap_or_else(|failure| Err(Stop::File(failure))) {
        Ok(()) => Ok(account),
        Err(stop) => {
            account.rejects.abandon().map_err(Stop::Lake)?;
            Err(stop)
        }
    }
}

fn read_into(
    work: &Work<'_>,
    file: &DeliveredFile,
    account: &mut MemberAccount,
    n_workers: usize,
    mut rows: impl FnMut(&MemberAccount, &str, RecordBatch) -> Result<(), Stop>,
) -> Result<(), Stop> {
    if account.load.site.is_none() {
        let hint = "give the file the name edX gave it, with `-prod-analytics` or `-edge-analytics`";
        return Err(Stop::File(FileFailure::new(file, "file.no_site", "the name does not say which site the file is of", Some(hint))));
    }
    let clear = ClearFile::open(file, work.keys, work.options).map_err(Stop::File)?;
    let mut counts = clear.counts();
    let mut take = |account: &mut MemberAccount, mut parsed: Parsed| {
        account.take(work, &mut parsed)?;
        let table = account.load.table_name.clone().unwrap_or_default();
        rows(account, &table, parsed.rows)
    };
    match &file.file.kind {
        FileKind::CourseStructure => {
            let parsed = read_structure(file, clear.stream, account)?;
            take(account, parsed)?;
        }
        FileKind::Forum => {
            let mut chunks = chunks_of(work, file, clear.stream)?;
            each_chunk(file, &mut chunks, &ForumReader, n_workers, |parsed| take(account, parsed))?;
        }
        kind if table_file::is_cut_by_content(kind) => {
            let mut chunks = chunks_of(work, file, clear.stream)?;
            let may_hold = if n_workers > 1 { usize::MAX } else { MAX_LOOK_BYTES_OF_SMALL };
            match table_file::open(file, &mut chunks, work.options.max_record_bytes, may_hold).map_err(Stop::File)? {
                Opened::Table(table, reader) => {
                    account.load.table_name = Some(table);
                    if matches!(kind, FileKind::TabSeparated(_)) {
                        account.load.kind = TAB_SEPARATED;
                    }
                    each_chunk(file, &mut chunks, &reader, n_workers, |parsed| take(account, parsed))?;
                    account.load.dialect = Some(reader.dialect());
                }
                Opened::Text(reader) => {
                    account.load.table_name = Some(OTHER_RECORDS.to_owned());
                    each_chunk(file, &mut chunks, &reader, n_workers, |parsed| take(account, parsed))?;
                }
                Opened::Binary => {
                    account.load.table_name = None;
                    account.load.state = LoadState::NotRead;
                }
                Opened::TakesMore => return Err(Stop::TooLarge),
            }
        }
        FileKind::CourseArchive => {
            let read = course_archive::read(file, clear.stream, account.load.course_run_key.as_deref(), n_workers > 1)?;
            account.load.course_run_key = read.archive.course_run_key.as_ref().map(|key| key.as_str().to_owned());
            account.load.n_records = read.archive.n_records as u64;
            account.set_aside(work, read.rejects())?;
            content_rows::each_batch(&read.archive, &read.members, |table, are_records, batch| {
                if are_records {
                    account.load.n_rows += batch.num_rows() as u64;
                }
                rows(account, table, batch)
            })?;
        }
        _ => account.load.state = LoadState::NotRead,
    }
    // A file that nobody reads to its end has no digest yet.
    let is_read = account.load.state != LoadState::NotRead;
    account.load.n_clear_bytes = if is_read { counts.n_clear_bytes() } else { 0 };
    account.load.digest = if is_read { Some(counts.digest()) } else { crate::package::digest(file).ok() };
    work.progress.advance(counts.n_new_raw_bytes());
    if account.load.state != LoadState::NotRead {
        account.load.state = LoadState::Loaded;
    }
    Ok(())
}

/// Chunks of a file. A file of no bytes says nothing, not even that there is nothing: an expired key leaves such files.
fn chunks_of(work: &Work<'_>, file: &DeliveredFile, stream: Limited) -> Result<Chunks<Limited>, Stop> {
    let mut chunks = Chunks::new(stream, at_line_feed, work.options.max_record_bytes);
    let is_empty = chunks.head(1).map_err(|error| Stop::File(FileFailure::of_stream(file, &error)))?.is_empty();
    if is_empty { Err(Stop::File(FileFailure::of_vault(file, &VaultError::EmptyFile))) } else { Ok(chunks) }
}

fn read_structure(file: &DeliveredFile, stream: Limited, account: &mut MemberAccount) -> Result<Parsed, Stop> {
    let mut bytes = Vec::new();
    stream.take(MAX_STRUCTURE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| Stop::File(FileFailure::of_stream(file, &error)))?;
    if bytes.is_empty() {
        return Err(Stop::File(FileFailure::of_vault(file, &VaultError::EmptyFile)));
    }
    if bytes.len() as u64 > MAX_STRUCTURE_BYTES {
        let message = format!("course structure has more than {MAX_STRUCTURE_BYTES} bytes");
        return Err(Stop::File(FileFailure::new(file, "file.too_large", message, Some("look at the file: no course has so many blocks"))));
    }
    let structure = parse_course_structure(&bytes).map_err(|error| {
        Stop::File(FileFailure::new(
            file,
            "course_structure.not_readable",
            error,
            Some("compare the file with the same one of last week's package"),
        ))
    })?;
    account.load.course_run_key = structure.course_run_key().map(|key| key.as_str().to_owned());
    read_blocks(&structure).map_err(Stop::Columns)
}

/// Reads all chunks, beside each other when there are several workers.
fn each_chunk(
    file: &DeliveredFile,
    chunks: &mut Chunks<Limited>,
    reader: &impl RecordReader,
    n_workers: usize,
    mut take: impl FnMut(Parsed) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let parse = |piece: Piece| match piece {
        Piece::Chunk(chunk) => reader.read(&chunk),
        Piece::TooLong { line, offset, n_bytes } => Parsed::too_long(reader, line, offset, n_bytes),
    };
    let next = || chunks.next_piece().map_err(|error| Stop::File(FileFailure::of_stream(file, &error)));
    let n_workers = if n_workers > 1 { n_workers } else { 0 };
    in_order(n_workers, Piece::held_bytes, next, parse, |parsed| take(parsed.map_err(Stop::Columns)?))
}

/// The course run that the rows themselves name.
fn course_of_rows(rows: &RecordBatch) -> Option<String> {
    let column = rows.column_by_name("course_id")?.as_string_opt::<i32>()?;
    let key = (0..column.len()).find(|&row| column.is_valid(row)).and_then(|row| CourseRunKey::parse(column.value(row)))?;
    Some(key.as_str().to_owned())
}
