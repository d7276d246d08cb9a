//! SIGKILL at random moments of an ingest: what a query sees in between is consistent, and the next run makes the lake whole.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::lake_text::{lake_text, orphans};
use crate::support::Place;
use crate::week::{Dice, Files, deliver, earlier_version, week};

const SYNTH: [&str; 8] = ["synth", "delivery", "--learners", "12", "--days", "7", "--courses", "1"];
const INGEST: [&str; 4] = ["ingest", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"];
const INGEST_AGAIN: [&str; 5] = ["ingest", "--again", "delivery", "--secret-key-file", "delivery/keys/czar-secret.asc"];

/// Runs a command, which must succeed, and tells how long it took.
fn timed(place: &Place, arguments: &[&str]) -> Duration {
    let began = Instant::now();
    place.data(arguments);
    began.elapsed()
}

/// Starts a command and kills it after a part of the time it takes undisturbed; tells whether it was still at work.
fn kill_at(place: &Place, arguments: &[&str], moment: Duration) -> bool {
    let mut run = place.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // An uneven addition, so that repeated runs of a test meet other moments.
    std::thread::sleep(moment + Duration::from_micros(u64::from(std::process::id() % 1000) * 17));
    let was_at_work = run.try_wait().unwrap().is_none();
    run.kill().unwrap();
    run.wait().unwrap();
    was_at_work
}

/// Starts an ingest and kills it when it has written so many files to the lake, and a moment later; tells whether it was still at work. What
/// counts is the work done, not the time, so that a busy machine does not matter.
pub(crate) fn kill_after(place: &Place, arguments: &[&str], n_files: usize, dice: &mut Dice) -> bool {
    let lake = place.path("data/lake");
    let wanted = files_below(&lake) + n_files;
    let mut run = place.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut is_at_work = true;
    while is_at_work && files_below(&lake) < wanted {
        is_at_work = run.try_wait().unwrap().is_none();
    }
    std::thread::sleep(Duration::from_micros(dice.roll(4000)));
    let was_at_work = run.try_wait().unwrap().is_none();
    run.kill().unwrap();
    run.wait().unwrap();
    was_at_work
}

pub(crate) fn files_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    // What is there one moment may be gone the next.
    entries.flatten().map(|entry| if entry.file_type().is_ok_and(|kind| kind.is_dir()) { files_below(&entry.path()) } else { 1 }).sum()
}

fn kills_of_a_first_ingest(seed: u64) {
    const KILLS: u32 = 10;
    let place = Place::new();
    let mut dice = Dice(seed);
    place.data(&SYNTH);
    place.data(&INGEST);
    let lake = place.path("data/lake");
    let undisturbed = lake_text(&lake);
    let n_files = files_below(&lake) as u64;
    let mut n_killed = 0;
    for kill in 0..KILLS {
        std::fs::remove_dir_all(place.path("data")).unwrap();
        n_killed += u32::from(kill_after(&place, &INGEST, dice.roll(n_files) as usize, &mut dice));
        assert_eq!(orphans(&lake), 0, "rows without a load are visible after kill {kill} of seed {seed}");
        place.data(&INGEST);
        assert!(lake_text(&lake) == undisturbed, "the lake differs after kill {kill} of seed {seed}");
        assert!(!lake.join(".attempt.json").exists());
    }
    assert!(n_killed >= KILLS / 2, "only {n_killed} of {KILLS} runs were still at work when they were killed");
}

#[test]
fn a_killed_ingest_is_finished_by_the_next_run_seed_1() {
    kills_of_a_first_ingest(1);
}

#[test]
fn a_killed_ingest_is_finished_by_the_next_run_seed_2() {
    kills_of_a_first_ingest(2);
}

#[test]
fn a_kill_while_rows_are_replaced_loses_none() {
    const KILLS: u32 = 10;
    let place = Place::new();
    let mut dice = Dice(5);
    place.data(&SYNTH);
    place.data(&INGEST);
    let lake = place.path("data/lake");
    let undisturbed = lake_text(&lake);
    let n_files = files_below(&lake);
    place.data(&INGEST_AGAIN);
    let n_files = (files_below(&lake) - n_files) as u64;
    assert!(lake_text(&lake) == undisturbed, "loading again gives the same rows");
    for kill in 0..KILLS {
        kill_after(&place, &INGEST_AGAIN, dice.roll(n_files) as usize, &mut dice);
        assert_eq!(orphans(&lake), 0, "rows without a load are visible after kill {kill}");
        assert!(lake_text(&lake) == undisturbed, "a reader sees other rows after kill {kill}");
        place.data(&INGEST);
        assert!(lake_text(&lake) == undisturbed, "the lake differs after kill {kill}");
    }
}

/// A data package of one course, in clear.
fn package(place: &Place, folder: &str, n_learners: u64) {
    let member = |table: &str, text: String| {
        place.write(&format!("{folder}/universityx-2015-03-08/UniversityX-Demo-2015-{table}-prod-analytics.sql"), text);
    };
    let learners = || 1..=n_learners;
    member(
        "user_id_map",
        std::iter::once("hash_id\tid\tusername\n".to_owned()).chain(learners().map(|n| format!("h{n}\t{n}\tu{n}\n"))).collect(),
    );
    member("auth_user", std::iter::once("id\tusername\temail\n".to_owned()).chain(learners().map(|n| format!("{n}\tu{n}\t\n"))).collect());
    let enrolments = learners().map(|n| format!("{n}\t{n}\tUniversityX/Demo/2015\t2015-02-01 00:00:00\t1\thonor\n"));
    let header = "id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n".to_owned();
    member("student_courseenrollment", std::iter::once(header).chain(enrolments).collect());
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Kills an ingest of events and a package at random moments, while files are replaced and lines change owners; each time from the same lake.
pub(crate) fn kills_while_lines_change_owners(seed: u64, n_kills: u32, newest_of: impl Fn(&mut Dice) -> Files) {
    let place = Place::new();
    let mut dice = Dice(seed);
    let newest = newest_of(&mut dice);
    let earlier: Files = newest.iter().map(|(path, lines)| (path.clone(), earlier_version(lines, &mut dice))).collect();
    package(&place, "before-delivery-0", 3);
    deliver(&place, "before", 0, earlier.iter().filter(|(path, _)| !path.contains("2015-03-04")));
    package(&place, "after", 5);
    deliver(&place, "clean", 0, &newest);
    copy(&place.path("clean-delivery-0"), &place.path("after"));
    place.write("czar.toml", "");
    let ingest = ["ingest", "after"];
    let begin = || {
        let _ = std::fs::remove_dir_all(place.path("data"));
        copy(&place.path("before/data"), &place.path("data"));
    };
    begin();
    let lake = place.path("data/lake");
    let n_files = files_below(&lake);
    place.data(&ingest);
    let n_files = (files_below(&lake) - n_files) as u64;
    let undisturbed = lake_text(&lake);
    assert!(undisturbed.contains("tracking_event_copies") && undisturbed.contains("auth_user_history"));
    let mut n_killed = 0;
    for kill in 0..n_kills {
        begin();
        n_killed += u32::from(kill_after(&place, &ingest, dice.roll(n_files) as usize, &mut dice));
        assert_eq!(orphans(&lake), 0, "counts differ from rows after kill {kill} of seed {seed}");
        place.data(&ingest);
        assert!(lake_text(&lake) == undisturbed, "the lake differs after kill {kill} of seed {seed}");
    }
    assert!(n_killed >= n_kills / 2, "only {n_killed} of {n_kills} runs were still at work when they were killed");
}

#[test]
fn a_kill_while_lines_change_owners_loses_none_seed_1() {
    kills_while_lines_change_owners(1, 18, week);
}

#[test]
fn a_kill_while_lines_change_owners_loses_none_seed_2() {
    kills_while_lines_change_owners(2, 18, week);
}

#[test]
fn a_kill_while_lines_change_owners_loses_none_seed_3() {
    kills_while_lines_change_owners(3, 18, week);
}

#[test]
fn a_kill_while_lines_change_owners_loses_none_seed_4() {
    kills_while_lines_change_owners(4, 18, week);
}

#[test]
fn a_killed_build_leaves_the_old_tables_or_the_new_ones() {
    const MOMENTS: u32 = 10;
    let place = Place::new();
    place.data(&SYNTH);
    place.data(&INGEST);
    let whole_run = timed(&place, &["build"]);
    let rows =
        |place: &Place| place.data(&["query", "--format", "csv", "select * from person_course order by site, course_run_key, user_id"]);
    let undisturbed = rows(&place);
    for moment in 0..MOMENTS {
        std::fs::remove_dir_all(place.path("data/lake/person_course")).unwrap();
        std::fs::remove_dir_all(place.path("data/lake/person_course_day")).unwrap();
        kill_at(&place, &["build"], whole_run * moment / MOMENTS);
        let seen = place.czar(&["query", "--format", "csv", "select count(*) as n from person_course"]);
        let n_rows = undisturbed.lines().count() - 1;
        assert!(seen.contains("not found") || seen.contains(&format!("n\n{n_rows}\n")), "a half-built table is visible: {seen}");
        place.data(&["build"]);
        assert!(rows(&place) == undisturbed, "person_course differs after the kill at moment {moment}");
    }
}
