//! Reads single records again where they were delivered: the lake keeps places, the originals keep the bytes. It hands bytes to its caller
//! and stores none; nothing here writes.
//!
//! An original is read as a stream, through zip, OpenPGP and gzip, up to the last record that is wanted. Records of a table may span several
//! lines; they are cut as they were when the file was loaded.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use czar_formats::package_file::{FileKind, classify};

use crate::error::ErrorKind;
use crate::ingest::{ClearFile, FileFailure, IngestOptions, each_record, is_cut_by_content, load_id};
use crate::package::{self, DeliveredFile, Place};
use crate::vault::SecretKeys;

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// A file as `loads` knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Original {
    /// Its place: a path, or `archive!member`.
    pub source_path: String,
    /// Its key.
    pub file_key: String,
    /// The load, by which a file is known that has changed since.
    pub load_id: String,
}

/// Where a record is in the clear bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPlace {
    /// The record that begins in this line, from 1. In a file of lines it is the line.
    Line(u64),
    /// A span of bytes.
    Bytes {
        /// Where it begins, from 0.
        offset: u64,
        /// Its length.
        n_bytes: u64,
    },
}

/// The bytes of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawRecord {
    /// The bytes, no more than were asked for.
    pub bytes: Vec<u8>,
    /// How many there are; without its line end for a line.
    pub n_bytes: u64,
}

/// A record could not be read again.
#[derive(Debug, thiserror::Error)]
pub enum OriginalError {
    /// The file is no longer where it was.
    #[error("could not read `{}` again: it is not there any more", .path.display())]
    Gone {
        /// Where it was.
        path: PathBuf,
    },
    /// The file has other content now.
    #[error("could not read `{path}` again: the file has changed since it was loaded")]
    Changed {
        /// The file.
        path: String,
    },
    /// The file cannot be opened or read.
    #[error("could not read `{path}` again: {message}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
}

impl OriginalError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Gone { .. } => Some("put the delivery back where it was loaded from; the lake does not keep the bytes"),
            Self::Changed { .. } => Some("load it as it is now with `czar ingest`, and look again"),
            Self::Unreadable { hint, .. } => hint.as_deref(),
        }
    }

    fn of(failure: FileFailure) -> Self {
        Self::Unreadable { path: failure.path, message: failure.message, hint: failure.hint }
    }
}

/// Reads records of one file, in the order in which they are wanted. A record that is not there has no bytes.
///
/// # Errors
/// The original is gone, has changed, or cannot be read (no key opens it).
pub fn read_records(
    original: &Original,
    wanted: &[RecordPlace],
    keys: Option<&SecretKeys>,
    options: &IngestOptions,
    max_bytes: usize,
) -> Result<Vec<RawRecord>, OriginalError> {
    let file = locate(original)?;
    if load_id(&file) != original.load_id {
        return Err(OriginalError::Changed { path: original.source_path.clone() });
    }
    let mut records = vec![RawRecord::default(); wanted.len()];
    let is_cut_by_layout = |place: &RecordPlace| is_cut_by_content(&file.file.kind) && matches!(place, RecordPlace::Line(_));
    if wanted.iter().any(is_cut_by_layout) {
        take_rows(&file, keys, options, wanted, &mut records, max_bytes)?;
    }
    if !wanted.iter().all(is_cut_by_layout) {
        let rest: Vec<usize> = (0..wanted.len()).filter(|index| !is_cut_by_layout(&wanted[*index])).collect();
        let places: Vec<RecordPlace> = rest.iter().map(|index| wanted[*index]).collect();
        for (index, record) in rest.into_iter().zip(read_places(&file, keys, options, &places, max_bytes)?) {
            records[index] = record;
        }
    }
    Ok(records)
}

/// Reads rows of a table by the lines they begin in.
fn take_rows(
    file: &DeliveredFile,
    keys: Option<&SecretKeys>,
    options: &IngestOptions,
    wanted: &[RecordPlace],
    records: &mut [RawRecord],
    max_bytes: usize,
) -> Result<(), OriginalError> {
    let stream = ClearFile::open(file, keys, options).map_err(OriginalError::of)?.stream;
    let lines = wanted.iter().map(|place| if let RecordPlace::Line(line) = place { *line } else { 0 });
    let last = lines.clone().max().unwrap_or_default();
    each_record(file, stream, options.max_record_bytes, |line, bytes| {
        for (_, record) in lines.clone().zip(records.iter_mut()).filter(|(wanted, _)| *wanted == line) {
            keep(record, bytes, max_bytes);
        }
        if line < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .map_err(OriginalError::of)
}

/// Reads lines and spans of bytes.
fn read_places(
    file: &DeliveredFile,
    keys: Option<&SecretKeys>,
    options: &IngestOptions,
    wanted: &[RecordPlace],
    max_bytes: usize,
) -> Result<Vec<RawRecord>, OriginalError> {
    let mut stream = ClearFile::open(file, keys, options).map_err(OriginalError::of)?.stream;
    let mut records = vec![RawRecord::default(); wanted.len()];
    let mut at = Position { line: 1, offset: 0 };
    let mut buffer = vec![0; BUFFER_BYTES];
    while wanted.iter().any(|place| !at.is_behind(*place)) {
        let n = stream.read(&mut buffer).map_err(|error| OriginalError::of(FileFailure::of_stream(file, &error)))?;
        if n == 0 {
            break;
        }
        take(&buffer[..n], &mut at, wanted, &mut records, max_bytes);
    }
    Ok(records)
}

/// How far a stream was read.
struct Position {
    line: u64,
    offset: u64,
}

impl Position {
    fn is_behind(&self, place: RecordPlace) -> bool {
        match place {
            RecordPlace::Line(line) => self.line > line,
            RecordPlace::Bytes { offset, n_bytes } => self.offset >= offset.saturating_add(n_bytes),
        }
    }
}

/// Keeps of some bytes of a stream what is wanted, and moves on.
fn take(bytes: &[u8], at: &mut Position, wanted: &[RecordPlace], records: &mut [RawRecord], max_bytes: usize) {
    let end = at.offset + bytes.len() as u64;
    let by_line: Vec<(u64, usize)> = wanted
        .iter()
        .enumerate()
        .filter_map(|(index, place)| if let RecordPlace::Line(line) = place { Some((*line, index)) } else { None })
        .collect();
    for (place, record) in wanted.iter().zip(records.iter_mut()) {
        if let RecordPlace::Bytes { offset, n_bytes } = *place {
            let (from, to) = (offset.max(at.offset), offset.saturating_add(n_bytes).min(end));
            if from < to {
                keep(record, &bytes[index(from - at.offset)..index(to - at.offset)], max_bytes);
            }
        }
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let line_end = memchr::memchr(b'\n', rest);
        let line = &rest[..line_end.unwrap_or(rest.len())];
        for (_, index) in by_line.iter().filter(|(number, _)| *number == at.line) {
            keep(&mut records[*index], line, max_bytes);
        }
        rest = line_end.map_or(&[], |end| &rest[end + 1..]);
        at.line += u64::from(line_end.is_some());
    }
    at.offset = end;
}

fn keep(record: &mut RawRecord, bytes: &[u8], max_bytes: usize) {
    record.n_bytes += bytes.len() as u64;
    let room = max_bytes.saturating_sub(record.bytes.len());
    record.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn index(n: u64) -> usize {
    // Never more than the bytes in memory.
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Finds the file, or the member of the archive.
fn locate(original: &Original) -> Result<DeliveredFile, OriginalError> {
    let path = Path::new(&original.source_path);
    let mut found = if path.is_file() {
        let n_bytes = path.metadata().map_or(0, |metadata| metadata.len());
        // What wraps it stands at the end of its name.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Some(DeliveredFile { file: classify(&name), place: Place::File(path.to_owned()), n_bytes, modified_at: 0 })
    } else {
        member(original)?
    };
    if let Some(file) = &mut found {
        file.file.file_key.clone_from(&original.file_key);
        // The package it is of, which makes a table or text of many a file, stands in its key.
        let by_key = classify(&original.file_key);
        let other = by_key.as_other_member().unwrap_or(by_key);
        if other.date.is_some() && matches!(file.file.kind, FileKind::Unknown | FileKind::LooseLog) {
            file.file.kind = other.kind;
        }
    }
    found.ok_or_else(|| OriginalError::Gone { path: path.to_owned() })
}

fn member(original: &Original) -> Result<Option<DeliveredFile>, OriginalError> {
    let path = &original.source_path;
    let Some(archive) = path.match_indices('!').map(|(at, _)| &path[..at]).find(|archive| Path::new(archive).is_file()) else {
        let archive = path.split('!').next().unwrap_or(path);
        return Err(OriginalError::Gone { path: PathBuf::from(archive) });
    };
    let delivery = package::find(Path::new(archive)).map_err(|error| OriginalError::Unreadable {
        path: path.clone(),
        message: error.to_string(),
        hint: error.hint().map(ToOwned::to_owned),
    })?;
    let files = delivery.batches.iter().flat_map(package::Batch::files);
    Ok(files.into_iter().find(|file| file.display_path() == *path).cloned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn original(path: &Path) -> Original {
        let source_path = path.display().to_string();
        let unread = Original { source_path, file_key: "key".to_owned(), load_id: String::new() };
        let load_id = load_id(&locate(&unread).unwrap());
        Original { load_id, ..unread }
    }

    fn read(original: &Original, wanted: &[RecordPlace], max_bytes: usize) -> Result<Vec<RawRecord>, OriginalError> {
        read_records(original, wanted, None, &IngestOptions::default(), max_bytes)
    }

    #[test]
    fn a_record_is_found_by_its_line_or_its_bytes_also_across_buffers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a-edx-events-2015-03-01.log");
        let lines: Vec<String> = (1..=3).map(|n| n.to_string().repeat(BUFFER_BYTES - 7)).collect();
        crate::atomic_file::write(&path, lines.join("\n").as_bytes()).unwrap();
        let n_bytes = lines[0].len() as u64;
        let places =
            [RecordPlace::Line(3), RecordPlace::Line(2), RecordPlace::Bytes { offset: n_bytes - 1, n_bytes: 3 }, RecordPlace::Line(9)];
        let found = read(&original(&path), &places, usize::MAX).unwrap();
        assert!(found[0].bytes == lines[2].as_bytes() && found[1].bytes == lines[1].as_bytes());
        assert_eq!(found[2].bytes, b"1\n2");
        assert_eq!(found[3], RawRecord::default());
    }

    #[test]
    fn a_record_of_a_table_is_found_whole_when_it_spans_several_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("UniversityX-DemoX-2015-student_newthing-prod-analytics.sql");
        // The second record spans three lines, and the one behind it is told by the line it begins in.
        let filler = "9\tx\n".repeat(BUFFER_BYTES);
        crate::atomic_file::write(&path, format!("id\ttext\n1\ta\n2\t\"one\ntwo \"\"2\"\"\nthree\"\n3\tb\n{filler}4\tlast").as_bytes())
            .unwrap();
        let last = 7 + BUFFER_BYTES as u64;
        let places = [
            RecordPlace::Line(last),
            RecordPlace::Line(3),
            RecordPlace::Line(4),
            RecordPlace::Line(6),
            RecordPlace::Bytes { offset: 3, n_bytes: 4 },
        ];
        let found = read(&original(&path), &places, usize::MAX).unwrap();
        let texts: Vec<&[u8]> = found.iter().map(|record| record.bytes.as_slice()).collect();
        assert_eq!(texts, [&b"4\tlast"[..], b"2\t\"one\ntwo \"\"2\"\"\nthree\"", b"", b"3\tb", b"text"]);
        assert_eq!(read(&original(&path), &[RecordPlace::Line(3)], 5).unwrap(), [RawRecord { bytes: b"2\t\"on".to_vec(), n_bytes: 23 }]);
    }

    #[test]
    fn a_record_of_an_unknown_kind_is_found_as_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let found = |name: &str, content: &[u8], line: u64| {
            let path = folder.path().join(name);
            crate::atomic_file::write(&path, content).unwrap();
            let source_path = path.display().to_string();
            let unread = Original { source_path, file_key: format!("universityx-2015-03-01/{name}"), load_id: String::new() };
            let known = Original { load_id: load_id(&locate(&unread).unwrap()), ..unread };
            String::from_utf8(read(&known, &[RecordPlace::Line(line)], 99).unwrap().remove(0).bytes).unwrap()
        };
        assert_eq!(found("settings.json", b"{\n  \"pass\": 0.5\n}\n", 1), "{\n  \"pass\": 0.5\n}\n");
        assert_eq!(found("events.jsonl", b"{}\n\n{\"a\": 1}\n", 3), "{\"a\": 1}");
        assert_eq!(found("job.log", b"one\ntwo\n", 2), "two");
        assert_eq!(found("extra.tsv", b"id\tanswer\n1\t\"one\ntwo\"\n2\t\"\"\"a\"\"\"\n", 2), "1\t\"one\ntwo\"");
    }

    #[test]
    fn a_long_record_is_cut_and_its_length_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a-edx-events-2015-03-01.log");
        crate::atomic_file::write(&path, b"0123456789\n").unwrap();
        let found = read(&original(&path), &[RecordPlace::Line(1)], 4).unwrap();
        assert_eq!(found, [RawRecord { bytes: b"0123".to_vec(), n_bytes: 10 }]);
    }

    #[test]
    fn a_file_that_is_gone_or_has_changed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a-edx-events-2015-03-01.log");
        crate::atomic_file::write(&path, b"old\n").unwrap();
        let known = original(&path);
        crate::atomic_file::write(&path, b"new\n").unwrap();
        assert!(matches!(read(&known, &[RecordPlace::Line(1)], 9), Err(OriginalError::Changed { .. })));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(read(&known, &[RecordPlace::Line(1)], 9), Err(OriginalError::Gone { .. })));
    }
}
