//! One run at a time in a data folder, and one server. A lock goes with its process, however that ends; it says nothing about queries,
//! which may go on.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::ControlError;

/// Names of the files in the data folder.
const OF_RUNS: &str = "run.lock";
const OF_SERVERS: &str = "serve.lock";

/// The right to run. It is given back when dropped.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The right to serve, which does not hinder a run that is started by hand. It is given back when dropped.
#[derive(Debug)]
pub struct ServiceLock {
    _file: File,
}

impl RunLock {
    /// Takes the right to run in a data folder.
    ///
    /// # Errors
    /// Another process has it, or the folder cannot be written.
    pub fn take(data_folder: &Path, process_id: u32, now: DateTime<Utc>) -> Result<Self, ControlError> {
        match take(data_folder, OF_RUNS, process_id, now)? {
            Ok(file) => Ok(Self { _file: file }),
            Err(holder) => Err(ControlError::Running { data_folder: PathBuf::from(data_folder), holder }),
        }
    }
}

impl ServiceLock {
    /// Takes the right to serve a data folder.
    ///
    /// # Errors
    /// Another process has it, or the folder cannot be written.
    pub fn take(data_folder: &Path, process_id: u32, now: DateTime<Utc>) -> Result<Self, ControlError> {
        match take(data_folder, OF_SERVERS, process_id, now)? {
            Ok(file) => Ok(Self { _file: file }),
            Err(holder) => Err(ControlError::Serving { data_folder: PathBuf::from(data_folder), holder }),
        }
    }
}

/// Locks a file, or tells who has.
fn take(data_folder: &Path, name: &str, process_id: u32, now: DateTime<Utc>) -> Result<Result<File, Holder>, ControlError> {
    let failed = |source| ControlError::Lock { path: data_folder.join(name), source };
    std::fs::create_dir_all(data_folder).map_err(failed)?;
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(data_folder.join(name)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Err(holder(&mut file))),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let mut note = || -> std::io::Result<()> {
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{process_id} {}", now.timestamp())
    };
    note().map_err(failed)?;
    Ok(Ok(file))
}

/// Says who has the lock, as far as its file tells.
fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let _ = file.take(100).read_to_string(&mut text);
    let holder = text
        .split_once(' ')
        .and_then(|(process_id, since)| Some((process_id.parse().ok()?, DateTime::from_timestamp(since.parse().ok()?, 0)?)));
    Holder(holder)
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
        // A run by hand beside a server that idles is nobody's trouble.
        let serving = ServiceLock::take(folder.path(), 4713, now).unwrap();
        let error = ServiceLock::take(folder.path(), 4714, now).unwrap_err();
        assert!(error.to_string().contains("is served already (process 4713,"), "{error}");
        drop((first, serving));
        RunLock::take(folder.path(), 4712, now).unwrap();
    }
}
