//! One attempt at writing, and the way back from a killed one. It decides nothing about rows.
//!
//! A change that spans several tables is several commits. Before the first of them the versions of all tables are noted in a mark file; after
//! the last the note is taken back. A run that finds a note left by a killed one puts every table back to the noted version, and a reader
//! that finds one reads the noted versions. So several commits become visible as one.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::batch_name::is_of_attempt;
use super::{Change, FinishedPart, Lake, LakeError, LakeTable};

const MARK: &str = ".attempt.json";

/// What the mark file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Mark {
    attempt: String,
    /// Table name to version before the open change; absent when no change is open.
    open_change: Option<BTreeMap<String, i64>>,
}

/// The right to write to the lake, held by one attempt.
pub struct Attempt<'a> {
    lake: &'a Lake,
    name: String,
    _lock: super::store::WriteLock,
}

impl Lake {
    /// Takes the lock, undoes what a killed attempt left half done, and begins a new attempt under the given name.
    ///
    /// # Errors
    /// Another process writes, or the lake's folder cannot be written.
    pub fn begin_attempt(&self, name: &str) -> Result<Attempt<'_>, LakeError> {
        let lock = self.lock()?;
        if let Some(killed) = self.read_mark()? {
            if let Some(versions) = &killed.open_change {
                self.roll_back(versions)?;
            }
            self.sweep(&killed.attempt)?;
        }
        let attempt = Attempt { lake: self, name: name.to_owned(), _lock: lock };
        attempt.write_mark(None)?;
        Ok(attempt)
    }

    /// The table versions a reader should use while a change of several tables is being committed; empty when none is.
    ///
    /// # Errors
    /// The mark file cannot be read.
    pub fn versions_before_open_change(&self) -> Result<BTreeMap<String, i64>, LakeError> {
        Ok(self.read_mark()?.and_then(|mark| mark.open_change).unwrap_or_default())
    }

    fn read_mark(&self) -> Result<Option<Mark>, LakeError> {
        let folder = self.folder();
        match std::fs::read(folder.join(MARK)) {
            // The file is whole or not there, so other bytes are another version's: better to stop than to lose the way back.
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|source| location_error(folder, source.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(location_error(folder, source)),
        }
    }

    fn roll_back(&self, versions: &BTreeMap<String, i64>) -> Result<(), LakeError> {
        for (name, version) in versions {
            let Some(mut table) = self.table(name)? else { continue };
            if table.version() == *version {
                continue;
            }
            let before = self.runtime().block_on(table.files_at(*version))?;
            let keep: HashSet<&str> = before.iter().map(|add| add.path.as_str()).collect();
            let present: HashSet<String> = table.data_files()?.into_iter().collect();
            let gone = present.iter().filter(|path| !keep.contains(path.as_str())).cloned().collect();
            let back = before.iter().filter(|add| !present.contains(&add.path)).cloned().collect();
            let change = Change { removes_paths: gone, adds: FinishedPart { adds: back }, ..Change::default() };
            self.runtime().block_on(table.commit(change))?;
        }
        Ok(())
    }

    /// Deletes data files of an attempt that no table names.
    fn sweep(&self, attempt: &str) -> Result<(), LakeError> {
        let folder = self.folder();
        for name in self.table_names()? {
            let Some(table) = self.table(&name)? else { continue };
            let visible: HashSet<String> = table.data_files()?.into_iter().collect();
            let root = folder.join(&name);
            for file in files_below(&root) {
                let relative = file.strip_prefix(&root).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
                // The store writes `x` as `x#1` until the file is whole.
                if is_of_attempt(&relative, attempt) && !visible.contains(&relative) {
                    std::fs::remove_file(&file).map_err(|source| location_error(folder, source))?;
                }
            }
        }
        Ok(())
    }
}

impl Attempt<'_> {
    /// The attempt's name, part of the path of each data file it writes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn lake(&self) -> &Lake {
        self.lake
    }

    /// Commits changes of several tables, in order, so that they become visible together.
    ///
    /// # Errors
    /// A commit fails; the next attempt puts all the tables back.
    pub fn commit_together(&self, changes: Vec<(&mut LakeTable, Change)>) -> Result<(), LakeError> {
        let versions = changes.iter().map(|(table, _)| (table.name().to_owned(), table.version())).collect();
        self.write_mark(Some(versions))?;
        for (table, change) in changes {
            self.lake.runtime().block_on(table.commit(change))?;
        }
        self.write_mark(None)
    }

    /// Ends the attempt in order.
    ///
    /// # Errors
    /// The lake's folder cannot be written.
    pub fn end(self) -> Result<(), LakeError> {
        let folder = self.lake.folder();
        std::fs::remove_file(folder.join(MARK)).map_err(|source| location_error(folder, source))
    }

    fn write_mark(&self, open_change: Option<BTreeMap<String, i64>>) -> Result<(), LakeError> {
        let folder = self.lake.folder();
        let mark = Mark { attempt: self.name.clone(), open_change };
        let bytes = serde_json::to_vec(&mark).map_err(|source| location_error(folder, source.into()))?;
        crate::atomic_file::write(&folder.join(MARK), &bytes).map_err(|source| location_error(folder, source))
    }
}

fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

fn location_error(folder: &Path, source: std::io::Error) -> LakeError {
    LakeError::Location { location: folder.display().to_string(), source: Box::new(source) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, UNIX_EPOCH};

    use deltalake_core::arrow::array::{ArrayRef, Int64Array, RecordBatch};

    use super::*;
    use crate::lake::{BatchName, PartWriter};

    #[test]
    fn a_change_left_open_is_undone_also_when_it_made_a_checkpoint_and_the_versions_before_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let row = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
        let mut table = lake.table_with("numbers", &row.schema(), &[]).unwrap();
        let change = |table: &LakeTable, n: i32, attempt: &str| {
            let mut part = PartWriter::open(table, &row.schema(), &BatchName::of(&n.to_string()), attempt, &[], lake.runtime()).unwrap();
            part.write(&row).unwrap();
            Change { adds: part.finish().unwrap(), replaces: vec![BatchName::of("0")], ..Change::default() }
        };
        let killed = lake.begin_attempt("a1").unwrap();
        for n in 0..18 {
            let change = change(&table, n, "a1");
            killed.commit_together(vec![(&mut table, change)]).unwrap();
        }
        let log = folder.path().join("numbers/_delta_log");
        for commit in files_below(&log) {
            let file = std::fs::File::options().write(true).open(commit).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(86_400)).unwrap();
        }
        let before = (table.version(), table.data_files().unwrap());
        killed.write_mark(Some(BTreeMap::from([("numbers".to_owned(), before.0)]))).unwrap();
        let left_open = change(&table, 99, "a1");
        lake.runtime().block_on(table.commit(left_open)).unwrap();
        assert!(log.join("00000000000000000019.checkpoint.parquet").exists());
        drop(killed);
        let mut read = lake.table("numbers").unwrap().unwrap();
        let version = lake.versions_before_open_change().unwrap()["numbers"];
        lake.runtime().block_on(read.go_to_version(version)).unwrap();
        assert_eq!((read.version(), read.data_files().unwrap()), before);
        lake.begin_attempt("a2").unwrap();
        let sorted = |mut paths: Vec<String>| {
            paths.sort();
            paths
        };
        let table = lake.table("numbers").unwrap().unwrap();
        assert_eq!(sorted(table.data_files().unwrap()), sorted(before.1.clone()));
        let n_files = files_below(&folder.path().join("numbers")).iter().filter(|path| !path.starts_with(&log)).count();
        assert_eq!(n_files, before.1.len(), "what the killed attempt wrote and no table names is gone");
    }
}
