//! The records of one file that were set aside, on their way to `rejects`: a few are held, many go to a data file as they come. A file that
//! is nothing but bad records takes no more memory than a good one.

use deltalake_core::arrow::array::RecordBatch;

use super::Work;
use super::load_record::{LoadRecord, reject_rows};
use super::record_rows::RejectedRecord;
use crate::lake::schema::{REJECT_COLUMNS, REJECTS, arrow_schema};
use crate::lake::{BatchName, FinishedPart, LakeError, PartWriter};

/// More records than this are not held in memory.
pub const MOST_HELD: usize = 16_384;

/// What was set aside of one file.
pub struct Rejects {
    load_id: String,
    file_key: String,
    held: Vec<RejectedRecord>,
    /// How many in all.
    pub n_records: u64,
    spilled: Option<PartWriter>,
}

/// Rejects of a file that was read to its end.
#[derive(Default)]
pub struct FinishedRejects {
    held: (String, String, Vec<RejectedRecord>),
    part: FinishedPart,
}

impl Rejects {
    /// Begins with nothing set aside.
    pub fn of(load: &LoadRecord) -> Self {
        Self { load_id: load.load_id.clone(), file_key: load.file_key.clone(), held: Vec::new(), n_records: 0, spilled: None }
    }

    /// Sets records aside.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn add(&mut self, work: &Work<'_>, mut records: Vec<RejectedRecord>) -> Result<(), LakeError> {
        self.n_records += records.len() as u64;
        self.held.append(&mut records);
        if self.held.len() <= MOST_HELD {
            return Ok(());
        }
        let mut writer = self.spilled.take().map_or_else(|| open_writer(work, &self.file_key), Ok)?;
        let held = (self.load_id.clone(), self.file_key.clone(), std::mem::take(&mut self.held));
        writer.write(&rows(&[held])?)?;
        self.spilled = Some(writer);
        Ok(())
    }

    /// Closes the account.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn finish(self) -> Result<FinishedRejects, LakeError> {
        let part = self.spilled.map(PartWriter::finish).transpose()?.unwrap_or_default();
        Ok(FinishedRejects { held: (self.load_id, self.file_key, self.held), part })
    }

    /// Gives up what was written: the file turned out to be damaged.
    ///
    /// # Errors
    /// The store does not clean up.
    pub fn abandon(self) -> Result<(), LakeError> {
        self.spilled.map_or(Ok(()), PartWriter::abandon)
    }
}

impl FinishedRejects {
    /// Gives up what was written: the file is not to be loaded after all.
    ///
    /// # Errors
    /// The store does not clean up.
    pub fn discard(self, work: &Work<'_>) -> Result<(), LakeError> {
        discard(self.part, work)
    }
}

/// The rejects of files that are committed together, one after the other. Like those of one file, many go to a data file as they come.
#[derive(Default)]
pub struct CollectedRejects {
    held: Vec<(String, String, Vec<RejectedRecord>)>,
    n_held: usize,
    spilled: Option<PartWriter>,
    part: FinishedPart,
}

impl CollectedRejects {
    /// Takes the rejects of a file of a batch.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn add(&mut self, work: &Work<'_>, batch_key: &str, file: FinishedRejects) -> Result<(), LakeError> {
        self.part.extend(file.part);
        if file.held.2.is_empty() {
            return Ok(());
        }
        self.n_held += file.held.2.len();
        self.held.push(file.held);
        if self.n_held > MOST_HELD {
            let mut writer = self.spilled.take().map_or_else(|| open_writer(work, batch_key), Ok)?;
            writer.write(&rows(&std::mem::take(&mut self.held))?)?;
            self.n_held = 0;
            self.spilled = Some(writer);
        }
        Ok(())
    }

    /// All of them: rows that were held, and data files of the others.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn finish(self) -> Result<(RecordBatch, FinishedPart), LakeError> {
        let mut part = self.part;
        part.extend(self.spilled.map(PartWriter::finish).transpose()?.unwrap_or_default());
        Ok((rows(&self.held)?, part))
    }

    /// Gives up what was written: the files are not to be loaded after all.
    ///
    /// # Errors
    /// The store does not clean up.
    pub fn discard(self, work: &Work<'_>) -> Result<(), LakeError> {
        self.spilled.map_or(Ok(()), PartWriter::abandon)?;
        discard(self.part, work)
    }
}

fn open_writer(work: &Work<'_>, batch_key: &str) -> Result<PartWriter, LakeError> {
    let schema = arrow_schema(REJECT_COLUMNS);
    let table = work.lake.table_with(REJECTS, &schema, &[])?;
    PartWriter::open(&table, &schema, &BatchName::of(batch_key), work.attempt, &[], work.lake.runtime())
}

fn discard(part: FinishedPart, work: &Work<'_>) -> Result<(), LakeError> {
    work.lake.table(REJECTS)?.map_or(Ok(()), |table| part.discard(&table, work.lake.runtime()))
}

fn rows(held: &[(String, String, Vec<RejectedRecord>)]) -> Result<RecordBatch, LakeError> {
    reject_rows(held).map_err(|source| LakeError::Columns { table: REJECTS.to_owned(), source })
}
