//! What each name stands for: lake tables, views of the newest package, of all ever seen and of a day, models. It opens no table: that is
//! done for the names of a statement, when one first has them.

use std::collections::BTreeMap;

use czar_formats::database_file::schema::TableKey;

use super::TableKind;
use super::history::{cumulative_name, cumulative_sql, newest_list_sql, newest_package_sql};
use super::other_records::{cumulative_files_sql, newest_files_sql};
use crate::courses::{REGISTERED_COURSE_COLUMNS, REGISTERED_COURSES};
use crate::ingest::is_row_keyed;
use crate::lake::schema::{
    Column, LOAD_COLUMNS, LOADS, OTHER_RECORDS, REJECT_COLUMNS, REJECTS, TRACKING_EVENT_COPIES, TRACKING_EVENTS, event_table_columns,
    history_name, snapshot_columns, snapshot_key, snapshot_names,
};
use crate::marts::Model;

/// A name that a statement can use.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it stands for.
    pub kind: TableKind,
    /// How it is made.
    pub source: Source,
}

/// How a table is made when a statement first names it.
#[derive(Debug)]
pub(super) enum Source {
    /// A Delta table, with the columns it has at least: one of an older release lacks some until the next load widens it.
    Stored {
        /// The version that is read.
        version: u64,
        /// The columns of this release.
        columns: Vec<Column<'static>>,
    },
    /// A table nobody has loaded anything into yet.
    Nothing {
        /// The columns it would have.
        columns: Vec<Column<'static>>,
    },
    /// A statement over other names.
    View {
        /// The statement.
        sql: String,
        /// Whether it may be left out: a model over a mart of an older release may miss a column until the next build.
        may_fail: bool,
    },
    /// Rows that were handed in.
    Given,
}

impl Entry {
    pub(super) fn view(sql: String) -> Self {
        Self { kind: TableKind::View, source: Source::View { sql, may_fail: false } }
    }
}

/// Lists all names, given the versions of the tables there are. `all_as_views`: nothing that was built counts, as on an earlier day.
pub(super) fn catalogue(versions: &BTreeMap<String, u64>, models: &[Model], all_as_views: bool) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    let mut at_least: BTreeMap<String, Vec<Column<'static>>> = always_there();
    for (name, version) in versions {
        let kind = if models.iter().any(|model| model.name == *name) { TableKind::Mart } else { TableKind::Lake };
        // A mart is there when its first rows are committed, which is its second version.
        if kind == TableKind::Mart && (*version < 1 || all_as_views) {
            continue;
        }
        let columns = at_least.remove(name).unwrap_or_default();
        entries.insert(name.clone(), Entry { kind, source: Source::Stored { version: *version, columns } });
    }
    for (name, columns) in at_least {
        entries.insert(name, Entry { kind: TableKind::Lake, source: Source::Nothing { columns } });
    }
    let histories: Vec<String> = entries.keys().filter_map(|name| name.strip_suffix("_history").map(ToOwned::to_owned)).collect();
    for view in histories {
        entries.insert(view.clone(), Entry::view(newest_sql(&view)));
        if let Some(key) = snapshot_key(&view) {
            entries.insert(cumulative_name(&view), Entry::view(all_seen_sql(&view, key)));
        }
    }
    // Models come after those they read.
    for model in models.iter().filter(|model| all_as_views || !model.is_materialized) {
        if model.upstreams.iter().all(|upstream| entries.contains_key(upstream)) {
            let source = Source::View { sql: model.sql.clone(), may_fail: true };
            entries.insert(model.name.clone(), Entry { kind: TableKind::View, source });
        }
    }
    entries
}

fn newest_sql(view: &str) -> String {
    match view {
        OTHER_RECORDS => newest_files_sql(),
        view if is_row_keyed(view) => newest_list_sql(view),
        view => newest_package_sql(view),
    }
}

fn all_seen_sql(view: &str, key: TableKey) -> String {
    if view == OTHER_RECORDS { cumulative_files_sql() } else { cumulative_sql(view, key) }
}

/// Tables that models read, with their columns, whether or not anything was loaded.
fn always_there() -> BTreeMap<String, Vec<Column<'static>>> {
    let mut tables: BTreeMap<String, Vec<Column<'static>>> = BTreeMap::from([
        (TRACKING_EVENTS.to_owned(), event_table_columns()),
        (TRACKING_EVENT_COPIES.to_owned(), event_table_columns()),
        (LOADS.to_owned(), LOAD_COLUMNS.to_vec()),
        (REJECTS.to_owned(), REJECT_COLUMNS.to_vec()),
        (REGISTERED_COURSES.to_owned(), REGISTERED_COURSE_COLUMNS.to_vec()),
    ]);
    tables.extend(snapshot_names().map(|name| (history_name(name), snapshot_columns(name))));
    tables
}
