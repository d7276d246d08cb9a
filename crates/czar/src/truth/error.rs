//! What can keep a comparison from being made. A difference is none of these.

use std::path::PathBuf;

use czar_pipeline::engine::EngineError;
use czar_pipeline::error::ErrorKind;

/// The comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// A file or folder cannot be read.
    #[error("could not read the expected numbers in `{}`", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is not CSV with a header.
    #[error("could not read the expected numbers in `{}`", path.display())]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        source: csv::Error,
    },
    /// Nothing is known to compare the file with.
    #[error("there is nothing to compare `{}` with", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A key column is not in the file.
    #[error("`{file}` has no column `{column}`")]
    NoKey {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A query failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Rows could not be turned into text; a bug.
    #[error("could not read the rows to compare")]
    Rows(#[from] datafusion::arrow::error::ArrowError),
}

impl TruthError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreadable { .. } | Self::NotCsv { .. } | Self::Unknown { .. } | Self::NoKey { .. } => ErrorKind::Input,
            Self::Engine(error) => error.kind(),
            Self::Rows(_) => ErrorKind::Bug,
        }
    }
}
