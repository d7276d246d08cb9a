//! A pinned version of a Delta table as a plain Parquet scan: its files, what the log says of each, and nothing that only this process knows,
//! so that the same physical plan can run elsewhere. It reads no log of its own and follows no later commit.
//!
//! A table whose log asks for more than plain files (deletion vectors, column mapping) is refused: a plain scan would give wrong rows.

use std::pin::Pin;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DFSchema, DataFusionError, Result, ScalarValue, Statistics, project_schema};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::file_facts::{FileFacts, FilesOfScan};
use crate::lake::LakeTable;

/// Where plans find the lake: each process that runs one registers its own folder under this name.
pub(super) const STORE_URL: &str = "lake://lake";

/// One version of a table.
#[derive(Debug)]
pub(super) struct SnapshotTable {
    /// The columns as the table has them.
    schema: SchemaRef,
    /// The columns as a scan has them: those in the files, then those that the file stands for.
    scan_schema: TableSchema,
    /// For each column its place in the scan.
    places: Vec<usize>,
    files: Vec<FileFacts>,
}

impl SnapshotTable {
    /// Takes what the log says of an open table.
    ///
    /// # Errors
    /// The log cannot be read, or asks for what a plain scan cannot give.
    pub fn of(table: &LakeTable) -> Result<Self> {
        let failed = |source| DataFusionError::External(Box::new(source));
        let schema: SchemaRef = Arc::new(table.arrow_schema().map_err(failed)?);
        let partition_columns = table.plain_partition_columns().map_err(failed)?;
        let (partitions, stored): (Vec<FieldRef>, Vec<FieldRef>) =
            schema.fields().iter().cloned().partition(|field| partition_columns.contains(field.name()));
        let scan_schema = TableSchema::builder(Arc::new(Schema::new(stored))).with_table_partition_cols(partitions).build();
        let places = schema.fields().iter().map(|field| scan_schema.table_schema().index_of(field.name()));
        let places = places.collect::<std::result::Result<Vec<_>, _>>()?;
        let files = table.files().map_err(failed)?;
        let mut files: Vec<FileFacts> = files.iter().map(|add| FileFacts::of(table.name(), add, &scan_schema)).collect::<Result<_>>()?;
        files.sort_by(|one, other| one.meta.location.cmp(&other.meta.location));
        Ok(Self { schema, scan_schema, places, files })
    }

    fn is_of_partitions(&self, filter: &Expr) -> bool {
        let partitions = self.scan_schema.table_partition_cols();
        let columns = filter.column_refs();
        !columns.is_empty()
            && columns.iter().all(|column| partitions.iter().any(|field| field.name() == column.name()))
            && !filter.is_volatile()
    }

    /// The files that may hold rows a query wants.
    fn files_for(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<&FileFacts>> {
        let (of_partitions, of_rows): (Vec<&Expr>, Vec<&Expr>) = filters.iter().partition(|filter| self.is_of_partitions(filter));
        let mut files: Vec<&FileFacts> = self.files.iter().collect();
        if let Some(filter) = conjunction(of_partitions.into_iter().cloned()) {
            files = self.files_in_partitions(state, filter, files)?;
        }
        let Some(filter) = conjunction(of_rows.into_iter().cloned()) else { return Ok(files) };
        let schema = self.scan_schema.table_schema();
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(schema))?)?;
        // What cannot be told from bounds is told by reading.
        let Ok(predicate) = PruningPredicateBuilder::new().with_file_schema(Arc::clone(schema)).try_build(filter) else { return Ok(files) };
        if predicate.always_true() {
            return Ok(files);
        }
        let may_match = predicate.prune(&FilesOfScan { schema, files: &files })?;
        Ok(files.into_iter().zip(may_match).filter(|(_, may)| *may).map(|(file, _)| file).collect())
    }

    /// The files whose partition values make a filter true.
    fn files_in_partitions<'a>(&self, state: &dyn Session, filter: Expr, files: Vec<&'a FileFacts>) -> Result<Vec<&'a FileFacts>> {
        if files.is_empty() {
            return Ok(files);
        }
        let schema = Arc::new(Schema::new(self.scan_schema.table_partition_cols().clone()));
        let columns = (0..schema.fields().len())
            .map(|at| ScalarValue::iter_to_array(files.iter().filter_map(|file| file.partition_values.get(at).cloned())));
        let options = RecordBatchOptions::new().with_row_count(Some(files.len()));
        let values = RecordBatch::try_new_with_options(Arc::clone(&schema), columns.collect::<Result<_>>()?, &options)?;
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(schema)?)?;
        let is_true = filter.evaluate(&values)?.into_array(files.len())?;
        let is_true = is_true.as_boolean_opt().ok_or_else(|| DataFusionError::Internal("a filter is no truth".to_owned()))?;
        Ok(files.into_iter().enumerate().filter(|(at, _)| is_true.is_valid(*at) && is_true.value(*at)).map(|(_, file)| file).collect())
    }

    fn plan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.files_for(state, filters)?;
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        let url = ObjectStoreUrl::parse(STORE_URL)?;
        let runtime = state.runtime_env();
        let reader = CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, runtime.cache_manager.get_file_metadata_cache());
        let options = TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..TableParquetOptions::default() };
        let source = ParquetSource::new(self.scan_schema.clone())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader));
        let columns = match projection {
            Some(wanted) => wanted.iter().filter_map(|at| self.places.get(*at).copied()).collect(),
            None => self.places.clone(),
        };
        let statistics = statistics(&files, self.scan_schema.table_schema().fields().len());
        let files = files.into_iter().map(FileFacts::partitioned_file).collect::<Vec<PartitionedFile>>();
        let scan = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(FileGroup::new(files).split_files(state.config().target_partitions()))
            .with_statistics(statistics)
            .with_projection_indices(Some(columns))?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

/// Rows and nulls, where each file tells them. Bounds are left to the choice of files: what the log keeps of moments is cut.
fn statistics(files: &[&FileFacts], n_columns: usize) -> Statistics {
    let total = |counts: &mut dyn Iterator<Item = Option<usize>>| counts.sum::<Option<usize>>().map_or(Precision::Absent, Precision::Exact);
    let column = |at: usize| ColumnStatistics {
        null_count: total(&mut files.iter().map(|file| file.null_counts.get(&at).copied())),
        ..ColumnStatistics::new_unknown()
    };
    Statistics {
        num_rows: total(&mut files.iter().map(|file| file.n_rows)),
        total_byte_size: Precision::Absent,
        column_statistics: (0..n_columns).map(column).collect(),
    }
}

impl TableProvider for SnapshotTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn scan<'table, 'state, 'columns, 'filters, 'all>(
        &'table self,
        state: &'state dyn Session,
        projection: Option<&'columns Vec<usize>>,
        filters: &'filters [Expr],
        limit: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'all>>
    where
        'table: 'all,
        'state: 'all,
        'columns: 'all,
        'filters: 'all,
        Self: 'all,
    {
        Box::pin(async move { self.plan(state, projection, filters, limit) })
    }

    /// A filter over partition columns alone is applied to the last row, one over other columns by leaving out what cannot match. One
    /// without columns, such as the null that a branch of a union all has in a column's place, is not ours.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let taken = |filter: &&Expr| {
            if filter.column_refs().is_empty() {
                TableProviderFilterPushDown::Unsupported
            } else if self.is_of_partitions(filter) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Inexact
            }
        };
        Ok(filters.iter().map(taken).collect())
    }
}
