//! Which names a query can use: lake tables, views of the newest package, marts. A table that has no rows yet is there and empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::datasource::empty::EmptyTable;

use super::{Engine, EngineError, TableKind};
use crate::ingest::is_row_keyed;
use crate::lake::content_columns::loaded_as;
use crate::lake::schema::{
    Column, EVENT_BOOKKEEPING, EVENT_COLUMNS, LOAD_COLUMNS, LOADS, REJECT_COLUMNS, REJECTS, TRACKING_EVENT_COPIES, TRACKING_EVENTS,
    arrow_schema, history_name, snapshot_columns, snapshot_names,
};
use crate::lake::{Lake, LakeTable};
use crate::marts::{self, Model};

/// Registers all that a query can use.
pub(super) fn register_lake(engine: &mut Engine, lake: &Lake, before_open_change: &BTreeMap<String, i64>) -> Result<(), EngineError> {
    let models = marts::models();
    let names = lake.table_names()?;
    // Tables that exist, at the versions that belong together.
    for name in &names {
        let Some(mut table) = lake.table(name)? else { continue };
        if let Some(version) = before_open_change.get(name) {
            lake.runtime().block_on(table.go_to_version(*version))?;
        }
        let kind = if models.iter().any(|model| model.name == *name) { TableKind::Mart } else { TableKind::Lake };
        // A mart is there when its first rows are committed, which is its second version.
        if kind == TableKind::Mart && table.version() < 1 {
            continue;
        }
        register_table(engine, &table, kind)?;
    }
    for (name, columns) in always_there() {
        if !engine.has_table(&name) {
            let empty = EmptyTable::new(Arc::new(arrow_schema(columns)));
            engine.put(&name, Arc::new(empty), TableKind::Lake)?;
        }
    }
    let histories: Vec<String> = engine.tables.keys().filter(|name| name.ends_with("_history")).cloned().collect();
    for history in histories {
        if let Some(view) = history.strip_suffix("_history") {
            let sql = if is_row_keyed(view) { newest_list_sql(view) } else { newest_package_sql(view) };
            engine.view(view, &sql)?;
        }
    }
    register_model_views(engine, models)
}

/// Registers a Delta table.
pub(super) fn register_table(engine: &mut Engine, table: &LakeTable, kind: TableKind) -> Result<(), EngineError> {
    let provider = engine
        .runtime
        .block_on(async { table.delta().table_provider().await })
        .map_err(|source| EngineError::Setup { source: Box::new(source) })?;
    engine.versions.insert(table.name().to_owned(), table.version());
    engine.put(table.name(), provider, kind)
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

/// Views among the models, as far as the marts they read are built.
fn register_model_views(engine: &mut Engine, models: &[Model]) -> Result<(), EngineError> {
    for model in models.iter().filter(|model| !model.is_materialized) {
        // A mart of an older release may lack a column; the next build makes it anew and the view with it.
        let planned = model.upstreams.iter().all(|upstream| engine.has_table(upstream)).then(|| engine.add_view(model));
        if let Some(Err(error)) = planned {
            tracing::debug!(view = %model.name, %error, "view left out until the next build");
        }
    }
    Ok(())
}

/// The rows of the newest loaded package in which each course run appears.
fn newest_package_sql(view: &str) -> String {
    let (history, loaded_as) = (history_name(view), loaded_as(view));
    format!(
        "select snapshot.* from \"{history}\" as snapshot join (\
           select site, course_run_key, max(package_date) as package_date from loads \
           where table_name = '{loaded_as}' and state = 'loaded' group by site, course_run_key\
         ) as newest on snapshot._site = newest.site and snapshot._package_date = newest.package_date \
         and snapshot._course_run_key is not distinct from newest.course_run_key"
    )
}

/// As [`newest_package_sql`] for lists of a whole organisation, whose rows name their own course runs: for each organisation the rows of
/// the newest list in which a course run appears.
fn newest_list_sql(view: &str) -> String {
    let history = history_name(view);
    format!(
        "select snapshot.* from \"{history}\" as snapshot \
         join (select load_id as list_id, org as list_org from loads where table_name = '{view}' and state = 'loaded') as list \
           on snapshot._load_id = list.list_id \
         join (\
           select org as newest_org, _site as newest_site, _course_run_key as newest_key, max(_package_date) as newest_date \
           from \"{history}\" join loads on _load_id = load_id where table_name = '{view}' and state = 'loaded' \
           group by org, _site, _course_run_key\
         ) as newest on snapshot._site = newest.newest_site and snapshot._package_date = newest.newest_date \
         and list.list_org is not distinct from newest.newest_org \
         and snapshot._course_run_key is not distinct from newest.newest_key"
    )
}

/// Tables that models read, with their columns, whether or not anything was loaded.
fn always_there() -> Vec<(String, Vec<Column<'static>>)> {
    let mut tables: Vec<(String, Vec<Column<'static>>)> = vec![
        (TRACKING_EVENTS.to_owned(), EVENT_BOOKKEEPING.into_iter().chain(EVENT_COLUMNS).collect()),
        (TRACKING_EVENT_COPIES.to_owned(), EVENT_BOOKKEEPING.into_iter().chain(EVENT_COLUMNS).collect()),
        (LOADS.to_owned(), LOAD_COLUMNS.to_vec()),
        (REJECTS.to_owned(), REJECT_COLUMNS.to_vec()),
    ];
    tables.extend(snapshot_names().map(|name| (history_name(name), snapshot_columns(name))));
    tables
}
