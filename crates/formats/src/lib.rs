//! Readers of what edX sends: bytes in, values or reject reasons out.
//!
//! Nothing here opens a file, a socket or a clock. A reader returns a value, nothing (a blank line), or a [`reject::Reject`] that says why
//! a record was set aside; whoever calls it keeps the account.

pub mod course_archive;
pub mod course_run_key;
pub mod course_structure;
pub mod database_file;
pub mod forum;
mod json_repair;
pub mod other_file;
pub mod package_file;
mod percent;
pub mod reject;
pub mod site;
pub mod tracking_log;
mod user_id;

pub use percent::percent_decoded;
