//! Reads data files back, and swaps single rows of the small bookkeeping tables. It is not for tables of events.

use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

use deltalake_core::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use deltalake_core::arrow::compute::filter_record_batch;
use deltalake_core::arrow::datatypes::SchemaRef;
use deltalake_core::arrow::error::ArrowError;
use deltalake_core::parquet::arrow::ProjectionMask;
use deltalake_core::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use deltalake_core::parquet::errors::ParquetError;

use super::{Attempt, BatchName, Change, Lake, LakeError, LakeTable, PartWriter};

/// So many small data files in a bookkeeping table are merged into one by the next change; it is done as a stream.
const MOST_SMALL_FILES: usize = 48;
/// A data file of a bookkeeping table with more bytes than this is not merged again: some 150,000 rows of `loads`.
const SMALL_FILE_BYTES: u64 = 16 << 20;

impl Lake {
    /// Reads columns of one data file of a table batch by batch, by its path relative to the table.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_data_file(
        &self,
        table: &LakeTable,
        path: &str,
        columns: Option<&[&str]>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, LakeError>> + use<>, LakeError> {
        let reader = self.open_data_file(table, path, columns)?;
        let table_name = table.name().to_owned();
        Ok(reader.map(move |rows| rows.map_err(|source| LakeError::Columns { table: table_name.clone(), source })))
    }

    fn open_data_file(&self, table: &LakeTable, path: &str, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, LakeError> {
        let file = File::open(self.folder().join(table.name()).join(path)).map_err(|source| table.error("read", source))?;
        read_parquet(file, columns).map_err(|source| table.error("read", source))
    }

    /// Prepares a change of a bookkeeping table: `revise` says what becomes of rows in data files where the key column has one of `keys`
    /// (it may be given other rows too, which it leaves as they are), and `new_rows` come.
    ///
    /// # Errors
    /// The table cannot be read or the new data file cannot be written.
    pub fn swap_rows(
        &self,
        table: &LakeTable,
        attempt: &Attempt<'_>,
        batch: &BatchName,
        (key_column, keys): (&str, &HashSet<String>),
        revise: impl Fn(RecordBatch) -> Result<RecordBatch, ArrowError>,
        new_rows: &RecordBatch,
    ) -> Result<Change, LakeError> {
        let sized = table.sizes_of_data_files()?;
        let small: HashSet<String> = sized.into_iter().filter(|(_, n_bytes)| *n_bytes < SMALL_FILE_BYTES).map(|(path, _)| path).collect();
        let merge = small.len() >= MOST_SMALL_FILES;
        let schema = new_rows.schema();
        let mut change = Change::default();
        let mut writer = PartWriter::open(table, &schema, batch, attempt.name(), &[], self.runtime())?;
        for path in table.data_files()? {
            let is_merged = merge && small.contains(&path);
            if !is_merged && (keys.is_empty() || !self.holds_key(table, &path, key_column, keys)?) {
                continue;
            }
            for rows in self.read_data_file(table, &path, None)? {
                let rows = revise(rows?).and_then(|rows| align(&rows, &schema)).map_err(|source| table.columns_error(source))?;
                if rows.num_rows() > 0 {
                    writer.write(&rows)?;
                }
            }
            change.removes_paths.push(path);
        }
        if new_rows.num_rows() > 0 {
            writer.write(new_rows)?;
        }
        change.adds = writer.finish()?;
        Ok(change)
    }

    fn holds_key(&self, table: &LakeTable, path: &str, key_column: &str, keys: &HashSet<String>) -> Result<bool, LakeError> {
        for rows in self.read_data_file(table, path, Some(&[key_column]))? {
            if rows?.column(0).as_string::<i32>().iter().flatten().any(|key| keys.contains(key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Rows without those whose key column has one of the keys.
///
/// # Errors
/// The rows cannot be filtered: a bug.
pub fn without_keys(rows: &RecordBatch, key_column: &str, keys: &HashSet<String>) -> Result<RecordBatch, ArrowError> {
    let Some(key) = rows.column_by_name(key_column).map(|column| column.as_string::<i32>()) else { return Ok(rows.clone()) };
    let stays: BooleanArray = (0..rows.num_rows()).map(|row| Some(key.is_null(row) || !keys.contains(key.value(row)))).collect();
    filter_record_batch(rows, &stays)
}

fn read_parquet(source: File, columns: Option<&[&str]>) -> Result<ParquetRecordBatchReader, ParquetError> {
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(source)?;
    if let Some(columns) = columns {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    builder.build()
}

/// Brings rows to a schema by name; a column the rows do not have is null.
///
/// # Errors
/// A column has another type than the schema says.
pub fn align(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| match rows.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => deltalake_core::arrow::array::new_null_array(field.data_type(), rows.num_rows()),
        })
        .collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
}
