//! Records of a file of an unknown kind to rows of `other_records`: its lines, or the whole of it. It looks into no record.

use czar_formats::other_file::{HEAD_BYTES, MAX_VALUE_BYTES, OneValue, is_binary, one_value, record_text, without_byte_order_mark};
use deltalake_core::arrow::error::ArrowError;

use super::FileFailure;
use super::chunks::{Chunk, Chunks};
use super::clear::Limited;
use super::columns::Columns;
use super::record_rows::{Account, Parsed, RecordReader, lines};
use crate::lake::schema::{Kind, OTHER_RECORD_COLUMNS};
use crate::package::DeliveredFile;

/// Bytes of the first look for a JSON value; each further look takes so many times as many.
const FIRST_LOOK_BYTES: usize = 64 << 10;
const LOOK_TIMES: usize = 8;

/// What a file of an unknown kind turned out to be.
pub enum Text {
    /// Text, with the reader of its records.
    Is(TextReader),
    /// Something else.
    IsNot,
    /// To tell, more bytes would have to be held than allowed.
    TakesMore,
}

/// Looks at the head of a file, which may hold so many bytes in memory to tell whether it is a single value.
///
/// # Errors
/// The file cannot be read.
pub fn open(file: &DeliveredFile, chunks: &mut Chunks<Limited>, max_record_bytes: usize, may_hold: usize) -> Result<Text, FileFailure> {
    let of_stream = |error| FileFailure::of_stream(file, &error);
    if is_binary(chunks.head(HEAD_BYTES).map_err(of_stream)?) {
        return Ok(Text::IsNot);
    }
    let file_name = file.file.file_key.split_once('/').map_or(file.file.file_key.as_str(), |(_, name)| name);
    let reader = |is_one_value| Text::Is(TextReader { file_name: file_name.to_owned(), is_one_value });
    let most = MAX_VALUE_BYTES.min(max_record_bytes);
    let mut wanted = FIRST_LOOK_BYTES.min(most + 1);
    loop {
        let bytes = chunks.head(wanted).map_err(of_stream)?;
        match one_value(bytes, bytes.len() < wanted) {
            OneValue::Yes => return Ok(reader(true)),
            OneValue::No => return Ok(reader(false)),
            OneValue::Undecided if wanted > most => return Ok(reader(false)),
            OneValue::Undecided => wanted = wanted.saturating_mul(LOOK_TIMES).min(most + 1),
        }
        if wanted > may_hold {
            return Ok(Text::TakesMore);
        }
    }
}

/// Reads records of one file. Columns: `_source_line`, then those of `other_records`.
pub struct TextReader {
    file_name: String,
    /// Whether the whole file is one record; its only chunk then holds all of it.
    is_one_value: bool,
}

impl TextReader {
    /// The records of a chunk with their places, without line ends.
    pub fn records<'a>(&self, chunk: &'a Chunk) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let whole = Some((0, chunk.bytes.as_slice())).filter(|(_, bytes)| self.is_one_value && !bytes.is_empty());
        let of_lines: &[u8] = if self.is_one_value { &[] } else { &chunk.bytes };
        whole.into_iter().chain(lines(of_lines))
    }
}

impl RecordReader for TextReader {
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError> {
        let mut columns = Columns::new(std::iter::once(("_source_line", Kind::Integer)).chain(OTHER_RECORD_COLUMNS));
        let mut account = Account::new(chunk);
        for (offset, record) in self.records(chunk) {
            let is_first = chunk.first_offset == 0 && offset == 0;
            let bytes = if is_first { without_byte_order_mark(record) } else { record };
            // White space around a value says nothing, that in a line is the line's.
            let text = record_text(if self.is_one_value { bytes.trim_ascii() } else { bytes });
            if let Some((number, text)) = account.take(offset, record, Ok(text)) {
                columns.integer(Some(number));
                columns.text(Some(&self.file_name));
                columns.text(Some(&text));
                columns.end_row();
            }
        }
        Ok(Parsed { rows: columns.finish()?, n_records: account.n_records, n_blanks: account.n_blanks, rejects: account.rejects })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use deltalake_core::arrow::array::AsArray as _;
    use deltalake_core::arrow::datatypes::Int64Type;
    use proptest::prelude::*;

    use super::*;

    fn read(is_one_value: bool, bytes: &[u8]) -> Parsed {
        let reader = TextReader { file_name: "notes.txt".to_owned(), is_one_value };
        reader.read(&Chunk { first_line: 1, first_offset: 0, bytes: bytes.to_vec() }).unwrap()
    }

    fn rows(parsed: &Parsed) -> Vec<(i64, &str)> {
        let lines = parsed.rows.column(0).as_primitive::<Int64Type>().values().iter().copied();
        lines.zip(parsed.rows.column(2).as_string::<i32>().iter().map(Option::unwrap)).collect()
    }

    #[test]
    fn each_line_is_a_record_in_its_own_place() {
        let parsed = read(false, b"\xef\xbb\xbfone \r\n\n two\n");
        assert_eq!(rows(&parsed), [(1, "one "), (3, " two")]);
        assert_eq!((parsed.n_records, parsed.n_blanks, parsed.rejects.len()), (3, 1, 0));
    }

    #[test]
    fn a_whole_value_is_one_record_of_the_first_line() {
        let parsed = read(true, b"\xef\xbb\xbf{\r\n \"a\": 1\r\n}\r\n\r\n");
        assert_eq!(rows(&parsed), [(1, "{\r\n \"a\": 1\r\n}")]);
        assert_eq!((parsed.n_records, read(true, b"").n_records), (1, 0));
    }

    proptest! {
        #[test]
        fn every_record_of_any_bytes_is_a_row_or_a_blank(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..400)) {
            let parsed = read(false, &bytes);
            let n_lines = bytes.iter().filter(|byte| **byte == b'\n').count() + usize::from(bytes.last().is_some_and(|last| *last != b'\n'));
            prop_assert_eq!(parsed.n_records, n_lines as u64);
            prop_assert_eq!(parsed.n_records, parsed.rows.num_rows() as u64 + parsed.n_blanks);
        }
    }
}
