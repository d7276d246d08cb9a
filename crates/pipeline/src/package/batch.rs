//! Groups the files of a delivery into what is committed together, in the order in which duplicates are decided.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use czar_formats::package_file::FileKind;

use super::versions::{OtherVersion, newest_first, other_versions};
use super::{Archive, DeliveredFile, Place, TarMember, loose_log};

/// What is committed together.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The key of the event file, or of the package: `universityx-2015-03-08`.
    pub key: String,
    /// The files.
    pub content: BatchContent,
}

/// The files of a batch.
#[derive(Debug, Clone)]
pub enum BatchContent {
    /// One day of events.
    EventFile(DeliveredFile),
    /// The members of one data package.
    Package {
        /// The package's day.
        date: NaiveDate,
        /// The members, by key.
        files: Vec<DeliveredFile>,
    },
    /// A tar archive as such; its members are in batches of their own.
    Archive(DeliveredFile),
}

/// All that was found below a folder.
#[derive(Debug, Default, Clone)]
pub struct Delivery {
    /// The batches: event files by site, day and key, then packages by day.
    pub batches: Vec<Batch>,
    /// Tar archives, whose members are known only when they are read.
    pub archives: Vec<Archive>,
    /// What was assumed where names say too little, and what was passed over knowingly; each a sentence.
    pub notes: Vec<String>,
    /// Files whose names say nothing to us, relative to the folder.
    pub not_understood: Vec<String>,
    /// Files that are another copy or shape of a file that is read (decrypted beside encrypted).
    pub other_shapes: Vec<String>,
    /// Files of which another version is read, which is newer.
    pub other_versions: Vec<OtherVersion>,
    /// Folders, archives and members that could not be opened, with the reason.
    pub unreadable: Vec<(String, String)>,
}

impl Batch {
    /// The files of the batch.
    #[must_use]
    pub fn files(&self) -> &[DeliveredFile] {
        match &self.content {
            BatchContent::EventFile(file) | BatchContent::Archive(file) => std::slice::from_ref(file),
            BatchContent::Package { files, .. } => files,
        }
    }

    /// The bytes of the batch as kept.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.files().iter().map(|file| file.n_bytes).sum()
    }

    /// Changes when a file of the batch is added, removed, resized or rewritten: names, sizes and times, not contents.
    #[must_use]
    pub fn stamp(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for file in self.files() {
            hasher.update(file.file.file_key.as_bytes());
            hasher.update(&file.n_bytes.to_le_bytes());
            hasher.update(&file.modified_at.to_le_bytes());
        }
        hasher.finalize().to_hex().as_str()[..16].to_owned()
    }
}

impl Delivery {
    /// How many files there are to read, an archive counted as one.
    #[must_use]
    pub fn n_files(&self) -> usize {
        self.batches.iter().map(|batch| batch.files().len()).sum::<usize>() + self.archives.len()
    }

    /// How many bytes there are to read.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.batches.iter().map(Batch::n_bytes).sum::<u64>() + self.archives.iter().map(|archive| archive.file.n_bytes).sum::<u64>()
    }

    /// Adds another delivery, as when several folders are given.
    pub fn merge(&mut self, other: Self) {
        let files = self.batches.drain(..).chain(other.batches).flat_map(|batch| match batch.content {
            BatchContent::EventFile(file) | BatchContent::Archive(file) => vec![file],
            BatchContent::Package { files, .. } => files,
        });
        let files: Vec<DeliveredFile> = files.collect();
        self.other_versions.extend(other_versions(&files));
        self.other_versions.extend(other.other_versions);
        let (merged, shapes) = into_batches(files);
        self.batches = merged;
        self.other_shapes.extend(shapes);
        self.not_understood.extend(other.not_understood);
        self.other_shapes.extend(other.other_shapes);
        self.unreadable.extend(other.unreadable);
        self.archives.extend(other.archives);
        self.notes.extend(other.notes);
    }
}

/// Groups files into batches. Of several shapes of one file the most original is taken: encrypted before clear, packed before unpacked, and
/// what lies in a tar last, where the last of a name is the one that counts. Of a log that is named by its content the
/// longest is taken, of several files of one shape the newest.
pub(super) fn into_batches(mut files: Vec<DeliveredFile>) -> (Vec<Batch>, Vec<String>) {
    files.sort_by(|a, b| {
        a.file
            .file_key
            .cmp(&b.file.file_key)
            .then_with(|| rank(a).cmp(&rank(b)))
            .then_with(|| newest_of_tars_first(a, b))
            .then_with(|| newest_first(a, b))
            .then_with(|| a.display_path().cmp(&b.display_path()))
    });
    let mut other_shapes = Vec::new();
    let mut kept: Vec<DeliveredFile> = Vec::with_capacity(files.len());
    for mut file in files {
        match kept.last_mut() {
            Some(last) if last.file.file_key == file.file.file_key => {
                // The same file once more, as when folders overlap.
                let is_the_same = last.display_path() == file.display_path() && last.reading_order() == file.reading_order();
                if loose_log::is_named_by_content(&file.file) && clear_length(&file) > clear_length(last) {
                    std::mem::swap(last, &mut file);
                }
                if !is_the_same {
                    other_shapes.push(file.display_path());
                }
            }
            _ => kept.push(file),
        }
    }
    let mut event_files = Vec::new();
    let mut packages: BTreeMap<(NaiveDate, String), Vec<DeliveredFile>> = BTreeMap::new();
    for file in kept {
        match (&file.file.kind, file.file.date) {
            (FileKind::TrackingLog, _) => event_files.push(file),
            (_, Some(date)) => {
                let package = file.file.file_key.split('/').next().unwrap_or_default().to_owned();
                packages.entry((date, package)).or_default().push(file);
            }
            (_, None) => other_shapes.push(file.display_path()),
        }
    }
    event_files.sort_by(|a, b| (&a.file.site, a.file.date, &a.file.file_key).cmp(&(&b.file.site, b.file.date, &b.file.file_key)));
    let events = event_files.into_iter().map(|file| Batch { key: file.file.file_key.clone(), content: BatchContent::EventFile(file) });
    let packages = packages.into_iter().map(|((date, key), files)| Batch { key, content: BatchContent::Package { date, files } });
    (events.chain(packages).collect(), other_shapes)
}

/// Sorts shapes of one file, the most original first.
fn rank(file: &DeliveredFile) -> (bool, bool, bool, bool) {
    let wrapping = file.file.wrapping;
    let is_in_tar = matches!(file.place, Place::TarMember(_));
    (file.file.failed, is_in_tar, !wrapping.encrypted, !(wrapping.gzip || wrapping.zstd))
}

/// Of members of tars those of the newest tar come first, and of those the last.
fn newest_of_tars_first(a: &DeliveredFile, b: &DeliveredFile) -> Ordering {
    let (Place::TarMember(in_a), Place::TarMember(in_b)) = (&a.place, &b.place) else { return Ordering::Equal };
    let archive = |member: &TarMember| member.source().archive().display_path();
    b.modified_at.cmp(&a.modified_at).then_with(|| archive(in_a).cmp(&archive(in_b))).then_with(|| in_b.offset().cmp(&in_a.offset()))
}

/// How long a log is in clear. It is read for that, which happens only when two logs begin with the same line.
fn clear_length(file: &DeliveredFile) -> u64 {
    let count = || -> std::io::Result<u64> {
        let mut clear = super::layers::peel(super::RawFile::default().open(file)?)?;
        std::io::copy(&mut clear, &mut std::io::sink())
    };
    match &file.place {
        Place::TarMember(_) => file.n_bytes,
        _ => count().unwrap_or_default(),
    }
}
