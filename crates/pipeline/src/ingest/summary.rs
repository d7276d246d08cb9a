//! What an ingest did, in numbers for the closing line. It keeps no learner data.

use super::FileFailure;
use super::load_record::{LoadRecord, LoadState};
use crate::lake::schema::OTHER_RECORDS;

/// Counts of one run.
#[derive(Debug, Default)]
pub struct IngestSummary {
    /// Files loaded.
    pub n_files: u64,
    /// Files that were loaded before and have not changed.
    pub n_unchanged: u64,
    /// Records that became rows.
    pub n_rows: u64,
    /// Records whose bytes were seen before.
    pub n_duplicates: u64,
    /// Blank records.
    pub n_blanks: u64,
    /// Records set aside.
    pub n_rejects: u64,
    /// Bytes as kept.
    pub n_bytes: u64,
    /// Bytes in clear.
    pub n_clear_bytes: u64,
    /// Small data files of past months whose rows were put together.
    pub n_merged: u64,
    /// Data files they were put into.
    pub n_merged_into: u64,
    /// Files that could not be read.
    pub failures: Vec<FileFailure>,
    /// Files in whose place edX shipped the error of its own job.
    pub not_produced: Vec<String>,
    /// Files that are no text, of kinds that this version does not read.
    pub not_read: Vec<String>,
    /// Files of unknown kinds that were read as text.
    pub read_as_text: Vec<String>,
    /// What was assumed of members of archives, and passed over in them; each a sentence. Of other files the delivery tells.
    pub notes: Vec<String>,
}

impl IngestSummary {
    pub(super) fn add(&mut self, load: &LoadRecord) {
        match load.state {
            LoadState::Loaded => {
                self.n_files += 1;
                if load.table_name.as_deref() == Some(OTHER_RECORDS) {
                    self.read_as_text.push(load.file_key.clone());
                }
            }
            LoadState::NotProduced => self.not_produced.push(load.file_key.clone()),
            LoadState::NotRead => self.not_read.push(load.file_key.clone()),
            LoadState::Failed => {}
            // Its members are counted.
            LoadState::Listed => return,
        }
        self.n_rows += load.n_rows;
        self.n_duplicates += load.n_duplicates;
        self.n_blanks += load.n_blanks;
        self.n_rejects += load.n_rejects;
        self.n_bytes += load.n_bytes;
        self.n_clear_bytes += load.n_clear_bytes;
    }
}
