//! What the benches measure with: a synthetic delivery, and out of it one file of each kind, encrypted, packed and in clear. Nothing in it is
//! of a real person.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use czar_formats::package_file::{FileKind, classify};
use czar_synth::DeliveryPlan;
use czar_vault::{DecryptOptions, PassPhrase, SecretKeys, decrypt, inflate};

type Failure = Box<dyn std::error::Error>;

/// One file in the shapes it has on its way.
#[derive(Default)]
pub struct Stages {
    /// As edX sends it.
    pub encrypted: Vec<u8>,
    /// Decrypted, and packed where edX packs.
    pub packed: Vec<u8>,
    /// In clear.
    pub clear: Vec<u8>,
}

/// Files to measure with: the largest of each kind in the delivery.
pub struct Load {
    /// What opens the files.
    pub keys: SecretKeys,
    /// A day of events.
    pub tracking_log: Stages,
    /// `courseware_studentmodule` of a course run.
    pub studentmodule: Stages,
    /// The forum of a course run.
    pub forum: Stages,
}

impl Load {
    /// Makes the load; the same in every run, encryption aside.
    ///
    /// # Errors
    /// The folder for temporary files is full or cannot be written.
    pub fn make() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let plan = DeliveryPlan { n_courses: 2, n_learners: 1_000, n_days: 14, ..DeliveryPlan::default() };
        czar_synth::write_delivery(&plan, folder.path(), &|_| {})?;
        let keys = SecretKeys::from_file(&folder.path().join("keys/czar-secret.asc"), &PassPhrase::none())?;
        let mut load = Self { keys, tracking_log: Stages::default(), studentmodule: Stages::default(), forum: Stages::default() };
        for path in files(folder.path())? {
            let name = path.strip_prefix(folder.path())?.to_string_lossy().into_owned();
            if name.ends_with(".zip") {
                let mut archive = zip::ZipArchive::new(File::open(&path)?)?;
                for index in 0..archive.len() {
                    let mut member = archive.by_index(index)?;
                    let name = member.name()?.into_owned();
                    let mut bytes = Vec::new();
                    member.read_to_end(&mut bytes)?;
                    load.take(&name, bytes)?;
                }
            } else {
                load.take(&name, std::fs::read(&path)?)?;
            }
        }
        Ok(load)
    }

    fn take(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let largest = match classify(name).kind {
            FileKind::TrackingLog => &mut self.tracking_log,
            FileKind::Table(table) if table == "courseware_studentmodule" => &mut self.studentmodule,
            FileKind::Forum => &mut self.forum,
            _ => return Ok(()),
        };
        if bytes.len() > largest.encrypted.len() {
            let mut packed = Vec::new();
            decrypt(&bytes[..], &self.keys, DecryptOptions { max_clear_bytes: None })?.read_to_end(&mut packed)?;
            let mut clear = Vec::new();
            inflate(&packed[..])?.read_to_end(&mut clear)?;
            *largest = Stages { encrypted: bytes, packed, clear };
        }
        Ok(())
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
