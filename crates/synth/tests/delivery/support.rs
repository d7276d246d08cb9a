//! Deliveries to look at, the `gpg` program, and what reads truth files and archives.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use czar_synth::{DeliveryPlan, write_delivery};

pub fn plan() -> DeliveryPlan {
    DeliveryPlan { n_learners: 60, n_days: 8, ..DeliveryPlan::default() }
}

pub fn write(plan: &DeliveryPlan) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_delivery(plan, folder.path(), &|_| {}).unwrap();
    folder
}

/// Every file below a folder, by its path in it.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        for entry in fs::read_dir(&path).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                waiting.push(entry);
            } else {
                found.insert(entry.strip_prefix(folder).unwrap().to_owned(), fs::read(&entry).unwrap());
            }
        }
    }
    found
}

/// A GnuPG home with the czar's key, on a short path, since agents need one.
pub struct Gpg {
    pub home: tempfile::TempDir,
}

impl Gpg {
    pub fn new(delivery: &Path) -> Self {
        let home = tempfile::tempdir_in("/tmp").unwrap();
        let gpg = Self { home };
        let status = gpg.command().arg("--import").arg(delivery.join("keys/czar-secret.asc")).stderr(Stdio::null()).status().unwrap();
        assert!(status.success());
        gpg
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.home.path()).args(["--batch", "--quiet"]);
        command
    }

    pub fn decrypt(&self, encrypted: &[u8]) -> Vec<u8> {
        let file = self.home.path().join("in.gpg");
        fs::write(&file, encrypted).unwrap();
        let output = self.command().arg("--decrypt").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).status();
    }
}

pub fn csv(path: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The logical name of an event file: one that comes among the patches is a file of its own.
pub fn event_file_key(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap().strip_suffix(".log.gz.gpg").unwrap();
    if path.contains("/patches/") { format!("patches/{name}") } else { name.to_owned() }
}

pub fn gunzip(packed: &[u8]) -> Vec<u8> {
    let mut clear = Vec::new();
    flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut clear).unwrap();
    clear
}

/// Names of the members of a package, without its folder.
pub fn member_names(package: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(std::io::Cursor::new(package)).unwrap();
    archive.file_names().map(|name| name.unwrap().split_once('/').unwrap().1.to_owned()).collect()
}

/// The clear bytes of every member of a package, by name without the package's folder; those whose names the filter wants.
pub fn clear_members(gpg: &Gpg, package: &Path, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(fs::read(package).unwrap())).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut found = BTreeMap::new();
    for name in names.iter().filter(|name| is_wanted(name)) {
        let mut encrypted = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut encrypted).unwrap();
        let short = name.split_once('/').unwrap().1.strip_suffix(".gpg").unwrap();
        found.insert(short.to_owned(), gpg.decrypt(&encrypted));
    }
    found
}
