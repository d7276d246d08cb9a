//! One model: its SQL and what the comments on top of it declare. It runs nothing.

use std::collections::BTreeSet;

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;

/// A research table, or a view on the way to one.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its name, which is the name of its file and of its table.
    pub name: String,
    /// The folder it lies in.
    pub topic: String,
    /// What one row is: the text after `One row per`.
    pub grain: String,
    /// The columns that tell rows apart.
    pub key: Vec<String>,
    /// Whether its rows are written to a table; else it is a view.
    pub is_materialized: bool,
    /// The SELECT statement, comments included.
    pub sql: String,
    /// The tables and models it reads.
    pub upstreams: Vec<String>,
}

impl Model {
    /// Reads a model from its file's text.
    ///
    /// # Errors
    /// A declaration is missing or the SQL cannot be parsed; the text says which.
    pub fn parse(topic: &str, name: &str, text: &str) -> Result<Self, String> {
        let declared = |label: &str| {
            text.lines()
                .take_while(|line| line.starts_with("--"))
                .find_map(|line| line.strip_prefix(label))
                .map(|rest| rest.trim().to_owned())
        };
        let grain = declared("-- One row per").ok_or("the first line does not say `-- One row per ...`")?;
        let key = declared("-- Key:").ok_or("there is no `-- Key: ...` line")?;
        let key: Vec<String> = key.trim_end_matches('.').split(',').map(|column| column.trim().to_owned()).collect();
        let is_materialized = declared("-- Materialized:").is_none_or(|answer| answer.trim_end_matches('.') != "no");
        Ok(Self {
            name: name.to_owned(),
            topic: topic.to_owned(),
            grain: grain.trim_end_matches('.').to_owned(),
            key,
            is_materialized,
            sql: text.trim().trim_end_matches(';').to_owned(),
            upstreams: upstreams(text)?,
        })
    }
}

/// The tables a statement reads; names it defines itself (`with x as`) are not among them.
fn upstreams(sql: &str) -> Result<Vec<String>, String> {
    let mut statements = DFParser::parse_sql(sql).map_err(|error| error.strip_backtrace())?;
    let statement = match (statements.pop_front(), statements.is_empty()) {
        (Some(statement @ Statement::Statement(_)), true) => statement,
        _ => return Err("a model is one SELECT statement".to_owned()),
    };
    let (tables, _) = resolve_table_references(&statement, true).map_err(|error| error.strip_backtrace())?;
    let names: BTreeSet<String> = tables.into_iter().map(|table| table.table().to_owned()).collect();
    Ok(names.into_iter().collect())
}

/// The models in an order in which each comes after those it reads.
///
/// # Errors
/// Models read each other in a circle; the text names one of them.
pub fn in_build_order(models: Vec<Model>) -> Result<Vec<Model>, String> {
    let names: BTreeSet<String> = models.iter().map(|model| model.name.clone()).collect();
    let mut placed: BTreeSet<String> = BTreeSet::new();
    let mut waiting = models;
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = |model: &Model| model.upstreams.iter().all(|upstream| !names.contains(upstream) || placed.contains(upstream));
        let (now, later): (Vec<Model>, Vec<Model>) = waiting.into_iter().partition(ready);
        if now.is_empty() {
            return Err(later.first().map(|model| model.name.clone()).unwrap_or_default());
        }
        placed.extend(now.iter().map(|model| model.name.clone()));
        ordered.extend(now);
        waiting = later;
    }
    Ok(ordered)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_model_declares_grain_and_key_and_its_upstreams_are_found() {
        let text = "-- One row per learner.\n-- Key: site, user_id\n-- Materialized: no\nwith days as (select 1 as x from b) select * from days join a on true";
        let model = Model::parse("people", "m", text).unwrap();
        assert_eq!((model.grain.as_str(), model.key.join(","), model.is_materialized), ("learner", "site,user_id".to_owned(), false));
        assert_eq!(model.upstreams, ["a", "b"]);
    }

    #[test]
    fn models_that_read_each_other_in_a_circle_are_refused() {
        let model = |name: &str, upstream: &str| {
            Model::parse("t", name, &format!("-- One row per x\n-- Key: x\nselect * from {upstream}")).unwrap()
        };
        assert!(in_build_order(vec![model("a", "b"), model("b", "a")]).is_err());
        let ordered = in_build_order(vec![model("a", "b"), model("b", "events")]).unwrap();
        assert_eq!(ordered.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    }
}
