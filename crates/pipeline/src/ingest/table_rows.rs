//! Records of a database file or a CSV file to rows of its table, column by column as the header says. It types nothing itself.

use std::sync::atomic::{AtomicBool, Ordering};

use czar_formats::database_file::schema::{EMAIL_OPT_IN, HAS_CHOSEN, NEVER_CHOSEN};
use czar_formats::database_file::{ColumnKind, Header, Layout, Row, Value, parse_row};
use deltalake_core::arrow::error::ArrowError;

use super::chunks::Chunk;
use super::columns::Columns;
use super::record_rows::{Account, Parsed, RecordReader};
use crate::lake::schema::{Column, Kind, UNPARSED, kind_of};

/// Reads records of one file. Columns: `_source_line`, those of the header, what is derived from them, `_unparsed`.
pub struct TableReader {
    header: Header,
    layout: Layout,
    /// The column that tells when a learner of the opt-in list chose.
    chosen_at: Option<usize>,
    met_quotes: AtomicBool,
}

impl TableReader {
    /// A reader for a file of a table with this header and layout.
    pub fn new(table: &str, header: Header, layout: Layout) -> Self {
        let derives = table == EMAIL_OPT_IN && header.index_of(HAS_CHOSEN).is_none();
        let chosen_at = header.index_of("preference_set_datetime").filter(|_| derives);
        Self { header, layout, chosen_at, met_quotes: AtomicBool::new(false) }
    }

    /// How the records of the file are cut.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// How the records read so far were written.
    pub fn dialect(&self) -> &'static str {
        match self.layout.id() {
            "escaped" | "backslash" if self.met_quotes.load(Ordering::Relaxed) => Layout::QUOTED,
            id => id,
        }
    }

    /// The columns of the file, as the lake types them.
    pub fn columns(header: &Header) -> Vec<Column<'_>> {
        header.columns().iter().map(|column| (column.name.as_str(), kind_of(column.kind))).collect()
    }

    fn push(&self, columns: &mut Columns, row: &Row<'_>) {
        for (column, value) in self.header.columns().iter().zip(&row.values) {
            match (column.kind, value) {
                (ColumnKind::Text, Value::Text(text)) => columns.text(Some(text)),
                (ColumnKind::Text, _) => columns.text(None),
                (ColumnKind::Integer | ColumnKind::UserId, Value::Integer(number)) => columns.integer(Some(*number)),
                (ColumnKind::Integer | ColumnKind::UserId, _) => columns.integer(None),
                (ColumnKind::Float, Value::Float(number)) => columns.float(Some(*number)),
                (ColumnKind::Float, _) => columns.float(None),
                (ColumnKind::Timestamp, Value::Timestamp(micros)) => columns.moment(Some(*micros)),
                (ColumnKind::Timestamp, _) => columns.moment(None),
                (ColumnKind::Truth, Value::Truth(truth)) => columns.truth(Some(*truth)),
                (ColumnKind::Truth, _) => columns.truth(None),
            }
        }
        if let Some(chosen_at) = self.chosen_at {
            columns.truth(match row.values.get(chosen_at) {
                Some(Value::Timestamp(micros)) => Some(*micros != NEVER_CHOSEN),
                _ => None,
            });
        }
        columns.text(row.unparsed_json(&self.header).as_deref());
    }
}

impl RecordReader for TableReader {
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError> {
        let line = std::iter::once(("_source_line", Kind::Integer));
        let derived = self.chosen_at.map(|_| (HAS_CHOSEN, Kind::Truth));
        let mut columns = Columns::new(line.chain(Self::columns(&self.header)).chain(derived).chain([UNPARSED]));
        let mut account = Account::new(chunk);
        for record in self.layout.records(&chunk.bytes) {
            if record.is_quoted {
                self.met_quotes.store(true, Ordering::Relaxed);
            }
            if let Some((number, row)) = account.take(record.offset, record.bytes, parse_row(&self.header, &self.layout, &record)) {
                columns.integer(Some(number));
                self.push(&mut columns, &row);
                columns.end_row();
            }
        }
        Ok(Parsed { rows: columns.finish()?, n_records: account.n_records, n_blanks: account.n_blanks, rejects: account.rejects })
    }
}
