//! Where sorts, joins and groups go that do not fit into memory: below the lake, which only its owner reads, and never the system's folder
//! for temporary files. What a killed process left is swept when the next one starts.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};

const FOLDER: &str = ".spill";
/// Held as long as the process lives, so that others know whose folder is nobody's.
const LOCK: &str = "lock";

/// A folder for the temporary files of one engine; it goes with it.
#[derive(Debug)]
pub(super) struct SpillFolder {
    path: PathBuf,
    _lock: File,
}

impl SpillFolder {
    /// Makes a folder below the lake, and sweeps those of processes that are gone.
    ///
    /// # Errors
    /// The lake cannot be written.
    pub fn below(lake: &Path) -> io::Result<Self> {
        let root = lake.join(FOLDER);
        std::fs::create_dir_all(&root)?;
        sweep(&root)?;
        let path = tempfile::Builder::new().prefix("").tempdir_in(&root)?.keep();
        let lock = File::create(path.join(LOCK))?;
        lock.try_lock()?;
        Ok(Self { path, _lock: lock })
    }

    /// Tells the engine to use the folder.
    pub fn disk_manager(&self) -> DiskManagerBuilder {
        DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![self.path.clone()]))
    }
}

impl Drop for SpillFolder {
    fn drop(&mut self) {
        // What stays is swept by the next process.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Deletes folders whose lock nobody holds. One that has no lock yet is being made.
fn sweep(root: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(root)?.flatten() {
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            // Another process may sweep the same folder.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_swept_and_what_another_uses_stays() {
        let lake = tempfile::tempdir().unwrap();
        let killed = lake.path().join(FOLDER).join("killed");
        std::fs::create_dir_all(&killed).unwrap();
        File::create(killed.join(LOCK)).unwrap();
        let used = SpillFolder::below(lake.path()).unwrap();
        assert!(!killed.exists());
        let other = SpillFolder::below(lake.path()).unwrap();
        assert!(used.path.join(LOCK).exists());
        drop((used, other));
        assert_eq!(std::fs::read_dir(lake.path().join(FOLDER)).unwrap().count(), 0);
    }
}
