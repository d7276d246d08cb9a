//! Deletes clear files that are older than is wanted, or all of them. It deletes only what the note of the folder names.

use std::path::Path;

use chrono::NaiveDate;

use super::layout::{Layout, NOTE, UNFINISHED, read_note, remove};
use super::{UnpackError, UnpackOptions};

/// Deletes what is older than the packages and days that are to stay; tells how many.
pub(super) fn purge(layout: &Layout, options: &UnpackOptions) -> Result<u64, UnpackError> {
    let (logs, packages): (Vec<String>, Vec<String>) = layout.keys().into_iter().partition(|key| key.contains("-events-"));
    let mut old = Vec::new();
    for (mut keys, keep) in [(packages, options.keep_packages), (logs, options.keep_days)] {
        let Some(keep) = keep else { continue };
        let mut days: Vec<NaiveDate> = keys.iter().filter_map(|key| day_of(key)).collect();
        days.sort_unstable();
        days.dedup();
        let Some(first) = days.len().checked_sub(keep).and_then(|n_old| days.get(n_old).copied()) else { continue };
        keys.retain(|key| day_of(key).is_some_and(|day| day < first));
        old.extend(keys);
    }
    for key in &old {
        layout.forget(key)?;
    }
    Ok(old.len() as u64)
}

/// Deletes all that was unpacked into a folder.
pub(super) fn all(folder: &Path) -> Result<u64, UnpackError> {
    let n_unpacked = read_note(folder)?.len();
    if !folder.join(NOTE).exists() {
        return if folder.exists() { Err(UnpackError::Foreign { path: folder.to_owned() }) } else { Ok(0) };
    }
    for sub in ["database_state", "clickstream_logs", "decrypted", UNFINISHED, NOTE] {
        remove(&folder.join(sub))?;
    }
    Ok(n_unpacked as u64)
}

/// The day at the end of a key.
fn day_of(key: &str) -> Option<NaiveDate> {
    key.get(key.len().checked_sub(10)?..)?.parse().ok()
}
