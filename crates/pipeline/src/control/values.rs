//! How moments and names are kept in a column: microseconds since 1970, and the name that programs see.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};

/// The moment of a column.
pub(super) fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The one of several that has the name in a column.
pub(super) fn named<T: Copy>(value: ValueRef<'_>, all: &[T], name_of: fn(T) -> &'static str) -> FromSqlResult<T> {
    let name = value.as_str()?;
    all.iter().copied().find(|one| name_of(*one) == name).ok_or(FromSqlError::InvalidType)
}
