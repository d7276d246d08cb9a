//! What lies around the lake: folders, keys, room on the disk, files not loaded yet. The caller looks it up; here it is only judged.

use std::io::BufReader;

use chrono::{DateTime, Utc};

use crate::package::{DeliveredFile, Delivery, RawFile};
use crate::vault::{DecryptOptions, KeyFacts, SecretKeys, decrypt};

/// What the checks know of the world outside the lake.
#[derive(Debug)]
pub struct Surroundings {
    /// The time.
    pub now: DateTime<Utc>,
    /// Folder for everything czar keeps.
    pub data_folder: FolderFacts,
    /// Files and folders in the data folder, itself among them, that others than their owner may use.
    pub n_open_to_others: u64,
    /// Folder into which the files from edX are downloaded.
    pub delivery_folder: FolderFacts,
    /// Whether a run was killed and has left its note, or is under way.
    pub has_open_attempt: bool,
    /// Research tables that are built and not up to date.
    pub stale_marts: Vec<String>,
    /// The secret keys.
    pub keys: KeyState,
    /// Whether the newest encrypted files can be opened.
    pub newest_files: Vec<OpenedFile>,
    /// Room; absent when the system does not tell.
    pub disk: Option<DiskFacts>,
}

/// What a check of the keys cannot do without: a key that is open.
pub(super) const OPEN_KEY: &str = "open secret key";
/// What it takes to try a key.
pub(super) const ENCRYPTED_FILE: &str = "encrypted file in the delivery folder that a key could be tried on";

impl Surroundings {
    /// Whether there is what a check needs.
    pub(super) fn have(&self, need: &str) -> bool {
        match need {
            OPEN_KEY => matches!(self.keys, KeyState::Open(_)),
            ENCRYPTED_FILE => !self.newest_files.is_empty(),
            _ => true,
        }
    }
}

/// A folder of the configuration.
#[derive(Debug, Clone, Default)]
pub struct FolderFacts {
    /// Where it is.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
    /// Whether what czar does with it is allowed: write into it or, for deliveries, read it.
    pub is_usable: bool,
}

/// The secret keys of the configuration.
#[derive(Debug)]
pub enum KeyState {
    /// None is named.
    None,
    /// They cannot be opened.
    Closed {
        /// Why.
        message: String,
    },
    /// They are open.
    Open(Vec<KeyFacts>),
}

/// One of the newest encrypted files, and whether a key opens it.
#[derive(Debug, Clone)]
pub struct OpenedFile {
    /// The file's key.
    pub file_key: String,
    /// Why it cannot be opened.
    pub failure: Option<String>,
}

/// Room on the disk, and what needs it. All in bytes.
#[derive(Debug, Clone, Default)]
pub struct DiskFacts {
    /// Free where the lake is, for this user.
    pub n_free_bytes: u64,
    /// Files in the delivery folder that are not loaded.
    pub n_waiting_files: u64,
    /// Their size as delivered.
    pub n_waiting_bytes: u64,
    /// Size, as delivered, of what is loaded.
    pub n_loaded_bytes: u64,
    /// Size of the lake.
    pub n_lake_bytes: u64,
}

/// Opens the newest encrypted event file and the newest encrypted member of a package, as far as their heads.
#[must_use]
pub fn open_newest_files(delivery: &Delivery, keys: &SecretKeys) -> Vec<OpenedFile> {
    let encrypted = || {
        let files = delivery.batches.iter().flat_map(|batch| batch.files());
        files.filter(|file| file.file.wrapping.encrypted && file.n_bytes > 0)
    };
    let newest_event_file = encrypted().filter(|file| is_event_file(file)).max_by_key(|file| file.file.date);
    let newest_member = encrypted().filter(|file| !is_event_file(file)).max_by_key(|file| file.file.date);
    newest_event_file.into_iter().chain(newest_member).map(|file| opened(file, keys)).collect()
}

fn is_event_file(file: &DeliveredFile) -> bool {
    file.file.kind == czar_formats::package_file::FileKind::TrackingLog
}

fn opened(file: &DeliveredFile, keys: &SecretKeys) -> OpenedFile {
    let failure = match RawFile::default().open(file) {
        Ok(bytes) => decrypt(BufReader::new(bytes), keys, DecryptOptions::default()).err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    OpenedFile { file_key: file.file.file_key.clone(), failure }
}
