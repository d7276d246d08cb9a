//! How the records of one file are cut and read: the separator, the escapes, and what a double quote means in this file.
//!
//! A quote is decided for each file from the head of its content (`sniff.rs`), and again for each record that does not fit the header
//! as it stands: then quotes are tried, over line ends too. What never fits stays what it is, line by line; nothing is joined on a guess.
//! Source: docs/concepts/edx-files.md, "Dialects"; the rules are argued in docs/decisions/0006-quoted-tables.md.

use memchr::{memchr, memchr_iter, memrchr};

use super::Dialect;
use super::quoted::{Scan, scan};

/// Bytes that a record of several lines may have. Text of learners has some MiB at most.
const MOST_JOINED_BYTES: usize = 16 << 20;

/// What a double quote at the start of a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quotes {
    /// It is text: the file has quotes that a writer of quoted fields would have doubled.
    Text,
    /// The head of the file has no telling quote. A field counts as quoted if it can be nothing else.
    Undecided,
    /// It opens a quoted field.
    Marks,
}

/// How the records of one file are cut and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub(super) n_columns: usize,
    pub(super) separator: u8,
    pub(super) dialect: Dialect,
    pub(super) quotes: Quotes,
    /// Whether values were un-escaped before they were quoted, so that a backslash is a backslash.
    pub(super) has_raw_backslashes: bool,
    /// The word that stands for a missing value in text.
    pub(super) null_word: &'static str,
    pub(super) most_joined_bytes: usize,
}

/// One record, without its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it starts in the chunk, in bytes.
    pub offset: usize,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether its fields are read with quotes.
    pub is_quoted: bool,
}

/// Where the record at the start of some bytes ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// So many bytes before the line end.
    Record { len: usize, is_quoted: bool },
    /// It takes more bytes to tell.
    Undecided,
}

impl Layout {
    /// Tab-separated records of so many columns, before anything is known of quotes.
    pub fn new(dialect: Dialect, n_columns: usize) -> Self {
        let (separator, quotes) = match dialect {
            Dialect::Csv => (b',', Quotes::Marks),
            _ => (b'\t', Quotes::Undecided),
        };
        let has_raw_backslashes = dialect == Dialect::Csv;
        Self { n_columns, separator, dialect, quotes, has_raw_backslashes, null_word: "NULL", most_joined_bytes: MOST_JOINED_BYTES }
    }

    /// Takes a record of several lines for damage when it would be longer than this.
    #[must_use]
    pub fn with_most_joined_bytes(self, most_bytes: usize) -> Self {
        Self { most_joined_bytes: MOST_JOINED_BYTES.min(most_bytes), ..self }
    }

    /// What a quote means.
    pub fn quotes(&self) -> Quotes {
        self.quotes
    }

    /// The name that stands as `dialect` in the lake's `loads` table.
    pub fn id(&self) -> &'static str {
        match (self.dialect, self.quotes) {
            (Dialect::Csv, _) => self.dialect.id(),
            (_, Quotes::Marks) => Self::QUOTED,
            _ => self.dialect.id(),
        }
    }

    /// The [`Self::id`] of a file in which quotes mark fields, or did in a record.
    pub const QUOTED: &'static str = "quoted";

    /// The records of a chunk, which starts at a record and ends at one or at the end of the file. Bytes after the last line end are a
    /// record too; nothing after the last line end is not.
    pub fn records<'a>(&self, chunk: &'a [u8]) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let layout = *self;
        let mut offset = 0;
        std::iter::from_fn(move || {
            let rest = chunk.get(offset..).filter(|rest| !rest.is_empty())?;
            let Cut::Record { len, is_quoted } = layout.cut(rest, true) else { return None };
            let record = Record { offset, bytes: rest.get(..len).unwrap_or_default(), is_quoted };
            offset += len + 1;
            Some(record)
        })
    }

    /// How many bytes of a chunk are whole records with their line ends; 0 if no record is sure to end in it. The rest belongs in front
    /// of the next chunk. A chunk cut here gives the records that the whole file gives: where a line could not be joined with those
    /// behind it, it cannot be joined with fewer of them.
    pub fn complete_len(&self, chunk: &[u8]) -> usize {
        let mut start = 0;
        while let Some(rest) = chunk.get(start..) {
            if self.quotes != Quotes::Marks {
                // Lines without a quote at the start of a field need no look.
                match self.quoted_field(rest) {
                    None => return start + self.last_line_end(rest),
                    Some(quote) => start += self.last_line_end(rest.get(..quote).unwrap_or_default()),
                }
            }
            match self.cut(chunk.get(start..).unwrap_or_default(), false) {
                Cut::Record { len, .. } => start += len + 1,
                Cut::Undecided => return start,
            }
        }
        start
    }

    /// How many bytes the line at the start has, with its line end, whatever quotes say.
    pub fn first_line_len(&self, bytes: &[u8]) -> Option<usize> {
        self.line_end(bytes).map(|end| end + 1)
    }

    fn cut(&self, bytes: &[u8], at_end: bool) -> Cut {
        let len = match self.line_end(bytes) {
            Some(end) => end,
            None if at_end => bytes.len(),
            None => return Cut::Undecided,
        };
        let line = bytes.get(..len).unwrap_or_default();
        let plain = Cut::Record { len, is_quoted: false };
        let may_be_quoted = match self.quotes {
            Quotes::Marks => memchr(b'"', line).is_some(),
            _ => self.quoted_field(line).is_some(),
        };
        if !may_be_quoted {
            return plain;
        }
        if self.quotes != Quotes::Marks && self.n_fields(line) == self.n_columns {
            // The line fits. Only if its last field stays open, and the next line does not fit, is there reason to join them.
            if scan(line, self.separator, self.n_columns, |_| false) != Scan::OpenInside {
                return plain;
            }
            let after = bytes.get(len + 1..).unwrap_or_default();
            let window = after.get(..self.most_joined_bytes).unwrap_or(after);
            let next = match self.line_end(window) {
                Some(end) => window.get(..end).unwrap_or_default(),
                None if window.len() == self.most_joined_bytes => return plain,
                None if at_end => window,
                None => return Cut::Undecided,
            };
            if next.is_empty() || self.n_fields(next) == self.n_columns {
                return plain;
            }
        }
        let window = bytes.get(..self.most_joined_bytes).unwrap_or(bytes);
        let is_too_long = window.len() == self.most_joined_bytes;
        let is_record = |line: &[u8]| self.dialect != Dialect::Csv && self.n_fields(line) == self.n_columns;
        match scan(window, self.separator, self.n_columns, is_record) {
            // A line end that belongs to a value ends no record, and would be none at the end of a chunk.
            Scan::Ended { len, .. } if self.has_escaped_ends() && is_escaped(window, len) => plain,
            Scan::Ended { len, n_fields } if n_fields == self.n_columns => Cut::Record { len, is_quoted: true },
            Scan::Ended { .. } | Scan::Broken => plain,
            Scan::OpenOutside { .. } | Scan::OpenInside if is_too_long => plain,
            Scan::OpenOutside { .. } | Scan::OpenInside if !at_end => Cut::Undecided,
            Scan::OpenOutside { n_fields } if n_fields == self.n_columns => Cut::Record { len: window.len(), is_quoted: true },
            Scan::OpenOutside { .. } | Scan::OpenInside => plain,
        }
    }

    /// Where the first field begins that begins with a quote.
    fn quoted_field(&self, bytes: &[u8]) -> Option<usize> {
        memchr_iter(b'"', bytes).find(|&at| at == 0 || bytes.get(at - 1).is_some_and(|&before| before == self.separator || before == b'\n'))
    }

    fn n_fields(&self, line: &[u8]) -> usize {
        memchr_iter(self.separator, line).filter(|&at| !self.has_escaped_ends() || !is_escaped(line, at)).count() + 1
    }

    fn line_end(&self, bytes: &[u8]) -> Option<usize> {
        if !self.has_escaped_ends() {
            return memchr(b'\n', bytes);
        }
        memchr_iter(b'\n', bytes).find(|&at| !is_escaped(bytes, at))
    }

    /// How many bytes are whole lines with their line ends.
    fn last_line_end(&self, bytes: &[u8]) -> usize {
        let mut end = bytes.len();
        while let Some(at) = bytes.get(..end).and_then(|bytes| memrchr(b'\n', bytes)) {
            if !self.has_escaped_ends() || !is_escaped(bytes, at) {
                return at + 1;
            }
            end = at;
        }
        0
    }

    /// Whether a tab or line end with a backslash before it is part of a value.
    pub(super) fn has_escaped_ends(&self) -> bool {
        self.dialect == Dialect::Backslash && self.quotes != Quotes::Marks
    }
}

/// Whether the byte at `position` follows an odd number of backslashes, so that the last of them belongs to it.
pub(super) fn is_escaped(bytes: &[u8], position: usize) -> bool {
    let before = bytes.get(..position).unwrap_or_default();
    before.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests;
