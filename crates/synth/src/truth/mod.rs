//! The expected numbers: what a reader of the delivery must find, computed from what the generator decided.
//!
//! It never reads what was written.

mod columns;
mod content;
mod counts;
mod csv;
mod enrolment;
mod learner;
mod person_course;
mod viewing;
mod writer;

pub(crate) use columns::PROGRAM_COMPLETIONS;
pub(crate) use csv::CsvFile;
pub(crate) use writer::{write_accounts, write_learners};
