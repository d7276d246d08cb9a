//! What people do: each visit, click and answer, decided before anything is written.
//!
//! An [`Action`] is small and knows nothing of JSON. The log writer, the tables and the truth each read the same actions.

pub(crate) mod actions;
mod discussion;
mod enrolment;
pub(crate) mod life;
mod problem;
pub(crate) mod session;
mod staff;
mod study;
mod video;

pub(crate) use actions::{Action, ActionKind};
pub(crate) use problem::percent as problem_percent;
