//! The place where the tables of the lake lie: a folder. It holds no table open between calls.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deltalake_core::arrow::datatypes::Schema;
use tokio::runtime::{Handle, Runtime};
use url::Url;

use super::{LakeError, LakeTable};

/// The lake: a root under which every table has a folder of its name.
#[derive(Clone)]
pub struct Lake {
    root: Url,
    folder: PathBuf,
    options: HashMap<String, String>,
    runtime: Arc<Runtime>,
}

/// Held while a process writes to the lake; given back when dropped, also by a kill.
pub(super) struct WriteLock {
    _file: File,
}

impl Lake {
    /// Opens the lake in a local folder, which is made when it does not exist.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open_folder(folder: &Path) -> Result<Self, LakeError> {
        let location = || folder.display().to_string();
        let fail = |source: std::io::Error| LakeError::Location { location: location(), source: Box::new(source) };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let folder = folder.canonicalize().map_err(fail)?;
        let root = Url::from_directory_path(&folder)
            .map_err(|()| LakeError::Location { location: location(), source: "not an absolute path".into() })?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(fail)?;
        Ok(Self { root, folder, options: HashMap::new(), runtime: Arc::new(runtime) })
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
    /// [`LakeError::InUse`] when another process has it.
    pub(super) fn lock(&self) -> Result<WriteLock, LakeError> {
        let folder = &self.folder;
        let location = || folder.display().to_string();
        let file =
            File::create(folder.join(".lock")).map_err(|source| LakeError::Location { location: location(), source: Box::new(source) })?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LakeError::InUse { location: location() }),
            Err(TryLockError::Error(source)) => Err(LakeError::Location { location: location(), source: Box::new(source) }),
        }
    }

    /// Opens a table, or `None` when it does not exist yet.
    ///
    /// # Errors
    /// The table exists and cannot be read.
    pub fn table(&self, name: &str) -> Result<Option<LakeTable>, LakeError> {
        self.runtime.block_on(LakeTable::open(name, self.url(name)?, self.options.clone()))
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
            None => self.runtime.block_on(LakeTable::create(name, self.url(name)?, self.options.clone(), schema, partition_columns)),
        }
    }

    /// The names of the tables there are, sorted.
    ///
    /// # Errors
    /// The root cannot be listed.
    pub fn table_names(&self) -> Result<Vec<String>, LakeError> {
        let folder = &self.folder;
        let fail = |source: std::io::Error| LakeError::Location { location: folder.display().to_string(), source: Box::new(source) };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            if entry.path().join("_delta_log").is_dir() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    pub(super) fn options(&self) -> &HashMap<String, String> {
        &self.options
    }

    pub(super) fn url(&self, name: &str) -> Result<Url, LakeError> {
        self.root
            .join(&format!("{name}/"))
            .map_err(|source| LakeError::Location { location: format!("{}{name}", self.root), source: Box::new(source) })
    }
}
