//! The grammar of a line: where the JSON object of a record begins and ends, and why a line holds none
//! (docs/concepts/edx-files.md, "Line grammar").
//!
//! It does not look inside the object.

use crate::reject::{Reject, RejectCode};

use super::json;

/// Lengths at which log shippers cut a record.
const CUT_LENGTHS: [usize; 2] = [2_043, 10_000];

/// The object of a record, and the bytes before it: from the first `{` to the last `}`, so that what a log shipper wrote before or after
/// it is dropped.
pub(super) fn object_of(record: &str) -> Result<(usize, &str), Reject> {
    let Some(start) = memchr::memchr(b'{', record.as_bytes()) else {
        return Err(Reject::new(RejectCode::TrackingLogNotAJsonObject));
    };
    // An object inside a list or a string is not a record.
    if record.starts_with(['[', '"']) && json::check(record).is_ok() {
        return Err(Reject::new(RejectCode::TrackingLogNotAJsonObject));
    }
    let Some(end) = memchr::memrchr(b'}', record.as_bytes()).filter(|&end| end > start) else {
        return Err(Reject::at(RejectCode::TrackingLogCut, record.len()));
    };
    Ok((start, &record[start..=end]))
}

/// Why the object could not be read. `start` is the number of bytes before it.
pub(super) fn reject_of(fault: &serde_json::Error, start: usize, record: &str) -> Reject {
    let is_cut = fault.is_eof() || (!record.ends_with('}') && CUT_LENGTHS.contains(&record.chars().count()));
    let code = if is_cut { RejectCode::TrackingLogCut } else { RejectCode::TrackingLogNotJson };
    // A raw line end inside a record makes the column useless.
    if fault.line() == 1 { Reject::at(code, start + fault.column()) } else { Reject::new(code) }
}
