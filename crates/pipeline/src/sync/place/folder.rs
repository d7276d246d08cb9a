//! Files of a folder: a mounted copy of what edX sends. Symbolic links to folders are not followed.

use std::fs::{File, Metadata};
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Body, Coming, Entry, changed};
use crate::package::listing::list_folder;
use crate::package::modified_at;
use crate::remote::Trouble;

const BLOCK_BYTES: usize = 1 << 20;

pub(super) struct FolderPlace {
    path: PathBuf,
}

impl FolderPlace {
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let path = std::path::absolute(path).map_err(|error| error.to_string())?;
        if path.file_name().is_none() {
            return Err("it is the folder of all folders".to_owned());
        }
        // The name by which it is asked for stays, wherever a link leads.
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn folder_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(super) fn list(&self, unreadable: &mut Vec<(String, String)>) -> Result<Vec<Entry>, Trouble> {
        if !self.path.is_dir() {
            return Err(Trouble::Silent { reason: "there is no such folder".to_owned() });
        }
        let listing = list_folder(&self.path).map_err(|error| Trouble::Silent { reason: error.to_string() })?;
        // Keys are told from the folder above.
        let below = |key: String| key.split_once('/').map(|(_, rest)| rest.to_owned());
        unreadable.extend(listing.unreadable.into_iter().filter_map(|(key, reason)| Some((below(key)?, reason))));
        Ok(listing.entries.into_iter().filter_map(|entry| Some(Entry { key: below(entry.key)?, ..entry })).collect())
    }

    pub(super) fn get(&self, entry: &Entry, from: u64) -> Result<Coming, Trouble> {
        let failed = |error: std::io::Error| Trouble::strange(format!("the file could not be opened: {error}"));
        let mut file = File::open(self.path.join(&entry.key)).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.len() != entry.n_bytes || modified_at(&metadata) != entry.modified_at {
            return Err(changed());
        }
        file.seek(SeekFrom::Start(from)).map_err(failed)?;
        Ok(Coming { body: Body::File { file, block: vec![0; BLOCK_BYTES] }, starts_at: from, has_opaque_etag: true })
    }

    pub(super) fn look(&self, key: &str) -> Result<Entry, Trouble> {
        let found: Result<Metadata, _> = std::fs::metadata(self.path.join(key));
        let metadata = found.map_err(|error| Trouble::strange(format!("the file could not be looked at: {error}")))?;
        Ok(Entry { key: key.to_owned(), n_bytes: metadata.len(), modified_at: modified_at(&metadata), etag: None })
    }
}
