//! Writes a small file so that a reader sees the old bytes or the new ones, never a part. It is not for data files.

use std::io::{self, Write as _};
use std::path::Path;

/// Replaces the file with the given bytes: written beside it, flushed to the disk, then renamed.
///
/// # Errors
/// The folder cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    #[expect(clippy::disallowed_methods, reason = "this is the atomic write that others are to use")]
    std::fs::rename(&beside, path)
}
