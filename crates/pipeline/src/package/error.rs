//! What can go wrong while the files of a delivery are looked for.

use std::path::PathBuf;

use crate::error::ErrorKind;

/// A folder could not be searched.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// There is nothing at the path.
    #[error("there is no file or folder `{}`", path.display())]
    Missing {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// A folder or file cannot be read.
    #[error("could not read `{}`", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl PackageError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Config
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some("give the folder into which the files of edX were downloaded")
    }
}
