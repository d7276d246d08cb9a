//! Opens a file of records with a header: which table it is of, what its columns are, how its records are cut. It reads no record.

use czar_formats::database_file::schema::{EMAIL_OPT_IN, PROGRAM_ENTITLEMENT_REPORT, PROGRAM_LEARNER_REPORT};
use czar_formats::database_file::{Header, HeaderError, SAMPLE_BYTES};
use czar_formats::package_file::FileKind;

use super::FileFailure;
use super::chunks::Chunks;
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
