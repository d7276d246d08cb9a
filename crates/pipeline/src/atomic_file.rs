//! Writes a small file so that a reader sees the old bytes or the new ones, never a part, also after a power cut: a file has its name only
//! when its bytes are on the disk, and when the writer goes on the name is there, too. It is not for data files.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Replaces the file with the given bytes: written beside it, flushed to the disk, then renamed.
///
/// # Errors
/// The folder cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = write_beside(path, bytes)?;
    #[expect(clippy::disallowed_methods, reason = "this is the atomic write that others are to use")]
    std::fs::rename(&beside, path)?;
    sync_folder_of(path)
}

/// Writes a file that is not there yet, in the same way.
///
/// # Errors
/// The folder cannot be written; [`io::ErrorKind::AlreadyExists`] when the file is there, which stays as it is.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = write_beside(path, bytes)?;
    // A rename would take the place of a file that is there.
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    linked?;
    sync_folder_of(path)
}

/// Sees to it that the names of files that came to the folder of a path, or went from it, are as they are on the disk, too.
///
/// # Errors
/// The disk does not take it.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    // A path without a folder is in the current one.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(beside.into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_replaced_by_write_and_kept_by_create() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        create(&path, b"one").unwrap();
        assert_eq!(create(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write(&path, b"three").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
