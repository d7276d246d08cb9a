//! The place where the tables of the lake lie: a folder. It holds no table open between calls.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deltalake_core::arrow::datatypes::Schema;
use tokio::runtime::{Handle, Runtime};
use url::Url;

use super::durable::DurableLog;
use super::network_folder::network_kind;
use super::{LakeError, LakeTable};
use crate::atomic_file::sync_folder_of;

/// The lake: a folder in which every table has a folder of its name.
#[derive(Clone)]
pub struct Lake {
    folder: PathBuf,
    allows_network_folder: bool,
    store: Arc<DurableLog>,
    runtime: Arc<Runtime>,
}

/// Held while a process writes to the lake; given back when dropped, also by a kill.
pub(super) struct WriteLock {
    _file: File,
    /// Whether other machines may have the lake's folder, too, whose locks are perhaps not seen here.
    pub is_network_folder: bool,
}

impl Lake {
    /// Opens the lake in a folder, which is made when it does not exist.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open_folder(folder: &Path) -> Result<Self, LakeError> {
        let fail = |source: std::io::Error| location_error(folder, source);
        std::fs::create_dir_all(folder).map_err(fail)?;
        let folder = folder.canonicalize().map_err(fail)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(fail)?;
        Ok(Self { folder, allows_network_folder: false, store: Arc::default(), runtime: Arc::new(runtime) })
    }

    /// The same lake, which may be written to although it is on a network file system: the user says that only one machine does.
    #[must_use]
    pub fn allowing_network_folder(self, allows_network_folder: bool) -> Self {
        Self { allows_network_folder, ..self }
    }

    /// The runtime on which the lake's store works.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the right to write, which one process has at a time.
    ///
    /// # Errors
    /// [`LakeError::InUse`] when another process has it; [`LakeError::NetworkFolder`] when the lake is where locks cannot be relied on.
    pub(super) fn lock(&self) -> Result<WriteLock, LakeError> {
        let fail = |source: std::io::Error| location_error(&self.folder, source);
        let location = || self.folder.display().to_string();
        let kind = network_kind(&self.folder).map_err(fail)?;
        if let Some(kind) = kind.filter(|_| !self.allows_network_folder) {
            return Err(LakeError::NetworkFolder { location: location(), kind });
        }
        let file = File::create(self.folder.join(".lock")).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file, is_network_folder: kind.is_some() }),
            Err(TryLockError::WouldBlock) => Err(LakeError::InUse { location: location() }),
            Err(TryLockError::Error(source)) => Err(fail(source)),
        }
    }

    /// Opens a table, or `None` when it does not exist yet.
    ///
    /// # Errors
    /// The table exists and cannot be read.
    pub fn table(&self, name: &str) -> Result<Option<LakeTable>, LakeError> {
        if !self.log_folder(name).is_dir() {
            return Ok(None);
        }
        self.runtime.block_on(LakeTable::open(name, self.url(name)?, self.store()))
    }

    /// Opens a table, creating it or adding the columns it lacks.
    ///
    /// # Errors
    /// The table cannot be read, created or widened.
    pub fn table_with(&self, name: &str, schema: &Schema, partition_columns: &[&str]) -> Result<LakeTable, LakeError> {
        match self.table(name)? {
            Some(mut table) => {
                self.runtime.block_on(table.widen(schema))?;
                Ok(table)
            }
            None => {
                let log = self.log_folder(name);
                std::fs::create_dir_all(&log)
                    .and_then(|()| sync_folder_of(&log))
                    .and_then(|()| sync_folder_of(&self.folder.join(name)))
                    .map_err(|source| location_error(&self.folder, source))?;
                self.runtime.block_on(LakeTable::create(name, self.url(name)?, self.store(), schema, partition_columns))
            }
        }
    }

    /// The names of the tables there are, sorted.
    ///
    /// # Errors
    /// The root cannot be listed.
    pub fn table_names(&self) -> Result<Vec<String>, LakeError> {
        let fail = |source: std::io::Error| location_error(&self.folder, source);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name().to_string_lossy().into_owned();
            if self.log_folder(&name).is_dir() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    pub(super) fn store(&self) -> Arc<DurableLog> {
        Arc::clone(&self.store)
    }

    pub(super) fn log_folder(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("_delta_log")
    }

    pub(super) fn url(&self, name: &str) -> Result<Url, LakeError> {
        Url::from_directory_path(self.folder.join(name)).map_err(|()| location_error(&self.folder, "not an absolute path"))
    }
}

/// Tells that a folder cannot be used as a lake.
pub(super) fn location_error(folder: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LakeError {
    LakeError::Location { location: folder.display().to_string(), source: source.into() }
}
