//! One attempt at writing, and the way back from a killed one. It decides nothing about rows.
//!
//! A change that spans several tables is several commits. Before the first of them the versions of all tables are noted in a mark file; after
//! the last the note is taken back. A run that finds a note left by a killed one puts every table back to the noted version, and a reader
//! that finds one reads the noted versions. So several commits become visible as one.
//!
//! Each step is on the disk before the next that relies on it: data files and their folders, the note, each commit, the note taken back. And
//! each commit is made only while the note is the attempt's own: who finds another's has lost the right to write without having seen it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::batch_name::is_of_attempt;
use super::durable::sync_data_files;
use super::mark::Mark;
use super::schema::LOADS;
use super::store::location_error;
use super::{Change, FinishedPart, Lake, LakeError, LakeTable};

/// The right to write to the lake, held by one attempt.
pub struct Attempt<'a> {
    lake: &'a Lake,
    /// Who writes; no change is open.
    mark: Mark,
    _lock: super::store::WriteLock,
}

impl Lake {
    /// Takes the lock, undoes what a killed attempt left half done, and begins a new attempt under the given name. Tables of earlier releases
    /// are told what this one tells about a table.
    ///
    /// # Errors
    /// Another process or machine writes, the lake is of a later release, or its folder cannot be written.
    pub fn begin_attempt(&self, name: &str) -> Result<Attempt<'_>, LakeError> {
        let lock = self.lock()?;
        if let Some(killed) = Mark::read(self.folder())? {
            self.take_over(&killed, lock.is_network_folder)?;
        }
        let attempt = Attempt { lake: self, mark: Mark::of(name), _lock: lock };
        attempt.mark.write(self.folder())?;
        self.bring_up_to_date()?;
        Ok(attempt)
    }

    /// The table versions a reader should use while a change of several tables is being committed; empty when none is.
    ///
    /// # Errors
    /// The mark file cannot be read.
    pub fn versions_before_open_change(&self) -> Result<BTreeMap<String, i64>, LakeError> {
        Ok(Mark::read(self.folder())?.and_then(|mark| mark.open_change).unwrap_or_default())
    }

    /// Tells tables of earlier releases what this one tells about a table. `loads` is the last, so it speaks for all.
    fn bring_up_to_date(&self) -> Result<(), LakeError> {
        if self.table(LOADS)?.map_or(Ok(false), |loads| loads.is_up_to_date())? {
            return Ok(());
        }
        let (last, mut names): (Vec<_>, Vec<_>) = self.table_names()?.into_iter().partition(|name| name == LOADS);
        names.extend(last);
        for name in names {
            if let Some(mut table) = self.table(&name)? {
                self.runtime().block_on(table.bring_up_to_date())?;
            }
        }
        Ok(())
    }

    /// Undoes what another attempt left half done, if it is certain that it has ended.
    fn take_over(&self, killed: &Mark, is_network_folder: bool) -> Result<(), LakeError> {
        // On a disk of this machine the lock says that its writer is gone, whatever the machine, or the container, was called then.
        if is_network_folder && killed.is_of_another_host() {
            return Err(LakeError::OtherHost { location: self.folder().display().to_string(), host: killed.host_name() });
        }
        if let Some(versions) = &killed.open_change {
            self.roll_back(versions)?;
        }
        self.sweep(&killed.attempt)
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
        &self.mark.attempt
    }

    pub(super) fn lake(&self) -> &Lake {
        self.lake
    }

    /// Commits changes of several tables, in order, so that they become visible together. After it returns they outlast a power cut.
    ///
    /// # Errors
    /// A commit fails, or another machine has taken the lake; the next attempt puts all the tables back.
    pub fn commit_together(&self, changes: Vec<(&mut LakeTable, Change)>) -> Result<(), LakeError> {
        let folder = self.lake.folder();
        let of_table = |(table, change): &(&mut LakeTable, Change)| -> Vec<PathBuf> {
            change.adds.paths().map(|path| folder.join(table.name()).join(path)).collect()
        };
        let data_files: Vec<PathBuf> = changes.iter().flat_map(of_table).collect();
        sync_data_files(folder, &data_files).map_err(|source| location_error(folder, source))?;
        let versions = changes.iter().map(|(table, _)| (table.name().to_owned(), table.version())).collect();
        let open = Mark { open_change: Some(versions), ..self.mark.clone() };
        self.replace_mark(&self.mark, &open)?;
        for (table, change) in changes {
            self.see_mark(&open)?;
            self.lake.runtime().block_on(table.commit(change))?;
        }
        self.replace_mark(&open, &self.mark)
    }

    /// Ends the attempt in order.
    ///
    /// # Errors
    /// The lake's folder cannot be written.
    pub fn end(self) -> Result<(), LakeError> {
        self.see_mark(&self.mark)?;
        Mark::remove(self.lake.folder())
    }

    fn replace_mark(&self, present: &Mark, new: &Mark) -> Result<(), LakeError> {
        self.see_mark(present)?;
        new.write(self.lake.folder())
    }

    /// Sees that the lake has the mark that this attempt left there.
    fn see_mark(&self, left: &Mark) -> Result<(), LakeError> {
        let folder = self.lake.folder();
        match Mark::read(folder)? {
            Some(found) if found == *left => Ok(()),
            found => {
                let host = found.map_or_else(|| "another process".to_owned(), |mark| mark.host_name());
                Err(LakeError::Overtaken { location: folder.display().to_string(), host })
            }
        }
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
        let open = Mark { open_change: Some(BTreeMap::from([("numbers".to_owned(), before.0)])), ..killed.mark.clone() };
        open.write(folder.path()).unwrap();
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

    fn change(lake: &Lake, table: &LakeTable, attempt: &str) -> Change {
        let row = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
        let mut part = PartWriter::open(table, &row.schema(), &BatchName::of("a file"), attempt, &[], lake.runtime()).unwrap();
        part.write(&row).unwrap();
        Change { adds: part.finish().unwrap(), ..Change::default() }
    }

    #[test]
    fn one_attempt_writes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (Lake::open_folder(folder.path()).unwrap(), Lake::open_folder(folder.path()).unwrap());
        let attempt = one.begin_attempt("a1").unwrap();
        assert!(matches!(other.begin_attempt("a2"), Err(LakeError::InUse { .. })));
        attempt.end().unwrap();
        other.begin_attempt("a2").unwrap().end().unwrap();
    }

    #[test]
    fn an_attempt_whose_mark_another_machine_has_taken_commits_nothing_and_leaves_the_mark() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let attempt = lake.begin_attempt("a1").unwrap();
        let row = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
        let mut table = lake.table_with("numbers", &row.schema(), &[]).unwrap();
        let theirs = Mark { attempt: "a1".to_owned(), host: Some("elsewhere".to_owned()), open_change: None };
        theirs.write(folder.path()).unwrap();
        let change = change(&lake, &table, "a1");
        let error = attempt.commit_together(vec![(&mut table, change)]).unwrap_err();
        assert!(matches!(&error, LakeError::Overtaken { host, .. } if host == "elsewhere"), "{error}");
        assert!(matches!(attempt.end(), Err(LakeError::Overtaken { .. })));
        assert_eq!(lake.table("numbers").unwrap().unwrap().version(), 0);
        assert_eq!(Mark::read(folder.path()).unwrap(), Some(theirs));
    }

    #[test]
    fn the_mark_of_a_machine_that_was_killed_is_taken_over_on_a_disk_and_not_in_a_network_folder() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let theirs = Mark { attempt: "a1".to_owned(), host: Some("elsewhere".to_owned()), open_change: None };
        assert!(lake.take_over(&theirs, false).is_ok());
        let error = lake.take_over(&theirs, true).unwrap_err();
        assert!(matches!(&error, LakeError::OtherHost { host, .. } if host == "elsewhere"), "{error}");
        assert!(lake.take_over(&Mark::of("a1"), true).is_ok());
        assert!(lake.take_over(&Mark { host: None, ..theirs }, true).is_ok(), "earlier releases did not say where they ran");
    }
}
