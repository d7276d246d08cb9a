//! `czar inventory` on folders and buckets with something wrong in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::s3_server::S3Server;
use crate::support::Place;

const EVENTS: &str = "delivery/edx-course-data/universityx/edx/events/2018/universityx-edx-events-2018-03";
const PACKAGES: &str = "delivery/course-data/universityx-2018-03";

/// A delivery of four weeks in which days and a package are missing, and files are empty, cut or strange.
fn damaged() -> Place {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "10", "--days", "36", "--courses", "2"]);
    let remove = |path: String| std::fs::remove_file(place.path(path)).unwrap();
    remove(format!("{EVENTS}-07.log.gz.gpg"));
    remove(format!("{EVENTS}-08.log.gz.gpg"));
    remove(format!("{EVENTS}-20.log.gz.gpg"));
    remove(format!("{PACKAGES}-18.zip"));
    place.write(&format!("{EVENTS}-12.log.gz.gpg"), b"");
    place.write(&format!("{EVENTS}-13.log.gz"), b"\x1f\x8b");
    place.write(&format!("{EVENTS}-14.log.gz.gpg"), b"<html>404</html>");
    place.write(&format!("{PACKAGES}-25.zip"), b"PK\x03\x04 cut short");
    place.write("delivery/notes/meeting.docx", b"minutes");
    place
}

/// Keys and sizes are a matter of the synthetic delivery, not of this command.
fn told(text: &str) -> String {
    let is_key = |word: &str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
    let is_unit = |word: &str| ["B", "kB", "MB"].contains(&word.trim_end_matches([',', ';']));
    let masked = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let mut masked = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let is_size = words.get(index + 1).is_some_and(|next| is_unit(next)) && word.starts_with(|c: char| c.is_ascii_digit());
            masked.push(if is_key(word) {
                "[KEY]"
            } else if is_size {
                "[N]"
            } else {
                word
            });
        }
        masked.join(" ").replace("[N] B", "[SIZE]").replace("[N] kB", "[SIZE]").replace("[N] MB", "[SIZE]")
    };
    text.lines().map(masked).collect::<Vec<_>>().join("\n")
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

#[test]
fn what_is_missing_or_wrong_is_told_with_the_next_step() {
    let place = damaged();
    let before = files_below(&place.path(""));
    insta::assert_snapshot!(told(&place.czar(&["inventory", "delivery"])));
    assert_eq!(files_below(&place.path("")), before, "looking writes nothing");
}

#[test]
fn a_whole_delivery_has_no_finding() {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "10", "--days", "15", "--courses", "2"]);
    let key = "delivery/keys/czar-secret.asc";
    let text = place.data(&["inventory", "delivery", "--public-key", key]);
    assert!(text.contains("Nothing is missing") && text.contains("your key"), "{text}");
    let other = Place::new();
    other.data(&["synth", "delivery", "--seed", "8", "--learners", "10", "--days", "2", "--courses", "1"]);
    let stranger = other.path(key).display().to_string();
    let text = place.czar(&["inventory", "delivery", "--public-key", &stranger]);
    assert!(text.starts_with("exit code: 1") && text.contains("are not encrypted to your key"), "{text}");
}

#[test]
fn a_place_that_is_not_there_is_refused() {
    insta::assert_snapshot!(Place::new().czar(&["inventory", "nowhere"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no file or folder `nowhere`
    hint: give the folder into which the files of edX were downloaded
    ");
}

#[test]
fn a_folder_without_a_delivery_is_refused() {
    let place = Place::new();
    place.write("photos/cat.jpg", "meow");
    insta::assert_snapshot!(place.czar(&["inventory", "photos"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no file of a delivery in `photos`
    hint: event files are named like `universityx-edx-events-2015-03-01.log.gz.gpg`, data packages like `universityx-2015-03-01.zip`
    ");
}

#[test]
fn a_broken_configuration_does_not_stand_in_the_way() {
    let place = damaged();
    place.write("czar.toml", "nonsense = ");
    let text = place.czar(&["inventory", "delivery"]);
    assert!(text.starts_with("exit code: 1") && text.contains("warning: czar.toml is passed over"), "{text}");
}

/// Whoever reads the JSON relies on these names. A name that goes away needs a new format version.
#[test]
fn the_names_in_the_json_stay() {
    let place = damaged();
    let output = place.command(&["inventory", "delivery", "--format", "json", "-o", "inventory.json"]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let value: serde_json::Value = serde_json::from_str(&place.read("inventory.json")).unwrap();
    assert_eq!(value["format_version"], 1);
    let mut names = BTreeSet::new();
    collect("", &value, &mut names);
    insta::assert_snapshot!(names.into_iter().collect::<Vec<_>>().join("\n"));
}

fn collect(path: &str, value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| collect(&format!("{path}.{name}"), value, names)),
        serde_json::Value::Array(values) if !values.is_empty() => {
            values.iter().for_each(|value| collect(&format!("{path}[]"), value, names));
        }
        _ => drop(names.insert(path.to_owned())),
    }
}

#[test]
fn the_page_has_a_cell_for_each_day_and_needs_nothing_else() {
    let place = damaged();
    place.czar(&["inventory", "delivery", "--html", "inventory.html"]);
    let page = place.read("inventory.html");
    for outside in ["http:", "https:", "<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let cells = |start: &str| page.matches(&format!("<title>{start}")).count();
    assert_eq!(cells("2018-03-07: missing</title>"), 1, "edge has the day, edx has not");
    assert_eq!(cells("2018-03-12: zero bytes, 1 file, 0 B</title>"), 1);
    assert_eq!(cells("2018-03-13: several files, 2 files"), 1);
    assert_eq!(cells("2018-03-18: no package</title>"), 1);
    let n_days = page.matches("<title>2018-0").count();
    assert!(n_days >= 2 * 36, "{n_days}");
}

#[test]
fn a_bucket_is_listed_and_looked_into_only_when_asked() {
    let place = damaged();
    let server = S3Server::start();
    for bucket in ["course-data", "edx-course-data"] {
        server.put_folder(bucket, &place.path(format!("delivery/{bucket}")));
    }
    server.put("course-data", "collegey-2018-03-11.zip", b"not ours");
    let asked = |arguments: &[&str], variables: &[(&str, String)]| {
        let mut command: Command = place.command(arguments);
        command.envs(server.environment()).envs(variables.iter().map(|(name, value)| (name, value)));
        place.told(&command.output().unwrap())
    };
    let several = asked(&["inventory", "s3://course-data"], &[]);
    assert!(
        several.starts_with("exit code: 2") && several.contains("files of 2 organisations") && !several.contains("collegey"),
        "{several}"
    );
    let ours = ["inventory", "s3://course-data", "s3://edx-course-data/universityx"];
    insta::assert_snapshot!("names_of_buckets", told(&asked(&ours, &[])));
    insta::assert_snapshot!("depth_of_buckets", told(&asked(&[&ours[..], &["--org", "UniversityX", "--deep"]].concat(), &[])));
    let refused = asked(&ours, &[("AWS_SECRET_ACCESS_KEY", "wrong".to_owned())]);
    assert!(refused.starts_with("exit code: 2") && refused.contains("credentials in AWS_ACCESS_KEY_ID"), "{refused}");
    assert!(!refused.contains("wrong"), "{refused}");
    let nowhere = asked(&ours, &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9".to_owned())]);
    assert!(nowhere.starts_with("exit code: 3") && nowhere.contains("check the network"), "{nowhere}");
}
