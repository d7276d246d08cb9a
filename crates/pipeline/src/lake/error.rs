//! What can go wrong in the lake, with place and next step.

use std::error::Error;
use std::io;

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
    /// The log of a table says that its rows are not those of its files.
    #[error("table `{table}` has rows deleted in place or columns renamed in its log, which only the program that did so can read")]
    NotPlain {
        /// The table's name.
        table: String,
    },
    /// Data files do not hold the rows that were counted; a bug, and better a stop than a wrong number.
    #[error("{n_counted} rows were counted for table `{table}`, and {n_written} are in its new data files")]
    Rows {
        /// The table's name.
        table: String,
        /// Rows that were counted.
        n_counted: u64,
        /// Rows of the finished data files.
        n_written: u64,
    },
    /// The table was written by a later release, in a layout that this one would get wrong.
    #[error("table `{table}` has layout {layout} of czar {release}, and this release reads layouts up to {newest}")]
    NewerLayout {
        /// The table's name.
        table: String,
        /// Its layout.
        layout: String,
        /// The newest layout that this release reads.
        newest: u32,
        /// The release that brought its layout.
        release: String,
    },
    /// The lake is where the lock of one machine may say nothing to others.
    #[error("the lake at `{location}` is on a network file system ({kind}), where two machines could write to it at once")]
    NetworkFolder {
        /// The folder.
        location: String,
        /// The kind of file system.
        kind: &'static str,
    },
    /// Another machine began to write, and has not ended in order.
    #[error("`{host}` writes to the lake at `{location}`, or was stopped in the middle of it")]
    OtherHost {
        /// The folder.
        location: String,
        /// The name of the machine.
        host: String,
    },
    /// Another process or machine began to write while this one did.
    #[error("the right to write to the lake at `{location}` was taken by `{host}` in the middle of a run")]
    Overtaken {
        /// The folder.
        location: String,
        /// The name of the machine.
        host: String,
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
            Self::Location { .. }
            | Self::InUse { .. }
            | Self::NewerLayout { .. }
            | Self::NetworkFolder { .. }
            | Self::OtherHost { .. }
            | Self::Overtaken { .. }
            | Self::NotPlain { .. } => ErrorKind::Config,
            Self::Table { source, .. } => match cause(source.as_ref()) {
                Cause::NoRoom | Cause::NotWritable | Cause::Files => ErrorKind::Config,
                Cause::Elsewhere => ErrorKind::Remote,
            },
            Self::ColumnType { .. } | Self::Columns { .. } | Self::Rows { .. } => ErrorKind::Bug,
        }
    }

    /// Whether there was no room for what was to be written.
    #[must_use]
    pub fn is_about_room(&self) -> bool {
        matches!(self, Self::Table { source, .. } if cause(source.as_ref()) == Cause::NoRoom)
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
            Self::NotPlain { .. } => Some("rewrite the table there without deletion vectors and column mapping, or load its files anew"),
            Self::Rows { .. } => Some("please report this, with the counts and the version of czar"),
            Self::NewerLayout { .. } => Some("install the release of czar that is named, or a later one"),
            Self::NetworkFolder { .. } => Some(
                "move `data_folder` to a disk of this machine, or set `lake.allow_network_folder` if no other machine ever writes there",
            ),
            Self::OtherHost { .. } => Some(
                "run `czar` there; when that machine is gone for good, put this machine's name in its place in `.attempt.json` of the lake",
            ),
            Self::Overtaken { .. } => Some("let only one machine write to the lake, then run the same command again"),
            Self::InUse { .. } => Some("wait until the other run has ended; a lock left by a killed run frees itself"),
            Self::Table { source, .. } => Some(match cause(source.as_ref()) {
                Cause::NoRoom => "make room on the disk of the lake, then run the same command again; what was committed before stays",
                Cause::NotWritable => "let the user who runs `czar` write to the lake folder, then run the same command again",
                Cause::Files | Cause::Elsewhere => {
                    "see that the disk has room and the lake folder is writable, then run the same command again"
                }
            }),
            _ => None,
        }
    }
}

/// What stands behind a failure of the Delta library.
#[derive(Debug, PartialEq, Eq)]
enum Cause {
    /// The disk, or what this user may use of it, is full.
    NoRoom,
    /// The lake may only be read.
    NotWritable,
    /// Another trouble with files of this machine.
    Files,
    /// Anything else, as a store that does not answer.
    Elsewhere,
}

/// What the system says, which libraries wrap several times, or keep the words of only.
const WORDS: [(&str, Cause); 6] = [
    ("os error 28", Cause::NoRoom),
    ("os error 27", Cause::NoRoom),
    ("os error 122", Cause::NoRoom),
    ("os error 30", Cause::NotWritable),
    ("os error 13", Cause::NotWritable),
    ("os error 1)", Cause::NotWritable),
];

fn cause(error: &(dyn Error + 'static)) -> Cause {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(cause) = error.downcast_ref::<io::Error>().and_then(cause_of_io) {
            return cause;
        }
        let text = error.to_string();
        if let Some((_, cause)) = WORDS.into_iter().find(|(words, _)| text.contains(words)) {
            return cause;
        }
        next = error.source();
    }
    Cause::Elsewhere
}

fn cause_of_io(error: &io::Error) -> Option<Cause> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => Some(Cause::NoRoom),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Some(Cause::NotWritable),
        io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            Some(Cause::Files)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use deltalake_core::DeltaTableError;

    use super::*;

    fn table_error(source: DeltaTableError) -> LakeError {
        LakeError::Table { action: "write to", table: "loads".to_owned(), source: Box::new(source) }
    }

    fn of_system(code: i32) -> LakeError {
        let source = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(io::Error::from_raw_os_error(code)) };
        table_error(DeltaTableError::ObjectStore { source })
    }

    #[test]
    fn a_full_disk_and_a_read_only_one_are_not_remote_and_say_what_to_do() {
        for (code, step) in [(28, "make room"), (27, "make room"), (122, "make room"), (30, "write to the lake"), (13, "write to the lake")]
        {
            let error = of_system(code);
            assert_eq!(error.kind(), ErrorKind::Config, "os error {code}");
            assert!(error.hint().is_some_and(|hint| hint.contains(step)), "os error {code}: {:?}", error.hint());
        }
    }

    #[test]
    fn a_cause_of_which_only_words_are_left_is_found_too() {
        let words = io::Error::from_raw_os_error(28).to_string();
        assert_eq!(table_error(DeltaTableError::Generic(words)).kind(), ErrorKind::Config);
    }

    #[test]
    fn a_store_that_does_not_answer_is_remote() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let source = object_store::Error::Generic { store: "S3", source: Box::new(refused) };
        assert_eq!(table_error(DeltaTableError::ObjectStore { source }).kind(), ErrorKind::Remote);
    }
}
