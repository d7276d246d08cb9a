//! Damaged files: each is named in one clear error with a next step, all others are loaded, and nothing of the damaged ones is visible.

use std::path::{Path, PathBuf};

use crate::lake_text::lake_text;
use crate::support::Place;

const INGEST: [&str; 4] = ["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"];

fn event_files(place: &Place) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![place.path("delivery/edx-course-data")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() { open.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}

fn overwrite(path: &Path, bytes: &[u8]) {
    czar_pipeline::atomic_file::write(path, bytes).unwrap();
}

#[test]
fn each_damaged_file_is_named_and_nothing_of_it_is_visible() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "40", "--days", "7", "--courses", "1"]);
    place.data(&["synth", "stranger", "--learners", "5", "--days", "1", "--courses", "1", "--seed", "99"]);
    let files = event_files(&place);
    let largest = |n: usize| {
        let mut by_size = files.clone();
        by_size.sort_by_key(|path| std::cmp::Reverse(std::fs::metadata(path).unwrap().len()));
        by_size[n].clone()
    };
    let (cut, flipped, empty, foreign) = (largest(0), largest(1), largest(2), largest(3));
    let bytes = std::fs::read(&cut).unwrap();
    overwrite(&cut, &bytes[..bytes.len() - 30]);
    let mut bytes = std::fs::read(&flipped).unwrap();
    let middle = bytes.len() - 40;
    bytes[middle] ^= 0x10;
    overwrite(&flipped, &bytes);
    overwrite(&empty, b"");
    let mut strange = vec![place.path("stranger/edx-course-data")];
    while let Some(folder) = strange.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() { strange.push(entry.path()) } else { overwrite(&foreign, &std::fs::read(entry.path()).unwrap()) }
        }
    }

    let told = place.czar(&INGEST);
    assert!(told.starts_with("exit code: 1"), "{told}");
    for (path, reason) in [
        (&cut, "message was changed or cut short"),
        (&flipped, "message was changed or cut short"),
        (&empty, "file is empty (zero bytes)"),
        (&foreign, "message is encrypted to other keys"),
    ] {
        let name = path.file_name().unwrap().to_str().unwrap();
        let line = told
            .lines()
            .find(|line| line.starts_with("error:") && line.contains(name))
            .unwrap_or_else(|| panic!("no error for {name}: {told}"));
        assert!(line.contains(reason), "{line}");
    }
    assert_eq!(told.lines().filter(|line| line.starts_with("error:")).count(), 4, "{told}");
    assert_eq!(told.lines().filter(|line| line.starts_with("hint:") && !line.contains("czar rejects")).count(), 4, "{told}");

    let count = |sql: &str| -> u64 { place.data(&["query", "--format", "csv", sql]).lines().nth(1).unwrap().parse().unwrap() };
    for path in [&cut, &flipped, &empty, &foreign] {
        let key = path.file_name().unwrap().to_str().unwrap().trim_end_matches(".log.gz.gpg").to_owned();
        assert_eq!(count(&format!("select count(*) from tracking_events where _source_file = '{key}'")), 0);
        assert_eq!(count(&format!("select count(*) from loads where file_key = '{key}' and state = 'failed'")), 1);
    }
    let n_events = count("select count(*) from loads where kind = 'tracking_log' and state = 'loaded'");
    assert_eq!(n_events as usize, files.len() - 4);

    let again = place.czar(&INGEST);
    assert!(again.starts_with("exit code: 1"), "a damaged file is tried again and named again: {again}");
}

#[test]
fn a_damaged_copy_of_a_loaded_file_takes_nothing_away() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "20", "--days", "7", "--courses", "1"]);
    place.data(&INGEST);
    let lake = place.path("data/lake");
    let before = lake_text(&lake);

    let day = event_files(&place).pop().unwrap();
    let bytes = std::fs::read(&day).unwrap();
    overwrite(&day, &bytes[..bytes.len() / 2]);
    let packages = place.path("delivery/course-data");
    let package = std::fs::read_dir(packages)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "zip"))
        .unwrap();
    let mut bytes = std::fs::read(&package).unwrap();
    // All over the members, not in the list of them at the end.
    let step = bytes.len() / 40;
    for at in 2..32 {
        bytes[at * step..at * step + 64].fill(0);
    }
    overwrite(&package, &bytes);

    let told = place.czar(&INGEST);
    assert!(told.starts_with("exit code: 1"), "{told}");
    assert!(
        told.contains(day.file_name().unwrap().to_str().unwrap()) && told.contains(package.file_name().unwrap().to_str().unwrap()),
        "{told}"
    );
    assert!(lake_text(&lake) == before, "rows of files that were sound stay when a damaged copy comes: {told}");
}

#[test]
fn a_part_of_a_package_does_not_replace_the_whole() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "10", "--days", "7", "--courses", "1"]);
    place.data(&INGEST);
    let lake = place.path("data/lake");
    let before = lake_text(&lake);
    place.write("universityx-2018-03-11/UniversityX-DemoX-T1_2018-user_id_map-prod-analytics.sql", "hash_id\tid\tusername\nab\t1\tx\n");
    let told = place.czar(&["ingest", "universityx-2018-03-11"]);
    assert!(told.starts_with("exit code: 1") && told.contains("package is not replaced"), "{told}");
    assert!(lake_text(&lake) == before);
}
