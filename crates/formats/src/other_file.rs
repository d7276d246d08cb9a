//! The reader of files of kinds that nobody told us of: text gives one record a line, or a single one where the whole file is one JSON value
//! written over several lines. It refuses no line, and takes no file for text that is none.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::database_file::clean_text;

/// So many bytes at the start of a file tell whether it is text.
pub const HEAD_BYTES: usize = 8 << 10;
/// A JSON value with more bytes than this is read line by line.
pub const MAX_VALUE_BYTES: usize = 64 << 20;

/// First bytes of archives, images and documents, which may have no NUL byte in their head.
const SIGNATURES: [&[u8]; 16] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"%PDF-",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3",
    b"PAR1",
];

/// Whether a file that begins so, with [`HEAD_BYTES`] bytes or all it has, is something else than text.
pub fn is_binary(head: &[u8]) -> bool {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    memchr::memchr(0, head).is_some() || SIGNATURES.iter().any(|signature| head.starts_with(signature))
}

/// Whether a file is one JSON value over several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneValue {
    /// It is, to its last byte.
    Yes,
    /// It is not: its records are its lines.
    No,
    /// It takes more bytes to tell.
    Undecided,
}

/// Looks at the first bytes of a file. `is_all` says that there are no more.
pub fn one_value(bytes: &[u8], is_all: bool) -> OneValue {
    let text = without_byte_order_mark(bytes).trim_ascii_start();
    if !text.starts_with(b"{") && !text.starts_with(b"[") {
        return if text.is_empty() && !is_all { OneValue::Undecided } else { OneValue::No };
    }
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {
            let (value, rest) = text.split_at(values.byte_offset().min(text.len()));
            let is_over_lines = memchr::memchr(b'\n', value).is_some();
            match (is_over_lines && rest.trim_ascii().is_empty(), is_all) {
                (false, _) => OneValue::No,
                (true, true) => OneValue::Yes,
                (true, false) => OneValue::Undecided,
            }
        }
        Some(Err(error)) if error.is_eof() && !is_all => OneValue::Undecided,
        _ => OneValue::No,
    }
}

/// The text of a record, a line without its line feed or a whole value; `None` for a blank one. A carriage return at the end is part of the
/// line end. As in tables, NUL bytes are dropped and bytes that are not UTF-8 become U+FFFD.
pub fn record_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = clean_text(bytes.strip_suffix(b"\r").unwrap_or(bytes));
    (!text.trim_ascii().is_empty()).then_some(text)
}

/// Bytes at the start of a file without the mark that some programs put before UTF-8.
pub fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_told_from_what_only_a_program_can_read() {
        for text in [&b""[..], b"a\tb\n", b"{}", b"caf\xe9\n", "\u{feff}x".as_bytes(), b"-----BEGIN PGP MESSAGE-----"] {
            assert!(!is_binary(text), "{text:?}");
        }
        for other in [&b"a\0b"[..], b"PK\x03\x04", b"%PDF-1.4 ", b"\x1f\x8b\x08", b"GIF89a", b"u\0t\0f\0"] {
            assert!(is_binary(other), "{other:?}");
        }
        let late = [vec![b'x'; HEAD_BYTES], vec![0]].concat();
        assert!(!is_binary(&late), "what comes after the head does not count");
    }

    #[test]
    fn one_value_over_lines_is_told_from_values_of_a_line_each() {
        for (text, expected) in [
            (&b"{\n \"a\": 1\n}\n"[..], OneValue::Yes),
            (b"\xef\xbb\xbf\n[1,\r\n2]\n\n", OneValue::Yes),
            (b"{\"a\": 1}\n", OneValue::No),
            (b"{\"a\": 1}\n{\"a\": 2}\n", OneValue::No),
            (b"{\n\"a\": 1\n}\n{\n\"a\": 2\n}\n", OneValue::No),
            (b"{\n\"a\": 1\n", OneValue::No),
            (b"[x]\n[y]", OneValue::No),
            (b"plain\ntext", OneValue::No),
            (b"", OneValue::No),
        ] {
            assert_eq!(one_value(text, true), expected, "{text:?}");
        }
        assert_eq!(one_value(b"{\n\"a\"", false), OneValue::Undecided);
        assert_eq!(one_value(b"{\n\"a\": 1\n}", false), OneValue::Undecided, "more may follow");
        assert_eq!(one_value(b"{\"a\": 1}\n{", false), OneValue::No);
        assert_eq!(one_value(b"  \n", false), OneValue::Undecided);
        assert_eq!(one_value(&b"[".repeat(100_000), true), OneValue::No, "depth ends nothing");
    }

    #[test]
    fn a_line_is_kept_as_it_stands_but_for_what_is_no_text() {
        assert_eq!(record_text(b" a\tb \r").as_deref(), Some(" a\tb "));
        assert_eq!(record_text(b"Jos\xe9").as_deref(), Some("Jos\u{fffd}"));
        assert_eq!(record_text(b"a\0b").as_deref(), Some("ab"));
        for blank in [&b""[..], b"\r", b" \t ", b"\0"] {
            assert_eq!(record_text(blank), None, "{blank:?}");
        }
    }

    proptest! {
        #[test]
        fn every_line_of_sound_text_is_a_record_with_its_own_text_or_blank(line in "[^\n\0]{0,40}") {
            match record_text(line.as_bytes()) {
                Some(text) => prop_assert_eq!(text.as_ref(), line.strip_suffix('\r').unwrap_or(&line)),
                None => prop_assert!(line.trim_ascii().is_empty()),
            }
        }

        #[test]
        fn more_bytes_never_change_what_was_told(bytes in "[\\[\\]{}\":,a1 \n\r]{0,60}", at in 0_usize..60) {
            let bytes = bytes.as_bytes();
            let told = one_value(bytes.get(..at).unwrap_or(bytes), bytes.len() <= at);
            prop_assert!(told == OneValue::Undecided || told == one_value(bytes, true));
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (is_binary(&bytes), one_value(&bytes, true), one_value(&bytes, false));
            let n_blank = bytes.split(|byte| *byte == b'\n').filter(|line| record_text(line).is_none()).count();
            let n_rows = bytes.split(|byte| *byte == b'\n').filter_map(record_text).count();
            prop_assert_eq!(n_blank + n_rows, bytes.split(|byte| *byte == b'\n').count());
        }
    }
}
