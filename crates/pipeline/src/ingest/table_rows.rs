//! Records of a database file to rows of its table, column by column as the header says. It types nothing itself.

use czar_formats::database_file::{ColumnKind, Dialect, Header, Row, Value, complete_len, parse_row, records};
use deltalake_core::arrow::error::ArrowError;

use super::chunks::{Chunk, LastRecordEnd, at_line_feed};
use super::columns::Columns;
use super::record_rows::{Account, Parsed, RecordReader};
use crate::lake::schema::{Column, Kind, UNPARSED, kind_of};

/// Reads records of one database file. Columns: `_source_line`, those of the header, `_unparsed`.
pub struct TableReader {
    header: Header,
}

impl TableReader {
    /// A reader for a file with this header.
    pub fn new(header: Header) -> Self {
        Self { header }
    }

    /// Where a record of this file ends.
    pub fn last_record_end(dialect: Dialect) -> LastRecordEnd {
        fn escaped(bytes: &[u8]) -> Option<usize> {
            Some(complete_len(bytes, Dialect::Backslash)).filter(|&end| end > 0)
        }
        if dialect == Dialect::Backslash { escaped } else { at_line_feed }
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
                (ColumnKind::Integer, Value::Integer(number)) => columns.integer(Some(*number)),
                (ColumnKind::Integer, _) => columns.integer(None),
                (ColumnKind::Float, Value::Float(number)) => columns.float(Some(*number)),
                (ColumnKind::Float, _) => columns.float(None),
                (ColumnKind::Timestamp, Value::Timestamp(micros)) => columns.moment(Some(*micros)),
                (ColumnKind::Timestamp, _) => columns.moment(None),
            }
        }
        columns.text(row.unparsed_json(&self.header).as_deref());
    }
}

impl RecordReader for TableReader {
    fn read(&self, chunk: &Chunk) -> Result<Parsed, ArrowError> {
        let line = std::iter::once(("_source_line", Kind::Integer));
        let mut columns = Columns::new(line.chain(Self::columns(&self.header)).chain([UNPARSED]));
        let mut account = Account::new(chunk);
        for record in records(&chunk.bytes, self.header.dialect()) {
            if let Some((number, row)) = account.take(record.offset, record.bytes, parse_row(&self.header, record.bytes)) {
                columns.integer(Some(number));
                self.push(&mut columns, &row);
                columns.end_row();
            }
        }
        Ok(Parsed { rows: columns.finish()?, n_records: account.n_records, n_blanks: account.n_blanks, rejects: account.rejects })
    }
}
