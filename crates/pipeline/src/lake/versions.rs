//! Which versions of the lake's tables belong together, told from the names in their logs: no table is opened for it.

use std::collections::BTreeMap;
use std::path::Path;

use super::schema::LOADS;
use super::store::location_error;
use super::{Lake, LakeError, LakeTable};

/// How often the versions are looked up anew when commits of another process come in between.
const MOST_LOOKS: usize = 10;

impl Lake {
    /// The versions of all tables, as they belong together: where a change of several tables is being committed, those before it. `None`
    /// when another process keeps committing.
    ///
    /// # Errors
    /// The lake's folder cannot be read.
    pub fn versions(&self) -> Result<Option<BTreeMap<String, u64>>, LakeError> {
        // Every change of several tables ends with a commit to `loads`.
        let marks = || Ok::<_, LakeError>((self.versions_before_open_change()?, self.newest_version(LOADS)?));
        for _ in 0..MOST_LOOKS {
            let before = marks()?;
            let mut versions = BTreeMap::new();
            for name in self.table_names()? {
                let version = match before.0.get(&name) {
                    Some(version) => u64::try_from(*version).ok(),
                    None => self.newest_version(&name)?,
                };
                versions.extend(version.map(|version| (name, version)));
            }
            if marks()? == before {
                return Ok(Some(versions));
            }
        }
        Ok(None)
    }

    /// Opens a table at one of its versions.
    ///
    /// # Errors
    /// There is no such version, or it cannot be read.
    pub fn table_at(&self, name: &str, version: u64) -> Result<LakeTable, LakeError> {
        self.runtime().block_on(LakeTable::open_at(name, self.url(name)?, self.store(), version))
    }

    fn newest_version(&self, name: &str) -> Result<Option<u64>, LakeError> {
        let log = self.log_folder(name);
        let fail = |source: std::io::Error| location_error(&log, source);
        let entries = match std::fs::read_dir(&log) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        let mut newest = None;
        for entry in entries {
            newest = newest.max(version_of(Path::new(&entry.map_err(fail)?.file_name())));
        }
        Ok(newest)
    }
}

/// The version that a commit makes, from its name: twenty digits.
fn version_of(commit: &Path) -> Option<u64> {
    let digits = commit.file_name()?.to_str()?.strip_suffix(".json")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}
