//! Rows in the making: tab-separated text with the exporter's escapes, no quotes, `NULL` for nothing.
//!
//! It also keeps the account of what a reader must find.

use super::Dialect;
use crate::mess::rows::{FileMess, RowFate, free_text_field, odd_value};
use crate::moment::{Moment, database_text};

/// What a reader must find in a file of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowTally {
    /// Physical records after the header.
    pub(crate) n_records: u64,
    pub(crate) n_rows: u64,
    pub(crate) n_blanks: u64,
    pub(crate) n_rejects: u64,
}

/// Text of rows, and their account.
pub(crate) struct Rows {
    pub(crate) out: Vec<u8>,
    pub(crate) tally: RowTally,
    pub(crate) dialect: Dialect,
    /// None: no row is damaged.
    mess: Option<FileMess>,
    row_begin: usize,
    needs_tab: bool,
}

impl Rows {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { out: Vec::with_capacity(64 * 1024), tally: RowTally::default(), dialect, mess: None, row_begin: 0, needs_tab: false }
    }

    /// Rows that suffer the mess of a file.
    pub(crate) fn with_mess(dialect: Dialect, mess: FileMess) -> Self {
        Self { mess: mess.mess.is_on().then_some(mess), ..Self::new(dialect) }
    }

    /// Begins with the line of column names, which no mess touches.
    pub(crate) fn header(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.row_begin = self.out.len();
    }

    /// Forgets the text, keeps the account.
    pub(crate) fn clear(&mut self) {
        self.out.clear();
        self.row_begin = 0;
    }

    fn separate(&mut self) {
        if self.needs_tab {
            self.out.push(b'\t');
        }
        self.needs_tab = true;
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.separate();
        for byte in value.bytes() {
            match (byte, self.dialect) {
                (b'\\', _) => self.out.extend_from_slice(b"\\\\"),
                (b'\r', Dialect::Exporter) => self.out.extend_from_slice(b"\\r"),
                (b'\t', Dialect::Exporter) => self.out.extend_from_slice(b"\\t"),
                (b'\n', Dialect::Exporter) => self.out.extend_from_slice(b"\\n"),
                (0, _) => {}
                _ => self.out.push(byte),
            }
        }
        self
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.text(&value.to_string())
    }

    /// Hundredths as Python prints a float.
    pub(crate) fn hundredths(&mut self, value: i64) -> &mut Self {
        self.text(&hundredths_text(value))
    }

    pub(crate) fn flag(&mut self, value: bool) -> &mut Self {
        self.text(if value { "1" } else { "0" })
    }

    pub(crate) fn moment(&mut self, value: Moment) -> &mut Self {
        self.text(&database_text(value))
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.text("NULL")
    }

    pub(crate) fn text_or_null(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(crate) fn int_or_null(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }

    pub(crate) fn moment_or_null(&mut self, value: Option<Moment>) -> &mut Self {
        match value {
            Some(value) => self.moment(value),
            None => self.null(),
        }
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        let fate = self.mess.as_ref().map_or(RowFate::Intact, |mess| mess.row_fate(self.tally.n_records));
        self.damage(fate);
        self.out.push(b'\n');
        self.tally.n_records += 1;
        if fate == RowFate::Ragged {
            self.tally.n_rejects += 1;
        } else {
            self.tally.n_rows += 1;
        }
        match fate {
            RowFate::PieceAfter => {
                self.out.extend_from_slice(b"a line that was once the end of a text\n");
                self.tally.n_records += 1;
                self.tally.n_rejects += 1;
            }
            RowFate::BlankAfter => {
                self.out.push(b'\n');
                self.tally.n_records += 1;
                self.tally.n_blanks += 1;
            }
            _ => {}
        }
        self.row_begin = self.out.len();
        self.needs_tab = false;
    }

    fn damage(&mut self, fate: RowFate) {
        let table = self.mess.as_ref().map_or("", |mess| mess.table);
        match fate {
            RowFate::Ragged => {
                let last_tab = self.out[self.row_begin..].iter().rposition(|&b| b == b'\t').unwrap_or(0);
                self.out.truncate(self.row_begin + last_tab);
            }
            RowFate::WithNul => self.out.push(0),
            RowFate::BadText => {
                if let Some((begin, _)) = free_text_field(table).and_then(|field| self.field(field)) {
                    let bad = if self.tally.n_records.is_multiple_of(2) { 0xff } else { b'\r' };
                    self.out.insert(begin, bad);
                }
            }
            RowFate::OddValue => {
                if let Some((field, value)) = odd_value(table)
                    && let Some((begin, end)) = self.field(field)
                {
                    self.out.splice(begin..end, value.bytes());
                }
            }
            _ => {}
        }
    }

    /// Where a field of the row begins and ends.
    fn field(&self, number: usize) -> Option<(usize, usize)> {
        let mut begin = self.row_begin;
        for _ in 0..number {
            begin += self.out.get(begin..)?.iter().position(|&b| b == b'\t')? + 1;
        }
        let length = self.out.get(begin..)?.iter().position(|&b| b == b'\t').unwrap_or(self.out.len() - begin);
        Some((begin, begin + length))
    }
}

/// Hundredths as Python prints a float: `0.84`, `0.8`, `1.0`.
pub(crate) fn hundredths_text(value: i64) -> String {
    if value % 10 == 0 { format!("{}.{}", value / 100, value / 10 % 10) } else { format!("{}.{:02}", value / 100, value % 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_in_the_exporters_dialect_only() {
        let mut rows = Rows::new(Dialect::Exporter);
        rows.text("a\tb\\c\r\n").null().hundredths(80).end();
        assert_eq!(rows.out, b"a\\tb\\\\c\\r\\n\tNULL\t0.8\n");
        let mut rows = Rows::new(Dialect::StudentModule);
        rows.text("{\"a\": \"\\n\"}").end();
        assert_eq!(rows.out, b"{\"a\": \"\\\\n\"}\n");
    }
}
