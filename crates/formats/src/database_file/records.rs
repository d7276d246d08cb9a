//! Splits the bytes of a database file into physical records.
//! It refuses to look inside a record: a record may be ragged, blank or broken, and still has its place.

use memchr::{memchr, memrchr};

use super::Dialect;

/// One physical record, without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it starts in the chunk, in bytes.
    pub offset: usize,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The records of a chunk, which starts at a record and ends at one or at the end of the file. Bytes after the last line end are a
/// record too; nothing after the last line end is not.
pub fn records(chunk: &[u8], dialect: Dialect) -> impl Iterator<Item = Record<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = chunk.get(offset..).filter(|rest| !rest.is_empty())?;
        let end = record_end(rest, dialect);
        let record = Record { offset, bytes: rest.get(..end).unwrap_or_default() };
        offset += end + 1;
        Some(record)
    })
}

/// How many bytes of a chunk are whole records with their line ends; 0 if no record ends in it. The rest belongs in front of the next
/// chunk.
pub fn complete_len(chunk: &[u8], dialect: Dialect) -> usize {
    let mut end = chunk.len();
    while let Some(line_end) = chunk.get(..end).and_then(|bytes| memrchr(b'\n', bytes)) {
        if !dialect.continues_over_line_ends() || !is_escaped(chunk, line_end) {
            return line_end + 1;
        }
        end = line_end;
    }
    0
}

fn record_end(bytes: &[u8], dialect: Dialect) -> usize {
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr(b'\n', rest)) {
        let line_end = from + found;
        if !dialect.continues_over_line_ends() || !is_escaped(bytes, line_end) {
            return line_end;
        }
        from = line_end + 1;
    }
    bytes.len()
}

/// Whether the byte at `position` follows an odd number of backslashes, so that the last of them belongs to it.
pub(super) fn is_escaped(bytes: &[u8], position: usize) -> bool {
    let before = bytes.get(..position).unwrap_or_default();
    before.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunk: &[u8], dialect: Dialect) -> Vec<(usize, &[u8])> {
        records(chunk, dialect).map(|record| (record.offset, record.bytes)).collect()
    }

    #[test]
    fn every_line_end_ends_a_record_of_the_escaped_dialect() {
        assert_eq!(split(b"a\\\nb\n\nc", Dialect::Escaped), [(0, &b"a\\"[..]), (3, b"b"), (5, b""), (6, b"c")]);
        assert_eq!(split(b"", Dialect::Escaped), []);
        assert_eq!(split(b"\n", Dialect::Escaped), [(0, &b""[..])]);
    }

    /// docs/concepts/edx-files.md, "Dialects".
    #[test]
    fn an_escaped_line_end_does_not_end_a_record_of_the_backslash_dialect() {
        assert_eq!(split(b"a\\\nb\nc\\\\\nd", Dialect::Backslash), [(0, &b"a\\\nb"[..]), (5, b"c\\\\"), (9, b"d")]);
    }

    #[test]
    fn a_chunk_is_whole_up_to_its_last_line_end_that_ends_a_record() {
        assert_eq!(complete_len(b"a\nb\\\nc", Dialect::Escaped), 5);
        assert_eq!(complete_len(b"a\nb\\\nc", Dialect::Backslash), 2);
        assert_eq!(complete_len(b"a\\\n", Dialect::Backslash), 0);
        assert_eq!(complete_len(b"abc", Dialect::Escaped), 0);
    }

    proptest::proptest! {
        #[test]
        fn records_and_their_line_ends_are_the_chunk(chunk in proptest::collection::vec(proptest::sample::select(&b"a\\\n\t"[..]), 0..60)) {
            for dialect in [Dialect::Escaped, Dialect::Backslash] {
                let joined: Vec<_> = records(&chunk, dialect).map(|record| record.bytes.to_vec()).collect();
                let mut whole = joined.join(&b'\n');
                if complete_len(&chunk, dialect) == chunk.len() && !chunk.is_empty() {
                    whole.push(b'\n');
                }
                proptest::prop_assert_eq!(whole, chunk.clone());
            }
        }

        #[test]
        fn cutting_a_chunk_where_it_is_whole_changes_no_record(
            chunk in proptest::collection::vec(proptest::sample::select(&b"a\\\n\t"[..]), 0..60), cut in 0_usize..60,
        ) {
            for dialect in [Dialect::Escaped, Dialect::Backslash] {
                let first = complete_len(chunk.get(..cut).unwrap_or(&chunk), dialect);
                let (head, tail) = chunk.split_at(first);
                let pieces: Vec<_> = split(head, dialect).into_iter().chain(split(tail, dialect)).map(|(_, bytes)| bytes).collect();
                let whole: Vec<_> = split(&chunk, dialect).into_iter().map(|(_, bytes)| bytes).collect();
                proptest::prop_assert_eq!(pieces, whole);
            }
        }
    }
}
