//! `czar unpack`: clear files for tools that expect those, and nothing in clear unless a folder for it is named.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::Place;
use crate::unpacked::unpack;

const CONFIGURATION: &str = "\
[keys]
secret_key_file = \"delivery/keys/czar-secret.asc\"

[unpack]
folder = \"clear\"
ignore = [\"*/ora/*\", \"*-email_opt_in-*\"]
";

fn place() -> Place {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "6", "--days", "15", "--courses", "2"]);
    place.write("czar.toml", CONFIGURATION);
    place
}

/// The files below a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

fn packages(place: &Place, below: &str) -> Vec<String> {
    let names = std::fs::read_dir(place.path(below)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "latest").collect();
    names.sort();
    names
}

#[test]
fn clear_files_are_those_that_gpg_and_tar_make() {
    let place = place();
    let told = place.czar(&["unpack"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    // Another way to the same bytes: the test kit's own, with GnuPG, unzip and gunzip.
    unpack(&place, "delivery", "by_hand");
    let by_hand: BTreeMap<String, Vec<u8>> =
        files(&place.path("by_hand")).into_iter().map(|(path, bytes)| (dotless(&path), bytes)).collect();
    let ours = files(&place.path("clear"));
    let (mut n_logs, mut n_members) = (0, 0);
    for (path, bytes) in &ours {
        let of_tool = if let Some(log) = path.strip_prefix("clickstream_logs/latest/") {
            n_logs += 1;
            format!("logs/{log}")
        } else if let Some(member) = path.strip_prefix("database_state/latest/").filter(|path| path.ends_with(".sql")) {
            n_members += 1;
            member.to_owned()
        } else {
            continue;
        };
        assert!(by_hand.get(&dotless(&of_tool)) == Some(bytes), "{path}");
    }
    assert_eq!(n_logs, 30, "fifteen days of two sites");
    assert!(n_members > 20, "{n_members}");
    assert!(ours.keys().all(|path| !path.contains("/ora/")), "left out by a pattern");
    assert!(ours.keys().any(|path| path.ends_with("/course.xml")), "course archives are folders: {ours:?}");
    let named = ours.keys().filter(|path| !path.starts_with('.')).flat_map(|path| path.split('/'));
    assert!(named.clone().all(|part| part.matches('.').count() < 2), "{named:?}");
}

/// A path without the dots that the two ways treat differently.
fn dotless(name: &str) -> String {
    name.replace('.', "-")
}

#[test]
fn the_newest_package_is_the_latest_and_earlier_ones_move_aside() {
    let place = place();
    // The newest package is not there yet.
    let newest = place.path("delivery/course-data/universityx-2018-03-18.zip");
    let kept = std::fs::read(&newest).unwrap();
    std::fs::remove_file(&newest).unwrap();
    place.data(&["unpack"]);
    assert_eq!(packages(&place, "clear/database_state/latest"), ["universityx-2018-03-11"]);
    place.write("delivery/course-data/universityx-2018-03-18.zip", &kept);
    place.data(&["unpack"]);
    assert_eq!(packages(&place, "clear/database_state/latest"), ["universityx-2018-03-18"]);
    assert_eq!(packages(&place, "clear/database_state"), ["universityx-2018-03-11"]);
    let before = files(&place.path("clear"));
    let told = place.czar(&["unpack"]);
    assert!(told.contains("Nothing to unpack: 32 unchanged"), "{told}");
    assert_eq!(files(&place.path("clear")), before);

    let linked = place.command(&["unpack"]).env("CZAR__UNPACK__LATEST", "link").output().unwrap();
    assert!(linked.status.success(), "{}", place.told(&linked));
    assert!(place.path("clear/database_state/latest/universityx-2018-03-18").is_symlink());
    assert_eq!(packages(&place, "clear/database_state"), ["universityx-2018-03-11", "universityx-2018-03-18"]);
}

#[test]
fn older_clear_files_go_when_fewer_are_kept_and_all_go_on_demand() {
    let place = place();
    place.data(&["unpack"]);
    let fewer = place.command(&["unpack"]).env("CZAR__UNPACK__KEEP_PACKAGES", "1").env("CZAR__UNPACK__KEEP_DAYS", "3").output().unwrap();
    assert!(fewer.status.success(), "{}", place.told(&fewer));
    assert!(packages(&place, "clear/database_state").is_empty());
    assert_eq!(packages(&place, "clear/clickstream_logs/latest").len(), 6);
    place.write("clear/notes.txt", "of somebody else");
    place.data(&["unpack", "--purge"]);
    assert_eq!(files(&place.path("clear")).into_keys().collect::<Vec<_>>(), ["notes.txt"]);
    insta::assert_snapshot!(place.czar(&["unpack", "--purge"]));
}

#[test]
fn what_older_tools_made_on_the_way_is_there_when_it_is_wanted() {
    let place = place();
    place.data(&["unpack"]);
    assert!(!place.path("clear/decrypted").exists());
    let told = place.command(&["unpack"]).env("CZAR__UNPACK__DECRYPTED", "true").output().unwrap();
    assert!(told.status.success(), "{}", place.told(&told));
    let packed = place.path("clear/decrypted/event-data/edge/universityx-edge-events-2018-03-05.log.gz");
    let inflated = Command::new("gzip").args(["-dc"]).arg(&packed).output().unwrap();
    let clear = std::fs::read(place.path("clear/clickstream_logs/latest/universityx-edge-events-2018-03-05.log")).unwrap();
    assert!(inflated.status.success() && inflated.stdout == clear && !clear.is_empty());
    let latest = files(&place.path("clear/database_state/latest/universityx-2018-03-18"));
    assert!(files(&place.path("clear/decrypted/database-data/universityx-2018-03-18")) == latest && !latest.is_empty());
    place.data(&["unpack", "--purge"]);
    assert_eq!(files(&place.path("clear")).len(), 0);
}

#[test]
fn nothing_is_unpacked_until_a_folder_is_named() {
    let place = place();
    place.write("czar.toml", "[keys]\nsecret_key_file = \"delivery/keys/czar-secret.asc\"\n");
    insta::assert_snapshot!(place.czar(&["unpack"]));
}

#[test]
fn a_damaged_member_is_named_and_the_rest_is_there() {
    let place = place();
    let day = place.path("delivery/edx-course-data/universityx/edx/events/2018/universityx-edx-events-2018-03-05.log.gz.gpg");
    let mut bytes = std::fs::read(&day).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    czar_pipeline::atomic_file::write(&day, &bytes).unwrap();
    let told = place.czar(&["unpack"]);
    assert!(told.starts_with("exit code: 1") && told.contains("universityx-edx-events-2018-03-05"), "{told}");
    assert!(!place.path("clear/clickstream_logs/latest/universityx-edx-events-2018-03-05.log").exists());
    assert!(place.path("clear/clickstream_logs/latest/universityx-edx-events-2018-03-06.log").exists());
}
