//! `czar bench`: what it tells, not how fast anything is.

use std::path::Path;

use crate::support::Place;

/// What is told of each stage.
const COLUMNS: &str = "stage,n_files,n_records,clear_mb,wall_secs,cpu_secs,mb_per_sec,records_per_sec,cpu_ratio,peak_mib";

/// The stages of an ingest of one's own files, in order.
const OWN_STAGES: [&str; 11] = [
    "decrypt",
    "decrypt and inflate",
    "read lines, one thread",
    "ingest event files",
    "ingest again, nothing new",
    "ingest packages",
    "build",
    "query: events by type",
    "query: learners a day",
    "query: one course",
    "query: people",
];

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn every_stage_of_a_synthetic_load_is_told_and_nothing_stays() {
    let place = Place::new();
    place.write("scratch/.keep", "");
    std::fs::remove_file(place.path("scratch/.keep")).unwrap();
    let json = place.data(&["bench", "--learners", "8", "--days", "8", "--scratch", "scratch", "--format", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let stages: Vec<&str> = rows.iter().map(|row| row["stage"].as_str().unwrap()).collect();
    let mut expected = OWN_STAGES.to_vec();
    expected.splice(3..4, ["ingest .log", "ingest .log.gz", "ingest .log.gz.gpg"]);
    assert_eq!(stages, expected);
    for column in COLUMNS.split(',') {
        assert!(rows.iter().all(|row| row.get(column).is_some()), "{column}");
    }
    // All three shapes hold the same lines.
    let n_records: Vec<&serde_json::Value> = rows[2..6].iter().map(|row| &row["n_records"]).collect();
    assert!(n_records[1..].iter().all(|n| *n == n_records[1]), "{n_records:?}");
    assert!(is_empty(&place.path("scratch")) && !place.path("data").exists());
}

#[test]
fn own_data_is_measured_as_delivered_and_a_bad_file_is_left_out() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "8", "--days", "8", "--courses", "1"]);
    place.write("delivery/edx-course-data/universityx/edx/events/2018/universityx-edx-events-2018-03-07.log.gz.gpg", "not encrypted");
    let key = "delivery/keys/czar-secret.asc";
    let told = place.czar(&["bench", "--data", "delivery", "--secret-key-file", key, "--format", "csv"]);
    assert!(told.starts_with("exit code: 1") && told.contains("2018-03-07.log.gz.gpg`, which is left out"), "{told}");
    assert!(told.contains(COLUMNS), "{told}");
    for stage in OWN_STAGES {
        let quoted = format!("\"{stage}\",");
        assert!(told.contains(&format!("\n{stage},")) || told.contains(&quoted), "{stage}: {told}");
    }
    assert!(!place.path("data").exists());
}

#[test]
fn a_folder_without_event_files_is_refused() {
    let place = Place::new();
    place.write("photos/cat.jpg", "meow");
    let told = place.czar(&["bench", "--data", "photos"]);
    assert!(told.starts_with("exit code: 2") && told.contains("error: there is no event file in `photos` to measure with"), "{told}");
}
