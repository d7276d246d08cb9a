//! The reader of `.sql` files: tab-separated text with a header, which edX names after the tool that once loaded it.
//! It refuses to repair records: one with too many or too few fields is set aside, and the next one is read.
//!
//! The flow, for a caller that has bytes in chunks:
//!
//! 1. the first physical line goes to [`Header::parse`], which names the columns and their kinds and picks the [`Dialect`];
//! 2. [`complete_len`] tells where the last whole record of a chunk ends, and [`records`] splits that part;
//! 3. [`parse_row`] turns each record into a [`Row`], nothing (a blank record), or a reject.
//!
//! Source: docs/concepts/edx-files.md, "Tables".

mod clean_text;
mod dialect;
mod header;
mod records;
mod row;
pub mod schema;
mod timestamp;
mod value;

pub(crate) use clean_text::clean_json;
pub use dialect::Dialect;
pub use header::{Column, Header, HeaderError};
pub use records::{Record, complete_len, records};
pub use row::{Row, parse_row};
pub use schema::ColumnKind;
pub use timestamp::parse_timestamp;
pub use value::Value;

#[cfg(test)]
mod tests;
