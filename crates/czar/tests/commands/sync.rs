//! `czar sync` against a real S3 server: what is fetched, what is not, and what is said of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use chrono::{Days, NaiveDate};

use crate::s3_server::S3Server;
use crate::support::Place;

pub(crate) const SETTINGS: &str = "[organisation]\nname = \"UniversityX\"\n[sync]\nparallel = 8\nkeep_free_bytes = 0\n";

/// A folder with settings for UniversityX.
pub(crate) fn place() -> Place {
    let place = Place::new();
    place.write("czar.toml", SETTINGS);
    place
}

pub(crate) fn command(place: &Place, environment: &[(&'static str, String)], arguments: &[&str]) -> Command {
    let mut command = place.command(&[&["sync"], arguments].concat());
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

pub(crate) fn run(place: &Place, environment: &[(&'static str, String)], arguments: &[&str]) -> Output {
    command(place, environment, arguments).output().unwrap()
}

pub(crate) fn told(place: &Place, environment: &[(&'static str, String)], arguments: &[&str]) -> String {
    place.told(&run(place, environment, arguments))
}

/// All files below a folder, by path.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let key = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(key, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2012, 1, 1).unwrap() + Days::new(n)
}

pub(crate) fn event_key(organisation: &str, date: NaiveDate) -> String {
    format!("{organisation}/edx/events/{}/{organisation}-edx-events-{date}.log.gz.gpg", date.format("%Y"))
}

/// Content that is another for each key.
pub(crate) fn content(key: &str) -> Vec<u8> {
    format!("{key}\n").repeat(3).into_bytes()
}

pub(crate) fn objects(keys: impl IntoIterator<Item = String>) -> Vec<(String, Vec<u8>)> {
    keys.into_iter().map(|key| (content(&key), key)).map(|(bytes, key)| (key, bytes)).collect()
}

/// Key and content.
pub(crate) type Object = (String, Vec<u8>);

/// What the folder has to hold after a sync of some objects.
pub(crate) fn expected(buckets: &[(&str, &[Object])]) -> BTreeMap<String, Vec<u8>> {
    buckets
        .iter()
        .flat_map(|(bucket, objects)| objects.iter().map(move |(key, bytes)| (format!("{bucket}/{key}"), bytes.clone())))
        .collect()
}

#[test]
fn three_thousand_objects_of_ours_arrive_once_and_none_of_others() {
    let (place, server) = (place(), S3Server::start());
    let mut ours = objects((0..2400).map(|n| event_key("universityx", day(n))));
    let mut packages = objects((0..500).map(|n| format!("universityx-{}.zip", day(7 * n))));
    packages.extend(objects((0..50).map(|n| format!("email-opt-in/email-opt-in-universityx-{}.zip", day(7 * n)))));
    packages.extend(objects((50..100).map(|n| format!("email-opt-in/universityx-{}.zip", day(7 * n)))));
    server.put_all("edx-course-data", &ours);
    server.put_all("course-data", &packages);
    // The first begins like ours and is listed; the second is not even listed.
    server.put_all("course-data", &objects((0..30).map(|n| format!("universityx-online-{}.zip", day(7 * n)))));
    server.put_all("course-data", &objects((0..30).map(|n| format!("collegey-{}.zip", day(7 * n)))));
    server.put_all("edx-course-data", &objects((0..30).map(|n| event_key("collegey", day(n)))));
    let environment = server.environment();
    let first = told(&place, &environment, &[]);
    let size = "exit code: 0\n----- stdout -----\n----- stderr -----\nFetched 3,000 files: ";
    assert!(first.starts_with(size) && first.contains(", 30 of other organisations ("), "{first}");
    assert!(files(&place.path("delivery")) == expected(&[("edx-course-data", &ours), ("course-data", &packages)]));
    insta::assert_snapshot!("second_run", told(&place, &environment, &[]));

    // Same size, other content.
    let (key, bytes) = &mut ours[17];
    bytes[0] ^= 1;
    server.put("edx-course-data", key, bytes);
    let (gone, _) = packages.remove(3);
    server.delete("course-data", &gone);
    let told_now = told(&place, &environment, &[]);
    insta::assert_snapshot!("one_changed_and_one_vanished", told_now.replace(&gone, "[GONE]"));
    assert_eq!(std::fs::read(place.path(format!("delivery/edx-course-data/{key}"))).unwrap(), *bytes);
    assert!(place.path(format!("delivery/course-data/{gone}")).exists(), "nothing is deleted here");
    let again = told(&place, &environment, &[]);
    assert!(again.contains("Nothing to fetch: 2,999 known") && !again.contains("no longer there"), "what vanished is told once: {again}");

    // Names of others are kept nowhere.
    let kept: Vec<u8> = ["data/control.sqlite", "data/control.sqlite-wal"]
        .iter()
        .flat_map(|name| std::fs::read(place.path(name)).unwrap_or_default())
        .collect();
    assert!(String::from_utf8_lossy(&kept).contains("universityx-edx-events"));
    assert!(!String::from_utf8_lossy(&kept).contains("universityx-online") && !String::from_utf8_lossy(&kept).contains("collegey"));
}

#[test]
fn what_is_selected_is_fetched_and_what_is_here_already_is_taken_as_it_is() {
    let (place, server) = (place(), S3Server::start());
    let events = objects((0..4).map(|n| event_key("universityx", day(n))));
    let packages = objects((0..3).map(|n| format!("universityx-{}.zip", day(7 * n))));
    server.put_all("edx-course-data", &events);
    server.put_all("course-data", &packages);
    let environment = server.environment();
    let before = files(&place.path(""));
    insta::assert_snapshot!("dry_run", told(&place, &environment, &["--dry-run"]));
    let json = run(&place, &environment, &["--dry-run", "--format", "json", "--only", "events", "--since", "2012-01-03"]);
    let rows: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((rows.as_array().unwrap().len(), rows[0]["date"].as_str()), (2, Some("2012-01-04")));
    assert_eq!(files(&place.path("")), before, "a dry run writes nothing");

    // One lies here in another folder, one is not the same, one was cut short.
    place.write("delivery/from-before/universityx-2012-01-01.zip", &packages[0].1);
    place.write("delivery/course-data/universityx-2012-01-08.zip", vec![b'x'; packages[1].1.len()]);
    place.write("delivery/course-data/universityx-2012-01-15.zip", &packages[2].1[..5]);
    let only_packages = told(&place, &environment, &["--only", "packages"]);
    assert!(only_packages.contains("Fetched 2 files: ") && only_packages.contains("1 found here already"), "{only_packages}");
    assert_eq!(std::fs::read(place.path("delivery/course-data/universityx-2012-01-08.zip")).unwrap(), packages[1].1);
    assert!(!place.path("delivery/course-data/universityx-2012-01-01.zip").exists());
    assert!(!place.path("delivery/edx-course-data").exists());

    let some = told(&place, &environment, &["--since", "2012-01-03"]);
    assert!(some.contains("Fetched 2 files: ") && some.contains("3 known"), "{some}");
    let again = told(&place, &environment, &["--again", "*-01-03.log.gz.gpg", "--again", "universityx/edx/events/2012/*-04.*"]);
    assert!(again.contains("Fetched 2 files: "), "{again}");
    insta::assert_snapshot!("again_of_nothing", told(&place, &environment, &["--again", "*.docx"]));

    // A known file that is gone stays away until it is asked for, one that was damaged is fetched again.
    std::fs::remove_file(place.path("delivery/course-data/universityx-2012-01-08.zip")).unwrap();
    place.write("delivery/course-data/universityx-2012-01-15.zip", b"cut");
    let repaired = told(&place, &environment, &["--only", "packages"]);
    assert!(repaired.contains("Fetched 1 file: ") && repaired.contains("No longer in the delivery folder: 1 known file"), "{repaired}");
    assert_eq!(std::fs::read(place.path("delivery/course-data/universityx-2012-01-15.zip")).unwrap(), packages[2].1);

    // A little at a time.
    place.write("czar.toml", format!("{SETTINGS}max_bytes = {}\n", events[0].1.len() + 1));
    let left = told(&place, &environment, &[]);
    assert!(left.contains("Fetched 1 file: ") && left.contains("Left for the next run, as `sync.max_bytes` has it: 1 file"), "{left}");
    let left = told(&place, &environment, &[]);
    assert!(left.contains("Fetched 1 file: ") && !left.contains("Left for"), "{left}");

    // What is remembered can be lost: the files tell.
    std::fs::remove_dir_all(place.path("data")).unwrap();
    place.write("czar.toml", SETTINGS);
    let adopted = told(&place, &environment, &[]);
    assert!(adopted.contains("Fetched 1 file: ") && adopted.contains("6 found here already"), "{adopted}");
}

#[test]
fn what_was_fetched_is_what_ingest_reads() {
    let (place, server) = (place(), S3Server::start());
    place.data(&["synth", "made", "--learners", "10", "--days", "8", "--courses", "1"]);
    for bucket in ["course-data", "edx-course-data"] {
        server.put_folder(bucket, &place.path(format!("made/{bucket}")));
    }
    let fetched = told(&place, &server.environment(), &[]);
    assert!(fetched.starts_with("exit code: 0"), "{fetched}");
    for bucket in ["course-data", "edx-course-data"] {
        assert!(files(&place.path(format!("made/{bucket}"))) == files(&place.path(format!("delivery/{bucket}"))), "the tree is the same");
    }
    // A part that a killed run left is nobody's file.
    place.write("delivery/course-data/.universityx-2018-03-11.zip.0123456789abcdef.part", b"PK");
    let key = ["--secret-key-file", "made/keys/czar-secret.asc"];
    let loaded = place.czar(&[&["ingest"], &key[..]].concat());
    assert!(loaded.starts_with("exit code: 0") && !loaded.contains(".part") && !loaded.contains("Left alone"), "{loaded}");
}
