//! Versions of one file in one delivery: the same name and shape twice, with other content. The newest is read; the others are named. A copy
//! with the same content is no version.

use std::cmp::Ordering;

use super::{DeliveredFile, Place, ends_of};

/// A file of which another version is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherVersion {
    /// The key of both.
    pub file_key: String,
    /// Where the one lies that is passed over.
    pub path: String,
}

/// Puts the newest of two files first: changed last, then larger.
pub(super) fn newest_first(a: &DeliveredFile, b: &DeliveredFile) -> Ordering {
    (b.modified_at, b.n_bytes).cmp(&(a.modified_at, a.n_bytes))
}

/// The versions that are passed over among some files. Of files with the same size the first and last bytes are looked at.
pub(super) fn other_versions(files: &[DeliveredFile]) -> Vec<OtherVersion> {
    let shape = |file: &DeliveredFile| {
        let wrapping = file.file.wrapping;
        let is_in_tar = matches!(file.place, Place::TarMember(_));
        (file.file.failed, is_in_tar, wrapping.encrypted, wrapping.gzip || wrapping.zstd)
    };
    let mut sorted: Vec<&DeliveredFile> = files.iter().collect();
    sorted.sort_by(|a, b| {
        let same = |file: &DeliveredFile| (file.file.file_key.clone(), shape(file));
        same(a).cmp(&same(b)).then_with(|| newest_first(a, b)).then_with(|| a.display_path().cmp(&b.display_path()))
    });
    let mut found = Vec::new();
    for versions in sorted.chunk_by(|a, b| a.file.file_key == b.file.file_key && shape(a) == shape(b)) {
        let [newest, others @ ..] = versions else { continue };
        for other in others {
            if other.n_bytes != newest.n_bytes || ends_of(other) != ends_of(newest) {
                found.push(OtherVersion { file_key: other.file.file_key.clone(), path: other.display_path() });
            }
        }
    }
    found
}
