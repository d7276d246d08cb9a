//! Walks a folder. Links are followed after all that lies there without them, to no folder twice and to none above, so that a loop of links
//! ends and a file with many names is read once.

use std::collections::HashSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::gather::{Gatherer, relative_text};
use super::{Delivery, PackageError};

/// Folders of our own that are never deliveries.
const PASSED_OVER: [&str; 4] = ["truth", "keys", "lake", "_delta_log"];

/// Finds what edX sent in a folder, or in the one file given.
///
/// # Errors
/// The path does not exist or cannot be read. An archive that cannot be opened is no error: it is named in the result.
pub fn find(root: &Path) -> Result<Delivery, PackageError> {
    // `.` and links have no telling parent folder.
    let root = &root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let metadata = std::fs::metadata(root).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => PackageError::Missing { path: root.to_owned() },
        _ => PackageError::Unreadable { path: root.to_owned(), source },
    })?;
    let mut walk = Walk { root, gatherer: Gatherer::default(), folders: HashSet::new(), files: HashSet::new(), links: Vec::new() };
    if metadata.is_file() {
        // The folder's name may be the package a single member belongs to.
        let base = root.parent().and_then(Path::parent).unwrap_or_else(|| Path::new(""));
        walk.gatherer.take_file(root, relative_text(root, base), metadata.len(), modified_at(&metadata));
    } else {
        walk.folder(root.to_owned())?;
        // A link may lead to a folder with more links.
        while !walk.links.is_empty() {
            for link in std::mem::take(&mut walk.links) {
                walk.link(&link)?;
            }
        }
    }
    Ok(walk.gatherer.finish())
}

struct Walk<'a> {
    root: &'a Path,
    gatherer: Gatherer,
    /// Folders that were entered and files of which something was made, by their real paths.
    folders: HashSet<PathBuf>,
    files: HashSet<PathBuf>,
    links: Vec<PathBuf>,
}

impl Walk<'_> {
    /// Takes all that lies below a folder, and keeps the links for later.
    fn folder(&mut self, top: PathBuf) -> Result<(), PackageError> {
        let mut open = vec![top];
        while let Some(folder) = open.pop() {
            let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
            if !self.folders.insert(real.clone()) {
                continue;
            }
            let entries = match entries(&folder) {
                Ok(entries) => entries,
                Err(PackageError::Unreadable { path, source }) if path != *self.root => {
                    let reason = format!("folder could not be opened: {source}");
                    self.gatherer.delivery.unreadable.push((path.display().to_string(), reason));
                    continue;
                }
                Err(error) => return Err(error),
            };
            for (path, metadata) in entries {
                if metadata.is_dir() {
                    if !is_passed_over(&path) {
                        open.push(path);
                    }
                } else if metadata.is_symlink() {
                    self.links.push(path);
                } else if metadata.is_file() {
                    self.file(&path, real.join(path.file_name().unwrap_or_default()), &metadata);
                }
            }
        }
        Ok(())
    }

    /// Follows a link. One that leads nowhere, to a folder above the root, or to what was read already, is passed over.
    fn link(&mut self, link: &Path) -> Result<(), PackageError> {
        let (Ok(real), Ok(metadata)) = (link.canonicalize(), std::fs::metadata(link)) else { return Ok(()) };
        if metadata.is_file() {
            self.file(link, real, &metadata);
        } else if metadata.is_dir() && !self.root.starts_with(&real) && !is_passed_over(link) {
            self.folder(link.to_owned())?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, real: PathBuf, metadata: &Metadata) {
        if self.files.contains(&real) {
            return;
        }
        // Names are judged from one folder above the given one, since that one may be a package itself: `universityx-2015-03-08/`.
        let base = self.root.parent().unwrap_or(self.root);
        if self.gatherer.take_file(path, relative_text(path, base), metadata.len(), modified_at(metadata)) {
            self.files.insert(real);
        }
    }
}

fn is_passed_over(folder: &Path) -> bool {
    is_passed_over_name(&folder.file_name().unwrap_or_default().to_string_lossy())
}

/// Whether a folder of this name is not looked into.
pub(crate) fn is_passed_over_name(name: &str) -> bool {
    name.starts_with('.') || PASSED_OVER.contains(&name)
}

/// What lies in a folder, by name; of a link, the link.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, Metadata)>, PackageError> {
    let fail = |source| PackageError::Unreadable { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        found.push((entry.path(), entry.metadata().map_err(fail)?));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

pub(crate) fn modified_at(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default()
}
