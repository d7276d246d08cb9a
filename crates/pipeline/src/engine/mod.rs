//! Opens the lake for SQL: its tables, the newest-package views and the marts, at one consistent set of versions. It changes nothing.

mod error;
mod history;
mod other_records;
#[cfg(test)]
mod pruning_tests;
mod tables;
mod whole_filters;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt as _;
use tokio::runtime::Handle;

pub use error::EngineError;
pub use history::cumulative_name;

use crate::lake::Lake;
use crate::lake::schema::LOADS;
use crate::marts::Model;

/// How often the tables are opened anew when commits of another process come in between.
const MOST_OPENINGS: usize = 10;

/// How much of the machine queries may use.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Memory for sorts, joins and groups; beyond it they go to temporary files.
    pub memory_bytes: usize,
    /// Partitions a query is worked on in at once.
    pub workers: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self { memory_bytes: 2 << 30, workers }
    }
}

/// What a table name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// A table that ingest fills.
    Lake,
    /// A view over tables.
    View,
    /// A table that `build` writes.
    Mart,
}

/// A table that can be queried.
#[derive(Debug, Clone)]
pub struct TableFacts {
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub kind: TableKind,
}

/// The lake, open for SQL.
pub struct Engine {
    context: SessionContext,
    runtime: Handle,
    /// Keeps the runtime alive on which the tables are read.
    _lake: Lake,
    tables: BTreeMap<String, TableKind>,
    versions: BTreeMap<String, i64>,
    /// Values of `$name` in statements.
    bound: Vec<(String, ScalarValue)>,
}

/// Rows of a query; the schema stands even when there are none.
pub struct QueryResult {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

impl Engine {
    /// Opens every table of the lake and every mart that is built.
    ///
    /// # Errors
    /// A table cannot be read.
    pub fn open(lake: &Lake, options: &EngineOptions) -> Result<Self, EngineError> {
        Self::open_with(lake, options, None)
    }

    /// Opens the lake as it would be had nothing been delivered after a day: event files and packages of that day and before. Every
    /// model is a view then, computed from these when it is asked for; nothing can be built.
    ///
    /// # Errors
    /// A table cannot be read.
    pub fn open_as_of(lake: &Lake, options: &EngineOptions, day: NaiveDate) -> Result<Self, EngineError> {
        Self::open_with(lake, options, Some(day))
    }

    fn open_with(lake: &Lake, options: &EngineOptions, as_of: Option<NaiveDate>) -> Result<Self, EngineError> {
        let config = SessionConfig::new()
            .with_target_partitions(options.workers.max(1))
            .with_information_schema(true)
            // Sorting text views keeps all the text they point into: many times the memory of plain text.
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
            // Filters pushed below joins are resolved by column name, which drops rows when both sides have the column (apache/datafusion#25244).
            .set_bool("datafusion.optimizer.enable_dynamic_filter_pushdown", false);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
            .build_arc()
            .map_err(|source| EngineError::Setup { source: Box::new(source) })?;
        // Another process may commit while the tables are opened one by one: then they are opened again.
        for _ in 0..MOST_OPENINGS {
            let (before, loads) = (lake.versions_before_open_change()?, loads_version(lake)?);
            let engine = Self::open_at(lake, &config, &environment, &before, as_of)?;
            if lake.versions_before_open_change()? == before && loads_version(lake)? == loads {
                return Ok(engine);
            }
        }
        Err(EngineError::Busy)
    }

    fn open_at(
        lake: &Lake,
        config: &SessionConfig,
        environment: &Arc<RuntimeEnv>,
        before_open_change: &BTreeMap<String, i64>,
        as_of: Option<NaiveDate>,
    ) -> Result<Self, EngineError> {
        let mut engine = Self {
            context: SessionContext::new_with_config_rt(config.clone(), Arc::clone(environment)),
            runtime: lake.runtime().clone(),
            _lake: lake.clone(),
            tables: BTreeMap::new(),
            versions: BTreeMap::new(),
            bound: Vec::new(),
        };
        tables::register_lake(&mut engine, lake, before_open_change, as_of)?;
        Ok(engine)
    }

    /// Makes a model that is not materialised a view. Models it reads must be there already.
    ///
    /// # Errors
    /// Its SQL cannot be planned.
    pub fn add_view(&mut self, model: &Model) -> Result<(), EngineError> {
        self.view(&model.name, &model.sql)
    }

    /// Runs one statement and collects its rows.
    ///
    /// # Errors
    /// The statement cannot be planned or run.
    pub fn sql(&self, sql: &str) -> Result<QueryResult, EngineError> {
        let frame = self.plan(sql)?;
        let schema: SchemaRef = Arc::clone(frame.schema().inner());
        let batches = self.runtime.block_on(frame.collect()).map_err(|source| EngineError::query(sql, source))?;
        let schema = batches.first().map_or(schema, RecordBatch::schema);
        Ok(QueryResult { schema, batches })
    }

    /// The first column of a small result as text, without nulls.
    ///
    /// # Errors
    /// The statement cannot be planned or run.
    pub fn texts(&self, sql: &str) -> Result<Vec<String>, EngineError> {
        let options = FormatOptions::default();
        let mut texts = Vec::new();
        for rows in self.sql(sql)?.batches {
            let Some(column) = rows.columns().first() else { continue };
            let fail = |error| EngineError::query(sql, DataFusionError::ArrowError(Box::new(error), None));
            let values = ArrayFormatter::try_new(column.as_ref(), &options).map_err(fail)?;
            for row in (0..rows.num_rows()).filter(|row| !column.is_null(*row)) {
                texts.push(values.value(row).try_to_string().map_err(fail)?);
            }
        }
        Ok(texts)
    }

    /// Runs one statement and hands its rows on as they come.
    ///
    /// # Errors
    /// The statement cannot be planned or run, or `take` fails.
    pub fn stream<E: From<EngineError>>(&self, sql: &str, mut take: impl FnMut(RecordBatch) -> Result<(), E>) -> Result<(), E> {
        let frame = self.plan(sql)?;
        let mut stream: SendableRecordBatchStream =
            self.runtime.block_on(frame.execute_stream()).map_err(|source| EngineError::query(sql, source))?;
        while let Some(rows) = self.runtime.block_on(stream.try_next()).map_err(|source| EngineError::query(sql, source))? {
            take(rows)?;
        }
        Ok(())
    }

    /// The columns a statement gives, without running it.
    ///
    /// # Errors
    /// The statement cannot be planned.
    pub fn schema_of(&self, sql: &str) -> Result<SchemaRef, EngineError> {
        Ok(Arc::clone(self.plan(sql)?.schema().inner()))
    }

    /// The names that can be queried, sorted.
    #[must_use]
    pub fn tables(&self) -> Vec<TableFacts> {
        self.tables.iter().map(|(name, kind)| TableFacts { name: name.clone(), kind: *kind }).collect()
    }

    /// Whether a name can be queried.
    #[must_use]
    pub fn has_table(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    /// Columns of a table: name and type, in order.
    ///
    /// # Errors
    /// There is no such table.
    pub fn columns(&self, table: &str) -> Result<Vec<(String, String)>, EngineError> {
        let schema = self.schema_of(&format!("select * from \"{}\"", table.replace('"', "\"\"")))?;
        Ok(schema.fields().iter().map(|field| (field.name().clone(), type_name(field.data_type()))).collect())
    }

    /// The versions of the tables this engine reads; of events the one since which the rows are what they are.
    #[must_use]
    pub fn versions(&self) -> &BTreeMap<String, i64> {
        &self.versions
    }

    /// Sets the values that `$name` stands for in every statement from now on. A value is bound, never made part of the text.
    pub fn bind(&mut self, values: Vec<(String, ScalarValue)>) {
        self.bound = values;
    }

    /// The DataFusion session underneath.
    #[must_use]
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    fn plan(&self, sql: &str) -> Result<DataFrame, EngineError> {
        let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let frame =
            self.runtime.block_on(self.context.sql_with_options(sql, read_only)).map_err(|source| EngineError::query(sql, source))?;
        if self.bound.is_empty() {
            return Ok(frame);
        }
        frame.with_param_values(self.bound.clone()).map_err(|source| EngineError::query(sql, source))
    }

    fn view(&mut self, name: &str, sql: &str) -> Result<(), EngineError> {
        let view = self.plan(sql)?.into_view();
        self.put(name, view, TableKind::View)
    }

    fn put(&mut self, name: &str, provider: Arc<dyn datafusion::catalog::TableProvider>, kind: TableKind) -> Result<(), EngineError> {
        let reference = datafusion::common::TableReference::bare(name.to_owned());
        // A view may take the place of an earlier plan of it, and a mart that of an older version.
        self.context.deregister_table(reference.clone()).map_err(|source| EngineError::Setup { source: Box::new(source) })?;
        self.context.register_table(reference, provider).map_err(|source| EngineError::Setup { source: Box::new(source) })?;
        self.tables.insert(name.to_owned(), kind);
        Ok(())
    }
}

/// Every change of several tables ends with a commit to `loads`.
fn loads_version(lake: &Lake) -> Result<Option<i64>, EngineError> {
    Ok(lake.table(LOADS)?.map(|table| table.version()))
}

/// The name of a type as the docs use it.
#[must_use]
pub fn type_name(kind: &datafusion::arrow::datatypes::DataType) -> String {
    use datafusion::arrow::datatypes::DataType;
    match kind {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => "text".to_owned(),
        DataType::Int64 | DataType::Int32 | DataType::UInt64 => "integer".to_owned(),
        DataType::Float64 => "float".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Decimal128(..) => "decimal".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        other => other.to_string(),
    }
}
