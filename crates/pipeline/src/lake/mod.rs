//! The lake: one Delta table per kind of record, each change one commit. It reads no edX format and runs no SQL.
//!
//! A *batch* is what is committed together: one day's event file, or one data package. Its rows lie in data files below a directory
//! named for the batch, so that loading the batch again swaps exactly those files. Bookkeeping rows (`loads`, `rejects`) work the same way.
//! Small event files of past months share data files; who replaces one of those takes its rows out first (`ingest/shared.rs`).
//! Commits of several tables that belong together are made visible as one by [`Attempt::commit_together`].

mod attempt;
mod batch_name;
pub mod content_columns;
mod data_file;
mod durable;
mod error;
mod mark;
mod metadata;
mod network_folder;
mod properties;
mod rows;
pub mod schema;
mod statistics;
mod store;
mod table;
mod vacuum;
mod versions;
mod writer;

pub use attempt::Attempt;
pub use batch_name::BatchName;
pub use error::LakeError;
pub use rows::{align, without_keys};
pub use store::Lake;
pub use table::{Change, LakeTable};
pub use writer::{FinishedPart, PartWriter, ROW_GROUP_ROWS};
