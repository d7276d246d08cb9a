//! Why the control database cannot be used.

use std::path::PathBuf;

use super::Holder;
use crate::error::ErrorKind;

/// The control database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The data folder cannot be made.
    #[error("could not make the folder `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be opened, read or written.
    #[error("could not use the control database `{}`", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A newer release made it.
    #[error("the control database `{}` has version {version}, and this release knows versions up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: usize,
        /// The newest version that is known.
        known: usize,
    },
    /// Another run is under way.
    #[error("another run is under way in `{}` ({holder})", data_folder.display())]
    Running {
        /// The data folder.
        data_folder: PathBuf,
        /// The process that runs.
        holder: Holder,
    },
    /// Another server is at work.
    #[error("`{}` is served already ({holder})", data_folder.display())]
    Serving {
        /// The data folder.
        data_folder: PathBuf,
        /// The process that serves.
        holder: Holder,
    },
    /// Whether another run is under way cannot be told.
    #[error("could not lock `{}`", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// No copy of it could be made before an upgrade.
    #[error("could not copy the control database to `{}` before its upgrade", path.display())]
    Backup {
        /// The copy.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
}

impl ControlError {
    /// What the error means to the caller.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Newer { .. } | Self::Running { .. } | Self::Serving { .. } => ErrorKind::Config,
            Self::Lock { .. } | Self::Folder { .. } | Self::Database { .. } | Self::Backup { .. } => ErrorKind::Input,
        }
    }

    /// The next step, when we know one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Folder { .. } | Self::Lock { .. } => Some("`data_folder` in czar.toml says where it is"),
            Self::Running { .. } => Some("wait until it ends; `czar runs` shows how far it is"),
            Self::Serving { .. } => Some("stop that process first, or serve another `data_folder`"),
            Self::Newer { .. } => Some("use the newer release of czar; the copy it made before its upgrade lies beside the file"),
            Self::Database { source, .. } if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
                Some("move the file away: a new one is made, and what is in the lake stays")
            }
            Self::Database { .. } | Self::Backup { .. } => None,
        }
    }
}
