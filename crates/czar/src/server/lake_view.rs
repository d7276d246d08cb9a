//! The lake as the server shows it: opened once for each of its versions. It shows counts and names of files, never a record.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use czar_pipeline::engine::Engine;

use super::service::Service;
use crate::commands::status::facts::{self, Facts};
use crate::output::text_rows;

/// While a run changes the lake all the time, a view may be this old.
const KEEP_WHILE_RUNNING: Duration = Duration::from_secs(5);

/// The lake, as it was last opened.
#[derive(Default)]
pub(super) struct LakeView {
    last: Mutex<Option<(Stamp, Instant, Arc<Opened>)>>,
}

/// One version of the lake.
pub(super) struct Opened {
    pub(super) engine: Engine,
    pub(super) facts: Facts,
    pub(super) rejects: Vec<RejectCount>,
    pub(super) files: Vec<(String, u64)>,
}

/// Records that were set aside for one reason.
#[derive(Debug, Clone)]
pub(super) struct RejectCount {
    pub(super) code: String,
    pub(super) table_name: Option<String>,
    pub(super) n_records: u64,
}

/// Tells one version of the lake from another without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    /// The newest commit of each table.
    commits: BTreeMap<OsString, Option<OsString>>,
    open_change: Option<SystemTime>,
}

impl LakeView {
    /// The lake, or none while nothing has ever been loaded. It must be neither asked for nor dropped on a thread of the HTTP server: the
    /// lake has a runtime of its own.
    ///
    /// # Errors
    /// A table cannot be read.
    pub(super) fn get(&self, service: &Service) -> anyhow::Result<Option<Arc<Opened>>> {
        let workplace = service.workplace();
        if !workplace.has_lake() {
            return Ok(None);
        }
        let folder = workplace.lake_folder();
        // Held while opening: who asks meanwhile waits for the same.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&folder);
        if let Some((of, opened_at, opened)) = &*last {
            let is_young = service.live.now().is_some() && opened_at.elapsed() < KEEP_WHILE_RUNNING;
            if *of == stamp || is_young {
                return Ok(Some(Arc::clone(opened)));
            }
        }
        let lake = workplace.lake()?;
        let engine = workplace.engine(&lake)?;
        let facts = facts::collect(&lake, &engine, &folder)?;
        let opened = Arc::new(Opened { rejects: rejects(&engine)?, files: files(&engine)?, engine, facts });
        *last = Some((stamp, Instant::now(), Arc::clone(&opened)));
        Ok(Some(opened))
    }
}

fn stamp(lake: &Path) -> Stamp {
    let newest_commit = |table: &Path| {
        let names = std::fs::read_dir(table.join("_delta_log")).ok()?;
        names.flatten().map(|entry| entry.file_name()).filter(|name| name.to_string_lossy().ends_with(".json")).max()
    };
    let tables = std::fs::read_dir(lake).into_iter().flatten().flatten();
    let commits = tables.map(|table| (table.file_name(), newest_commit(&table.path()))).collect();
    let open_change = std::fs::metadata(lake.join(".attempt.json")).and_then(|facts| facts.modified()).ok();
    Stamp { commits, open_change }
}

fn rejects(engine: &Engine) -> anyhow::Result<Vec<RejectCount>> {
    if !engine.has_table("rejects") {
        return Ok(Vec::new());
    }
    let sql = "select rejects.code, loads.table_name, count(*) from rejects left join loads on loads.load_id = rejects.load_id \
               group by rejects.code, loads.table_name order by 3 desc, 1, 2";
    let count = |row: Vec<Option<String>>| {
        let [code, table_name, n] = <[Option<String>; 3]>::try_from(row).unwrap_or_default();
        RejectCount { code: code.unwrap_or_default(), table_name, n_records: number(n) }
    };
    Ok(text_rows(engine, sql)?.into_iter().map(count).collect())
}

fn files(engine: &Engine) -> anyhow::Result<Vec<(String, u64)>> {
    let rows = text_rows(engine, "select state, count(*) from loads group by state order by state")?;
    Ok(rows.into_iter().map(|mut row| (row.swap_remove(0).unwrap_or_default(), number(row.pop().flatten()))).collect())
}

fn number(text: Option<String>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
