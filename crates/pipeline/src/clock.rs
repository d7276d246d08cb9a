//! The clock that is passed in. It does not tell what a record's time is: that is in the record.

use chrono::{DateTime, Utc};

/// Tells the present moment; a test passes one that stands still.
pub type Clock = fn() -> DateTime<Utc>;
