//! The control database: what `czar` remembers beside the lake, one SQLite file in the data folder. It holds runs, what was fetched from
//! where, who was told what, what the server was asked for and by whom it may be asked. It refuses to hold secrets, learner data, or what
//! is loaded (the lake alone says that).
//!
//! The file can be deleted: the next run lists, compares and goes on. Tokens of the server have to be made again then.

mod error;
pub mod notices;
mod objects;
mod queue;
mod run_lock;
mod runs;
mod tokens;
mod upgrade;
mod values;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

pub use error::ControlError;
pub use objects::{Receipt, Taken};
pub use queue::{Request, RequestState, Requested, Restored};
pub use run_lock::{Holder, RunLock, ServiceLock};
pub use runs::{Cause, RunOutcome, RunRecord, StepEnd, StepRecord};
pub use tokens::{Role, TokenRecord};

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "control.sqlite";

/// A short write of another process is waited for.
const BUSY_WAIT: Duration = Duration::from_secs(30);

/// The open control database. Threads share one connection, processes share the file.
pub struct Control {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Control {
    /// Opens the control database of a data folder, making it when it is not there and upgrading it when an older release made it. Before
    /// an upgrade the file is copied beside itself, named for its version.
    ///
    /// # Errors
    /// The file cannot be opened or upgraded, is no database, or was made by a newer release.
    pub fn open(data_folder: &Path) -> Result<Self, ControlError> {
        let path = data_folder.join(FILE_NAME);
        std::fs::create_dir_all(data_folder).map_err(|source| ControlError::Folder { path: data_folder.to_owned(), source })?;
        let open = || {
            let connection = Connection::open(&path)?;
            connection.busy_timeout(BUSY_WAIT)?;
            // Readers go on while one writes; the file stays whole when the process is killed.
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(connection)
        };
        let mut connection = open().map_err(|source| ControlError::Database { path: path.clone(), source })?;
        upgrade::upgrade(&mut connection, &path)?;
        Ok(Self { path, connection: Mutex::new(connection) })
    }

    /// Whether a data folder has a control database.
    #[must_use]
    pub fn exists(data_folder: &Path) -> bool {
        data_folder.join(FILE_NAME).is_file()
    }

    /// Asks something.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ControlError> {
        work(&self.connection()).map_err(|source| self.failed(source))
    }

    /// Changes something, as one transaction.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ControlError> {
        let mut connection = self.connection();
        let change = || {
            // Taking the right to write at once: a transaction that first reads could not wait for another's write.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        change().map_err(|source| self.failed(source))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: rusqlite::Error) -> ControlError {
        ControlError::Database { path: self.path.clone(), source }
    }
}
