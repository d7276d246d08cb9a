//! What each column of a model means, from `models/columns.toml`. It checks nothing; a test compares it with the columns a model gives.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;

/// The documentation of one column.
#[derive(Debug, Clone, Deserialize)]
pub struct ColumnDoc {
    /// What it tells.
    pub meaning: String,
    /// Its type: `text`, `integer`, `float`, `boolean`, `date` or `timestamp`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its unit, where it has one.
    pub unit: Option<String>,
    /// How personal it is: `none`, `identifier`, `quasi` or `free_text`.
    pub personal: String,
    /// Where its rule comes from: models, tables and columns, by which an explanation finds its way.
    pub source: Option<String>,
    /// Which of the lines below it make the value: a condition on the model or table with the lines. Where the unit is the line
    /// (events, documents), as many lines meet it as the value says.
    pub lines: Option<String>,
}

static DOCS: LazyLock<IndexMap<String, IndexMap<String, ColumnDoc>>> = LazyLock::new(|| {
    // A test proves that the file parses.
    toml::from_str(include_str!("../../../../models/columns.toml")).unwrap_or_default()
});

/// The columns of a model in their order; empty when the model is unknown.
#[must_use]
pub fn column_docs(model: &str) -> IndexMap<String, ColumnDoc> {
    DOCS.get(model).cloned().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_of_columns_parses() {
        let docs: IndexMap<String, IndexMap<String, ColumnDoc>> = toml::from_str(include_str!("../../../../models/columns.toml")).unwrap();
        assert!(docs.values().flatten().all(|(_, doc)| ["none", "identifier", "quasi", "free_text"].contains(&doc.personal.as_str())));
    }
}
