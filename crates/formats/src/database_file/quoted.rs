//! Quotes as RFC 4180 has them: a field in double quotes may hold separators and line ends, and a quote inside is doubled.
//! It refuses to see a quoted field in text that merely begins with a quote.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// What reading from a record's start with quotes gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// A line end outside quotes is reached: how many bytes stand before it, and how many fields.
    Ended { len: usize, n_fields: usize },
    /// The bytes end outside quotes.
    OpenOutside { n_fields: usize },
    /// The bytes end inside quotes, or at a quote whose meaning depends on the next byte.
    OpenInside,
    /// A quote closes where no field ends, or there are more fields than wanted: no quoted record.
    Broken,
}

/// Reads one record from the start of some bytes. `is_line` tells of a whole line inside quotes whether it is a record by itself; then
/// the quote before it belongs to a damaged record and must not swallow it.
pub(super) fn scan(bytes: &[u8], separator: u8, most_fields: usize, is_line: impl Fn(&[u8]) -> bool) -> Scan {
    let (mut at, mut n_fields) = (0, 1);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.first() == Some(&b'"') {
            let Some(closing) = closing_quote(rest) else { return Scan::OpenInside };
            if lines_inside(rest.get(..closing).unwrap_or_default()).any(&is_line) {
                return Scan::Broken;
            }
            at += closing + 1;
            match rest.get(closing + 1..).unwrap_or_default() {
                [] | [b'\r'] => return Scan::OpenOutside { n_fields },
                [b'\n', ..] => return Scan::Ended { len: at, n_fields },
                [b'\r', b'\n', ..] => return Scan::Ended { len: at + 1, n_fields },
                [next, ..] if *next == separator => at += 1,
                _ => return Scan::Broken,
            }
        } else {
            let Some(end) = memchr2(separator, b'\n', rest) else { return Scan::OpenOutside { n_fields } };
            at += end;
            if rest.get(end) == Some(&b'\n') {
                return Scan::Ended { len: at, n_fields };
            }
            at += 1;
        }
        n_fields += 1;
        if n_fields > most_fields {
            return Scan::Broken;
        }
    }
}

/// The fields of a record that [`scan`] found whole: their bytes with quotes around them, or as they are.
pub(super) fn fields(record: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(record);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let end = match bytes.first() {
            Some(b'"') => closing_quote(bytes).map_or(bytes.len(), |closing| closing + 1),
            _ => memchr(separator, bytes).unwrap_or(bytes.len()),
        };
        rest = bytes.get(end..).filter(|after| after.first() == Some(&separator)).and_then(|after| after.get(1..));
        bytes.get(..end)
    })
}

/// The inside of a field that is quoted as a whole, quotes in it still doubled.
pub(super) fn inside(field: &[u8]) -> Option<&[u8]> {
    let closing = closing_quote(field)?;
    (closing + 1 == field.len()).then(|| field.get(1..closing))?
}

/// The inside of a field that cannot but be quoted: a writer puts quotes around a field only for what the inside holds.
pub(super) fn certain_inside(field: &[u8]) -> Option<&[u8]> {
    inside(field).filter(|inside| inside.iter().any(|byte| matches!(byte, b'"' | b'\t' | b'\r' | b'\n')))
}

/// Makes one quote of two.
pub(super) fn halve_quotes(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('"') { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
}

/// Where the field that begins with a quote is closed. A last byte that is a quote closes it.
fn closing_quote(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut from = 1;
    loop {
        let at = from + memchr(b'"', bytes.get(from..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// The lines that lie whole between two line ends.
fn lines_inside(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut ends = memchr_iter(b'\n', bytes);
    let mut start = ends.next();
    std::iter::from_fn(move || {
        let end = ends.next()?;
        let line = bytes.get(start? + 1..end);
        start = Some(end);
        line
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(bytes: &[u8]) -> Scan {
        scan(bytes, b'\t', 3, |line| line == b"x\ty\tz")
    }

    #[test]
    fn a_record_ends_at_the_first_line_end_outside_quotes() {
        assert_eq!(scanned(b"a\t\"b\n\"\"c\td\"\te\nf"), Scan::Ended { len: 13, n_fields: 3 });
        assert_eq!(scanned(b"\"a\"\r\nb"), Scan::Ended { len: 4, n_fields: 1 });
        assert_eq!(scanned(b"a\tb"), Scan::OpenOutside { n_fields: 2 });
        assert_eq!(scanned(b"a\t\"b\n"), Scan::OpenInside);
    }

    #[test]
    fn what_no_writer_of_quotes_writes_is_no_quoted_record() {
        assert_eq!(scanned(b"\"hello\" she said\n"), Scan::Broken);
        assert_eq!(scanned(b"a\tb\tc\td\n"), Scan::Broken);
        assert_eq!(scanned(b"\"a\nx\ty\tz\nb\"\n"), Scan::Broken);
        assert_eq!(scanned(b"\"a\nx\ty\nb\"\n"), Scan::Ended { len: 9, n_fields: 1 });
    }

    #[test]
    fn fields_are_taken_out_of_their_quotes_only_when_whole() {
        let record = b"a\t\"b\t\"\"\"\t\"c\"\r";
        assert_eq!(fields(record, b'\t').collect::<Vec<_>>(), [&b"a"[..], b"\"b\t\"\"\"", b"\"c\""]);
        assert_eq!(fields(b"a\t", b'\t').collect::<Vec<_>>(), [&b"a"[..], b""]);
        assert_eq!(inside(b"\"b\"\"c\""), Some(&b"b\"\"c"[..]));
        assert_eq!(inside(b"\"b\"c"), None);
        assert_eq!(inside(b"\""), None);
        assert_eq!(inside(b"\"\""), Some(&b""[..]));
        assert_eq!(certain_inside(b"\"plain\""), None);
        assert_eq!(certain_inside(b"\"say \"\"hi\"\"\""), Some(&b"say \"\"hi\"\""[..]));
    }
}
