//! Makes data packages that look like edX's, and a truth folder of the numbers a correct reader finds in them.
//!
//! The flow: a [`DeliveryPlan`] fixes the world (course runs, people, forum); each person's life in a run is a function of the seed and is
//! lived again by whoever needs it: the day files, the database files and the truth. Files are made piece by piece, so that memory does not
//! grow with their size. Nothing here reads a clock, the network or any file.

mod behaviour;
mod courses;
mod day_file;
mod delivery;
mod email_opt_in;
mod encrypt;
mod error;
mod events;
mod forum;
mod json;
mod keys;
mod mess;
mod moment;
mod noise;
mod olx;
mod package;
mod people;
mod plan;
mod program_reports;
mod programs;
mod random;
mod readme;
mod stream;
mod structure;
mod tables;
mod tally;
mod truth;
mod world;

pub use delivery::{DeliverySummary, Progress, write_delivery};
pub use error::{ErrorKind, SynthError};
pub use plan::DeliveryPlan;
