//! Lays a delivery out as clear files, for tools that expect those. It is the only code that puts clear text on the disk, does so only when
//! a folder is named for it, and never touches the delivery itself.
//!
//! ```text
//! FOLDER/database_state/latest/{package}/...   members of the newest package; a link to the folder below, if that is wanted
//! FOLDER/database_state/{package}/...          those of earlier packages
//! FOLDER/clickstream_logs/latest/{day}.log     event files
//! FOLDER/decrypted/...                         what older tools made on the way, if that is wanted
//! ```
//!
//! A package appears under its name when all of it is written. What is there already and has not changed is not written again.

mod error;
mod layout;
mod places;
mod purge;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use czar_formats::package_file::FileKind;
use glob::Pattern;

pub use error::UnpackError;

use crate::ingest::{FileFailure, IngestOptions};
use crate::package::{Batch, BatchContent, Delivery};
use crate::progress::Progress;
use crate::vault::SecretKeys;

/// How the newest package is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latest {
    /// As a folder, which moves away when a newer package comes.
    Folder,
    /// As a symbolic link to the folder of its day.
    Link,
}

/// What is unpacked, and how.
#[derive(Debug, Clone)]
pub struct UnpackOptions {
    /// The folder for clear files.
    pub folder: PathBuf,
    /// Only files whose key one of these matches; all when there is none.
    pub select: Vec<Pattern>,
    /// No file whose key one of these matches.
    pub ignore: Vec<Pattern>,
    /// Whether `.` in names becomes `-`; the ending is kept.
    pub replaces_dots: bool,
    /// How the newest package is kept.
    pub latest: Latest,
    /// Packages that stay, the newest counted; all when there is none.
    pub keep_packages: Option<usize>,
    /// Event files that stay; all when there is none.
    pub keep_days: Option<usize>,
    /// Whether packages and event files are laid out below `decrypted` too: members as they are, event files still compressed.
    pub has_decrypted: bool,
    /// Limits of reading, and threads.
    pub reading: IngestOptions,
}

/// What was done.
#[derive(Debug, Default)]
pub struct UnpackSummary {
    /// Packages that were written.
    pub n_packages: u64,
    /// Event files that were written.
    pub n_event_files: u64,
    /// Packages and event files that were there already.
    pub n_unchanged: u64,
    /// Clear bytes that were written.
    pub n_clear_bytes: u64,
    /// Packages and event files that were deleted since newer ones are enough.
    pub n_purged: u64,
    /// Files that could not be unpacked.
    pub failures: Vec<FileFailure>,
}

impl UnpackOptions {
    /// Whether a file is wanted.
    fn takes(&self, file_key: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(file_key));
        (self.select.is_empty() || any(&self.select)) && !any(&self.ignore)
    }
}

/// Unpacks what is new or changed in a delivery, then purges.
///
/// # Errors
/// The folder for clear files cannot be written. A file that cannot be read is told in the summary.
pub fn unpack(
    delivery: &Delivery,
    keys: Option<&SecretKeys>,
    options: &UnpackOptions,
    progress: &dyn Progress,
) -> Result<UnpackSummary, UnpackError> {
    let layout = layout::Layout::open(options)?;
    let mut summary = UnpackSummary::default();
    let packages: Vec<&Batch> = delivery.batches.iter().filter(|batch| is_data_package(batch)).collect();
    let logs: Vec<&Batch> = delivery.batches.iter().filter(|batch| matches!(batch.content, BatchContent::EventFile(_))).collect();
    let (packages, n_old_packages) = newest(&packages, options.keep_packages);
    let (logs, n_old_logs) = newest(&logs, options.keep_days);
    tracing::debug!(n_old_packages, n_old_logs, "older ones are not unpacked");
    let wanted: Vec<&Batch> = packages.iter().chain(&logs).copied().collect();
    let mut fresh = Vec::new();
    for batch in wanted {
        if layout.is_there(batch, &stamp(batch, options)) {
            summary.n_unchanged += 1;
        } else if batch.files().iter().any(|file| options.takes(&file.file.file_key)) {
            fresh.push(batch);
        }
    }
    progress.begin("unpack", fresh.len(), fresh.iter().map(|batch| batch.n_bytes()).sum());
    let told = Mutex::new(&mut summary);
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<UnpackError>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..options.reading.workers.max(1).min(fresh.len()) {
            scope.spawn(|| {
                while let Some(batch) = fresh.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let written = write::write(batch, &layout, keys, options, progress);
                    match (written, told.lock()) {
                        (Ok(written), Ok(mut summary)) => summary.add(written),
                        (Err(error), _) => {
                            if let Ok(mut failed) = failed.lock() {
                                failed.get_or_insert(error);
                            }
                            return;
                        }
                        _ => return,
                    }
                }
            });
        }
    });
    progress.end();
    if let Ok(Some(error)) = failed.into_inner() {
        return Err(error);
    }
    layout.settle_latest(&packages)?;
    layout.close()?;
    summary.n_purged = purge::purge(&layout, options)?;
    summary.failures.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(summary)
}

/// Forgets a folder of clear files: deletes all that was laid out in it.
///
/// # Errors
/// Something cannot be deleted.
pub fn purge_all(folder: &Path) -> Result<u64, UnpackError> {
    purge::all(folder)
}

impl UnpackSummary {
    fn add(&mut self, written: write::Written) {
        self.n_clear_bytes += written.n_clear_bytes;
        if written.is_whole {
            let n = if written.is_package { &mut self.n_packages } else { &mut self.n_event_files };
            *n += 1;
        }
        self.failures.extend(written.failures);
    }
}

/// Whether a batch is a weekly data package: opt-in lists and reports on programmes come by themselves.
fn is_data_package(batch: &Batch) -> bool {
    let is_list = |kind: &FileKind| matches!(kind, FileKind::EmailOptIn | FileKind::ProgramReport);
    matches!(batch.content, BatchContent::Package { .. }) && !batch.files().iter().all(|file| is_list(&file.file.kind))
}

/// Those of the newest days, and how many are left out.
fn newest<'a>(batches: &[&'a Batch], keep_days: Option<usize>) -> (Vec<&'a Batch>, usize) {
    let day = |batch: &Batch| batch.files().first().and_then(|file| file.file.date);
    let mut days: Vec<_> = batches.iter().map(|batch| day(batch)).collect();
    days.sort_unstable();
    days.dedup();
    let n_old = keep_days.map_or(0, |keep| days.len().saturating_sub(keep));
    let Some(first) = days.get(n_old) else { return (Vec::new(), batches.len()) };
    let kept: Vec<&Batch> = batches.iter().filter(|batch| day(batch) >= *first).copied().collect();
    let n_old = batches.len() - kept.len();
    (kept, n_old)
}

/// Changes with the delivered files, and with what is wanted of them.
fn stamp(batch: &Batch, options: &UnpackOptions) -> String {
    let patterns = |patterns: &[Pattern]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>().join("\n");
    let shape = (options.replaces_dots, options.has_decrypted);
    let wanted = format!("{}\n\n{}\n\n{shape:?}", patterns(&options.select), patterns(&options.ignore));
    format!("{} {}", batch.stamp(), &blake3::hash(wanted.as_bytes()).to_hex().as_str()[..16])
}
