//! A value, the way to the lines behind it, and the lines. It asks the lake; it prints nothing.

use std::collections::BTreeMap;

use czar_pipeline::engine::{Engine, TableKind};
use czar_pipeline::explain::{self, Evidence, Key};
use czar_pipeline::lake::Lake;
use czar_pipeline::marts::{self, Model, column_docs};
use czar_pipeline::sql;
use serde::Serialize;

use crate::output::text_rows;

/// Units in which a value counts lines one by one.
const UNITS_OF_LINES: [&str; 3] = ["events", "documents", "plays"];

/// What the lake tells of a column, for a key.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    pub(super) key: Key,
    /// Rows of the research table that have the key; `None` while it is not built.
    pub(super) n_rows: Option<u64>,
    /// The value, when exactly one row has the key.
    pub(super) value: Option<String>,
    /// Whether the research table is as a build would make it now.
    pub(super) is_up_to_date: bool,
    pub(super) way: Vec<WayStep>,
    pub(super) evidence: Vec<EvidenceFound>,
}

/// A table or model on the way.
#[derive(Debug, Serialize)]
pub(super) struct WayStep {
    pub(super) name: String,
    pub(super) column: Option<String>,
    pub(super) depth: usize,
    pub(super) kind: &'static str,
    /// Rows for the key.
    pub(super) n_rows: Option<u64>,
    /// Columns of the key that it does not have.
    pub(super) key_left_out: Vec<String>,
}

/// The lines of one table.
#[derive(Debug, Serialize)]
pub(super) struct EvidenceFound {
    pub(super) table: String,
    /// Which rows of the table count; `None` when all of the key do.
    pub(super) condition: Option<String>,
    pub(super) key_left_out: Vec<String>,
    pub(super) n_lines: u64,
    /// Whether the value counts exactly these lines; `None` where it counts something else.
    pub(super) adds_up: Option<bool>,
    pub(super) lines: Vec<Line>,
}

/// A line of a delivered file.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) file: String,
    pub(super) line: Option<u64>,
    pub(super) load_id: Option<String>,
    /// What kind of file it is.
    pub(super) kind: Option<String>,
    /// Where the file lay when it was loaded.
    pub(super) source_path: Option<String>,
    /// What tells the line from others: time, event name, package.
    pub(super) what: Vec<String>,
}

/// Explains a column. Without a lake (as of a day) a research table is always up to date.
pub(super) fn explain(
    engine: &Engine,
    lake: Option<&Lake>,
    model: &Model,
    column: &str,
    key: &Key,
    n_lines: u64,
) -> anyhow::Result<Explained> {
    let trace = explain::walk(model, Some(column));
    let mut counted: BTreeMap<String, (Option<u64>, Vec<String>)> = BTreeMap::new();
    let mut way = Vec::new();
    for step in trace.steps {
        if !counted.contains_key(&step.name) {
            counted.insert(step.name.clone(), rows(engine, &step.name, key)?);
        }
        let (n_rows, key_left_out) = counted.get(&step.name).cloned().unwrap_or_default();
        way.push(WayStep { kind: kind(engine, &step.name), name: step.name, column: step.column, depth: step.depth, n_rows, key_left_out });
    }
    let n_rows = counted.get(&model.name).and_then(|counted| counted.0);
    let value = if n_rows == Some(1) { value(engine, model, column, key)? } else { None };
    let is_up_to_date = match lake {
        Some(lake) if model.is_materialized => marts::is_up_to_date(lake, engine, model)?,
        _ => true,
    };
    let counts_lines =
        column_docs(&model.name).get(column).and_then(|doc| doc.unit.clone()).is_some_and(|unit| UNITS_OF_LINES.contains(&unit.as_str()));
    let mut evidence = Vec::new();
    for end in trace.evidence.iter().filter(|end| engine.has_table(&end.table)) {
        let mut found = evidence_of(engine, end, key, n_lines)?;
        if counts_lines && found.condition.is_some() && found.key_left_out.is_empty() && trace.evidence.len() == 1 && n_rows == Some(1) {
            // A count of nothing is 0, or null where nothing was delivered.
            found.adds_up = Some(value.as_deref().unwrap_or("0").parse() == Ok(found.n_lines));
        }
        evidence.push(found);
    }
    Ok(Explained { key: key.clone(), n_rows, value, is_up_to_date, way, evidence })
}

fn evidence_of(engine: &Engine, end: &Evidence, key: &Key, limit: u64) -> anyhow::Result<EvidenceFound> {
    let lines = explain::lines_of(engine, end, key)?;
    let n_lines = count(engine, &lines.count_sql)?;
    let list = format!(
        "select found.*, known.kind, known.source_path from (select load_id as known_load, kind, source_path from loads) as known \
         right join ({} limit {limit}) as found on known.known_load = found._load_id",
        lines.list_sql
    );
    let mut rows = Vec::new();
    if limit > 0 {
        rows = text_rows(engine, &list)?;
    }
    let listed = rows.into_iter().map(|row| {
        let text = |at: usize| row.get(at).cloned().flatten();
        let n = row.len();
        Line {
            file: text(0).unwrap_or_default(),
            line: text(1).and_then(|line| line.parse().ok()),
            load_id: text(2),
            kind: text(n.saturating_sub(2)),
            source_path: text(n.saturating_sub(1)),
            what: (3..n.saturating_sub(2)).filter_map(text).collect(),
        }
    });
    let mut lines_listed: Vec<Line> = listed.collect();
    // A join keeps no order.
    lines_listed.sort_by(|a, b| (a.what.first(), &a.file, a.line).cmp(&(b.what.first(), &b.file, b.line)));
    Ok(EvidenceFound {
        table: end.table.clone(),
        condition: lines.condition,
        key_left_out: lines.left_out,
        n_lines,
        adds_up: None,
        lines: lines_listed,
    })
}

fn rows(engine: &Engine, table: &str, key: &Key) -> anyhow::Result<(Option<u64>, Vec<String>)> {
    if !engine.has_table(table) {
        return Ok((None, Vec::new()));
    }
    let (sql, left_out) = explain::rows_of(engine, table, key)?;
    Ok((Some(count(engine, &sql)?), left_out))
}

fn value(engine: &Engine, model: &Model, column: &str, key: &Key) -> anyhow::Result<Option<String>> {
    let (count_sql, _) = explain::rows_of(engine, &model.name, key)?;
    let sql = count_sql.replacen("count(*)", &sql::name(column), 1);
    Ok(text_rows(engine, &sql)?.into_iter().next().and_then(|row| row.into_iter().next()).flatten())
}

fn count(engine: &Engine, sql: &str) -> anyhow::Result<u64> {
    Ok(engine.texts(sql)?.first().and_then(|n| n.parse().ok()).unwrap_or_default())
}

fn kind(engine: &Engine, name: &str) -> &'static str {
    let is_model = marts::models().iter().any(|model| model.name == name);
    match engine.tables().iter().find(|table| table.name == name).map(|table| table.kind) {
        None => "not built",
        Some(TableKind::Mart) => "research table",
        Some(_) if is_model => "model",
        Some(_) => "lake",
    }
}
