//! Walks back from a number of a research table to the lines it was made from. It reads definitions and asks the lake; it computes no mart
//! and opens no original.
//!
//! The way is the one the documentation states: the `source` of a column (`models/columns.toml`) names the models, tables and columns it
//! comes from, down to a model or table whose rows are lines; `lines` says which of those lines count. Where no source is stated, all that
//! the model reads is followed.

mod lines;
mod walk;

pub use lines::{LinesOf, lines_of, rows_of};
pub use walk::{Evidence, Step, Trace, walk};

/// The columns of a key with the values asked for, as text; empty stands for null.
pub type Key = std::collections::BTreeMap<String, String>;
