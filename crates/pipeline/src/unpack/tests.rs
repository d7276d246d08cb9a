//! What older tools find on the disk, and what a hostile archive leaves there: nothing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::PathBuf;

use super::*;
use crate::package;
use crate::progress::Silent;

const ARCHIVE: &str = "ux-2014-05-04/UX-A-T1-course-prod-analytics.xml.tar.gz";

/// A delivery with one course archive, and the folder for clear files beside it.
struct Place(tempfile::TempDir);

impl Place {
    fn with_archive(tar: &[u8]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, tar).unwrap();
        let path = place.0.path().join("delivery").join(ARCHIVE);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::atomic_file::write(&path, &gzip.finish().unwrap()).unwrap();
        place
    }

    fn unpack(&self) -> UnpackSummary {
        let options = UnpackOptions {
            folder: self.0.path().join("clear"),
            select: Vec::new(),
            ignore: Vec::new(),
            replaces_dots: true,
            latest: Latest::Folder,
            keep_packages: None,
            keep_days: None,
            has_decrypted: false,
            reading: IngestOptions::default(),
        };
        unpack(&package::find(&self.0.path().join("delivery")).unwrap(), None, &options, &Silent).unwrap()
    }

    fn course(&self) -> PathBuf {
        self.0.path().join("clear/database_state/latest/ux-2014-05-04/UX-A-T1-course-prod-analytics-xml")
    }

    /// The files of the course with their text.
    fn files(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![self.course()];
        while let Some(folder) = open.pop() {
            for path in layout::entries(&folder).unwrap() {
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(self.course()).unwrap().to_str().unwrap().to_owned();
                    found.push((name, std::fs::read_to_string(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

fn tar_of(members: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}

fn pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

#[test]
fn names_that_differ_by_a_dot_and_a_dash_are_two_files() {
    let place = Place::with_archive(&tar_of(&[("c/a-b.html", "dash"), ("c/a.b.html", "dot"), ("c/d.e/f", "dot"), ("c/d-e/f", "dash")]));
    assert!(place.unpack().failures.is_empty());
    let expected = [("c/a-b.html", "dash"), ("c/a.b.html", "dot"), ("c/d-e/f", "dot"), ("c/d-e/f~2", "dash")];
    assert_eq!(pairs(&place.files()), expected);
}

#[test]
fn of_a_name_that_is_there_twice_the_last_counts() {
    let place = Place::with_archive(&tar_of(&[("c/a.html", "first"), ("c/a.html", "last")]));
    assert!(place.unpack().failures.is_empty());
    assert_eq!(pairs(&place.files()), [("c/a.html", "last")]);
}

#[test]
fn an_archive_that_cannot_be_read_to_its_end_leaves_nothing() {
    let mut long_name = tar::Header::new_gnu();
    long_name.set_path("././@LongLink").unwrap();
    long_name.set_entry_type(tar::EntryType::GNULongName);
    long_name.set_size(1 << 30);
    long_name.set_cksum();
    let whole = tar_of(&[("c/a.html", "whole"), ("c/b.html", "cut")]);
    let first = &whole[..1024];
    let cut = whole[..whole.len() - 1400].to_vec();
    for (what, tar) in [
        ("a name of a gibibyte", [first, long_name.as_bytes(), &vec![b'x'; 4 << 20]].concat()),
        ("no end mark", cut),
        ("a file and a folder of one name", tar_of(&[("c/a", "file"), ("c/a/b", "below")])),
        ("a folder and a file of one name", tar_of(&[("c/a/b", "below"), ("c/a", "file")])),
    ] {
        let place = Place::with_archive(&tar);
        let failures = place.unpack().failures;
        assert_eq!(failures.iter().map(|failure| failure.code).collect::<Vec<_>>(), ["file.damaged"], "{what}");
        assert!(!place.course().exists(), "{what}");
    }
}
