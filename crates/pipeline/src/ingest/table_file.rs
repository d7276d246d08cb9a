//! Opens a file of records with a header: which table it is of, what its columns are, how its records are cut. It reads no value of a record.

use std::ops::ControlFlow;

use czar_formats::database_file::schema::{EMAIL_OPT_IN, PROGRAM_ENTITLEMENT_REPORT, PROGRAM_LEARNER_REPORT};
use czar_formats::database_file::{Header, HeaderError, SAMPLE_BYTES};
use czar_formats::package_file::FileKind;

use super::FileFailure;
use super::chunks::{Chunks, Piece, at_line_feed};
use super::clear::Limited;
use super::table_rows::TableReader;
use crate::package::DeliveredFile;

/// Takes the header off a file. The table and the reader of its records, or `None` when neither name nor header tells the table.
///
/// # Errors
/// The file has no header we could use, or cannot be read.
pub fn open(
    file: &DeliveredFile,
    chunks: &mut Chunks<Limited>,
    max_record_bytes: usize,
) -> Result<Option<(String, TableReader)>, FileFailure> {
    let of_stream = |error| FileFailure::of_stream(file, &error);
    let line = chunks.first_line().map_err(of_stream)?.unwrap_or_default();
    let Some((table, is_csv)) = table_of(file, &line) else { return Ok(None) };
    let header = if is_csv { Header::parse_csv(&table, &line) } else { Header::parse(&table, &line) };
    let header = header.map_err(|error: HeaderError| {
        FileFailure::new(file, error.code(), error, Some("compare the file with the same one of last week's package"))
    })?;
    let layout = header.layout(chunks.head(SAMPLE_BYTES).map_err(of_stream)?).with_most_joined_bytes(max_record_bytes);
    chunks.cut_by(layout);
    let reader = TableReader::new(&table, header, layout);
    Ok(Some((table, reader)))
}

/// Whether records of such a file are cut as its header and its head say; those of other kinds are lines.
pub(crate) fn has_header(kind: &FileKind) -> bool {
    matches!(kind, FileKind::Table(_) | FileKind::UnnamedTable | FileKind::EmailOptIn | FileKind::ProgramReport | FileKind::Csv(_))
}

/// Goes through the records of a file with a header as they were cut when it was loaded: `take` is called with the first line of each and its
/// bytes without the line end, until it breaks off.
///
/// # Errors
/// The file has no header we could use, or cannot be read.
pub(crate) fn each_record(
    file: &DeliveredFile,
    stream: Limited,
    max_record_bytes: usize,
    mut take: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
) -> Result<(), FileFailure> {
    let mut chunks = Chunks::new(stream, at_line_feed, max_record_bytes);
    let Some((_, reader)) = open(file, &mut chunks, max_record_bytes)? else { return Ok(()) };
    while let Some(piece) = chunks.next_piece().map_err(|error| FileFailure::of_stream(file, &error))? {
        let Piece::Chunk(chunk) = piece else { continue };
        let mut line = chunk.first_line;
        for record in reader.layout().records(&chunk.bytes) {
            if take(line, record.bytes).is_break() {
                return Ok(());
            }
            line += 1 + memchr::memchr_iter(b'\n', record.bytes).count() as u64;
        }
    }
    Ok(())
}

/// The table of a file, and whether it is CSV. A header tells more than a cut name, and as much as the name of a CSV file.
fn table_of(file: &DeliveredFile, line: &[u8]) -> Option<(String, bool)> {
    let own = match &file.file.kind {
        FileKind::Table(name) if file.file.has_cut_name() => return Some((Header::recognize(line).unwrap_or(name).to_owned(), false)),
        FileKind::Table(name) => return Some((name.clone(), false)),
        FileKind::UnnamedTable => return Header::recognize(line).map(|name| (name.to_owned(), false)),
        FileKind::EmailOptIn => return Some((EMAIL_OPT_IN.to_owned(), true)),
        FileKind::ProgramReport if file.file.file_key.contains("entitlement") => Some(PROGRAM_ENTITLEMENT_REPORT),
        FileKind::ProgramReport if file.file.file_key.contains("learner") => Some(PROGRAM_LEARNER_REPORT),
        FileKind::ProgramReport => None,
        FileKind::Csv(name) => Some(name.as_str()),
        _ => return None,
    };
    Header::recognize_csv(line).or(own).map(|name| (name.to_owned(), true))
}
