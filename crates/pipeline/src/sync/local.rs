//! What lies in the delivery folder already, and how much more would fit. It opens no file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use czar_formats::package_file::classify;

use super::SyncError;
use super::plan::Object;
use crate::package::listing::list_folder;

/// Files of the delivery folder by what they are, wherever in it they lie.
#[derive(Default)]
pub(super) struct Local(HashMap<(String, u64), PathBuf>);

impl Local {
    /// Looks at a folder; one that is not there is empty.
    pub(super) fn look(delivery_folder: &Path) -> Self {
        let Ok(listing) = list_folder(delivery_folder) else { return Self::default() };
        let files = listing.entries.into_iter().filter_map(|entry| {
            // Keys are told from the folder above.
            let (_, below) = entry.key.split_once('/')?;
            Some(((identity(below), entry.n_bytes), PathBuf::from(below)))
        });
        Self(files.collect())
    }

    /// A file that may be an object: it is named for the same delivery and has its size.
    pub(super) fn find(&self, object: &Object) -> Option<&Path> {
        self.0.get(&(identity(&object.entry.key), object.entry.n_bytes)).map(PathBuf::as_path)
    }
}

/// What a file is, with the form in which it is kept: the same in every folder.
fn identity(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("{} {name}", classify(path).file_key)
}

/// Bytes that may still be written to the disk of a folder, or of the nearest folder above it that is there.
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let folder = std::path::absolute(folder).ok()?;
    let existing = folder.ancestors().find(|folder| folder.is_dir())?;
    let room = rustix::fs::statvfs(existing).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Refuses to begin what would not fit.
pub(super) fn check_room(folder: &Path, needed_bytes: u64, kept_bytes: u64) -> Result<(), SyncError> {
    match free_bytes(folder) {
        Some(free_bytes) if needed_bytes > 0 && free_bytes < needed_bytes.saturating_add(kept_bytes) => {
            Err(SyncError::NoRoom { folder: folder.to_owned(), needed_bytes, free_bytes, kept_bytes })
        }
        _ => Ok(()),
    }
}
