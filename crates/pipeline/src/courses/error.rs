//! Why the list of courses cannot be used.

use std::path::PathBuf;

use crate::error::ErrorKind;
use crate::lake::LakeError;

/// The list of courses cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CoursesError {
    /// The file cannot be read.
    #[error("could not read the list of courses `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is no list of courses.
    #[error("the list of courses `{}` is larger than 16 MiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be understood.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The rows do not fit their columns; a bug.
    #[error("could not put the list of courses into a table")]
    Rows(#[from] datafusion::arrow::error::ArrowError),
    /// The lake cannot be written.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl CoursesError {
    /// What the error means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreadable { .. } | Self::TooLarge { .. } | Self::Content { .. } => ErrorKind::Config,
            Self::Rows(_) => ErrorKind::Bug,
            Self::Lake(error) => error.kind(),
        }
    }

    /// The next step, when we know one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Content { .. } => Some("`czar courses --propose` prints entries as they should be"),
            Self::Lake(error) => error.hint(),
            _ => None,
        }
    }
}
