//! Which names a query can use: lake tables, views of the newest package, marts. A table that has no rows yet is there and empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::common::{ScalarValue, TableReference};
use datafusion::datasource::empty::EmptyTable;
use datafusion::prelude::lit;

use super::history::{as_of_sql, cumulative_name, cumulative_sql, newest_list_sql, newest_package_sql};
use super::other_records::{cumulative_files_sql, newest_files_sql};
use super::whole_filters::WholeFilters;
use super::{Engine, EngineError, TableKind};
use crate::courses::{REGISTERED_COURSE_COLUMNS, REGISTERED_COURSES};
use crate::ingest::is_row_keyed;
use crate::lake::schema::{
    Column, EVENT_BOOKKEEPING, EVENT_COLUMNS, LOAD_COLUMNS, LOADS, OTHER_RECORDS, REJECT_COLUMNS, REJECTS, TRACKING_EVENT_COPIES,
    TRACKING_EVENTS, arrow_schema, history_name, snapshot_columns, snapshot_key, snapshot_names,
};
use crate::lake::{Lake, LakeTable};
use crate::marts::{self, Model};
use crate::sql;

/// Registers all that a query can use; with a day, what there would be had nothing later been delivered.
pub(super) fn register_lake(
    engine: &mut Engine,
    lake: &Lake,
    before_open_change: &BTreeMap<String, i64>,
    as_of: Option<NaiveDate>,
) -> Result<(), EngineError> {
    let models = marts::models();
    let names = lake.table_names()?;
    // Tables that exist, at the versions that belong together.
    for name in &names {
        let Some(mut table) = lake.table(name)? else { continue };
        if let Some(version) = before_open_change.get(name) {
            lake.runtime().block_on(table.go_to_version(*version))?;
        }
        let kind = if models.iter().any(|model| model.name == *name) { TableKind::Mart } else { TableKind::Lake };
        // A mart is there when its first rows are committed, which is its second version. It holds what was there when it was built,
        // so on an earlier day its model stands in its place.
        if kind == TableKind::Mart && (table.version() < 1 || as_of.is_some()) {
            continue;
        }
        register_table(engine, &table, kind)?;
    }
    for (name, columns) in always_there() {
        if !engine.has_table(&name) {
            let empty = EmptyTable::new(Arc::new(arrow_schema(columns)));
            engine.put(&name, Arc::new(empty), TableKind::Lake)?;
        } else {
            fill_up(engine, &name, &columns)?;
        }
    }
    if let Some(day) = as_of {
        narrow(engine, day)?;
    }
    let histories: Vec<String> = engine.tables.keys().filter(|name| name.ends_with("_history")).cloned().collect();
    for history in histories {
        if let Some(view) = history.strip_suffix("_history") {
            let sql = match view {
                OTHER_RECORDS => newest_files_sql(),
                view if is_row_keyed(view) => newest_list_sql(view),
                view => newest_package_sql(view),
            };
            engine.view(view, &sql)?;
            register_cumulative(engine, view, &history)?;
        }
    }
    register_model_views(engine, models, as_of.is_some())
}

/// Takes away what was delivered after a day. All views stand on the narrowed tables.
fn narrow(engine: &mut Engine, day: NaiveDate) -> Result<(), EngineError> {
    let mut tables: Vec<String> = engine.tables.keys().cloned().collect();
    // What was rejected is told by the loads.
    tables.sort_by_key(|table| table != LOADS);
    for table in tables {
        let columns: Vec<String> = engine.columns(&table)?.into_iter().map(|(name, _)| name).collect();
        if let Some(sql) = as_of_sql(&table, &columns, day) {
            let narrowed = engine.plan(&sql)?.into_view();
            engine.put(&table, narrowed, TableKind::Lake)?;
        }
    }
    Ok(())
}

/// Adds, as nulls, the columns that a table of an older release lacks until the next load widens it.
fn fill_up(engine: &mut Engine, table: &str, columns: &[Column<'static>]) -> Result<(), EngineError> {
    let setup = |source| EngineError::Setup { source: Box::new(source) };
    let provider = engine.runtime.block_on(engine.context.table_provider(TableReference::bare(table.to_owned()))).map_err(setup)?;
    let present = provider.schema();
    let missing: Vec<&Column<'static>> = columns.iter().filter(|(name, _)| present.field_with_name(name).is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut rows = engine.plan(&format!("select * from {}", sql::name(table)))?;
    for (name, kind) in missing {
        let null = ScalarValue::try_new_null(&kind.arrow()).map_err(setup)?;
        rows = rows.with_column(name, lit(null)).map_err(setup)?;
    }
    engine.put(table, rows.into_view(), TableKind::Lake)
}

/// Registers the view of all rows ever seen, where the key of the table is known and its files have it.
fn register_cumulative(engine: &mut Engine, view: &str, history: &str) -> Result<(), EngineError> {
    let Some(key) = snapshot_key(view) else { return Ok(()) };
    let columns = engine.columns(history)?;
    if key.columns.iter().all(|column| columns.iter().any(|(name, _)| name == column)) {
        let sql = if view == OTHER_RECORDS { cumulative_files_sql() } else { cumulative_sql(view, key) };
        engine.view(&cumulative_name(view), &sql)?;
    }
    Ok(())
}

/// Registers a Delta table.
pub(super) fn register_table(engine: &mut Engine, table: &LakeTable, kind: TableKind) -> Result<(), EngineError> {
    let provider = engine
        .runtime
        .block_on(async { table.delta().table_provider().await })
        .map_err(|source| EngineError::Setup { source: Box::new(source) })?;
    // Of other tables no commit keeps all rows.
    let version = match table.name() {
        TRACKING_EVENTS => engine.runtime.block_on(table.rows_version())?,
        _ => table.version(),
    };
    engine.versions.insert(table.name().to_owned(), version);
    engine.put(table.name(), Arc::new(WholeFilters(provider)), kind)
}

impl Engine {
    /// Makes a mart that has just been written visible.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn add_mart(&mut self, table: &LakeTable) -> Result<(), EngineError> {
        register_table(self, table, TableKind::Mart)
    }
}

/// Views among the models, as far as the marts they read are built; or all models as views, computed when they are asked for.
fn register_model_views(engine: &mut Engine, models: &[Model], all: bool) -> Result<(), EngineError> {
    for model in models.iter().filter(|model| all || !model.is_materialized) {
        // A mart of an older release may lack a column; the next build makes it anew and the view with it.
        let planned = model.upstreams.iter().all(|upstream| engine.has_table(upstream)).then(|| engine.add_view(model));
        if let Some(Err(error)) = planned {
            tracing::debug!(view = %model.name, %error, "view left out until the next build");
        }
    }
    Ok(())
}

/// Tables that models read, with their columns, whether or not anything was loaded.
fn always_there() -> Vec<(String, Vec<Column<'static>>)> {
    let mut tables: Vec<(String, Vec<Column<'static>>)> = vec![
        (TRACKING_EVENTS.to_owned(), EVENT_BOOKKEEPING.into_iter().chain(EVENT_COLUMNS).collect()),
        (TRACKING_EVENT_COPIES.to_owned(), EVENT_BOOKKEEPING.into_iter().chain(EVENT_COLUMNS).collect()),
        (LOADS.to_owned(), LOAD_COLUMNS.to_vec()),
        (REJECTS.to_owned(), REJECT_COLUMNS.to_vec()),
        (REGISTERED_COURSES.to_owned(), REGISTERED_COURSE_COLUMNS.to_vec()),
    ];
    tables.extend(snapshot_names().map(|name| (history_name(name), snapshot_columns(name))));
    tables
}
