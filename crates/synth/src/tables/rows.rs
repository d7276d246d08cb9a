//! Rows in the making: tab-separated text in the dialect of the file, `NULL` for nothing.
//!
//! It also keeps the account of what a reader must find.

use super::Dialect;
use crate::mess::columns::NewColumn;
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
    /// The column that came without notice.
    new_column: Option<NewColumn>,
    row_begin: usize,
    needs_tab: bool,
}

impl Rows {
    pub(crate) fn new(dialect: Dialect) -> Self {
        let out = Vec::with_capacity(64 * 1024);
        Self { out, tally: RowTally::default(), dialect, mess: None, new_column: None, row_begin: 0, needs_tab: false }
    }

    /// Rows that suffer the mess of a file.
    pub(crate) fn with_mess(dialect: Dialect, mess: FileMess) -> Self {
        let new_column = mess.new_column();
        Self { mess: mess.mess.is_on().then_some(mess), new_column, ..Self::new(dialect) }
    }

    /// Begins with the line of column names, given with spaces between them.
    pub(crate) fn header(&mut self, columns: &str) {
        let names: Vec<&str> = columns.split(' ').collect();
        let names = match self.new_column {
            Some(new) => new.among(names, new.name),
            None => names,
        };
        self.out.extend_from_slice(names.join("\t").as_bytes());
        self.out.push(b'\n');
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
        if self.dialect == Dialect::Quoted {
            self.quoted(value);
            return self;
        }
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

    fn quoted(&mut self, value: &str) {
        let value = value.replace('\0', "");
        if value.contains(['"', '\t', '\r', '\n']) {
            self.out.extend_from_slice(format!("\"{}\"", value.replace('"', "\"\"")).as_bytes());
        } else {
            self.out.extend_from_slice(value.as_bytes());
        }
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
        let fate = self.fate();
        self.damage(fate);
        if let Some(new) = self.new_column.filter(|_| fate != RowFate::Ragged) {
            self.take_in(new);
        }
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

    fn fate(&self) -> RowFate {
        let fate = self.mess.as_ref().map_or(RowFate::Intact, |mess| mess.row_fate(self.tally.n_records));
        // Where a row of several lines lacks a field, nobody can tell how many records there were.
        let has_line_end = self.out.get(self.row_begin..).is_some_and(|row| row.contains(&b'\n'));
        if fate == RowFate::Ragged && has_line_end { RowFate::Intact } else { fate }
    }

    fn damage(&mut self, fate: RowFate) {
        let table = self.mess.as_ref().map_or("", |mess| mess.table);
        match fate {
            RowFate::Ragged => {
                let last = self.fields().last().map_or(self.row_begin, |&(begin, _)| begin.saturating_sub(1));
                self.out.truncate(last.max(self.row_begin));
            }
            // Between a quote and the next tab there may be nothing.
            RowFate::WithNul if self.out.last() != Some(&b'"') || self.dialect != Dialect::Quoted => self.out.push(0),
            RowFate::BadText => {
                if let Some((begin, _)) = free_text_field(table).and_then(|field| self.fields().get(field).copied()) {
                    let is_quoted = self.dialect == Dialect::Quoted && self.out.get(begin) == Some(&b'"');
                    // Where quotes count, a carriage return outside of them would end the record.
                    let may_return = is_quoted || self.dialect != Dialect::Quoted;
                    let bad = if self.tally.n_records.is_multiple_of(2) || !may_return { 0xff } else { b'\r' };
                    self.out.insert(begin + usize::from(is_quoted), bad);
                }
            }
            RowFate::OddValue => {
                if let Some((field, value)) = odd_value(table)
                    && let Some(&(begin, end)) = self.fields().get(field)
                {
                    self.out.splice(begin..end, value.bytes());
                }
            }
            _ => {}
        }
    }

    /// Where the fields of the row begin and end.
    fn fields(&self) -> Vec<(usize, usize)> {
        let mut fields = Vec::new();
        let (mut begin, mut is_in_quotes) = (self.row_begin, false);
        for (place, &byte) in self.out.iter().enumerate().skip(self.row_begin) {
            match byte {
                b'"' if self.dialect == Dialect::Quoted => is_in_quotes = !is_in_quotes,
                b'\t' if !is_in_quotes => {
                    fields.push((begin, place));
                    begin = place + 1;
                }
                _ => {}
            }
        }
        fields.push((begin, self.out.len()));
        fields
    }

    /// Puts the row in the order of a header with one column more.
    fn take_in(&mut self, new: NewColumn) {
        let fields: Vec<&[u8]> = self.fields().into_iter().filter_map(|(begin, end)| self.out.get(begin..end)).collect();
        let row = new.among(fields, new.value(self.tally.n_records).as_bytes()).join(&b'\t');
        self.out.truncate(self.row_begin);
        self.out.extend_from_slice(&row);
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

    #[test]
    fn in_the_quoted_dialect_only_fields_that_need_quotes_have_them() {
        let mut rows = Rows::new(Dialect::Quoted);
        rows.text("a\\b").text("{\"a\": 1}").text("x\ty\r\n").null().end();
        assert_eq!(rows.out, b"a\\b\t\"{\"\"a\"\": 1}\"\t\"x\ty\r\n\"\tNULL\n");
        assert_eq!((rows.tally.n_records, rows.tally.n_rows), (1, 1));
    }

    #[test]
    fn a_tab_within_quotes_ends_no_field() {
        let mut rows = Rows::new(Dialect::Quoted);
        rows.text("a").text("b\t\"c\"").text("d");
        assert_eq!(rows.fields(), [(0, 1), (2, 11), (12, 13)]);
        rows.take_in(NewColumn { name: "new" });
        assert_eq!(rows.out, b"a\tNULL\td\t\"b\t\"\"c\"\"\"");
    }
}
