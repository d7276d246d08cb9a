//! Keeps the books of a run: what the lake knew, what is committed together with `loads` and `rejects`, what the closing line says.

use std::collections::{BTreeMap, HashMap, HashSet};

use deltalake_core::arrow::array::RecordBatch;
use deltalake_core::arrow::error::ArrowError;

use super::known::Known;
use super::known_courses::Said;
use super::load_changes::{with_courses, with_rows_won, with_stamps};
use super::load_record::{LoadRecord, load_rows};
use super::{IngestError, IngestSummary, Work};
use crate::lake::schema::{LOAD_COLUMNS, LOADS, REJECT_COLUMNS, REJECTS, arrow_schema};
use crate::lake::{Attempt, BatchName, Change, FinishedPart, LakeError, LakeTable, without_keys};
use crate::package::{Batch, Delivery};

/// The books.
pub struct Books<'a> {
    attempt: &'a Attempt<'a>,
    /// What is loaded.
    pub known: Known,
    /// What was done.
    pub summary: IngestSummary,
    /// Versions of files that are not read, by key.
    passed_over: HashMap<String, String>,
}

impl<'a> Books<'a> {
    /// Reads what the lake knows.
    ///
    /// # Errors
    /// `loads` cannot be read.
    pub fn open(work: &Work<'_>, attempt: &'a Attempt<'a>) -> Result<Self, LakeError> {
        Ok(Self { attempt, known: Known::read(work.lake)?, summary: IngestSummary::default(), passed_over: HashMap::new() })
    }

    /// Takes note of the versions of files that a delivery has beside those that are read.
    pub fn pass_over(&mut self, delivery: &Delivery) {
        self.passed_over = delivery.other_versions.iter().map(|other| (other.file_key.clone(), other.path.clone())).collect();
    }

    /// Commits data, rejects (rows, and data files of more) and loads so that they become visible together, and notes them.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn commit(
        &mut self,
        work: &Work<'_>,
        changes: Vec<(&mut LakeTable, Change)>,
        done: Vec<(&Batch, Vec<LoadRecord>)>,
        rejects: (RecordBatch, FinishedPart),
    ) -> Result<(), IngestError> {
        self.commit_settled(work, changes, done, rejects, &BTreeMap::new())
    }

    /// The same, when files loaded before win rows or lose some to the new ones.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn commit_settled(
        &mut self,
        work: &Work<'_>,
        changes: Vec<(&mut LakeTable, Change)>,
        mut done: Vec<(&Batch, Vec<LoadRecord>)>,
        (reject_rows, reject_part): (RecordBatch, FinishedPart),
        n_rows_won: &BTreeMap<String, i64>,
    ) -> Result<(), IngestError> {
        let Some((first, _)) = done.first() else { return Ok(()) };
        let name = BatchName::of(&first.key);
        let mut replaced: HashSet<String> = done.iter().flat_map(|(batch, _)| self.known.files_of(batch)).cloned().collect();
        for load in done.iter_mut().flat_map(|(_, loads)| loads) {
            load.passed_over = self.passed_over.get(&load.file_key).cloned();
        }
        let n_rejects = done.iter().flat_map(|(_, loads)| loads).map(|load| load.n_rejects).sum();
        let loads: Vec<&LoadRecord> = done.iter().flat_map(|(_, loads)| loads).collect();
        let overtaken = self.known.overtaken_archives(&loads);
        replaced.extend(overtaken.iter().cloned());
        let mut loads_table = work.lake.table_with(LOADS, &arrow_schema(LOAD_COLUMNS), &[])?;
        let mut rejects_table = work.lake.table_with(REJECTS, &arrow_schema(REJECT_COLUMNS), &[])?;
        rejects_table.check_rows(n_rejects, reject_rows.num_rows() as u64 + reject_part.n_rows())?;
        let load_rows = load_rows(&loads).map_err(|source| loads_table.columns_error(source))?;
        let mut reject_change = work.lake.swap_rows(
            &rejects_table,
            self.attempt,
            &name,
            ("source_file", &replaced),
            |rows| without_keys(&rows, "source_file", &replaced),
            &reject_rows,
        )?;
        reject_change.adds.extend(reject_part);
        let changed: HashSet<String> = replaced.iter().chain(n_rows_won.keys()).cloned().collect();
        let load_change = work.lake.swap_rows(
            &loads_table,
            self.attempt,
            &name,
            ("file_key", &changed),
            |rows| with_rows_won(&without_keys(&rows, "file_key", &replaced)?, n_rows_won),
            &load_rows,
        )?;
        let bookkeeping = [(&mut rejects_table, reject_change), (&mut loads_table, load_change)];
        self.attempt.commit_together(changes.into_iter().chain(bookkeeping).collect())?;
        for load in loads {
            self.summary.add(load);
        }
        self.known.forget(&overtaken);
        for (batch, loads) in &done {
            self.known.note(batch, loads);
        }
        Ok(())
    }

    /// Commits rows with other course runs together with those of their loads, and notes them.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn commit_courses(
        &mut self,
        work: &Work<'_>,
        changes: Vec<(&mut LakeTable, Change)>,
        changed: &BTreeMap<String, Said>,
    ) -> Result<(), IngestError> {
        for (table, change) in &changes {
            table.check_keeps_rows(change)?;
        }
        let keys: HashSet<String> = changed.keys().cloned().collect();
        let (mut table, change) = self.revised_loads(work, &keys, |rows| with_courses(&rows, changed))?;
        self.attempt.commit_together(changes.into_iter().chain([(&mut table, change)]).collect())?;
        self.known.courses.settled(changed);
        Ok(())
    }

    /// Commits a change of one table that keeps all its rows.
    ///
    /// # Errors
    /// The lake cannot be written, or rows were lost or doubled: a bug.
    pub fn commit_layout(&self, table: &mut LakeTable, change: Change) -> Result<(), LakeError> {
        table.check_keeps_rows(&change)?;
        self.attempt.commit_together(vec![(table, Change { keeps_rows: true, ..change })])
    }

    /// Notes the stamps of files that were touched, or moved, and have the content they had, so that they need not be read again.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn restamp(&mut self, work: &Work<'_>, stamps: &HashMap<String, String>) -> Result<(), IngestError> {
        if stamps.is_empty() {
            return Ok(());
        }
        let keys: HashSet<String> = stamps.keys().cloned().collect();
        let (mut table, change) = self.revised_loads(work, &keys, |rows| with_stamps(&rows, stamps))?;
        Ok(self.attempt.commit_together(vec![(&mut table, change)])?)
    }

    /// A change of loads that stand, by file key.
    fn revised_loads(
        &self,
        work: &Work<'_>,
        keys: &HashSet<String>,
        revise: impl Fn(RecordBatch) -> Result<RecordBatch, ArrowError>,
    ) -> Result<(LakeTable, Change), LakeError> {
        let table = work.lake.table_with(LOADS, &arrow_schema(LOAD_COLUMNS), &[])?;
        let none = load_rows(&[]).map_err(|source| table.columns_error(source))?;
        let change = work.lake.swap_rows(&table, self.attempt, &BatchName::of(LOADS), ("file_key", keys), revise, &none)?;
        Ok((table, change))
    }
}
