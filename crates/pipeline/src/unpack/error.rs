//! Why clear files cannot be laid out.

use std::path::{Path, PathBuf};

use crate::error::ErrorKind;

/// The folder for clear files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// Something in the folder cannot be written, moved or deleted.
    #[error("could not {action} `{}`", path.display())]
    Folder {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What is in the folder is not ours.
    #[error("`{}` was not made by `czar unpack`, and is left as it is", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
}

impl UnpackError {
    pub(super) fn of(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Folder { action, path: path.to_owned(), source }
    }

    /// What the error means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Folder { .. } => ErrorKind::Input,
            Self::Foreign { .. } => ErrorKind::Config,
        }
    }

    /// The next step, when we know one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Folder { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some("clear files take about twenty times the room of encrypted ones; `unpack.ignore` leaves some out")
            }
            Self::Folder { .. } => None,
            Self::Foreign { .. } => Some("move it away, or name another folder in `unpack.folder`"),
        }
    }
}
