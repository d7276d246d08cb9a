//! Spells actions as lines of a tracking log.
//!
//! A line depends on its action and nothing else, so that a line written again, in another file, has the same bytes.

mod enrolment;
mod envelope;
mod facts;
mod forum;
mod grades;
mod implicit;
mod mobile;
mod navigation;
mod problem;
mod video;

pub(crate) use enrolment::cohort_name;
pub(crate) use envelope::LineWriter;
pub(crate) use facts::Facts;
pub(crate) use grades::POLICY_HASH;
pub(crate) use problem::answer_id;
pub(crate) use video::{DURATION_SINCE, seek_is_exact, video_id_of};
