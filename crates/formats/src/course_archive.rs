//! The reader of course archives: the content of one course run as edX exports it (OLX), from the members of one tar file.
//! It refuses nothing because of one bad member: what cannot be read is set aside, named by its member, and the rest goes on.
//!
//! A *record* of a course archive is one block of the course, one assignment type or one cutoff of the grading policy, or one thing that
//! could not become any of these. Problems, videos and discussions are details of their block, not records of their own.

mod block;
mod discussion;
mod element;
mod grading;
mod members;
mod policy;
mod problem;
mod problem_inputs;
mod settings;
mod text;
mod video;
mod walk;

use thiserror::Error;

use crate::course_run_key::CourseRunKey;
use crate::reject::Reject;

pub use block::{Block, Detail};
pub use discussion::Discussion;
pub use grading::{Cutoff, Grader, GradingPolicy};
pub use members::{Interest, Member, interest};
pub use problem::Problem;
pub use problem_inputs::{Choice, ProblemInput};
pub use settings::Settings;
pub use video::Video;

/// A member longer than this, in bytes, is not kept: no block of a course is that long.
pub const MAX_MEMBER_BYTES: u64 = 32 << 20;
/// Records after which an archive is no course any more.
const MAX_RECORDS: usize = 1_000_000;

/// A course archive as read. `n_records` is the number of blocks, graders, cutoffs and rejects together.
#[derive(Debug, Clone, Default)]
pub struct CourseArchive {
    /// The course run: the one the caller knows, or else what `course.xml` says.
    pub course_run_key: Option<CourseRunKey>,
    /// The blocks of the course in depth-first order, then those nothing leads to, then the drafts.
    pub blocks: Vec<Block>,
    /// The grading policy.
    pub grading: GradingPolicy,
    /// What was set aside.
    pub rejects: Vec<SetAside>,
    /// How many records the archive has.
    pub n_records: usize,
}

/// One record that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetAside {
    /// Its place among the records of the archive, counted from 1.
    pub position: usize,
    /// The member it stands in, as an index into the members; for a missing member, the one that refers to it.
    pub member: Option<usize>,
    /// Why.
    pub reject: Reject,
}

/// Why an archive cannot be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ArchiveError {
    /// There is no `course.xml`.
    #[error("the archive has no `course.xml`")]
    NoCourse,
    /// There are more blocks than a course can have.
    #[error("the archive has more than {MAX_RECORDS} blocks")]
    TooManyRecords,
}

impl ArchiveError {
    /// The stable name that stands as `failure_code` in the lake's `loads` table.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCourse => "course_archive.no_course",
            Self::TooManyRecords => "course_archive.too_many_records",
        }
    }
}

/// Reads an archive from its members, in the order they stand in the tar file. `known` is the course run, when other files of the package
/// tell it: only they say whether its keys have the old or the new form. Without it the new form is taken.
///
/// # Errors
/// See [`ArchiveError`].
pub fn parse_course_archive(members: &[Member], known: Option<&CourseRunKey>) -> Result<CourseArchive, ArchiveError> {
    walk::read(members, known)
}

#[cfg(test)]
mod tests;
