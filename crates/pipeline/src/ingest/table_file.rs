//! Opens a file of records whose form only its content tells: a table with a header, which table, what its columns are, how its records are
//! cut; or text of no form we know. It reads no value of a record.

use std::ops::ControlFlow;

use czar_formats::database_file::schema::{EMAIL_OPT_IN, PROGRAM_ENTITLEMENT_REPORT, PROGRAM_LEARNER_REPORT};
use czar_formats::database_file::{Header, HeaderError, Layout, SAMPLE_BYTES, parse_row};
use czar_formats::package_file::FileKind;

use super::FileFailure;
use super::chunks::{Chunks, Piece, at_line_feed};
use super::clear::Limited;
use super::load_record::is_usable_table_name;
use super::table_rows::TableReader;
use super::text_rows::{self, Text, TextReader};
use crate::package::DeliveredFile;

/// What a file turned out to be.
pub enum Opened {
    /// Records of a table, behind the header.
    Table(String, TableReader),
    /// Text.
    Text(TextReader),
    /// Something that is no text.
    Binary,
    /// It takes more memory to tell.
    TakesMore,
}

/// Looks what a file is, and takes its header off if it has one. `may_hold` bytes of it may be held in memory to tell.
///
/// # Errors
/// A file that must have a header has none we could use, or the file cannot be read.
pub fn open(file: &DeliveredFile, chunks: &mut Chunks<Limited>, max_record_bytes: usize, may_hold: usize) -> Result<Opened, FileFailure> {
    let of_stream = |error| FileFailure::of_stream(file, &error);
    if let Some((table, is_csv)) = table_of(file, first_line_of(chunks.head(SAMPLE_BYTES).map_err(of_stream)?)) {
        let parse = |line: &[u8]| if is_csv { Header::parse_csv(&table, line) } else { Header::parse(&table, line) };
        let is_table = match &file.file.kind {
            FileKind::TabSeparated(_) => is_tab_separated(chunks.head(SAMPLE_BYTES).map_err(of_stream)?, max_record_bytes, parse),
            FileKind::Csv(_) => parse(first_line_of(chunks.head(SAMPLE_BYTES).map_err(of_stream)?)).is_ok(),
            // edX's own files have a header, or something is wrong with them.
            _ => true,
        };
        if is_table {
            let line = chunks.first_line().map_err(of_stream)?.unwrap_or_default();
            let header = parse(&line).map_err(|error: HeaderError| {
                FileFailure::new(file, error.code(), error, Some("compare the file with the same one of last week's package"))
            })?;
            let layout = header.layout(chunks.head(SAMPLE_BYTES).map_err(of_stream)?).with_most_joined_bytes(max_record_bytes);
            chunks.cut_by(layout);
            let reader = TableReader::new(&table, header, layout);
            return Ok(Opened::Table(table, reader));
        }
    }
    Ok(match text_rows::open(file, chunks, max_record_bytes, may_hold)? {
        Text::Is(reader) => Opened::Text(reader),
        Text::IsNot => Opened::Binary,
        Text::TakesMore => Opened::TakesMore,
    })
}

/// Whether the content of such a file tells how its records are cut; those of other kinds are lines.
pub(crate) fn is_cut_by_content(kind: &FileKind) -> bool {
    matches!(
        kind,
        FileKind::Table(_)
            | FileKind::UnnamedTable
            | FileKind::EmailOptIn
            | FileKind::ProgramReport
            | FileKind::Csv(_)
            | FileKind::TabSeparated(_)
            | FileKind::Unknown
    )
}

/// Goes through the records of a file as they were cut when it was loaded: `take` is called with the first line of each and its bytes without
/// the line end, until it breaks off.
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
    let opened = open(file, &mut chunks, max_record_bytes, usize::MAX)?;
    while let Some(piece) = chunks.next_piece().map_err(|error| FileFailure::of_stream(file, &error))? {
        let Piece::Chunk(chunk) = piece else { continue };
        let mut line = chunk.first_line;
        let records: Box<dyn Iterator<Item = &[u8]>> = match &opened {
            Opened::Table(_, reader) => Box::new(reader.layout().records(&chunk.bytes).map(|record| record.bytes)),
            Opened::Text(reader) => Box::new(reader.records(&chunk).map(|(_, bytes)| bytes)),
            Opened::Binary | Opened::TakesMore => return Ok(()),
        };
        for record in records {
            if take(line, record).is_break() {
                return Ok(());
            }
            line += 1 + memchr::memchr_iter(b'\n', record).count() as u64;
        }
    }
    Ok(())
}

/// The table of a file, and whether it is CSV; `None` when neither name nor header tells one that may be made. A header tells more than a
/// cut name, and as much as the name of a CSV file.
fn table_of(file: &DeliveredFile, line: &[u8]) -> Option<(String, bool)> {
    let own = match &file.file.kind {
        FileKind::Table(name) if file.file.has_cut_name() => return usable(Header::recognize(line).unwrap_or(name), false),
        FileKind::Table(name) | FileKind::TabSeparated(name) => return usable(name, false),
        FileKind::UnnamedTable => return usable(Header::recognize(line)?, false),
        FileKind::EmailOptIn => return usable(EMAIL_OPT_IN, true),
        FileKind::ProgramReport if file.file.file_key.contains("entitlement") => Some(PROGRAM_ENTITLEMENT_REPORT),
        FileKind::ProgramReport if file.file.file_key.contains("learner") => Some(PROGRAM_LEARNER_REPORT),
        FileKind::ProgramReport => None,
        FileKind::Csv(name) => Some(name.as_str()),
        _ => return None,
    };
    usable(Header::recognize_csv(line).or(own)?, true)
}

fn usable(name: &str, is_csv: bool) -> Option<(String, bool)> {
    is_usable_table_name(name).then(|| (name.to_owned(), is_csv))
}

fn first_line_of(head: &[u8]) -> &[u8] {
    head.get(..memchr::memchr(b'\n', head).unwrap_or(head.len())).unwrap_or_default()
}

/// Whether some text is a tab-separated table, of which nothing but its name gave a hint: its first line is a header of two columns or more,
/// and most records behind it have as many fields.
fn is_tab_separated(head: &[u8], max_record_bytes: usize, parse: impl Fn(&[u8]) -> Result<Header, HeaderError>) -> bool {
    let line = first_line_of(head);
    let Some(header) = parse(line).ok().filter(|header| header.columns().len() > 1) else { return false };
    let sample = head.get(line.len() + 1..).unwrap_or_default();
    let layout: Layout = header.layout(sample).with_most_joined_bytes(max_record_bytes);
    let whole = if head.len() < SAMPLE_BYTES { sample.len() } else { layout.complete_len(sample) };
    let (mut n_rows, mut n_others) = (0_u64, 0_u64);
    for record in layout.records(sample.get(..whole).unwrap_or_default()) {
        match parse_row(&header, &layout, &record) {
            Ok(Some(_)) => n_rows += 1,
            Ok(None) => {}
            Err(_) => n_others += 1,
        }
    }
    n_others <= n_rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_in_a_note_makes_no_table_of_it() {
        let is_table = |text: &str| is_tab_separated(text.as_bytes(), 1 << 20, |line| Header::parse("grades", line));
        for text in ["id\tname\n1\ta\n2\tb\n", "id\tname", "id\tname\r\n1\ta\r\n", "id\tname\n1\ta\nbroken\n2\tb"] {
            assert!(is_table(text), "{text}");
        }
        for text in ["", "id\n1\n2\n", "Dear all,\tsee below\nthe list\n", "To\tyou\nplain\nlines\n", "1\t2\n3\t4\n"] {
            assert!(!is_table(text), "{text}");
        }
    }
}
