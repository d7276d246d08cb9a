//! Writes the data files of one batch into one partition of a table. Nothing it writes is visible before a commit names it.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use deltalake_core::arrow::array::RecordBatch;
use deltalake_core::arrow::datatypes::{Schema, SchemaRef};
use deltalake_core::datafile::writer::{PartitionWriter, PartitionWriterConfig};
use deltalake_core::kernel::Add;
use deltalake_core::operations::get_num_idx_cols_and_stats_columns;
use deltalake_core::parquet::basic::{Compression, ZstdLevel};
use deltalake_core::parquet::file::properties::{EnabledStatistics, WriterProperties};
use deltalake_core::{ObjectStore, Path};
use indexmap::IndexMap;
use object_store::ObjectStoreExt as _;
use tokio::runtime::Handle;

use super::{BatchName, LakeError, LakeTable};

/// Rows per row group: also the unit in which rows are sorted, so memory is bounded by it.
pub const ROW_GROUP_ROWS: usize = 65_536;
/// A data file is closed and the next one opened at about this size.
const TARGET_FILE_BYTES: u64 = 256 << 20;
/// Columns whose smallest and largest value are kept per data file, so that a query can skip files.
const PRUNING_COLUMNS: [&str; 6] = ["time", "course_run_key", "user_id", "event_name", "_course_run_key", "_source_file"];

/// Columns whose smallest and largest value are kept per page: rows are sorted by them, so that a query reads the pages of its course.
const PAGED_COLUMNS: [&str; 3] = ["course_run_key", "_course_run_key", "time"];
/// Rows of a page, the least that a query reads of a column: one of forty courses has about as many rows in a row group.
const PAGE_ROWS: usize = 2048;
/// A dictionary is read whole for a single page. A column whose dictionary grows beyond this is kept as plain values from there on, which
/// compress as well because rows of one course lie together.
const MOST_DICTIONARY_BYTES: usize = 16 << 10;

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

/// An open data file of one batch in one partition of a table.
pub struct PartWriter {
    writer: PartitionWriter,
    store: Arc<dyn ObjectStore>,
    table_name: String,
    file_schema: SchemaRef,
    runtime: Handle,
}

impl PartWriter {
    /// Opens a data file below the batch's directory. `partition` gives the table's partition columns and their values, in order.
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
        let mut prefix = String::new();
        let mut values = IndexMap::new();
        for (column, value) in partition {
            prefix.push_str(&format!("{column}={value}/"));
            let scalar = table.partition_kind(column).parse_scalar(value).map_err(|source| table.error("write to", source))?;
            values.insert((*column).to_owned(), scalar);
        }
        prefix.push_str(&batch.directory(attempt));
        let fields = schema.fields().iter().filter(|field| !partition.iter().any(|(column, _)| column == field.name())).cloned();
        let file_schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let config = PartitionWriterConfig::try_new(
            Arc::clone(&file_schema),
            values,
            Some(writer_properties(table)?),
            NonZeroU64::new(TARGET_FILE_BYTES),
            None,
            None,
            Some(Path::from(prefix)),
        )
        .map_err(|source| table.error("write to", source))?;
        let (n_indexed, _) = get_num_idx_cols_and_stats_columns(None, HashMap::new());
        let pruning = PRUNING_COLUMNS.iter().filter(|name| file_schema.index_of(name).is_ok()).map(ToString::to_string).collect();
        let writer = PartitionWriter::try_with_config(table.object_store(), config, n_indexed, Some(pruning))
            .map_err(|source| table.error("write to", source))?;
        Ok(Self { writer, store: table.object_store(), table_name: table.name().to_owned(), file_schema, runtime: runtime.clone() })
    }

    /// The columns a batch must have: the table's without the partition columns.
    #[must_use]
    pub fn file_schema(&self) -> &SchemaRef {
        &self.file_schema
    }

    /// Writes rows.
    ///
    /// # Errors
    /// The store does not take them.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), LakeError> {
        let Self { writer, runtime, table_name, .. } = self;
        runtime.block_on(writer.write(rows)).map_err(|source| failed(table_name, source))
    }

    /// Closes the data files; they become visible when a [`super::Change`] with them is committed.
    ///
    /// # Errors
    /// The store does not take the last rows.
    pub fn finish(self) -> Result<FinishedPart, LakeError> {
        let Self { writer, runtime, table_name, .. } = self;
        let adds = runtime.block_on(writer.close()).map_err(|source| failed(&table_name, source))?;
        Ok(FinishedPart { adds })
    }

    /// Gives up what was written: also the data files that were full and closed already.
    ///
    /// # Errors
    /// The store does not clean up.
    pub fn abandon(self) -> Result<(), LakeError> {
        let (store, runtime, table_name) = (Arc::clone(&self.store), self.runtime.clone(), self.table_name.clone());
        for path in self.finish()?.paths() {
            runtime.block_on(store.delete(&Path::from(path))).map_err(|source| failed(&table_name, source.into()))?;
        }
        Ok(())
    }
}

fn failed(table_name: &str, source: deltalake_core::DeltaTableError) -> LakeError {
    LakeError::Table { action: "write to", table: table_name.to_owned(), source: Box::new(source) }
}

/// Zstandard level 1: 12.8 to 1 on tracking logs, and the next levels cost more time than they save space.
fn writer_properties(table: &LakeTable) -> Result<WriterProperties, LakeError> {
    let level = ZstdLevel::try_new(1).map_err(|source| table.error("write to", source))?;
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_page_size_limit(MOST_DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in PAGED_COLUMNS {
        properties = properties.set_column_statistics_enabled(column.into(), EnabledStatistics::Page);
    }
    Ok(properties.build())
}
