//! The reader of tracking logs: one line in, one [`Event`] out, or nothing for a blank line, or the reason why the line is no event.
//!
//! It does not look for duplicates, count, or place an event in a day; the caller knows the file.

mod columns;
mod context;
mod course;
mod envelope;
mod event;
mod fingerprint;
mod json;
mod learner;
mod line;
mod members;
mod names;
mod page;
mod payload;
mod record;
mod redact;
mod salvage;
mod scan;
mod time;
mod typed;
mod unescape;

#[cfg(test)]
mod tests;

pub use columns::ColumnValue;
pub use event::{Event, EventStatus, Text};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use names::{KnownEvent, group_of, known_event, known_events};
pub use page::PageKind;
pub use salvage::{Salvage, salvage};

use crate::json_repair;
use crate::reject::{Reject, RejectCode};

/// Reads one line of a tracking log. A blank line is `None`, never an error.
///
/// A line with invalid UTF-8, NULs, raw control characters or `NaN` is mended and read again: bad bytes become U+FFFD, NULs are dropped,
/// `NaN` and infinities become `null`. The event then borrows nothing from the line.
pub fn parse_line(line: &[u8]) -> Result<Option<Event<'_>>, Reject> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let first_reject = match std::str::from_utf8(line) {
        Ok(text) => match record::read(text) {
            Ok(event) => return Ok(Some(event)),
            Err(reject) => Some(reject),
        },
        Err(_) => None,
    };
    if let Some(reject) = first_reject
        && !matches!(reject.code, RejectCode::TrackingLogNotJson | RejectCode::TrackingLogNotAJsonObject)
    {
        return Err(reject);
    }
    let mended = json_repair::repaired(&String::from_utf8_lossy(line));
    let mended = mended.trim_ascii();
    if mended.is_empty() {
        return Ok(None);
    }
    match record::read(mended) {
        Ok(event) => Ok(Some(event.into_owned())),
        // Mending moves the columns; the place in the line as it was sent is known only from the first reading.
        Err(reject) => Err(first_reject.filter(|first| first.code == reject.code).unwrap_or(Reject::new(reject.code))),
    }
}
