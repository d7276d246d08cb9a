//! Fetches what edX delivers into the delivery folder: lists each place, compares with what was fetched before, fetches what is new or
//! changed. It deletes nothing, there or here, and looks at nothing that is not our organisation's.
//!
//! ```text
//! place (bucket, folder, web page) -> listed (ours by name) -> plan (receipts, files here, room) -> fetch (parts, checks) -> receipts
//! ```
//!
//! A file has its name only when all its bytes are there, checked and on the disk; its receipt is kept after that. A run that is killed
//! between the two finds the file with its size and MD5, and takes it as it is.

mod checksum;
mod error;
mod fetch;
pub mod index_page;
pub mod kind;
mod local;
mod part;
pub mod pattern;
pub mod place;
pub mod plan;
mod prepare;
mod target;
mod workers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::clock::Clock;
use crate::control::{Control, Receipt, Taken};
use crate::progress::Progress;

pub use error::SyncError;
pub use kind::{ContentKind, Organisation};
pub use pattern::Pattern;
pub use place::{Opener, Place};
pub use plan::{Selection, Why};
pub use prepare::{Plan, Wanted, prepare};

use fetch::{FetchError, fetch, is_same};

/// What is fetched, and how.
#[derive(Debug, Clone)]
pub struct SyncOptions {
    /// Whose files; all others are counted and forgotten.
    pub organisations: Vec<Organisation>,
    /// Where they come to lie.
    pub delivery_folder: PathBuf,
    /// What of them.
    pub selection: Selection,
    /// Objects that are fetched at once.
    pub parallel: usize,
    /// How often one thing is asked for.
    pub tries: u32,
    /// What has to stay free on the disk.
    pub keep_free_bytes: u64,
    /// The most that is fetched in one run.
    pub max_bytes: Option<u64>,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct SyncSummary {
    /// Files of ours that the places hold.
    pub n_listed: u64,
    /// Files that were fetched.
    pub n_fetched: u64,
    /// Their bytes.
    pub n_bytes: u64,
    /// Files that are here already, as they are there.
    pub n_known: u64,
    /// Of those fetched, how many were here in another version.
    pub n_changed: u64,
    /// Files that lay here without a receipt and are the same.
    pub n_adopted: u64,
    /// Files that are no longer there, and were the last time.
    pub n_vanished: u64,
    /// Files of other organisations that were listed.
    pub n_foreign: u64,
    /// What was listed and is nothing that edX sends.
    pub n_other: u64,
    /// Known files that are no longer in the delivery folder. They are not fetched again.
    pub n_gone_here: u64,
    /// Files that wait for the next run, because of `max_bytes`.
    pub n_left: u64,
    /// What was fetched, in order of place and key.
    pub fetched: Vec<FetchedObject>,
    /// Keys that are no longer there.
    pub vanished: Vec<String>,
    /// Keys that cannot be kept here, fit for a terminal.
    pub refused: Vec<String>,
    /// What did not arrive.
    pub failures: Vec<ObjectFailure>,
    /// Places that could not be listed, while others could.
    pub place_failures: Vec<SyncError>,
}

/// An object that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedObject {
    /// The place's address.
    pub place: String,
    /// Its key there.
    pub key: String,
    /// What it is.
    pub kind: ContentKind,
    /// The day in its name.
    pub date: Option<NaiveDate>,
    /// Where it lies, below the delivery folder.
    pub path: String,
    /// Its size.
    pub n_bytes: u64,
    /// Why it was fetched.
    pub why: Why,
}

/// An object that did not arrive.
#[derive(Debug, Clone)]
pub struct ObjectFailure {
    /// The place's address.
    pub place: String,
    /// Its key there, fit for a terminal.
    pub key: String,
    /// Why.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

/// What became of one object.
enum Arrival {
    Fetched(Box<plan::Object>),
    Adopted,
}

/// Fetches what a plan wants. Objects that do not arrive are in the summary.
///
/// # Errors
/// There is no room, the disk cannot be written, or the receipts cannot be kept. What arrived before that stays.
pub fn sync(
    places: &[Place],
    plan: Plan,
    options: &SyncOptions,
    control: &Control,
    clock: Clock,
    progress: &dyn Progress,
) -> Result<SyncSummary, SyncError> {
    let Plan { wanted, vanished, back, mut summary, needed_bytes } = plan;
    local::check_room(&options.delivery_folder, needed_bytes, options.keep_free_bytes)?;
    for (index, place) in places.iter().enumerate() {
        let of_place =
            |keys: &[(usize, String)]| -> Vec<String> { keys.iter().filter(|(of, _)| *of == index).map(|(_, key)| key.clone()).collect() };
        control.mark_vanished(&place.identity, &of_place(&vanished), &of_place(&back), clock().timestamp_micros())?;
    }
    if wanted.is_empty() {
        return Ok(summary);
    }
    progress.begin("fetch", wanted.len(), wanted.iter().map(|wanted| wanted.object.entry.n_bytes).sum());
    let work = |wanted: &Wanted| arrive(places, wanted, options, progress);
    let outcome = workers::for_each(&wanted, options.parallel, work, |ready| keep(places, ready, options, control, clock, &mut summary));
    progress.end();
    outcome?;
    summary.fetched.sort_by(|a, b| (&a.place, &a.key).cmp(&(&b.place, &b.key)));
    summary.failures.sort_by(|a, b| (&a.place, &a.key).cmp(&(&b.place, &b.key)));
    Ok(summary)
}

fn arrive(places: &[Place], wanted: &Wanted, options: &SyncOptions, progress: &dyn Progress) -> Result<Arrival, FetchError> {
    let Some(place) = places.get(wanted.place) else { return Ok(Arrival::Adopted) };
    progress.file(&wanted.object.entry.key);
    if let Some(local) = &wanted.local
        && is_same(&options.delivery_folder.join(local), &wanted.object)
    {
        progress.advance(wanted.object.entry.n_bytes);
        progress.file_done();
        return Ok(Arrival::Adopted);
    }
    let target = options.delivery_folder.join(&wanted.path);
    let fetched = fetch(place, &wanted.object, &target, options.tries, progress);
    progress.file_done();
    if fetched.is_ok()
        && let Some(version) = &wanted.old_version
    {
        // What a killed run had of the version before it.
        let _ = std::fs::remove_file(target::part_path(&target, version));
    }
    fetched.map(|object| Arrival::Fetched(Box::new(object)))
}

/// Keeps receipts of what arrived, after the names are on the disk.
fn keep(
    places: &[Place],
    ready: Vec<(&Wanted, Result<Arrival, FetchError>)>,
    options: &SyncOptions,
    control: &Control,
    clock: Clock,
    summary: &mut SyncSummary,
) -> Result<(), SyncError> {
    let mut receipts = Vec::new();
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    let mut disk_error = None;
    for (wanted, arrival) in ready {
        let Some(place) = places.get(wanted.place) else { continue };
        let (object, path, taken) = match arrival {
            Ok(Arrival::Fetched(object)) => {
                folders.extend(options.delivery_folder.join(&wanted.path).parent().map(Path::to_owned));
                summary.n_fetched += 1;
                summary.n_bytes += object.entry.n_bytes;
                summary.n_changed += u64::from(wanted.why == Why::Changed);
                summary.fetched.push(FetchedObject {
                    place: place.address.clone(),
                    key: object.entry.key.clone(),
                    kind: object.kind,
                    date: object.date,
                    path: wanted.path.clone(),
                    n_bytes: object.entry.n_bytes,
                    why: wanted.why,
                });
                (*object, wanted.path.clone(), Taken::Fetched)
            }
            Ok(Arrival::Adopted) => {
                summary.n_adopted += 1;
                let path = wanted.local.as_ref().map_or_else(|| wanted.path.clone(), |path| path.to_string_lossy().into_owned());
                (wanted.object.clone(), path, Taken::Adopted)
            }
            Err(FetchError::Disk(source)) => {
                disk_error = Some(SyncError::Disk { path: options.delivery_folder.join(&wanted.path), source });
                continue;
            }
            Err(error) => {
                summary.failures.push(ObjectFailure {
                    place: place.address.clone(),
                    key: target::shown(&wanted.object.entry.key),
                    message: error.to_string(),
                    hint: error.hint(),
                });
                continue;
            }
        };
        let receipt = Receipt {
            kind: object.kind.name().to_owned(),
            organisation: object.organisation.clone(),
            path,
            n_bytes: object.entry.n_bytes,
            version: object.version(),
            has_vanished: false,
        };
        receipts.push((place.identity.clone(), object.entry.key, receipt, taken));
    }
    folders.iter().for_each(|folder| part::flush_folder(folder));
    if !receipts.is_empty() {
        let now = clock().timestamp_micros();
        control.keep_receipts(receipts.iter().map(|(place, key, receipt, taken)| (place.as_str(), key.as_str(), receipt, *taken)), now)?;
    }
    disk_error.map_or(Ok(()), Err)
}
