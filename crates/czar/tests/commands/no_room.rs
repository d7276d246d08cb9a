//! A lake that cannot be written: a full disk, a folder that may only be read. One clear refusal, and nothing is lost.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::lake_text::{lake_text, orphans};
use crate::support::Place;
use crate::week::{Dice, Files, deliver, earlier_version, week};

const INGEST: [&str; 4] = ["--config", "full/czar.toml", "ingest", "clean-delivery-0"];

#[test]
fn a_full_disk_is_one_clear_error_and_the_next_run_with_room_completes_the_lake() {
    let place = Place::new();
    let mut dice = Dice(3);
    let newest = week(&mut dice);
    deliver(&place, "clean", 0, &newest);
    let clean = lake_text(&place.path("clean/data/lake"));
    let lake = place.path("full/data/lake");
    let mut n_full = 0;
    // In blocks of 512 bytes: no file may become larger. Some of these stop the first commit, some a data file, some a later commit.
    for blocks in [1, 8, 14, 20, 26, 32, 38, 44, 60, 100] {
        let _ = std::fs::remove_dir_all(place.path("full"));
        if blocks % 4 == 0 {
            // Files that are replaced while there is no room.
            let earlier: Files = newest.iter().map(|(path, lines)| (path.clone(), earlier_version(lines, &mut dice))).collect();
            deliver(&place, "full", 0, &earlier);
        } else {
            place.write("full/czar.toml", "");
        }
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.arg("-c").arg(limited).arg(env!("CARGO_BIN_EXE_czar")).args(INGEST).current_dir(place.path("")).stdin(Stdio::null());
        let told = place.told(&command.output().unwrap());
        if told.starts_with("exit code: 2") {
            n_full += 1;
            assert!(told.contains("error: could not") && told.contains("hint: make room on the disk of the lake"), "{told}");
        } else {
            assert!(told.starts_with("exit code: 0"), "{told}");
        }
        if lake.join("loads").exists() {
            assert_eq!(orphans(&lake), 0, "with {blocks} blocks");
        }
        place.data(&INGEST);
        assert!(lake_text(&lake) == clean, "the lake differs after a run with {blocks} blocks");
    }
    assert!(n_full >= 4, "only {n_full} runs were short of room");
}

/// Lets nobody but root write below a folder, and everybody read.
fn make_read_only(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let is_folder = entry.file_type().unwrap().is_dir();
        if is_folder {
            make_read_only(&entry.path());
        } else {
            std::fs::set_permissions(entry.path(), PermissionsExt::from_mode(0o444)).unwrap();
        }
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o555)).unwrap();
}

#[test]
fn a_read_only_lake_is_refused_by_an_ingest_and_answers_queries() {
    const NOBODY: u32 = 65_534;
    let place = Place::new();
    let newest = week(&mut Dice(4));
    deliver(&place, "clean", 0, &newest);
    deliver(&place, "full", 0, newest.iter().take(2));
    let program = place.path("czar");
    std::fs::copy(env!("CARGO_BIN_EXE_czar"), &program).unwrap();
    std::fs::set_permissions(place.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    make_read_only(&place.path("full"));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(place.path("")).env_clear().stdin(Stdio::null());
        // Permissions do not bind root, as whom tests may run.
        if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
            command.uid(NOBODY);
        }
        place.told(&command.output().unwrap())
    };
    let told = run(&INGEST);
    assert!(told.starts_with("exit code: 2") && told.contains("full/data/lake` as a lake"), "{told}");
    assert!(told.contains("is writable"), "{told}");
    let told = run(&["--config", "full/czar.toml", "query", "--format", "csv", "select count(*) as n from loads"]);
    assert!(told.starts_with("exit code: 0") && told.contains("n\n2\n"), "{told}");
}
