//! `czar ingest` on deliveries with something wrong in them.

use std::path::PathBuf;

use crate::support::Place;

/// A small delivery, and its event files in order of name.
fn delivery() -> (Place, Vec<PathBuf>) {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "15", "--days", "5", "--courses", "1"]);
    let mut files = Vec::new();
    let mut open = vec![place.path("delivery/edx-course-data")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    (place, files)
}

const INGEST: [&str; 4] = ["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"];

#[test]
fn a_delivery_is_loaded_once() {
    let (place, _) = delivery();
    insta::assert_snapshot!([place.czar(&INGEST), place.czar(&INGEST)].join("\n"));
}

#[test]
fn bad_files_are_named_and_all_others_loaded() {
    let (place, files) = delivery();
    let bytes = std::fs::read(&files[0]).unwrap();
    let cut = bytes[..bytes.len() / 2].to_vec();
    czar_pipeline::atomic_file::write(&files[0], &cut).unwrap();
    czar_pipeline::atomic_file::write(&files[1], b"").unwrap();
    insta::assert_snapshot!(place.czar(&INGEST));
    let visible = place.data(&["query", "--format", "csv", "select state, count(*) as n from loads group by 1 order by 1"]);
    assert!(visible.contains("failed,2"), "{visible}");
}

#[test]
fn encrypted_files_without_a_key_stop_everything_before_it_starts() {
    let (place, _) = delivery();
    let told = place.czar(&["ingest", "delivery"]);
    assert!(told.starts_with("exit code: 2") && told.contains("no secret key is named"), "{told}");
    assert!(!place.path("data/lake/loads").exists());
}

#[test]
fn a_folder_without_a_delivery_is_refused() {
    let place = Place::new();
    place.write("photos/cat.jpg", "meow");
    insta::assert_snapshot!(place.czar(&["ingest", "photos"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no file of a delivery in `photos`
    hint: event files are named like `universityx-edx-events-2015-03-01.log.gz.gpg`, data packages like `universityx-2015-03-01.zip`
    ");
}
