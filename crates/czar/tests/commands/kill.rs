//! SIGKILL at random moments of an ingest: what a query sees in between is consistent, and the next run makes the lake whole.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::lake_text::{lake_text, orphans};
use crate::support::Place;

const SYNTH: [&str; 8] = ["synth", "delivery", "--learners", "30", "--days", "9", "--courses", "2"];
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

#[test]
fn a_killed_ingest_is_finished_by_the_next_run() {
    const MOMENTS: u32 = 20;
    let place = Place::new();
    place.data(&SYNTH);
    let whole_run = timed(&place, &INGEST);
    let lake = place.path("data/lake");
    let undisturbed = lake_text(&lake);
    let mut n_killed = 0;
    for moment in 0..MOMENTS {
        std::fs::remove_dir_all(place.path("data")).unwrap();
        n_killed += u32::from(kill_at(&place, &INGEST, whole_run * moment / MOMENTS));
        assert_eq!(orphans(&lake), 0, "rows without a load are visible after the kill at moment {moment}");
        place.data(&INGEST);
        assert!(lake_text(&lake) == undisturbed, "the lake differs after the kill at moment {moment}");
        assert!(!lake.join(".attempt.json").exists());
    }
    assert!(n_killed >= MOMENTS / 2, "only {n_killed} of {MOMENTS} runs were still at work when they were killed");
}

#[test]
fn a_kill_while_rows_are_replaced_loses_none() {
    const MOMENTS: u32 = 10;
    let place = Place::new();
    place.data(&SYNTH);
    place.data(&INGEST);
    let lake = place.path("data/lake");
    let undisturbed = lake_text(&lake);
    let whole_run = timed(&place, &INGEST_AGAIN);
    assert!(lake_text(&lake) == undisturbed, "loading again gives the same rows");
    for moment in 0..MOMENTS {
        kill_at(&place, &INGEST_AGAIN, whole_run * moment / MOMENTS);
        assert_eq!(orphans(&lake), 0, "rows without a load are visible after the kill at moment {moment}");
        assert!(lake_text(&lake) == undisturbed, "a reader sees other rows after the kill at moment {moment}");
        place.data(&INGEST);
        assert!(lake_text(&lake) == undisturbed, "the lake differs after the kill at moment {moment}");
    }
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
