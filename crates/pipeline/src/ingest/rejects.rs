//! The records of one file that were set aside, on their way to `rejects`: a few are held, many go to a data file as they come. A file that
//! is nothing but bad records takes no more memory than a good one.

use deltalake_core::arrow::array::RecordBatch;

use super::Work;
use super::load_record::{LoadRecord, reject_rows};
use super::record_rows::RejectedRecord;
use crate::lake::schema::{REJECT_COLUMNS, REJECTS, arrow_schema};
use crate::lake::{BatchName, FinishedPart, LakeError, PartWriter};

/// More records than this of one file are not held in memory.
const MOST_HELD: usize = 16_384;

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
        let mut writer = match self.spilled.take() {
            Some(writer) => writer,
            None => {
                let schema = arrow_schema(REJECT_COLUMNS);
                let table = work.lake.table_with(REJECTS, &schema, &[])?;
                PartWriter::open(&table, &schema, &BatchName::of(&self.file_key), work.attempt, &[], work.lake.runtime())?
            }
        };
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

/// The rejects of several files: rows that were held, and data files of the others.
///
/// # Errors
/// The columns could not be made: a bug.
pub fn all_rows(files: Vec<FinishedRejects>) -> Result<(RecordBatch, FinishedPart), LakeError> {
    let mut part = FinishedPart::default();
    let mut held = Vec::new();
    for file in files {
        held.push(file.held);
        part.extend(file.part);
    }
    Ok((rows(&held)?, part))
}

fn rows(held: &[(String, String, Vec<RejectedRecord>)]) -> Result<RecordBatch, LakeError> {
    reject_rows(held).map_err(|source| LakeError::Columns { table: REJECTS.to_owned(), source })
}
