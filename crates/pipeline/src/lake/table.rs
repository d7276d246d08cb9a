//! One Delta table: opened or created, widened when new columns arrive, changed by one commit. It does not know what the rows mean.

use deltalake_core::arrow::datatypes::{DataType as ArrowType, Schema};
use deltalake_core::arrow::error::ArrowError;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, Add, DataType, LogicalFileView, Metadata, MetadataExt as _, PrimitiveType, StructField, StructType};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::config::TableProperty;
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError, ObjectStore};
use futures::StreamExt as _;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use url::Url;

use super::durable::DurableLog;
use super::{BatchName, FinishedPart, LakeError, metadata};

/// After so many commits the state of the table is written as one file: to open a table is to read the newest of these and the commits after
/// it, and a commit of ingest names up to a hundred and more files.
const COMMITS_A_CHECKPOINT: &str = "20";

/// Fact noted with a commit that keeps all rows: the version since which they are what they are.
const ROWS_OF_VERSION: &str = "czar.rows_of_version";

/// A Delta table of the lake at its newest version.
pub struct LakeTable {
    name: String,
    table: DeltaTable,
}

/// What one commit does to a table: the rows of some batches go, the rows of finished data files come.
#[derive(Default)]
pub struct Change {
    /// Batches whose present rows are removed.
    pub replaces: Vec<BatchName>,
    /// Data files of earlier attempts that are removed by path.
    pub removes_paths: Vec<String>,
    /// Whether all present rows are removed.
    pub replaces_all: bool,
    /// The columns the table has from now on; only together with `replaces_all`.
    pub new_schema: Option<Schema>,
    /// Whether all rows stay as they are and only lie in other data files: who follows a table change by change has nothing to read.
    pub keeps_rows: bool,
    /// The data files to add.
    pub adds: FinishedPart,
    /// Facts stored with the commit.
    pub notes: HashMap<String, Value>,
}

impl LakeTable {
    /// Opens a table, or `None` when it does not exist yet.
    pub(super) async fn open(name: &str, url: Url, store: Arc<DurableLog>) -> Result<Option<Self>, LakeError> {
        let fail = |source| LakeError::Table { action: "open", table: name.to_owned(), source: Box::new(source) };
        let mut table = build(name, url, store)?;
        if !table.verify_deltatable_existence().await.map_err(fail)? {
            return Ok(None);
        }
        table.load().await.map_err(fail)?;
        Self { name: name.to_owned(), table }.of_known_layout().map(Some)
    }

    /// Opens a table that exists, at one of its versions.
    pub(super) async fn open_at(name: &str, url: Url, store: Arc<DurableLog>, version: u64) -> Result<Self, LakeError> {
        let mut table = build(name, url, store)?;
        table.load_version(version).await.map_err(|source| LakeError::Table {
            action: "open",
            table: name.to_owned(),
            source: Box::new(source),
        })?;
        Self { name: name.to_owned(), table }.of_known_layout()
    }

    fn of_known_layout(self) -> Result<Self, LakeError> {
        metadata::check_layout(&self.name, self.snapshot()?.metadata().configuration())?;
        Ok(self)
    }

    /// Creates an empty table. Reader version 1 and writer version 2: every engine that speaks Delta reads it.
    pub(super) async fn create(
        name: &str,
        url: Url,
        store: Arc<DurableLog>,
        schema: &Schema,
        partition_columns: &[&str],
    ) -> Result<Self, LakeError> {
        let fail = |source| LakeError::Table { action: "create", table: name.to_owned(), source: Box::new(source) };
        let log_store = build(name, url, store)?.log_store();
        let columns = kernel_schema(name, schema)?;
        let partitions: Vec<String> = partition_columns.iter().map(ToString::to_string).collect();
        let properties = metadata::properties(&metadata::bounded_columns(&columns, &partitions, &[]));
        let table = CreateBuilder::new()
            .with_log_store(log_store)
            .with_table_name(name)
            .with_save_mode(SaveMode::Ignore)
            .with_columns(columns.fields().cloned())
            .with_partition_columns(partitions)
            // The library knows only properties of its own.
            .with_raise_if_key_not_exists(false)
            .with_configuration(properties.into_iter().map(|(key, value)| (key, Some(value))))
            .with_configuration_property(TableProperty::CheckpointInterval, Some(COMMITS_A_CHECKPOINT))
            .await
            .map_err(fail)?;
        Ok(Self { name: name.to_owned(), table })
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The table's own identifier: random, and the same as long as the table is there.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn id(&self) -> Result<String, LakeError> {
        Ok(self.snapshot()?.metadata().id().to_owned())
    }

    /// The open Delta table, for a query engine.
    #[must_use]
    pub fn delta(&self) -> &DeltaTable {
        &self.table
    }

    /// The version of the newest commit.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.table.version().map_or(-1, |version| i64::try_from(version).unwrap_or(i64::MAX))
    }

    /// The store rooted at the table's folder.
    #[must_use]
    pub fn object_store(&self) -> Arc<dyn ObjectStore> {
        self.table.object_store()
    }

    /// The columns, partition columns among them.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn arrow_schema(&self) -> Result<Schema, LakeError> {
        Ok(self.snapshot()?.arrow_schema().as_ref().clone())
    }

    /// Paths of the visible data files, relative to the table.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn data_files(&self) -> Result<Vec<String>, LakeError> {
        Ok(self.snapshot()?.log_data().iter().map(|file| file.path().into_owned()).collect())
    }

    /// The visible data files, each with its bytes.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn sizes_of_data_files(&self) -> Result<Vec<(String, u64)>, LakeError> {
        let sized = |file: LogicalFileView| (file.path().into_owned(), u64::try_from(file.size()).unwrap_or_default());
        Ok(self.snapshot()?.log_data().iter().map(sized).collect())
    }

    /// The visible data files, as the log tells of them.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn files(&self) -> Result<Vec<Add>, LakeError> {
        let add = |file: LogicalFileView| Add {
            path: file.path().into_owned(),
            partition_values: file.partition_values_map(),
            size: file.size(),
            modification_time: file.modification_time(),
            data_change: true,
            stats: file.stats(),
            ..Add::default()
        };
        Ok(self.snapshot()?.log_data().iter().map(add).collect())
    }

    /// The rows of each visible data file, by its path.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn rows_of_data_files(&self) -> Result<HashMap<String, u64>, LakeError> {
        let counted = |file: LogicalFileView| (file.path().into_owned(), file.num_records().unwrap_or_default() as u64);
        Ok(self.snapshot()?.log_data().iter().map(counted).collect())
    }

    /// Sees that a change puts as many rows into the table as it takes out.
    ///
    /// # Errors
    /// [`LakeError::Rows`]: a bug.
    pub fn check_keeps_rows(&self, change: &Change) -> Result<(), LakeError> {
        let rows = self.rows_of_data_files()?;
        self.check_rows(change.removes_paths.iter().filter_map(|path| rows.get(path)).sum(), change.adds.n_rows())
    }

    /// Sees that as many rows were written for this table as were counted on the way.
    ///
    /// # Errors
    /// [`LakeError::Rows`]: a bug.
    pub fn check_rows(&self, n_counted: u64, n_written: u64) -> Result<(), LakeError> {
        if n_counted == n_written {
            return Ok(());
        }
        Err(LakeError::Rows { table: self.name.clone(), n_counted, n_written })
    }

    /// The data files visible at an earlier version.
    pub(super) async fn files_at(&self, version: i64) -> Result<Vec<Add>, LakeError> {
        let mut earlier = Self { name: self.name.clone(), table: self.table.clone() };
        earlier.go_to_version(version).await?;
        earlier.files()
    }

    /// The partition columns, of a table whose data files can be read as they are.
    ///
    /// # Errors
    /// Its files are not what its rows are: another program deleted rows in place or renamed columns.
    pub fn plain_partition_columns(&self) -> Result<Vec<String>, LakeError> {
        let snapshot = self.snapshot()?;
        let maps_columns = snapshot.metadata().configuration().get("delta.columnMapping.mode").is_some_and(|mode| mode != "none");
        if maps_columns || snapshot.log_data().iter().any(|file| file.deletion_vector_descriptor().is_some()) {
            return Err(LakeError::NotPlain { table: self.name.clone() });
        }
        Ok(snapshot.metadata().partition_columns().to_vec())
    }

    /// The version since which the table has the rows it has: commits that only put rows into other data files do not count.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub async fn rows_version(&self) -> Result<i64, LakeError> {
        Ok(self.note(ROWS_OF_VERSION).await?.and_then(|version| version.as_i64()).unwrap_or_else(|| self.version()))
    }

    /// A fact noted with the newest commit.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub async fn note(&self, key: &str) -> Result<Option<Value>, LakeError> {
        Ok(self.notes().await?.remove(key))
    }

    async fn notes(&self) -> Result<HashMap<String, Value>, LakeError> {
        let newest = self.table.history(Some(1)).next().await;
        newest.map_or_else(|| Ok(HashMap::new()), |commit| commit.map(|commit| commit.info)).map_err(|source| self.error("read", source))
    }

    /// Goes back to an earlier version.
    ///
    /// # Errors
    /// The version is gone.
    pub async fn go_to_version(&mut self, version: i64) -> Result<(), LakeError> {
        let version = u64::try_from(version).unwrap_or_default();
        self.table.load_version(version).await.map_err(|source| LakeError::Table {
            action: "read",
            table: self.name.clone(),
            source: Box::new(source),
        })
    }

    pub(super) fn partition_kind(&self, column: &str) -> PrimitiveType {
        let field = self.snapshot().ok().and_then(|snapshot| snapshot.schema().field(column).map(|field| field.data_type().clone()));
        match field {
            Some(DataType::Primitive(kind)) => kind,
            _ => PrimitiveType::String,
        }
    }

    pub(super) fn error(&self, action: &'static str, source: impl Into<DeltaTableError>) -> LakeError {
        LakeError::Table { action, table: self.name.clone(), source: Box::new(source.into()) }
    }

    /// Tells that some rows do not have the columns of this table: a bug.
    #[must_use]
    pub fn columns_error(&self, source: ArrowError) -> LakeError {
        LakeError::Columns { table: self.name.clone(), source }
    }

    /// Adds columns the table does not have yet.
    ///
    /// # Errors
    /// A column exists with another type, or the commit fails.
    pub async fn widen(&mut self, schema: &Schema) -> Result<(), LakeError> {
        let wanted = kernel_schema(&self.name, schema)?;
        let present = self.snapshot()?.schema();
        let mut fields: Vec<StructField> = present.fields().cloned().collect();
        let before = fields.len();
        for field in wanted.fields() {
            match present.field(field.name()) {
                Some(have) if have.data_type() != field.data_type() => {
                    return Err(LakeError::ColumnType {
                        table: self.name.clone(),
                        column: field.name().clone(),
                        found: field.data_type().to_string(),
                        expected: have.data_type().to_string(),
                    });
                }
                Some(_) => {}
                None => fields.push(StructField::nullable(field.name(), field.data_type().clone())),
            }
        }
        if fields.len() == before {
            return Ok(());
        }
        let schema = StructType::try_new(fields).map_err(|source| self.error("widen", source))?;
        let metadata = self.metadata_with(&schema, &self.statistics()?, "widen")?;
        self.write(vec![Action::Metadata(metadata)], SaveMode::Append, HashMap::new()).await
    }

    /// Whether the metadata says what this release says about a table.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub(super) fn is_up_to_date(&self) -> Result<bool, LakeError> {
        Ok(metadata::is_up_to_date(self.snapshot()?.metadata().configuration()))
    }

    /// Has the metadata say what this release says about a table. Rows, and facts noted with the newest commit, stay as they are.
    ///
    /// # Errors
    /// The commit fails.
    pub(super) async fn bring_up_to_date(&mut self) -> Result<(), LakeError> {
        if self.is_up_to_date()? {
            return Ok(());
        }
        let columns = self.snapshot()?.schema();
        let metadata = self.metadata_with(&columns, &self.statistics()?, "change")?;
        let mut notes = self.notes().await?;
        notes.retain(|key, _| key.starts_with("czar."));
        notes.insert(ROWS_OF_VERSION.to_owned(), self.rows_version().await?.into());
        self.write(vec![Action::Metadata(metadata)], SaveMode::Append, notes).await
    }

    /// The metadata of a table with these columns, and with data files of which the log says this.
    fn metadata_with(&self, columns: &StructType, statistics: &[Value], action: &'static str) -> Result<Metadata, LakeError> {
        let metadata = self.snapshot()?.metadata().clone();
        let bounded = metadata::bounded_columns(columns, metadata.partition_columns(), statistics);
        let metadata = metadata.with_schema(columns).map_err(|source| self.error(action, source))?;
        metadata::with_properties(metadata, &bounded).map_err(|source| self.error(action, source))
    }

    /// What the log says about the rows of each data file.
    fn statistics(&self) -> Result<Vec<Value>, LakeError> {
        let statistics = |file: LogicalFileView| file.stats().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(self.snapshot()?.log_data().iter().map(statistics).collect())
    }

    /// Commits a change. After it returns, readers see the new rows; before, the old ones.
    ///
    /// # Errors
    /// The commit fails; the table is as it was.
    pub(super) async fn commit(&mut self, mut change: Change) -> Result<(), LakeError> {
        let mut actions = self.removals(&change)?;
        if change.keeps_rows && !actions.is_empty() {
            change.notes.insert(ROWS_OF_VERSION.to_owned(), self.rows_version().await?.into());
        }
        if let Some(schema) = change.new_schema {
            let columns = kernel_schema(&self.name, &schema)?;
            if columns != *self.snapshot()?.schema() {
                actions.push(Action::Metadata(self.metadata_with(&columns, &[], "change")?));
            }
        }
        let mode = if actions.is_empty() { SaveMode::Append } else { SaveMode::Overwrite };
        actions.extend(change.adds.adds.into_iter().map(|add| Action::Add(Add { data_change: !change.keeps_rows, ..add })));
        if actions.is_empty() && change.notes.is_empty() {
            return Ok(());
        }
        self.write(actions, mode, change.notes).await
    }

    /// What takes the replaced data files out. A lake has as many data files as files were loaded, so each is looked up and not compared.
    fn removals(&self, change: &Change) -> Result<Vec<Action>, LakeError> {
        if !change.replaces_all && change.removes_paths.is_empty() && change.replaces.is_empty() {
            return Ok(Vec::new());
        }
        let batches: HashSet<&BatchName> = change.replaces.iter().collect();
        let paths: HashSet<&str> = change.removes_paths.iter().map(String::as_str).collect();
        let goes = |path: &str| {
            change.replaces_all || paths.contains(path) || BatchName::of_path(path).is_some_and(|batch| batches.contains(&batch))
        };
        let files = self.snapshot()?.log_data();
        Ok(files.iter().filter(|file| goes(&file.path())).map(|file| Action::Remove(file.remove_action(!change.keeps_rows))).collect())
    }

    async fn write(&mut self, actions: Vec<Action>, mode: SaveMode, notes: HashMap<String, Value>) -> Result<(), LakeError> {
        let operation = DeltaOperation::Write { mode, partition_by: None, predicate: None };
        // The log keeps the version before: a change of several tables that is not finished goes back to it, however old it is.
        let properties = CommitProperties::default().with_metadata(notes).with_cleanup_expired_logs(Some(false));
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(self.snapshot()?), self.table.log_store(), operation)
            .await
            .map_err(|source| self.error("commit to", source))?;
        drop(committed);
        self.table.update_state().await.map_err(|source| LakeError::Table {
            action: "read",
            table: self.name.clone(),
            source: Box::new(source),
        })
    }

    fn snapshot(&self) -> Result<&deltalake_core::kernel::EagerSnapshot, LakeError> {
        Ok(self.table.snapshot().map_err(|source| self.error("read", source))?.snapshot())
    }
}

fn build(name: &str, url: Url, store: Arc<DurableLog>) -> Result<DeltaTable, LakeError> {
    DeltaTableBuilder::from_url(url.clone())
        .map(|builder| builder.with_storage_backend(store, url))
        .and_then(DeltaTableBuilder::build)
        .map_err(|source| LakeError::Table { action: "open", table: name.to_owned(), source: Box::new(source) })
}

fn kernel_schema(table: &str, schema: &Schema) -> Result<StructType, LakeError> {
    debug_assert!(schema.fields().iter().all(|field| field.data_type() != &ArrowType::LargeUtf8));
    schema.try_into_kernel().map_err(|source| LakeError::Columns { table: table.to_owned(), source })
}
