//! The lake as the checks see it: which tables have files, and models as of now, whether or not the research tables are built.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::objects;
use crate::engine::Engine;
use crate::ingest::READER_VERSION;
use crate::lake::Lake;
use crate::lake::schema::{TRACKING_EVENTS, history_name};
use crate::marts::{MartError, is_up_to_date, models};
use czar_formats::tracking_log::known_events;

/// Tables whose rows a load counts together with those of the table it is named for: an archive of a course fills several.
const COUNTED_WITH: [(&str, [&str; 2]); 1] = [("course_content_blocks", ["grading_policy", "grade_cutoffs"])];

/// What several queries begin with, by the place-holder it is named by.
const PARTS: [(&str, &str); 2] = [
    ("{files_of_packages}", include_str!("sql/part_files_of_packages.sql")),
    ("{packages_in_order}", include_str!("sql/part_packages_in_order.sql")),
];

/// An engine in which each model stands for the rows that are in the lake now.
pub struct Facts {
    engine: Engine,
    /// Tables of which a file is loaded.
    loaded: BTreeSet<String>,
    /// Research tables that are built, and whether as a build would make them now.
    marts: BTreeMap<String, bool>,
}

impl Facts {
    /// Prepares an engine. A research table that is not up to date gives way to a view of the same model.
    ///
    /// # Errors
    /// A table cannot be read, or a model cannot be planned.
    pub fn gather(lake: &Lake, mut engine: Engine) -> Result<Self, MartError> {
        let mut marts = BTreeMap::new();
        let mut replaced: BTreeSet<&str> = BTreeSet::new();
        for model in models() {
            let reads_replaced = model.upstreams.iter().any(|upstream| replaced.contains(upstream.as_str()));
            if model.is_materialized {
                let is_built = engine.has_table(&model.name);
                let is_current = is_built && !reads_replaced && is_up_to_date(lake, &engine, model)?;
                if is_built {
                    marts.insert(model.name.clone(), is_current);
                }
                if is_current {
                    continue;
                }
            }
            engine.add_view(model).map_err(|source| MartError::Query { model: model.name.clone(), source })?;
            if model.is_materialized || reads_replaced {
                replaced.insert(&model.name);
            }
        }
        let sql = "select distinct table_name from loads where state = 'loaded' and table_name is not null";
        let found = engine.sql(sql).map_err(|source| MartError::Query { model: "loads".to_owned(), source })?;
        let mut loaded = BTreeSet::new();
        for batch in &found.batches {
            for row in objects(batch).map_err(|source| MartError::Columns { model: "loads".to_owned(), source })? {
                loaded.extend(row.get("table_name").and_then(serde_json::Value::as_str).map(str::to_owned));
            }
        }
        Ok(Self { engine, loaded, marts })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Research tables that are built and not up to date.
    pub fn stale_marts(&self) -> impl Iterator<Item = &str> {
        self.marts.iter().filter(|(_, is_current)| !**is_current).map(|(name, _)| name.as_str())
    }

    /// Whether a file of this table is loaded.
    pub(super) fn is_loaded(&self, table: &str) -> bool {
        self.loaded.contains(table)
    }

    /// Whether anything is loaded.
    pub(super) fn is_empty(&self) -> bool {
        self.loaded.is_empty()
    }

    /// Puts into a query what it shares with others, and what it cannot know: today, this version, the catalogue of events, the tables of the
    /// lake.
    pub(super) fn complete(&self, sql: &str, today: chrono::NaiveDate) -> String {
        let mut sql = PARTS.iter().fold(sql.to_owned(), |sql, (name, part)| sql.replace(name, part.trim_end()));
        sql = sql.replace("{today}", &today.to_string()).replace("{this_reader}", &READER_VERSION.to_string());
        if sql.contains("{known_event_names}") {
            let names: Vec<String> = known_events().iter().map(|event| format!("'{}'", event.event_name.replace('\'', "''"))).collect();
            sql = sql.replace("{known_event_names}", &names.join(", "));
        }
        if sql.contains("{rows_by_file}") {
            sql = sql.replace("{rows_by_file}", &self.rows_by_file());
        }
        sql
    }

    fn rows_by_file(&self) -> String {
        let mut parts = vec!["select '' as counted_table, '' as counted_file, 0 as n_counted where false".to_owned()];
        for table in &self.loaded {
            let companions = COUNTED_WITH.iter().filter(|(main, _)| main == table).flat_map(|(_, companions)| companions);
            for counted in std::iter::once(table.as_str()).chain(companions.copied()) {
                let physical = if counted == TRACKING_EVENTS { counted.to_owned() } else { history_name(counted) };
                if self.engine.has_table(&physical) {
                    parts.push(format!(
                        "select '{table}' as counted_table, _source_file as counted_file, count(*) as n_counted \
                         from \"{physical}\" group by _source_file"
                    ));
                }
            }
        }
        parts.join("\n    union all\n    ")
    }
}
