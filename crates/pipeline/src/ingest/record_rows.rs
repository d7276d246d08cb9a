//! Records of one chunk to rows and rejects: the account of a chunk. It knows of no other chunk and of no lake.

use std::sync::Arc;

use czar_formats::reject::{Reject, RejectCode};
use czar_formats::tracking_log::Salvage;
use deltalake_core::arrow::array::{AsArray, RecordBatch};
use deltalake_core::arrow::datatypes::Int64Type;
use deltalake_core::arrow::error::ArrowError;

use super::chunks::Chunk;

/// What a chunk gave.
pub struct Parsed {
    /// The rows: `_source_line` first, then the reader's own columns.
    pub rows: RecordBatch,
    /// Records that were set aside.
    pub rejects: Vec<RejectedRecord>,
    /// Records in all.
    pub n_records: u64,
    /// Records that were blank.
    pub n_blanks: u64,
}

/// Where a record that was set aside lies, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRecord {
    /// Its line, from 1.
    pub line: u64,
    /// The byte of the clear file at which it begins.
    pub offset: u64,
    /// Its length in bytes.
    pub n_bytes: u64,
    /// Why.
    pub code: RejectCode,
    /// The byte of the record at which reading stopped, from 1, where known.
    pub column: Option<u32>,
    /// The member of the file it stands in, for a file that is an archive.
    pub member: Option<Arc<str>>,
    /// What can still be told of it, if it is a line of a tracking log.
    pub salvage: Option<Box<Salvage>>,
}

/// Reads the records of a chunk. One reader is used by all workers at once.
pub trait RecordReader: Sync {
    /// Reads a chunk.
    ///
    /// # Errors
    /// The columns could not be made: a bug.
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError>;
}

/// Keeps the account while the records of a chunk are read one by one.
pub struct Account {
    line: u64,
    first_offset: u64,
    /// Records in all.
    pub n_records: u64,
    /// Records that were blank.
    pub n_blanks: u64,
    /// Records that were set aside.
    pub rejects: Vec<RejectedRecord>,
}

impl Account {
    /// Starts at the first record of a chunk.
    pub fn new(chunk: &Chunk) -> Self {
        Self { line: chunk.first_line, first_offset: chunk.first_offset, n_records: 0, n_blanks: 0, rejects: Vec::new() }
    }

    /// Takes the outcome of one record: its row, `None` for a blank one or a reject. `offset` is its place in the chunk.
    pub fn take<T>(&mut self, offset: usize, record: &[u8], outcome: Result<Option<T>, Reject>) -> Option<(i64, T)> {
        let n_lines = 1 + memchr::memchr_iter(b'\n', record).count() as u64;
        self.take_lines(n_lines, offset, record, outcome)
    }

    /// As [`Self::take`], of a record that is a line.
    pub fn take_line<T>(&mut self, offset: usize, line: &[u8], outcome: Result<Option<T>, Reject>) -> Option<(i64, T)> {
        self.take_lines(1, offset, line, outcome)
    }

    fn take_lines<T>(&mut self, n_lines: u64, offset: usize, record: &[u8], outcome: Result<Option<T>, Reject>) -> Option<(i64, T)> {
        self.n_records += 1;
        let line = self.line;
        self.line += n_lines;
        match outcome {
            Ok(Some(row)) => Some((i64::try_from(line).unwrap_or(i64::MAX), row)),
            Ok(None) => {
                self.n_blanks += 1;
                None
            }
            Err(reject) => {
                self.rejects.push(RejectedRecord {
                    line,
                    offset: self.first_offset + offset as u64,
                    n_bytes: record.len() as u64,
                    code: reject.code,
                    column: reject.column,
                    member: None,
                    salvage: None,
                });
                None
            }
        }
    }
}

/// The lines of a chunk with their places, without line ends.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = (start, &rest[..end]);
        start += end + 1;
        Some(line)
    })
}

impl Parsed {
    /// Moves the lines of rows and rejects behind those of earlier chunks.
    ///
    /// # Errors
    /// The first column is not that of lines: a bug.
    pub fn after_lines(mut self, n_lines: u64) -> Result<Self, ArrowError> {
        self.rejects.iter_mut().for_each(|reject| reject.line += n_lines);
        let n_lines = i64::try_from(n_lines).unwrap_or(i64::MAX);
        let mut columns = self.rows.columns().to_vec();
        if let Some(lines) = columns.first_mut() {
            *lines = Arc::new(lines.as_primitive::<Int64Type>().unary::<_, Int64Type>(|line| line.saturating_add(n_lines)));
        }
        self.rows = RecordBatch::try_new(self.rows.schema(), columns)?;
        Ok(self)
    }

    /// The account of one record that is longer than a record may be.
    ///
    /// # Errors
    /// The columns could not be made: a bug.
    pub fn too_long(reader: &impl RecordReader, line: u64, offset: u64, n_bytes: u64) -> Result<Self, ArrowError> {
        let empty = reader.read(&Chunk { first_line: line, first_offset: offset, bytes: Vec::new() })?;
        let reject = RejectedRecord { line, offset, n_bytes, code: RejectCode::RecordTooLong, column: None, member: None, salvage: None };
        Ok(Self { rejects: vec![reject], n_records: 1, ..empty })
    }
}
