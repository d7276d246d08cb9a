//! Opens the lake for SQL: its tables, the newest-package views and the marts, at one consistent set of versions. It changes nothing.
//!
//! Opening lists names and versions; a table is opened, a view planned, when a statement first names it.

mod catalogue;
mod dialect;
mod error;
mod file_facts;
mod history;
mod loads_digest;
mod moments;
mod other_records;
#[cfg(test)]
mod pruning_tests;
mod snapshot_table;
mod spill;
mod statement;
mod tables;
#[cfg(test)]
mod tests;
mod text_moments;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::NaiveDate;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use futures::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use tokio::runtime::Handle;

pub use error::EngineError;
pub use history::cumulative_name;

use self::catalogue::{Entry, Source, catalogue};
use self::loads_digest::LoadsDigest;
use self::spill::SpillFolder;
use crate::lake::schema::TRACKING_EVENTS;
use crate::lake::{Lake, LakeTable};
use crate::marts::{Model, models};

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
    lake: Lake,
    context: SessionContext,
    runtime: Handle,
    tables: BTreeMap<String, Entry>,
    versions: BTreeMap<String, u64>,
    as_of: Option<NaiveDate>,
    /// Held while names are made ready: half a table is nobody's to see.
    making: Mutex<()>,
    /// Values of `$name` in statements.
    bound: Vec<(String, ScalarValue)>,
    loads: OnceLock<LoadsDigest>,
    _spill: Option<SpillFolder>,
}

/// Rows of a query; the schema stands even when there are none.
pub struct QueryResult {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

impl Engine {
    /// Opens the lake: every table and every mart that is built.
    ///
    /// # Errors
    /// The lake cannot be read.
    pub fn open(lake: &Lake, options: &EngineOptions) -> Result<Self, EngineError> {
        Self::open_with(lake, options, None)
    }

    /// Opens the lake as it would be had nothing been delivered after a day: event files and packages of that day and before. Every
    /// model is a view then, computed from these when it is asked for; nothing can be built.
    ///
    /// # Errors
    /// The lake cannot be read.
    pub fn open_as_of(lake: &Lake, options: &EngineOptions, day: NaiveDate) -> Result<Self, EngineError> {
        Self::open_with(lake, options, Some(day))
    }

    fn open_with(lake: &Lake, options: &EngineOptions, as_of: Option<NaiveDate>) -> Result<Self, EngineError> {
        let config = SessionConfig::new()
            .with_target_partitions(options.workers.max(1))
            .with_information_schema(true)
            // Of the columns beside a filter, only the pages of rows that pass it are read.
            .set_bool("datafusion.execution.parquet.pushdown_filters", true)
            // Sorting text views keeps all the text they point into: many times the memory of plain text.
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
            .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false)
            // Filters pushed below joins are resolved by column name, which drops rows when both sides have the column (apache/datafusion#25244).
            .set_bool("datafusion.optimizer.enable_dynamic_filter_pushdown", false);
        let versions = lake.versions()?.ok_or(EngineError::Busy)?;
        // A lake that can only be read is queried within memory.
        let spill = SpillFolder::below(lake.folder()).ok();
        let state = SessionStateBuilder::new_with_default_features()
            .with_config(config)
            .with_runtime_env(environment(lake, options, spill.as_ref())?)
            .with_analyzer_rules(text_moments::rules())
            .build();
        let context = SessionContext::new_with_state(state);
        context.register_udf(moments::date_trunc());
        Ok(Self {
            lake: lake.clone(),
            context,
            runtime: lake.runtime().clone(),
            tables: catalogue(&versions, models(), as_of.is_some()),
            versions,
            as_of,
            making: Mutex::new(()),
            bound: Vec::new(),
            loads: OnceLock::new(),
            _spill: spill,
        })
    }

    /// Makes a model that is not materialised a view. Models it reads must be there already.
    ///
    /// # Errors
    /// Its SQL cannot be planned.
    pub fn add_view(&mut self, model: &Model) -> Result<(), EngineError> {
        self.put(&model.name, Entry::view(model.sql.clone()))
    }

    /// Makes a mart that has just been written visible.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn add_mart(&mut self, table: &LakeTable) -> Result<(), EngineError> {
        let version = u64::try_from(table.version()).unwrap_or_default();
        self.versions.insert(table.name().to_owned(), version);
        self.put(table.name(), Entry { kind: TableKind::Mart, source: Source::Stored { version, columns: Vec::new() } })
    }

    /// Has rows of the caller's stand for a name, also below all views.
    ///
    /// # Errors
    /// The name cannot be one.
    pub fn give(&mut self, name: &str, rows: Arc<dyn TableProvider>) -> Result<(), EngineError> {
        let kind = self.tables.get(name).map_or(TableKind::View, |entry| entry.kind);
        self.put(name, Entry { kind, source: Source::Given })?;
        self.register(name, rows)
    }

    /// Has a statement over what a name stands for now take its place.
    ///
    /// # Errors
    /// The statement cannot be planned.
    pub fn redefine(&mut self, name: &str, sql: &str) -> Result<(), EngineError> {
        let rows = self.plan(sql)?.into_view();
        self.give(name, rows)
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
        self.tables.iter().map(|(name, entry)| TableFacts { name: name.clone(), kind: entry.kind }).collect()
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
        let schema = self.schema_of(&format!("select * from {}", crate::sql::name(table)))?;
        Ok(schema.fields().iter().map(|field| (field.name().clone(), type_name(field.data_type()))).collect())
    }

    /// The versions of the tables this engine reads.
    #[must_use]
    pub fn versions(&self) -> &BTreeMap<String, u64> {
        &self.versions
    }

    /// The version since which a table has the rows it has; of other tables than events no commit keeps all rows.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn rows_version(&self, table: &str) -> Result<Option<i64>, EngineError> {
        let Some(version) = self.versions.get(table) else { return Ok(None) };
        if table != TRACKING_EVENTS {
            return Ok(i64::try_from(*version).ok());
        }
        let table = self.lake.table_at(table, *version)?;
        Ok(Some(self.runtime.block_on(table.rows_version())?))
    }

    /// What the loads of a table are, or of all tables, as far as views read it: equal texts, equal loads.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn loads_digest(&self, table: Option<&str>) -> Result<String, EngineError> {
        if let Some(loads) = self.loads.get() {
            return Ok(loads.told(table));
        }
        let loads = LoadsDigest::of(self)?;
        Ok(self.loads.get_or_init(|| loads).told(table))
    }

    /// The tables that a statement names.
    ///
    /// # Errors
    /// It is no statement.
    pub fn tables_of(&self, sql: &str) -> Result<Vec<String>, EngineError> {
        let fail = |source| EngineError::query(sql, source);
        let named = statement::tables_named(&statement::parse(sql).map_err(fail)?).map_err(fail)?;
        Ok(named.into_iter().map(|name| name.table().to_owned()).collect())
    }

    /// The statement behind a name that is a view.
    #[must_use]
    pub fn view_sql(&self, name: &str) -> Option<&str> {
        match &self.tables.get(name)?.source {
            Source::View { sql, .. } => Some(sql),
            _ => None,
        }
    }

    /// Sets the values that `$name` stands for in every statement from now on. A value is bound, never made part of the text.
    pub fn bind(&mut self, values: Vec<(String, ScalarValue)>) {
        self.bound = values;
    }

    fn plan(&self, sql: &str) -> Result<DataFrame, EngineError> {
        let frame = {
            let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
            self.plan_unbound(sql)?
        };
        if self.bound.is_empty() {
            return Ok(frame);
        }
        frame.with_param_values(self.bound.clone()).map_err(|source| EngineError::query(sql, source))
    }

    /// Plans a statement that may only read, and makes ready what it names.
    fn plan_unbound(&self, sql: &str) -> Result<DataFrame, EngineError> {
        let fail = |source| EngineError::query(sql, source);
        let parsed = statement::parse(sql).map_err(fail)?;
        self.make_ready(sql, &parsed)?;
        let state = self.context.state();
        let plan = self.runtime.block_on(state.statement_to_plan(parsed)).map_err(fail)?;
        let read_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        read_only.verify_plan(&plan).map_err(fail)?;
        self.runtime.block_on(self.context.execute_logical_plan(plan)).map_err(fail)
    }

    /// Sets what a name stands for. Views may stand on what it stood for: they are planned anew when they are named again.
    fn put(&mut self, name: &str, entry: Entry) -> Result<(), EngineError> {
        self.tables.insert(name.to_owned(), entry);
        let views = self.tables.iter().filter(|(_, entry)| matches!(entry.source, Source::View { .. })).map(|(name, _)| name.as_str());
        views.chain([name]).try_for_each(|name| self.deregister(name))
    }
}

fn environment(lake: &Lake, options: &EngineOptions, spill: Option<&SpillFolder>) -> Result<Arc<RuntimeEnv>, EngineError> {
    let disk = match spill {
        Some(folder) => folder.disk_manager(),
        None => DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
    };
    let environment = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
        .with_disk_manager_builder(disk)
        .build_arc()
        .map_err(EngineError::setup)?;
    let store = LocalFileSystem::new_with_prefix(lake.folder()).map_err(|source| EngineError::setup(source.into()))?;
    let url = ObjectStoreUrl::parse(snapshot_table::STORE_URL).map_err(EngineError::setup)?;
    environment.register_object_store(url.as_ref(), Arc::new(store));
    Ok(environment)
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
