//! Looks up what lies around the lake: folders, keys, disk, files that are not loaded yet. It judges nothing and writes nothing.

use std::collections::HashSet;
use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use czar_pipeline::checks::{DiskFacts, Facts, FolderFacts, KeyState, OpenedFile, Surroundings, open_newest_files};
use czar_pipeline::package::{self, Delivery};
use czar_pipeline::vault::SecretKeys;
use rustix::fs::{Access, access, statvfs};

use crate::failure;
use crate::keys;
use crate::output::text_rows;
use crate::workplace::Workplace;

/// The note of a run that has not ended.
const OPEN_ATTEMPT: &str = ".attempt.json";

/// Looks at everything.
pub(super) fn look(workplace: &Workplace<'_>, facts: Option<&Facts>) -> anyhow::Result<Surroundings> {
    let settings = workplace.settings();
    let (keys, opened) = match keys::open(&settings.keys, workplace.printer) {
        Ok(None) => (None, KeyState::None),
        Ok(Some(keys)) => {
            let facts = KeyState::Open(keys.list().to_vec());
            (Some(keys), facts)
        }
        Err(error) => (None, KeyState::Closed { message: failure::one_line(&error) }),
    };
    // An archive that cannot be opened is named by ingest; a folder that cannot be read is told by a check.
    let delivery = package::find(&settings.delivery_folder).unwrap_or_default();
    Ok(Surroundings {
        n_open_to_others: n_open_to_others(&settings.data_folder),
        delivery_folder: folder(&settings.delivery_folder, Access::READ_OK | Access::EXEC_OK),
        has_open_attempt: workplace.lake_folder().join(OPEN_ATTEMPT).exists(),
        stale_marts: facts.map(|facts| facts.stale_marts().map(str::to_owned).collect()).unwrap_or_default(),
        newest_files: newest_files(&delivery, keys.as_ref()),
        disk: disk(workplace, facts, &delivery)?,
        keys: opened,
        ..without_a_look(workplace)
    })
}

/// Only the time, and where things are.
pub(super) fn without_a_look(workplace: &Workplace<'_>) -> Surroundings {
    Surroundings {
        now: (workplace.clock)(),
        data_folder: folder(&workplace.settings().data_folder, Access::WRITE_OK | Access::EXEC_OK),
        n_open_to_others: 0,
        delivery_folder: FolderFacts::default(),
        has_open_attempt: false,
        stale_marts: Vec::new(),
        keys: KeyState::None,
        newest_files: Vec::new(),
        disk: None,
    }
}

fn folder(path: &Path, wanted: Access) -> FolderFacts {
    FolderFacts { path: path.display().to_string(), exists: path.is_dir(), is_usable: access(path, wanted).is_ok() }
}

fn newest_files(delivery: &Delivery, keys: Option<&SecretKeys>) -> Vec<OpenedFile> {
    keys.map(|keys| open_newest_files(delivery, keys)).unwrap_or_default()
}

fn disk(workplace: &Workplace<'_>, facts: Option<&Facts>, delivery: &Delivery) -> anyhow::Result<Option<DiskFacts>> {
    let data_folder = &workplace.settings().data_folder;
    // The folder may be made only by the first ingest: then the disk is that of the nearest folder above.
    let absolute = std::path::absolute(data_folder)?;
    let Some(existing) = absolute.ancestors().find(|path| path.is_dir()) else { return Ok(None) };
    let Ok(room) = statvfs(existing) else { return Ok(None) };
    let mut known = HashSet::new();
    let mut n_loaded_bytes = 0;
    if let Some(facts) = facts {
        // A failed file is read again when it comes again: it waits.
        for row in text_rows(facts.engine(), "select file_key, n_bytes from loads where state <> 'failed'")? {
            let mut cells = row.into_iter();
            known.extend(cells.next().flatten());
            n_loaded_bytes += cells.next().flatten().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default();
        }
    }
    let files = delivery.batches.iter().flat_map(|batch| batch.files());
    let waiting: Vec<u64> = files.filter(|file| !known.contains(&file.file.file_key)).map(|file| file.n_bytes).collect();
    Ok(Some(DiskFacts {
        n_free_bytes: room.f_bavail.saturating_mul(room.f_frsize),
        n_waiting_files: waiting.len() as u64,
        n_waiting_bytes: waiting.iter().sum(),
        n_loaded_bytes,
        n_lake_bytes: size_of(&workplace.lake_folder()),
    }))
}

/// Bytes of the files below a folder.
fn size_of(folder: &Path) -> u64 {
    all_below(folder).filter(Metadata::is_file).map(|file| file.len()).sum()
}

/// Files and folders, the folder itself among them, that others than their owner may use; none when they do not get into the folder.
fn n_open_to_others(folder: &Path) -> u64 {
    let is_open = |found: &Metadata| found.permissions().mode() & 0o077 != 0;
    match folder.metadata() {
        Ok(found) if is_open(&found) => 1 + all_below(folder).filter(is_open).count() as u64,
        _ => 0,
    }
}

/// What lies below a folder; what cannot be read is left out, and links are not followed.
fn all_below(folder: &Path) -> impl Iterator<Item = Metadata> {
    let mut open = vec![folder.to_owned()];
    let entries = std::iter::from_fn(move || {
        open.pop().map(|folder| {
            let found: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
            open.extend(found.iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(std::fs::DirEntry::path));
            found
        })
    });
    entries.flatten().filter_map(|entry| entry.metadata().ok()).filter(|found| !found.is_symlink())
}
