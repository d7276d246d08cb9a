//! Tells what a folder or bucket of deliveries holds and what it lacks, from names, sizes, times, lists of members and the heads of
//! messages. It decrypts nothing, writes nothing and needs no configuration.
//!
//! ```text
//! place (folder, bucket) -> sorted (by series and day) -> events  -> findings
//!                                                      -> packages (lists of members, compared with the package before)
//!                                                      -> recipients (heads of messages, sampled)
//! ```

mod error;
mod events;
mod findings;
mod members;
mod packages;
mod parallel;
mod place;
mod recipients;
mod sorted;
mod value;
mod vanished;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::vault::KeyFacts;

pub use error::InventoryError;
pub use value::*;

use place::Place;
use sorted::Sorted;

/// What is looked at, and what it is compared with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only these organisations, in any case; all of a folder and the only one of a bucket when empty.
    pub organisations: Vec<String>,
    /// Event files are expected up to this day, also when the last one is older.
    pub until: Option<NaiveDate>,
    /// Read lists of members and heads of messages also from buckets.
    pub is_deep: bool,
    /// The user's own keys: their expiry is told, and whether files are encrypted to them.
    pub own_keys: Vec<KeyFacts>,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// Takes the inventory of some places, each a folder, a file or `s3://bucket[/prefix]`, as if they were one.
///
/// # Errors
/// A place cannot be listed, or a bucket holds the files of several organisations and none was named. A single file or archive that
/// cannot be read is a finding, not an error.
pub fn take(addresses: &[String], options: &Options) -> Result<Inventory, InventoryError> {
    let places = addresses.iter().map(|address| Place::list(address, options.is_deep)).collect::<Result<Vec<_>, _>>()?;
    let sorted = Sorted::of(&places, &options.organisations)?;
    let events = events::series(&sorted, options.until);
    let mut heads = Vec::new();
    let packages = packages::series(&places, &sorted, &mut heads);
    let mut recipients = recipients::of_event_files(&places, &sorted);
    recipients.extend(recipients::of_packages(heads));
    let dates: BTreeSet<NaiveDate> = sorted.dates().collect();
    let mut inventory = Inventory {
        format_version: FORMAT_VERSION,
        taken_at: options.now,
        places: places.iter().map(Place::summary).collect(),
        n_files: sorted.n_files,
        n_bytes: sorted.n_bytes,
        first_date: dates.first().copied(),
        last_date: dates.last().copied(),
        events,
        packages,
        recipients,
        own_keys: options.own_keys.iter().map(OwnKey::of).collect(),
        other_organisations: sorted.other_organisations,
        not_understood: sorted.not_understood,
        unreadable: places.iter().flat_map(Place::unreadable).collect(),
        findings: Vec::new(),
    };
    inventory.findings = findings::all(&inventory);
    Ok(inventory)
}
