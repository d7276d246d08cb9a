//! What stops an ingest as a whole. A bad file does not: see [`super::FileFailure`].

use crate::error::ErrorKind;
use crate::lake::LakeError;

/// An ingest could not go on.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// An account did not add up: a bug, and better a stop than a wrong number.
    #[error(
        "the account of `{file_key}` does not add up: {n_records} records, {n_rows} rows, {n_duplicates} duplicates, {n_blanks} blanks, {n_rejects} rejects"
    )]
    Account {
        /// The file.
        file_key: String,
        /// Records in all.
        n_records: u64,
        /// Rows.
        n_rows: u64,
        /// Duplicates.
        n_duplicates: u64,
        /// Blanks.
        n_blanks: u64,
        /// Rejects.
        n_rejects: u64,
    },
}

impl IngestError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Lake(error) => error.kind(),
            Self::Account { .. } => ErrorKind::Bug,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lake(error) => error.hint(),
            Self::Account { .. } => Some("please report this, with the counts and the version of czar"),
        }
    }
}
