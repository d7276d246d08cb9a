//! Where clear files lie, and which of them are whole: a package or event file is recorded in a small note beside it when all of it is
//! written. It reads and writes no content.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Latest, UnpackError, UnpackOptions};
use crate::atomic_file;
use crate::package::{Batch, BatchContent};

/// The file in the folder that says what is unpacked, with the stamp of each.
pub(super) const NOTE: &str = ".czar-unpacked.json";

/// Where things that are being written lie until they are whole.
pub(super) const UNFINISHED: &str = ".unfinished";

/// The folder for clear files.
pub(super) struct Layout {
    pub(super) folder: PathBuf,
    latest: Latest,
    replaces_dots: bool,
    /// Key of a package or event file, and its stamp.
    stamps: Mutex<BTreeMap<String, String>>,
}

impl Layout {
    /// Opens the folder, and throws away what was left half written.
    pub(super) fn open(options: &UnpackOptions) -> Result<Self, UnpackError> {
        let folder = options.folder.clone();
        for sub in ["database_state/latest", "clickstream_logs/latest"] {
            make_folder(&folder.join(sub))?;
        }
        let unfinished = folder.join(UNFINISHED);
        remove(&unfinished)?;
        make_folder(&unfinished)?;
        let stamps = read_note(&folder)?;
        Ok(Self { folder, latest: options.latest, replaces_dots: options.replaces_dots, stamps: Mutex::new(stamps) })
    }

    /// Whether a batch was unpacked as it is now, and is still there.
    pub(super) fn is_there(&self, batch: &Batch, stamp: &str) -> bool {
        self.stamps().get(&batch.key).is_some_and(|known| known == stamp) && self.places(batch).iter().any(|place| place.exists())
    }

    /// Where a batch may lie, the newest package first.
    fn places(&self, batch: &Batch) -> Vec<PathBuf> {
        match &batch.content {
            BatchContent::Package { .. } => vec![self.in_latest(&batch.key), self.archived(&batch.key)],
            _ => vec![self.log(&batch.key)],
        }
    }

    pub(super) fn log(&self, key: &str) -> PathBuf {
        self.folder.join("clickstream_logs/latest").join(self.name(&format!("{key}.log")))
    }

    pub(super) fn in_latest(&self, key: &str) -> PathBuf {
        self.folder.join("database_state/latest").join(self.name(key))
    }

    pub(super) fn archived(&self, key: &str) -> PathBuf {
        self.folder.join("database_state").join(self.name(key))
    }

    /// Where the members of a package lie a second time, and an event file without its encryption.
    pub(super) fn decrypted(&self, key: &str, site: Option<&str>) -> PathBuf {
        match site {
            None => self.folder.join("decrypted/database-data").join(key),
            Some(site) => self.folder.join("decrypted/event-data").join(site).join(format!("{key}.log.gz")),
        }
    }

    /// A name as it is written: with `-` for each `.` but the one before its ending, if that is wanted.
    pub(super) fn name(&self, name: &str) -> String {
        let Some((stem, ending)) = name.rsplit_once('.').filter(|_| self.replaces_dots) else { return name.to_owned() };
        // What follows the last dot of a folder is seldom an ending; of files edX ends names with these.
        let is_ending = ["sql", "mongo", "json", "xml", "csv", "log", "txt", "html", "srt", "png", "jpg", "md"].contains(&ending);
        if is_ending { format!("{}.{ending}", stem.replace('.', "-")) } else { name.replace('.', "-") }
    }

    /// Puts what was written in its place, and notes that it is whole.
    pub(super) fn put(&self, batch: &Batch, written: &Path, stamp: &str) -> Result<(), UnpackError> {
        let place = match &batch.content {
            BatchContent::Package { .. } => self.archived(&batch.key),
            _ => self.log(&batch.key),
        };
        for old in self.places(batch) {
            remove(&old)?;
        }
        move_to(written, &place)?;
        let mut stamps = self.stamps();
        stamps.insert(batch.key.clone(), stamp.to_owned());
        write_note(&self.folder, &stamps)
    }

    /// Makes the newest package of each organisation a latest one: what was one before moves to its own folder.
    pub(super) fn settle_latest(&self, packages: &[&Batch]) -> Result<(), UnpackError> {
        let mut newest: BTreeMap<Option<&str>, &Batch> = BTreeMap::new();
        for batch in packages.iter().filter(|batch| self.stamps().contains_key(&batch.key)) {
            newest.insert(batch.files().first().and_then(|file| file.file.org.as_deref()), batch);
        }
        let wanted: Vec<PathBuf> = newest.values().map(|batch| self.in_latest(&batch.key)).collect();
        for entry in entries(&self.folder.join("database_state/latest"))? {
            if wanted.contains(&entry) && entry.is_symlink() == (self.latest == Latest::Link) {
                continue;
            }
            if entry.is_symlink() {
                std::fs::remove_file(&entry).map_err(|source| UnpackError::of("delete", &entry, source))?;
            } else if let Some(name) = entry.file_name() {
                move_to(&entry, &self.folder.join("database_state").join(name))?;
            }
        }
        newest.values().try_for_each(|batch| self.put_latest(batch))
    }

    fn put_latest(&self, batch: &Batch) -> Result<(), UnpackError> {
        let (archived, latest) = (self.archived(&batch.key), self.in_latest(&batch.key));
        if !archived.exists() {
            return Ok(());
        }
        match self.latest {
            Latest::Folder => move_to(&archived, &latest),
            Latest::Link if latest.is_symlink() => Ok(()),
            Latest::Link => link(&PathBuf::from("..").join(archived.file_name().unwrap_or_default()), &latest),
        }
    }

    /// Takes away the folder for what is being written.
    pub(super) fn close(&self) -> Result<(), UnpackError> {
        remove(&self.folder.join(UNFINISHED))
    }

    /// Forgets a batch and deletes what was written of it.
    pub(super) fn forget(&self, key: &str) -> Result<(), UnpackError> {
        let decrypted = [None, Some("edx"), Some("edge")].map(|site| self.decrypted(key, site));
        for place in [self.in_latest(key), self.archived(key), self.log(key)].iter().chain(&decrypted) {
            remove(place)?;
        }
        let mut stamps = self.stamps();
        stamps.remove(key);
        write_note(&self.folder, &stamps)
    }

    /// What is unpacked.
    pub(super) fn keys(&self) -> Vec<String> {
        self.stamps().keys().cloned().collect()
    }

    fn stamps(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.stamps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn read_note(folder: &Path) -> Result<BTreeMap<String, String>, UnpackError> {
    let path = folder.join(NOTE);
    match std::fs::read(&path) {
        // A note that says nothing is as good as none: everything is unpacked again.
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(source) => Err(UnpackError::of("read", &path, source)),
    }
}

fn write_note(folder: &Path, stamps: &BTreeMap<String, String>) -> Result<(), UnpackError> {
    let path = folder.join(NOTE);
    let bytes = serde_json::to_vec_pretty(stamps).unwrap_or_default();
    atomic_file::write(&path, &bytes).map_err(|source| UnpackError::of("write", &path, source))
}

/// Makes a folder that only its owner can look into.
pub(super) fn make_folder(path: &Path) -> Result<(), UnpackError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| UnpackError::of("make the folder", path, source))
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, UnpackError> {
    let read = || std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    read().map_err(|source| UnpackError::of("read the folder", folder, source))
}

/// Deletes a file, link or folder that may be there.
pub(super) fn remove(path: &Path) -> Result<(), UnpackError> {
    let removed = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(|source| UnpackError::of("delete", path, source))
}

pub(super) fn move_to(from: &Path, to: &Path) -> Result<(), UnpackError> {
    remove(to)?;
    #[expect(clippy::disallowed_methods, reason = "a whole folder, whose files are on the disk before it is moved")]
    std::fs::rename(from, to).map_err(|source| UnpackError::of("move", from, source))
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) -> Result<(), UnpackError> {
    std::os::unix::fs::symlink(target, place).map_err(|source| UnpackError::of("make the link", place, source))
}

#[cfg(not(unix))]
fn link(_target: &Path, place: &Path) -> Result<(), UnpackError> {
    Err(UnpackError::of("make the link", place, io::ErrorKind::Unsupported.into()))
}
