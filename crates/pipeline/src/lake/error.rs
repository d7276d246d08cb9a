//! What can go wrong in the lake, with place and next step.

use crate::error::ErrorKind;

/// A table could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The folder of the lake cannot be used.
    #[error("could not use `{location}` as a lake")]
    Location {
        /// The folder or URL.
        location: String,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A Delta table refused an operation.
    #[error("could not {action} table `{table}`")]
    Table {
        /// The verb.
        action: &'static str,
        /// The table's name.
        table: String,
        /// What the Delta library said.
        #[source]
        source: Box<deltalake_core::DeltaTableError>,
    },
    /// A column arrived with another type than the table has.
    #[error("column `{column}` of table `{table}` has type {found}, the table has {expected}")]
    ColumnType {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The type that arrived.
        found: String,
        /// The type in the table.
        expected: String,
    },
    /// Arrow data could not be made; a bug.
    #[error("could not make columns for table `{table}`")]
    Columns {
        /// The table's name.
        table: String,
        /// What the Arrow library said.
        #[source]
        source: deltalake_core::arrow::error::ArrowError,
    },
    /// Another process is writing to this lake.
    #[error("the lake at `{location}` is in use by another `czar`")]
    InUse {
        /// The folder.
        location: String,
    },
}

impl LakeError {
    /// The kind, see [`ErrorKind`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Location { .. } | Self::InUse { .. } => ErrorKind::Config,
            Self::Table { .. } => ErrorKind::Remote,
            Self::ColumnType { .. } | Self::Columns { .. } => ErrorKind::Bug,
        }
    }

    /// Whether columns do not fit those of the table.
    #[must_use]
    pub fn is_about_columns(&self) -> bool {
        matches!(self, Self::ColumnType { .. } | Self::Table { action: "widen", .. })
    }

    /// The next step, when we know one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Location { .. } => Some("see that the folder exists, is writable and has room, or set `data_folder` in czar.toml"),
            Self::InUse { .. } => Some("wait until the other run has ended; a lock left by a killed run frees itself"),
            Self::Table { .. } => Some("see that the disk has room and the lake folder is writable, then run the same command again"),
            _ => None,
        }
    }
}
