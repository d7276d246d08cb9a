//! Faults of course archives: a block whose file is no XML, and one whose file is not there.
//!
//! They stay the same in every package, as nobody mends them.

use super::Mess;
use crate::courses::CourseRun;

/// The blocks of a run that its archive spoils.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ArchiveFaults {
    /// A problem whose file is not well-formed.
    pub(crate) malformed: Option<u16>,
    /// A video whose file is missing.
    pub(crate) missing: Option<u16>,
}

impl ArchiveFaults {
    /// Whether the archive has a readable file of a block.
    pub(crate) fn spares(self, block: u16) -> bool {
        self.malformed != Some(block) && self.missing != Some(block)
    }
}

impl Mess {
    /// The faults of the archive of a run; every second run has them.
    pub(crate) fn archive_faults(&self, run: &CourseRun) -> ArchiveFaults {
        if !self.is_on() || !run.index.is_multiple_of(2) {
            return ArchiveFaults::default();
        }
        let last = |category: &str| run.axis.iter().rev().copied().find(|&block| run.block(block).category == category);
        ArchiveFaults { malformed: last("problem"), missing: last("video") }
    }
}
