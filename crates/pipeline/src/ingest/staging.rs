//! Rows of one file on their way to a data file: bookkeeping columns are added, rows are sorted within a row group and written. Rows of a
//! small file are held back until the whole file has proved sound; rows of a large one go to data files of its own, which are thrown away
//! when it has not.

use std::sync::Arc;

use deltalake_core::arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray, new_null_array};
use deltalake_core::arrow::datatypes::{Field, Schema, SchemaRef};
use deltalake_core::arrow::error::ArrowError;

use super::row_group::{Encoders, UnderWay};
use super::row_order::SortColumns;
use crate::lake::schema::Kind;
use crate::lake::{FinishedPart, LakeError, LakeTable, PartWriter, ROW_GROUP_ROWS, align};

/// Bytes of rows after which a row group is closed even if it has few rows. Twice as many are held: of the row group that is gathered and of
/// the one that is encoded.
const ROW_GROUP_BYTES: usize = 48 << 20;

/// A constant column.
pub enum Constant {
    /// Text, or null.
    Text(Option<String>),
    /// A day.
    Day(i32),
}

/// Columns that are the same in each row of a file. They are made once, for the batch with the most rows; the other batches share them.
pub struct Constants {
    constants: Vec<(&'static str, Constant)>,
    n_rows: usize,
    columns: Vec<ArrayRef>,
}

impl Constants {
    /// Columns with these names and values.
    pub fn new(constants: Vec<(&'static str, Constant)>) -> Self {
        Self { constants, n_rows: 0, columns: Vec::new() }
    }

    /// The rows with these columns before their own.
    ///
    /// # Errors
    /// The columns do not fit together: a bug.
    pub fn add_to(&mut self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let n_rows = rows.num_rows();
        if self.n_rows < n_rows || self.columns.is_empty() {
            // Batches of a large file have about as many rows each.
            self.n_rows = if self.columns.is_empty() { n_rows } else { n_rows + n_rows / 4 };
            self.columns = self.constants.iter().map(|(_, constant)| constant.column(self.n_rows)).collect();
        }
        let columns = self.columns.iter().map(|column| column.slice(0, n_rows)).chain(rows.columns().iter().cloned()).collect();
        let own = self.constants.iter().map(|(name, constant)| Arc::new(Field::new(*name, constant.kind().arrow(), true)));
        let fields: Vec<_> = own.chain(rows.schema().fields().iter().cloned()).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
    }
}

impl Constant {
    fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Day(_) => Kind::Day,
        }
    }

    fn column(&self, n_rows: usize) -> ArrayRef {
        match self {
            Self::Text(Some(text)) => Arc::new(StringArray::new_repeated(text, n_rows)),
            Self::Text(None) => new_null_array(&Kind::Text.arrow(), n_rows),
            Self::Day(day) => Arc::new(Date32Array::from_value(*day, n_rows)),
        }
    }
}

/// Sorts rows into row groups and writes them: while one row group is encoded on other threads, the next is gathered.
pub struct SortedPart {
    writer: PartWriter,
    sort_by: SortColumns,
    encoders: Encoders,
    held: Vec<RecordBatch>,
    held_rows: usize,
    held_bytes: usize,
    under_way: Option<UnderWay>,
    table_name: String,
}

impl SortedPart {
    /// Writes to a data file; rows of a row group are sorted by the given columns, nulls first, and encoded on so many threads.
    pub fn new(table: &LakeTable, writer: PartWriter, sort_by: SortColumns, n_threads: usize) -> Self {
        Self {
            writer,
            sort_by,
            encoders: Encoders::new(n_threads),
            held: Vec::new(),
            held_rows: 0,
            held_bytes: 0,
            under_way: None,
            table_name: table.name().to_owned(),
        }
    }

    /// The columns that are written.
    pub fn file_schema(&self) -> &SchemaRef {
        self.writer.file_schema()
    }

    /// Takes rows; columns they do not have become null.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let rows =
            align(rows, self.writer.file_schema()).map_err(|source| LakeError::Columns { table: self.table_name.clone(), source })?;
        self.held_rows += rows.num_rows();
        self.held_bytes += rows.columns().iter().map(n_bytes_of).sum::<usize>();
        self.held.push(rows);
        if self.held_rows >= ROW_GROUP_ROWS || self.held_bytes >= ROW_GROUP_BYTES {
            self.write_held()?;
        }
        Ok(())
    }

    /// Bytes of rows that are held until their row group is full, or encoded.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes + self.under_way.as_ref().map_or(0, |group| group.n_bytes)
    }

    /// Writes what is held as a row group, full or not, and waits for it.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub fn flush(&mut self) -> Result<(), LakeError> {
        self.write_held()?;
        self.end_group()
    }

    /// Writes what is held and closes the data files.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub fn finish(mut self) -> Result<FinishedPart, LakeError> {
        self.flush()?;
        self.writer.finish()
    }

    /// Gives up the data files.
    ///
    /// # Errors
    /// The store does not clean up.
    pub fn abandon(self) -> Result<(), LakeError> {
        self.writer.abandon()
    }

    fn write_held(&mut self) -> Result<(), LakeError> {
        let held = std::mem::take(&mut self.held);
        let (_, n_bytes) = (std::mem::take(&mut self.held_rows), std::mem::take(&mut self.held_bytes));
        if held.is_empty() {
            return Ok(());
        }
        self.end_group()?;
        let writers = self.writer.column_writers()?;
        self.under_way = Some(self.encoders.begin(held, n_bytes, self.sort_by, writers));
        Ok(())
    }

    /// Waits for the row group that is being encoded, and appends it.
    fn end_group(&mut self) -> Result<(), LakeError> {
        let Some(group) = self.under_way.take() else { return Ok(()) };
        let columns = group.wait().map_err(|source| LakeError::Columns { table: self.table_name.clone(), source: source.into() })?;
        self.writer.append(columns)
    }
}

/// Bytes of the values of a column, not of what shares its memory.
fn n_bytes_of(column: &ArrayRef) -> usize {
    column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use deltalake_core::arrow::array::{AsArray, Int64Array};
    use deltalake_core::arrow::compute::concat_batches;
    use deltalake_core::arrow::datatypes::Int64Type;

    use super::*;
    use crate::lake::{BatchName, Lake};

    const SORT: SortColumns = ["course_run_key", "time", "_source_line"];

    /// Rows with numbers from `lines`; their course goes by the number, their payload is long enough for a row group to go to other threads.
    fn rows(lines: std::ops::Range<i64>) -> RecordBatch {
        let course = |line: i64| (line % 3 > 0).then(|| format!("course {}", line % 3));
        let payload = |line: i64| (line % 7 > 0).then(|| format!("{line:0200}"));
        RecordBatch::try_from_iter_with_nullable([
            ("_source_line", Arc::new(lines.clone().collect::<Int64Array>()) as ArrayRef, true),
            ("course_run_key", Arc::new(lines.clone().map(course).collect::<StringArray>()) as ArrayRef, true),
            ("event", Arc::new(lines.clone().map(payload).collect::<StringArray>()) as ArrayRef, true),
            ("query", Arc::new(lines.map(|_| None::<&str>).collect::<StringArray>()) as ArrayRef, true),
        ])
        .unwrap()
    }

    fn written(n_threads: usize, batches: &[RecordBatch]) -> RecordBatch {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let schema = batches[0].schema();
        let table = lake.table_with("lines", &schema, &[]).unwrap();
        let writer = PartWriter::open(&table, &schema, &BatchName::of("a file"), "a1", &[], lake.runtime()).unwrap();
        let mut part = SortedPart::new(&table, writer, SORT, n_threads);
        for rows in batches {
            part.write(rows).unwrap();
        }
        let part = part.finish().unwrap();
        let read = part.paths().flat_map(|path| lake.read_data_file(&table, path, None).unwrap());
        concat_batches(&schema, &read.map(Result::unwrap).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn rows_of_a_row_group_are_sorted_and_none_is_lost_whatever_the_number_of_threads() {
        let n_rows = i64::try_from(ROW_GROUP_ROWS).unwrap();
        let batches: Vec<RecordBatch> = (0..5).map(|n| rows(n * n_rows / 2..(n + 1) * n_rows / 2)).collect();
        let all = concat_batches(&batches[0].schema(), &batches).unwrap();
        let order = |group: std::ops::Range<i64>| {
            let mut lines: Vec<i64> = group.collect();
            lines.sort_by_key(|line| (line % 3, *line));
            lines
        };
        let expected: Vec<i64> =
            [order(0..n_rows), order(n_rows..2 * n_rows), order(2 * n_rows..5 * n_rows / 2)].into_iter().flatten().collect();
        for n_threads in [1, 3] {
            let found = written(n_threads, &batches);
            let lines = found.column(0).as_primitive::<Int64Type>();
            assert_eq!(lines.values(), expected.as_slice());
            let at = lines.values().iter().map(|line| u64::try_from(*line).unwrap()).collect::<Vec<_>>();
            let same =
                deltalake_core::arrow::compute::take_record_batch(&all, &deltalake_core::arrow::array::UInt64Array::from(at)).unwrap();
            assert!(found == same, "each row keeps its values");
        }
    }
}
