//! Keeps the books of a run: what the lake knew, what is committed together with `loads` and `rejects`, what the closing line says.

use std::collections::HashSet;

use super::known::Known;
use super::load_record::{LoadRecord, load_rows, reject_rows};
use super::record_rows::RejectedRecord;
use super::{IngestError, IngestSummary, Work};
use crate::lake::schema::{LOAD_COLUMNS, LOADS, REJECT_COLUMNS, REJECTS, arrow_schema};
use crate::lake::{Attempt, BatchName, Change, LakeError, LakeTable};
use crate::package::Batch;

/// The books.
pub struct Books<'a> {
    attempt: &'a Attempt<'a>,
    /// What is loaded.
    pub known: Known,
    /// What was done.
    pub summary: IngestSummary,
}

impl<'a> Books<'a> {
    /// Reads what the lake knows.
    ///
    /// # Errors
    /// `loads` cannot be read.
    pub fn open(work: &Work<'_>, attempt: &'a Attempt<'a>) -> Result<Self, LakeError> {
        Ok(Self { attempt, known: Known::read(work.lake)?, summary: IngestSummary::default() })
    }

    /// Commits data, rejects and loads so that they become visible together, and notes them.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn commit(
        &mut self,
        work: &Work<'_>,
        changes: Vec<(&mut LakeTable, Change)>,
        done: Vec<(&Batch, Vec<LoadRecord>)>,
        rejects: &[(String, String, Vec<RejectedRecord>)],
    ) -> Result<(), IngestError> {
        let Some((first, _)) = done.first() else { return Ok(()) };
        let name = BatchName::of(&first.key);
        let replaced: HashSet<String> = done.iter().flat_map(|(batch, _)| self.known.files_of(batch)).cloned().collect();
        let loads: Vec<&LoadRecord> = done.iter().flat_map(|(_, loads)| loads).collect();
        let mut loads_table = work.lake.table_with(LOADS, &arrow_schema(LOAD_COLUMNS), &[])?;
        let mut rejects_table = work.lake.table_with(REJECTS, &arrow_schema(REJECT_COLUMNS), &[])?;
        let fail = |source| LakeError::Columns { table: LOADS.to_owned(), source };
        let reject_rows = reject_rows(rejects).map_err(fail)?;
        let reject_change = work.lake.swap_rows(&rejects_table, self.attempt, &name, "source_file", &replaced, reject_rows)?;
        let load_change =
            work.lake.swap_rows(&loads_table, self.attempt, &name, "file_key", &replaced, load_rows(&loads).map_err(fail)?)?;
        let bookkeeping = [(&mut rejects_table, reject_change), (&mut loads_table, load_change)];
        self.attempt.commit_together(changes.into_iter().chain(bookkeeping).collect())?;
        for load in loads {
            self.summary.add(load);
        }
        for (batch, loads) in &done {
            self.known.note(batch, loads);
        }
        Ok(())
    }
}
