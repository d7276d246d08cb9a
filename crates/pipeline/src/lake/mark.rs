//! The note that an attempt leaves in the lake while it is under way: who writes, and the way back. It undoes nothing itself.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::LakeError;
use super::store::location_error;

const FILE_NAME: &str = ".attempt.json";

/// What the mark file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The attempt, by a name that no other has on any machine.
    pub attempt: String,
    /// The machine; absent in marks of earlier releases.
    #[serde(default)]
    pub host: Option<String>,
    /// Table name to version before the open change; absent when no change is open.
    pub open_change: Option<BTreeMap<String, i64>>,
}

impl Mark {
    /// The mark of an attempt on this machine that has no change open.
    pub fn of(attempt: &str) -> Self {
        Self { attempt: attempt.to_owned(), host: Some(this_host()), open_change: None }
    }

    /// Reads the mark in a lake, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(lake: &Path) -> Result<Option<Self>, LakeError> {
        match std::fs::read(lake.join(FILE_NAME)) {
            // The file is whole or not there, so other bytes are another version's: better to stop than to lose the way back.
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|source| location_error(lake, source)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(location_error(lake, source)),
        }
    }

    /// Leaves the mark in a lake, in place of the one that is there.
    ///
    /// # Errors
    /// The lake's folder cannot be written.
    pub fn write(&self, lake: &Path) -> Result<(), LakeError> {
        let bytes = serde_json::to_vec(self).map_err(|source| location_error(lake, source))?;
        crate::atomic_file::write(&lake.join(FILE_NAME), &bytes).map_err(|source| location_error(lake, source))
    }

    /// Takes the mark away. A power cut may bring it back, which does no harm: it says that no change is open.
    ///
    /// # Errors
    /// The lake's folder cannot be written.
    pub fn remove(lake: &Path) -> Result<(), LakeError> {
        std::fs::remove_file(lake.join(FILE_NAME)).map_err(|source| location_error(lake, source))
    }

    /// Whether the mark was left on another machine.
    pub fn is_of_another_host(&self) -> bool {
        self.host.as_ref().is_some_and(|host| *host != this_host())
    }

    /// The machine, for people.
    pub fn host_name(&self) -> String {
        self.host.clone().unwrap_or_else(|| "a machine without a name".to_owned())
    }
}

fn this_host() -> String {
    hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
