//! A file that is not whole yet: hidden beside its target, of one version of an object, and locked while it is written. A later run goes on
//! where a killed one stopped. It never gives its target a name before all bytes are on the disk.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use md5::{Digest as _, Md5};

use super::target::part_path;

/// The open part.
pub(super) struct Part {
    file: File,
    path: PathBuf,
    n_bytes: u64,
    md5: Md5,
}

impl Part {
    /// Opens the part of one version of an object, with what a run before it left there; `None` while another process writes it.
    pub(super) fn open(target: &Path, version: &str, max_bytes: u64) -> io::Result<Option<Self>> {
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let path = part_path(target, version);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // A network mount may know no locks; the checksum tells when two have written.
            Err(TryLockError::Error(_)) => {}
        }
        let mut part = Self { file, path, n_bytes: 0, md5: Md5::new() };
        part.take_up(max_bytes)?;
        Ok(Some(part))
    }

    /// Reads what is there.
    fn take_up(&mut self, max_bytes: u64) -> io::Result<()> {
        if self.file.metadata()?.len() > max_bytes {
            return self.begin_anew();
        }
        let mut block = vec![0; 1 << 20];
        loop {
            match self.file.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(n_bytes) => {
                    self.md5.update(block.get(..n_bytes).unwrap_or_default());
                    self.n_bytes += n_bytes as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes are there.
    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The MD5 of what is there.
    pub(super) fn md5(&self) -> String {
        hex::encode(self.md5.clone().finalize())
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes);
        if written.is_err() {
            // Some of the bytes may be there: they are cut off, so that what is counted is what is there.
            self.file.set_len(self.n_bytes)?;
            self.file.seek(SeekFrom::Start(self.n_bytes))?;
            return written;
        }
        self.md5.update(bytes);
        self.n_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Throws away what is there.
    pub(super) fn begin_anew(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.md5 = Md5::new();
        self.n_bytes = 0;
        Ok(())
    }

    /// Throws the part itself away.
    pub(super) fn discard(self) {
        let _ = std::fs::remove_file(&self.path);
    }

    /// Gives the file its name and its time, with all bytes on the disk.
    pub(super) fn finish(self, target: &Path, modified_at: i64) -> io::Result<()> {
        if let Ok(micros) = u64::try_from(modified_at)
            && micros > 0
        {
            // A report without a day in its name is dated by this.
            let _ = self.file.set_modified(UNIX_EPOCH + Duration::from_micros(micros));
        }
        self.file.sync_all()?;
        #[expect(clippy::disallowed_methods, reason = "an atomic write of more bytes than fit into memory, flushed the line before")]
        std::fs::rename(&self.path, target)
    }
}

/// Flushes a folder, so that the names in it are on the disk like the bytes.
pub(super) fn flush_folder(folder: &Path) {
    // Some systems cannot open a folder; then there is nothing to be done.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn a_part_is_taken_up_where_it_was_left_and_appears_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a/b.zip");
        let mut part = Part::open(&target, "1", 6).unwrap().unwrap();
        part.write(b"abc").unwrap();
        assert!(Part::open(&target, "1", 6).unwrap().is_none(), "another has it open");
        drop(part);
        let mut part = Part::open(&target, "1", 6).unwrap().unwrap();
        assert_eq!(part.n_bytes(), 3);
        part.write(b"def").unwrap();
        assert_eq!(part.md5(), hex::encode(Md5::digest(b"abcdef")));
        assert!(!target.exists());
        part.finish(&target, 1_520_726_400_000_000).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"abcdef");
        let modified = target.metadata().unwrap().modified().unwrap();
        assert_eq!(modified.duration_since(UNIX_EPOCH).unwrap().as_secs(), 1_520_726_400);
        assert_eq!(std::fs::read_dir(folder.path().join("a")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn another_version_and_a_part_that_is_too_long_begin_anew() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("b.zip");
        Part::open(&target, "1", 9).unwrap().unwrap().write(b"abcdef").unwrap();
        assert_eq!(Part::open(&target, "2", 9).unwrap().unwrap().n_bytes(), 0);
        assert_eq!(Part::open(&target, "1", 5).unwrap().unwrap().n_bytes(), 0);
    }
}
