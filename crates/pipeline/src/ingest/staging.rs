//! Rows of one file on their way to a data file: bookkeeping columns are added, rows are sorted within a row group and written. Rows of a
//! small file are held back until the whole file has proved sound; rows of a large one go to data files of its own, which are thrown away
//! when it has not.

use std::sync::Arc;

use deltalake_core::arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use deltalake_core::arrow::compute::{SortColumn, concat, interleave_record_batch, lexsort_to_indices};
use deltalake_core::arrow::datatypes::{Schema, SchemaRef};
use deltalake_core::arrow::error::ArrowError;

use crate::lake::{FinishedPart, LakeError, LakeTable, PartWriter, ROW_GROUP_ROWS, align};

/// Bytes of rows after which a row group is closed even if it has few rows.
const ROW_GROUP_BYTES: usize = 192 << 20;

/// A constant column.
pub enum Constant {
    /// Text, or null.
    Text(Option<String>),
    /// A day.
    Day(i32),
}

/// Adds columns that are the same in each row.
///
/// # Errors
/// The columns do not fit together: a bug.
pub fn with_constants(rows: &RecordBatch, constants: &[(&str, Constant)]) -> Result<RecordBatch, ArrowError> {
    let n_rows = rows.num_rows();
    let mut fields: Vec<_> = Vec::with_capacity(rows.num_columns() + constants.len());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(fields.capacity());
    for (name, constant) in constants {
        let (kind, column): (_, ArrayRef) = match constant {
            Constant::Text(text) => {
                let values: StringArray = std::iter::repeat_n(text.as_deref(), n_rows).collect();
                (crate::lake::schema::Kind::Text, Arc::new(values))
            }
            Constant::Day(day) => (crate::lake::schema::Kind::Day, Arc::new(Date32Array::from_value(*day, n_rows))),
        };
        fields.push(deltalake_core::arrow::datatypes::Field::new(*name, kind.arrow(), true));
        columns.push(column);
    }
    fields.extend(rows.schema().fields().iter().map(|field| field.as_ref().clone()));
    columns.extend(rows.columns().iter().cloned());
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Sorts rows into row groups and writes them.
pub struct SortedPart {
    writer: PartWriter,
    sort_by: &'static [&'static str],
    held: Vec<RecordBatch>,
    held_rows: usize,
    held_bytes: usize,
    table_name: String,
}

impl SortedPart {
    /// Writes to a data file; rows of a row group are sorted by the given columns, nulls first.
    pub fn new(table: &LakeTable, writer: PartWriter, sort_by: &'static [&'static str]) -> Self {
        Self { writer, sort_by, held: Vec::new(), held_rows: 0, held_bytes: 0, table_name: table.name().to_owned() }
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
        let rows = align(rows, self.writer.file_schema()).map_err(|source| self.columns_error(source))?;
        self.held_rows += rows.num_rows();
        self.held_bytes += rows.get_array_memory_size();
        self.held.push(rows);
        if self.held_rows >= ROW_GROUP_ROWS || self.held_bytes >= ROW_GROUP_BYTES {
            self.write_held()?;
        }
        Ok(())
    }

    /// Bytes of rows that are held until their row group is full.
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// Writes what is held as a row group, full or not.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub fn flush(&mut self) -> Result<(), LakeError> {
        self.write_held()
    }

    /// Writes what is held and closes the data files.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub fn finish(mut self) -> Result<FinishedPart, LakeError> {
        self.write_held()?;
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
        (self.held_rows, self.held_bytes) = (0, 0);
        if held.is_empty() {
            return Ok(());
        }
        let sorted = sorted(&held, self.sort_by).map_err(|source| self.columns_error(source))?;
        self.writer.write(&sorted)
    }

    fn columns_error(&self, source: ArrowError) -> LakeError {
        LakeError::Columns { table: self.table_name.clone(), source }
    }
}

/// The rows of all batches in one, sorted; rows that compare equal keep their order.
fn sorted(batches: &[RecordBatch], sort_by: &[&str]) -> Result<RecordBatch, ArrowError> {
    let mut places = Vec::new();
    for (number, rows) in batches.iter().enumerate() {
        places.extend((0..rows.num_rows()).map(|row| (number, row)));
    }
    let keys = sort_by
        .iter()
        .filter_map(|name| batches.iter().map(|rows| rows.column_by_name(name).map(AsRef::as_ref)).collect::<Option<Vec<_>>>())
        .map(|columns| Ok(SortColumn { values: concat(&columns)?, options: None }))
        .collect::<Result<Vec<_>, ArrowError>>()?;
    let places =
        if keys.is_empty() { places } else { lexsort_to_indices(&keys, None)?.values().iter().map(|&at| places[at as usize]).collect() };
    interleave_record_batch(&batches.iter().collect::<Vec<_>>(), &places)
}
