//! The reader of `.sql` files, tab-separated text with a header which edX names after the tool that once loaded it, and of CSV files.
//! It refuses to repair records: one with too many or too few fields is set aside, and the next one is read.
//!
//! The flow, for a caller that has bytes in chunks:
//!
//! 1. the first physical line goes to [`Header::parse`], which names the columns and their kinds and picks the [`Dialect`], or to
//!    [`Header::parse_csv`];
//! 2. [`Header::layout`] decides from the bytes behind it what quotes mean in this file;
//! 3. [`Layout::complete_len`] tells where the last whole record of a chunk ends, and [`Layout::records`] splits that part;
//! 4. [`parse_row`] turns each record into a [`Row`], nothing (a blank record), or a reject.
//!
//! Source: docs/concepts/edx-files.md, "Tables".

mod clean_text;
mod dialect;
mod header;
mod layout;
mod quoted;
mod row;
pub mod schema;
mod sniff;
mod timestamp;
mod value;

pub(crate) use clean_text::{clean_json, clean_text};
pub use dialect::Dialect;
pub use header::{Column, Header, HeaderError};
pub use layout::{Layout, Quotes, Record};
pub use row::{Row, parse_row};
pub use schema::ColumnKind;
pub use sniff::SAMPLE_BYTES;
pub use timestamp::parse_timestamp;
pub use value::Value;

#[cfg(test)]
mod tests;
