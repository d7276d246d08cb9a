//! Groups the files of a delivery into what is committed together, in the order in which duplicates are decided.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use czar_formats::package_file::FileKind;

use super::DeliveredFile;

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
}

/// All that was found below a folder.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The batches: event files by site, day and key, then packages by day.
    pub batches: Vec<Batch>,
    /// Files whose names say nothing to us, relative to the folder.
    pub not_understood: Vec<String>,
    /// Files that are another copy or shape of a file that is read (decrypted beside encrypted).
    pub other_shapes: Vec<String>,
    /// Folders, archives and members that could not be opened, with the reason.
    pub unreadable: Vec<(String, String)>,
}

impl Batch {
    /// The files of the batch.
    #[must_use]
    pub fn files(&self) -> &[DeliveredFile] {
        match &self.content {
            BatchContent::EventFile(file) => std::slice::from_ref(file),
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
    /// How many files there are to read.
    #[must_use]
    pub fn n_files(&self) -> usize {
        self.batches.iter().map(|batch| batch.files().len()).sum()
    }

    /// How many bytes there are to read.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.batches.iter().map(Batch::n_bytes).sum()
    }

    /// Adds another delivery, as when several folders are given.
    pub fn merge(&mut self, other: Self) {
        let files = self.batches.drain(..).chain(other.batches).flat_map(|batch| match batch.content {
            BatchContent::EventFile(file) => vec![file],
            BatchContent::Package { files, .. } => files,
        });
        let (merged, shapes) = into_batches(files.collect());
        self.batches = merged;
        self.other_shapes.extend(shapes);
        self.not_understood.extend(other.not_understood);
        self.other_shapes.extend(other.other_shapes);
        self.unreadable.extend(other.unreadable);
    }
}

/// Groups files into batches. Of several shapes of one file the most original is taken: encrypted before clear, packed before unpacked.
pub(super) fn into_batches(mut files: Vec<DeliveredFile>) -> (Vec<Batch>, Vec<String>) {
    files.sort_by(|a, b| {
        let rank = |file: &DeliveredFile| (file.file.failed, !file.file.wrapping.encrypted, !file.file.wrapping.gzip);
        a.file.file_key.cmp(&b.file.file_key).then(rank(a).cmp(&rank(b))).then_with(|| a.display_path().cmp(&b.display_path()))
    });
    let mut other_shapes = Vec::new();
    let mut last_key = None;
    files.retain(|file| {
        let repeated = last_key.as_deref() == Some(file.file.file_key.as_str());
        if repeated {
            other_shapes.push(file.display_path());
        }
        last_key = Some(file.file.file_key.clone());
        !repeated
    });
    let mut event_files = Vec::new();
    let mut packages: BTreeMap<(NaiveDate, String), Vec<DeliveredFile>> = BTreeMap::new();
    for file in files {
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
