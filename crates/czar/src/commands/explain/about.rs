//! What is known of a research table or column without a lake: meaning, grain, key, SQL. It asks nothing.

use czar_pipeline::marts::{Model, column_docs};
use serde::Serialize;

use super::definition::{DefiningLine, defining_lines, definition_file};

/// A research table, or one of its columns.
#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) table: String,
    pub(super) kind: &'static str,
    /// What one row is.
    pub(super) grain: String,
    pub(super) key: Vec<String>,
    /// Where its SQL stands in the source code.
    pub(super) definition_file: String,
    /// The tables and models it reads.
    pub(super) made_from: Vec<String>,
    /// The column, or all of them.
    pub(super) columns: Vec<ColumnAbout>,
    /// Whether one column is explained, and not the table.
    pub(super) is_of_column: bool,
    /// The SQL; only when the table as a whole is explained.
    pub(super) sql: Option<String>,
    /// The lines of SQL that name the column, in this model and those below it.
    pub(super) defining_lines: Vec<DefiningLine>,
}

/// A column.
#[derive(Debug, Serialize)]
pub(super) struct ColumnAbout {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) unit: Option<String>,
    /// `none`, `identifier`, `quasi` or `free_text`.
    pub(super) personal: String,
    pub(super) meaning: String,
    pub(super) source: Option<String>,
}

/// Tells what is known.
pub(super) fn about(model: &Model, column: Option<&str>) -> About {
    let docs = column_docs(&model.name);
    let wanted = docs.into_iter().filter(|(name, _)| column.is_none_or(|column| column == name));
    let columns = wanted.map(|(name, doc)| ColumnAbout {
        name,
        kind: doc.kind,
        unit: doc.unit,
        personal: doc.personal,
        meaning: doc.meaning,
        source: doc.source,
    });
    About {
        table: model.name.clone(),
        kind: if model.is_materialized { "table" } else { "view" },
        grain: model.grain.clone(),
        key: model.key.clone(),
        definition_file: definition_file(model),
        made_from: model.upstreams.clone(),
        columns: columns.collect(),
        is_of_column: column.is_some(),
        sql: column.is_none().then(|| model.sql.clone()),
        defining_lines: column.map(|column| defining_lines(model, column)).unwrap_or_default(),
    }
}
