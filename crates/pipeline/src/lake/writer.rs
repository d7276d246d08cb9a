//! Writes the data files of one batch into one partition of a table. Nothing it writes is visible before a commit names it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use deltalake_core::arrow::array::RecordBatch;
use deltalake_core::arrow::datatypes::{Schema, SchemaRef};
use deltalake_core::kernel::Add;
use deltalake_core::parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use deltalake_core::parquet::errors::ParquetError;
use deltalake_core::parquet::file::properties::WriterProperties;
use deltalake_core::{DeltaTableError, ObjectStore, Path};
use object_store::ObjectStoreExt as _;
use tokio::runtime::Handle;

use super::data_file::DataFile;
use super::properties::writer_properties;
use super::{BatchName, LakeError, LakeTable};

/// Rows per row group: also the unit in which rows are sorted, so memory is bounded by it.
pub const ROW_GROUP_ROWS: usize = 65_536;
/// A data file is closed and the next one opened at about this size.
const TARGET_FILE_BYTES: u64 = 256 << 20;
/// Data files this process has begun: their numbers are part of their names.
static N_FILES: AtomicU64 = AtomicU64::new(0);

/// Data files that are written but not committed.
#[derive(Debug, Default)]
pub struct FinishedPart {
    pub(super) adds: Vec<Add>,
}

impl FinishedPart {
    /// The paths of the data files, relative to the table.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.adds.iter().map(|add| add.path.as_str())
    }

    /// The rows of the data files, as these tell it themselves: it is what a commit says of them.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        let of_file = |add: &Add| {
            let statistics: serde_json::Value = serde_json::from_str(add.stats.as_deref()?).ok()?;
            statistics["numRecords"].as_u64()
        };
        self.adds.iter().filter_map(of_file).sum()
    }

    /// Adds the data files of another part.
    pub fn extend(&mut self, other: Self) {
        self.adds.extend(other.adds);
    }

    /// Deletes the data files: they were written for a file that turned out to be damaged.
    ///
    /// # Errors
    /// The store does not delete; the files stay invisible and the next run sweeps them.
    pub fn discard(self, table: &LakeTable, runtime: &Handle) -> Result<(), LakeError> {
        for path in self.paths() {
            runtime.block_on(table.object_store().delete(&Path::from(path))).map_err(|source| table.error("clean up after", source))?;
        }
        Ok(())
    }
}

/// The data files of one batch in one partition of a table, of which the last is open.
pub struct PartWriter {
    store: Arc<dyn ObjectStore>,
    table_name: String,
    file_schema: SchemaRef,
    properties: WriterProperties,
    directory: String,
    partition_values: HashMap<String, Option<String>>,
    file: Option<DataFile>,
    group: Option<OpenGroup>,
    finished: FinishedPart,
    runtime: Handle,
}

/// A row group that rows are written to as they come.
struct OpenGroup {
    columns: Vec<ArrowColumnWriter>,
    n_rows: usize,
}

impl PartWriter {
    /// Opens data files below the batch's directory. `partition` gives the table's partition columns and their values, in order.
    ///
    /// # Errors
    /// The partition values do not fit the table.
    pub fn open(
        table: &LakeTable,
        schema: &Schema,
        batch: &BatchName,
        attempt: &str,
        partition: &[(&str, &str)],
        runtime: &Handle,
    ) -> Result<Self, LakeError> {
        let mut directory = String::new();
        let mut partition_values = HashMap::new();
        for (column, value) in partition {
            directory.push_str(&format!("{column}={value}/"));
            let scalar = table.partition_kind(column).parse_scalar(value).map_err(|source| table.error("write to", source))?;
            partition_values.insert((*column).to_owned(), (!scalar.is_null()).then(|| (*value).to_owned()));
        }
        directory.push_str(&batch.directory(attempt));
        let fields = schema.fields().iter().filter(|field| !partition.iter().any(|(column, _)| column == field.name())).cloned();
        let file_schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Self {
            store: table.object_store(),
            table_name: table.name().to_owned(),
            properties: writer_properties(&file_schema).map_err(|source| table.error("write to", source))?,
            file_schema,
            directory,
            partition_values,
            file: None,
            group: None,
            finished: FinishedPart::default(),
            runtime: runtime.clone(),
        })
    }

    /// The columns a batch must have: the table's without the partition columns.
    #[must_use]
    pub fn file_schema(&self) -> &SchemaRef {
        &self.file_schema
    }

    /// Writes rows, in the order in which they come.
    ///
    /// # Errors
    /// The rows have other columns, or the store does not take them.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        if rows.schema().fields() != self.file_schema.fields() {
            return Err(self.failed(DeltaTableError::generic("rows have other columns than their data file")));
        }
        let mut from = 0;
        while from < rows.num_rows() {
            let mut group = match self.group.take() {
                Some(group) => group,
                None => OpenGroup { columns: self.column_writers()?, n_rows: 0 },
            };
            let n_rows = (ROW_GROUP_ROWS - group.n_rows).min(rows.num_rows() - from);
            group.write(&rows.slice(from, n_rows)).map_err(|source| self.failed(source.into()))?;
            from += n_rows;
            let is_full = group.n_rows == ROW_GROUP_ROWS;
            self.group = Some(group);
            if is_full {
                self.end_group()?;
            }
        }
        Ok(())
    }

    /// Writers for the columns of a row group that is encoded elsewhere. Only one such row group is under way at a time, and none of the
    /// rows given to [`Self::write`].
    ///
    /// # Errors
    /// The columns cannot be written.
    pub fn column_writers(&mut self) -> Result<Vec<ArrowColumnWriter>, LakeError> {
        let file = match self.file.take() {
            Some(file) => file,
            None => self.next_file()?,
        };
        let writers = file.column_writers();
        self.file = Some(file);
        writers.map_err(|source| self.failed(source))
    }

    /// Appends the row group for which [`Self::column_writers`] gave the writers.
    ///
    /// # Errors
    /// The store does not take it.
    pub fn append(&mut self, columns: Vec<ArrowColumnChunk>) -> Result<(), LakeError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let appended = self.runtime.block_on(file.append(columns));
        let is_full = file.n_bytes() >= TARGET_FILE_BYTES;
        appended.map_err(|source| self.failed(source))?;
        if is_full { self.end_file() } else { Ok(()) }
    }

    /// Closes the data files; they become visible when a [`super::Change`] with them is committed.
    ///
    /// # Errors
    /// The store does not take the last rows.
    pub fn finish(mut self) -> Result<FinishedPart, LakeError> {
        self.end_group()?;
        self.end_file()?;
        Ok(self.finished)
    }

    /// Gives up what was written: also the data files that were full and closed already.
    ///
    /// # Errors
    /// The store does not clean up.
    pub fn abandon(mut self) -> Result<(), LakeError> {
        if let Some(file) = self.file.take() {
            self.runtime.block_on(file.abort()).map_err(|source| self.failed(source))?;
        }
        for path in self.finished.paths() {
            self.runtime.block_on(self.store.delete(&Path::from(path))).map_err(|source| self.failed(source.into()))?;
        }
        Ok(())
    }

    /// Files of this process differ in their number, those of others in the attempt, which names their directory.
    fn next_file(&self) -> Result<DataFile, LakeError> {
        let number = N_FILES.fetch_add(1, Ordering::Relaxed);
        let path = Path::from(format!("{}/part-{number:05}.zstd.parquet", self.directory));
        DataFile::create(Arc::clone(&self.store), path, &self.file_schema, &self.properties).map_err(|source| self.failed(source))
    }

    fn end_group(&mut self) -> Result<(), LakeError> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let columns = group.columns.into_iter().map(ArrowColumnWriter::close).collect::<Result<Vec<_>, _>>();
        self.append(columns.map_err(|source| self.failed(source.into()))?)
    }

    fn end_file(&mut self) -> Result<(), LakeError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let add = self.runtime.block_on(file.complete(self.partition_values.clone())).map_err(|source| self.failed(source))?;
        self.finished.adds.push(add);
        Ok(())
    }

    fn failed(&self, source: DeltaTableError) -> LakeError {
        LakeError::Table { action: "write to", table: self.table_name.clone(), source: Box::new(source) }
    }
}

impl OpenGroup {
    fn write(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        let mut writers = self.columns.iter_mut();
        for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
            for (leaf, writer) in compute_leaves(field, column)?.iter().zip(&mut writers) {
                writer.write(leaf)?;
            }
        }
        self.n_rows += rows.num_rows();
        Ok(())
    }
}
