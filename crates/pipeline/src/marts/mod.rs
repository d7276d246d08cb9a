//! The research tables: SQL files of `models/`, built in the order in which they read each other. It holds no definition of its own.

mod build;
mod catalogue;
mod columns;
mod error;
mod key_check;
mod model;

pub use build::{BuildSummary, BuiltModel, build, is_up_to_date};
pub use catalogue::models;
pub use columns::{ColumnDoc, column_docs};
pub use error::MartError;
pub use model::Model;
