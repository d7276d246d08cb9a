//! A lake as one text that is equal for equal lakes: every row of every table, without when and how fast it was loaded.

use std::fmt::Write as _;
use std::path::Path;

use czar_pipeline::engine::{Engine, EngineOptions, TableKind};
use czar_pipeline::lake::Lake;
use datafusion::arrow::util::pretty::pretty_format_batches;

/// Columns of `loads` that tell of the run and not of the data.
const OF_THE_RUN: [&str; 5] = ["loaded_at", "duration_secs", "source_path", "source_stamp", "passed_over"];

fn open(lake: &Path) -> Engine {
    let lake = Lake::open_folder(lake).unwrap();
    Engine::open(&lake, &EngineOptions { memory_bytes: 512 << 20, workers: 2 }).unwrap()
}

/// Every row of every table that ingest fills.
pub(crate) fn lake_text(lake: &Path) -> String {
    text_of(lake, TableKind::Lake, is_of_the_run)
}

/// Every row of every research table that is built.
pub(crate) fn mart_text(lake: &Path) -> String {
    text_of(lake, TableKind::Mart, is_of_the_run)
}

/// Every row that came out of files, without what tells which copy of a file it was, and without the columns left out.
pub(crate) fn rows_text(lake: &Path, left_out: &[&str]) -> String {
    text_of(lake, TableKind::Lake, |table, column| {
        table == "loads" || column.starts_with("_fingerprint") || column.ends_with("load_id") || left_out.contains(&column)
    })
}

fn is_of_the_run(table: &str, column: &str) -> bool {
    // Each lake knows lines by a key of its own.
    column.starts_with("_fingerprint") || table == "loads" && OF_THE_RUN.iter().any(|left_out| column.contains(left_out))
}

fn text_of(lake: &Path, kind: TableKind, is_left_out: impl Fn(&str, &str) -> bool) -> String {
    let engine = open(lake);
    let mut text = String::new();
    // Tables without a version are only there to be empty.
    for table in engine.tables().into_iter().filter(|table| table.kind == kind && engine.versions().contains_key(&table.name)) {
        let mut columns: Vec<String> = engine
            .columns(&table.name)
            .unwrap()
            .into_iter()
            .filter(|(name, _)| !is_left_out(&table.name, name))
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        // A table is widened in the order in which files came.
        columns.sort();
        if columns.is_empty() {
            continue;
        }
        let sql = format!("select {} from \"{}\" order by {}", columns.join(", "), table.name, columns.join(", "));
        let rows = engine.sql(&sql).unwrap();
        if rows.batches.iter().any(|batch| batch.num_rows() > 0) {
            writeln!(text, "{}\n{}", table.name, pretty_format_batches(&rows.batches).unwrap()).unwrap();
        }
    }
    text
}

/// Loads whose rows of events, or copies, are not those that `loads` counts; each is one.
pub(crate) fn orphans(lake: &Path) -> usize {
    let engine = open(lake);
    let sql = "select 1 from (select _load_id, count(*) as n from tracking_events group by 1) as events \
               full join (select load_id, n_rows from loads where kind = 'tracking_log' and n_rows > 0) as known \
               on events._load_id = known.load_id where n is distinct from n_rows";
    let copies = "select 1 from (select _load_id, count(*) as n from tracking_event_copies group by 1) as copies \
                  left join loads on copies._load_id = loads.load_id where n_duplicates is null or n > n_duplicates";
    let n_rows = |sql: &str| engine.sql(sql).unwrap().batches.iter().map(|batch| batch.num_rows()).sum::<usize>();
    n_rows(sql) + n_rows(copies)
}
