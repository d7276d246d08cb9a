//! One data file that is being written: row groups go to the store as they are ready, so that no more than one is in memory. It does not
//! encode columns; who writes does, with the writers it hands out.

use std::collections::HashMap;
use std::sync::Arc;

use deltalake_core::arrow::datatypes::SchemaRef;
use deltalake_core::kernel::Add;
use deltalake_core::parquet::arrow::ArrowWriter;
use deltalake_core::parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory};
use deltalake_core::parquet::arrow::async_writer::AsyncFileWriter as _;
use deltalake_core::parquet::file::properties::WriterProperties;
use deltalake_core::parquet::file::writer::SerializedFileWriter;
use deltalake_core::{DeltaTableError, ObjectStore, Path};
use object_store::ObjectStoreExt as _;
use object_store::buffered::BufWriter;

use super::statistics::statistics;

/// An open data file.
pub(super) struct DataFile {
    path: Path,
    store: Arc<dyn ObjectStore>,
    parquet: SerializedFileWriter<Vec<u8>>,
    columns: ArrowRowGroupWriterFactory,
    upload: BufWriter,
}

impl DataFile {
    /// Begins a data file; nothing is in the store before the first bytes are sent.
    pub fn create(
        store: Arc<dyn ObjectStore>,
        path: Path,
        schema: &SchemaRef,
        properties: &WriterProperties,
    ) -> Result<Self, DeltaTableError> {
        let parquet = ArrowWriter::try_new(Vec::new(), Arc::clone(schema), Some(properties.clone()))?;
        let (parquet, columns) = parquet.into_serialized_writer()?;
        let upload = BufWriter::new(Arc::clone(&store), path.clone());
        Ok(Self { path, store, parquet, columns, upload })
    }

    /// Writers for the columns of the next row group, to be used on any thread.
    pub fn column_writers(&self) -> Result<Vec<ArrowColumnWriter>, DeltaTableError> {
        Ok(self.columns.create_column_writers(self.parquet.flushed_row_groups().len())?)
    }

    /// Bytes so far.
    pub fn n_bytes(&self) -> u64 {
        self.parquet.bytes_written() as u64
    }

    /// Appends a row group.
    pub async fn append(&mut self, columns: Vec<ArrowColumnChunk>) -> Result<(), DeltaTableError> {
        let mut group = self.parquet.next_row_group()?;
        for column in columns {
            column.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.send().await
    }

    /// Ends the file. The store tells when it was written.
    pub async fn complete(mut self, partition_values: HashMap<String, Option<String>>) -> Result<Add, DeltaTableError> {
        let metadata = self.parquet.finish()?;
        self.send().await?;
        self.upload.complete().await?;
        let stored = self.store.head(&self.path).await?;
        Ok(Add {
            path: self.path.to_string(),
            size: i64::try_from(stored.size).unwrap_or(i64::MAX),
            partition_values,
            modification_time: stored.last_modified.timestamp_millis(),
            data_change: true,
            stats: Some(statistics(&metadata)),
            ..Add::default()
        })
    }

    /// Gives the file up.
    pub async fn abort(mut self) -> Result<(), DeltaTableError> {
        Ok(self.upload.abort().await?)
    }

    async fn send(&mut self) -> Result<(), DeltaTableError> {
        self.parquet.flush()?;
        let bytes = std::mem::take(self.parquet.inner_mut());
        Ok(self.upload.put(bytes.into()).await?)
    }
}
