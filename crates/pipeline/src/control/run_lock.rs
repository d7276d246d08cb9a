//! One run at a time in a data folder. The lock goes with its process, however that ends; it says nothing about queries, which may go on.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::ControlError;

/// Name of the file in the data folder.
const FILE_NAME: &str = "run.lock";

/// The right to run. It is given back when dropped.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the right to run in a data folder.
    ///
    /// # Errors
    /// Another process has it, or the folder cannot be written.
    pub fn take(data_folder: &Path, process_id: u32, now: DateTime<Utc>) -> Result<Self, ControlError> {
        let failed = |source| ControlError::Lock { path: data_folder.join(FILE_NAME), source };
        std::fs::create_dir_all(data_folder).map_err(failed)?;
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(data_folder.join(FILE_NAME)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&mut file, data_folder)),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut note = || -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{process_id} {}", now.timestamp())
        };
        note().map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// Says who has the lock, as far as its file tells.
fn held(file: &mut File, data_folder: &Path) -> ControlError {
    let mut text = String::new();
    let _ = file.take(100).read_to_string(&mut text);
    let holder = text
        .split_once(' ')
        .and_then(|(process_id, since)| Some((process_id.parse().ok()?, DateTime::from_timestamp(since.parse().ok()?, 0)?)));
    ControlError::Running { data_folder: PathBuf::from(data_folder), holder: Holder(holder) }
}

/// The process that holds the lock and when it took it, if its file says so.
#[derive(Debug)]
pub struct Holder(Option<(u32, DateTime<Utc>)>);

impl std::fmt::Display for Holder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some((process_id, since)) => write!(formatter, "process {process_id}, since {}", since.format("%Y-%m-%d %H:%M UTC")),
            None => formatter.write_str("another process"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn a_second_run_is_told_who_has_the_lock_and_since_when() {
        let folder = tempfile::tempdir().unwrap();
        let now = DateTime::from_timestamp(1_500_000_000, 0).unwrap();
        let first = RunLock::take(folder.path(), 4711, now).unwrap();
        let error = RunLock::take(folder.path(), 4712, now).unwrap_err();
        assert!(error.to_string().ends_with("(process 4711, since 2017-07-14 02:40 UTC)"), "{error}");
        drop(first);
        RunLock::take(folder.path(), 4712, now).unwrap();
    }
}
