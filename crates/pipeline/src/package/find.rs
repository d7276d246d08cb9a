//! Walks a folder. It follows no symbolic link that leads to a folder, so that a loop of links ends.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use czar_formats::package_file::{FileKind, classify};

use super::{DeliveredFile, Delivery, PackageError, Place, archive, batch};

/// Folders of our own that are never deliveries.
pub(super) const PASSED_OVER: [&str; 4] = ["truth", "keys", "lake", "_delta_log"];
/// The file by which a synthetic delivery says what it is.
const NOTE: &str = "README.txt";

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
    let mut delivery = Delivery::default();
    let mut files = Vec::new();
    if metadata.is_file() {
        // The folder's name may be the package a single member belongs to.
        let base = root.parent().and_then(Path::parent).unwrap_or_else(|| Path::new(""));
        take_file(root, base, &metadata, &mut files, &mut delivery);
    } else {
        let base = base_of(root);
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            let entries = match entries(&folder) {
                Ok(entries) => entries,
                Err(PackageError::Unreadable { path, source }) if path != *root => {
                    delivery.unreadable.push((path.display().to_string(), format!("folder could not be opened: {source}")));
                    continue;
                }
                Err(error) => return Err(error),
            };
            for (path, metadata) in entries {
                if metadata.is_dir() {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    if !name.starts_with('.') && !PASSED_OVER.contains(&name.as_ref()) {
                        open.push(path);
                    }
                } else {
                    take_file(&path, base, &metadata, &mut files, &mut delivery);
                }
            }
        }
    }
    // A member whose package nobody names has no day: the folder it lies in should say.
    let (dated, undated): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.file.date.is_some());
    delivery.not_understood.extend(undated.iter().map(DeliveredFile::display_path));
    let (batches, other_shapes) = batch::into_batches(dated);
    delivery.batches = batches;
    delivery.other_shapes = other_shapes;
    delivery.not_understood.sort();
    Ok(delivery)
}

/// Names are judged from one folder above the given one, since that one may be a package itself: `universityx-2015-03-08/`.
fn base_of(root: &Path) -> &Path {
    root.parent().unwrap_or(root)
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, Metadata)>, PackageError> {
    let fail = |source| PackageError::Unreadable { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let metadata = entry.metadata().map_err(fail)?;
        if metadata.is_dir() {
            found.push((entry.path(), metadata));
        } else if let Ok(target) = std::fs::metadata(entry.path())
            && target.is_file()
        {
            found.push((entry.path(), target));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn take_file(path: &Path, base: &Path, metadata: &Metadata, files: &mut Vec<DeliveredFile>, delivery: &mut Delivery) {
    let relative = path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let file = classify(&relative);
    let modified_at = modified_at(metadata);
    match file.kind {
        FileKind::DatabaseArchive | FileKind::EmailOptInArchive => match archive::members(path, &file.file_key) {
            Ok(members) => {
                files.extend(members.files.into_iter().map(|member| DeliveredFile { modified_at, ..member }));
                delivery
                    .unreadable
                    .extend(members.unreadable.into_iter().map(|(name, reason)| (format!("{}!{name}", path.display()), reason)));
            }
            Err(reason) => delivery.unreadable.push((path.display().to_string(), format!("not a whole zip archive: {reason}"))),
        },
        FileKind::Unknown if path.file_name().is_some_and(|name| name == NOTE) => {}
        FileKind::Unknown => delivery.not_understood.push(relative),
        _ => files.push(DeliveredFile { file, place: Place::File(path.to_owned()), n_bytes: metadata.len(), modified_at }),
    }
}

pub(super) fn modified_at(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_micros()).ok()).unwrap_or_default()
}
