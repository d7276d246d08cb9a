//! Lists a folder. It follows no symbolic link that leads to a folder, so that a loop of links ends.
//!
//! Each file costs one question to the file system. On a network mount that is a wait, so many are asked at once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::super::PackageError;
use super::super::find::{is_passed_over_name, modified_at};
use super::super::gather::is_being_fetched;
use super::{Entry, Listing};

/// Questions under way at once. They wait, they do not compute.
const MOST_AT_ONCE: usize = 16;

/// Lists the files below a folder, or the one file given, as seen from the folder above it (which may be named for a package).
///
/// # Errors
/// The path does not exist or cannot be read. A folder below it that cannot be read is named in the result.
pub fn list_folder(root: &Path) -> Result<Listing, PackageError> {
    let root = root.canonicalize().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => PackageError::Missing { path: root.to_owned() },
        _ => PackageError::Unreadable { path: root.to_owned(), source },
    })?;
    let metadata = std::fs::metadata(&root).map_err(|source| PackageError::Unreadable { path: root.clone(), source })?;
    let base = root.parent().unwrap_or(&root);
    let mut listing = Listing::default();
    let mut paths = Vec::new();
    if metadata.is_file() {
        paths.push(root.clone());
    }
    let mut open = if metadata.is_dir() { vec![root.clone()] } else { Vec::new() };
    while let Some(folder) = open.pop() {
        if let Err(source) = names(&folder, &mut open, &mut paths) {
            if folder == root {
                return Err(PackageError::Unreadable { path: root, source });
            }
            listing.unreadable.push((key_of(&folder, base), format!("folder could not be opened: {source}")));
        }
    }
    look_at(&paths, base, &mut listing);
    listing.entries.sort_by(|a, b| a.key.cmp(&b.key));
    listing.unreadable.sort();
    Ok(listing)
}

/// Most file systems tell with the name whether it is a folder, so nothing is asked here about files.
fn names(folder: &Path, open: &mut Vec<PathBuf>, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !entry.file_type()?.is_dir() {
            if !is_being_fetched(&name) {
                paths.push(entry.path());
            }
        } else if !is_passed_over_name(&name) {
            open.push(entry.path());
        }
    }
    Ok(())
}

fn look_at(paths: &[PathBuf], base: &Path, listing: &mut Listing) {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(listing);
    std::thread::scope(|scope| {
        for _ in 0..MOST_AT_ONCE.min(paths.len().div_ceil(64)) {
            scope.spawn(|| {
                let mut own = Listing::default();
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match std::fs::metadata(path) {
                        Ok(metadata) if metadata.is_file() => own.entries.push(Entry {
                            key: key_of(path, base),
                            n_bytes: metadata.len(),
                            modified_at: modified_at(&metadata),
                            etag: None,
                        }),
                        // A link to a folder, a socket: nothing edX sends.
                        Ok(_) => {}
                        Err(error) => own.unreadable.push((key_of(path, base), format!("file could not be looked at: {error}"))),
                    }
                }
                let mut all = found.lock().unwrap_or_else(PoisonError::into_inner);
                all.entries.append(&mut own.entries);
                all.unreadable.append(&mut own.unreadable);
            });
        }
    });
}

fn key_of(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
