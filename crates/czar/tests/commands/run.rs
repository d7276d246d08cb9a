//! `czar run` and `czar runs`: a whole night in one command, what goes wrong in it, and the record it leaves.

use chrono::DateTime;
use czar_pipeline::control::RunLock;

use crate::kill::kill_after;
use crate::support::Place;
use crate::week::Dice;

const CONFIGURATION: &str = "[keys]\nsecret_key_file = \"delivery/keys/czar-secret.asc\"\n\n[run]\nreports = [\"events\"]\n";

fn place() -> Place {
    let place = Place::new();
    place.data(&["synth", "delivery", "--learners", "6", "--days", "7", "--courses", "1"]);
    place.write("czar.toml", CONFIGURATION);
    place.write("commands/events.sql", "-- Events in all.\nselect count(*) > 0 as has_events from tracking_events");
    place
}

/// A record without its moments, and numbers of a process.
fn without_moments(record: &str) -> String {
    let mut json: serde_json::Value = serde_json::from_str(record).unwrap();
    mask(&mut json);
    serde_json::to_string_pretty(&json).unwrap()
}

fn mask(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                if value.is_null() {
                    continue;
                }
                match name.as_str() {
                    "started_at" | "finished_at" => {
                        let moment = value.as_str().unwrap();
                        DateTime::parse_from_rfc3339(moment).unwrap();
                        *value = "[MOMENT]".into();
                    }
                    "process_id" => *value = "[PROCESS]".into(),
                    "summary" => {
                        let (before, _) = value.as_str().unwrap().rsplit_once(" (").unwrap_or((value.as_str().unwrap(), ""));
                        *value = before.into();
                    }
                    _ => mask(value),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter_mut().for_each(mask),
        _ => {}
    }
}

/// The lines of what was told that say how the whole went.
fn ending(told: &str) -> String {
    let lines = told.lines().filter(|line| {
        ["exit code", "error", "hint", "Run ", "Nothing", "Passed", "Wrote", "The run"].iter().any(|head| line.starts_with(head))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_does_every_step_and_the_next_finds_nothing_new() {
    let place = place();
    insta::assert_snapshot!("first", ending(&place.czar(&["run"])));
    assert_eq!(place.read("reports/events.csv"), "has_events\ntrue\n");
    insta::assert_snapshot!("second", ending(&place.czar(&["run"])));
    insta::assert_snapshot!("record", without_moments(&place.data(&["runs", "1", "--format", "json"])));
}

#[test]
fn a_step_that_fails_stops_only_what_needs_it() {
    let place = place();
    // The key is not there.
    let told = place.command(&["run"]).env("CZAR__KEYS__SECRET_KEY_FILE", "nowhere.asc").output().unwrap();
    insta::assert_snapshot!("without_key", ending(&place.told(&told)));
    let told = place.command(&["run"]).env("CZAR__RUN__REPORTS", "evnts").output().unwrap();
    insta::assert_snapshot!("without_report", ending(&place.told(&told)));
    let list = place.data(&["runs"]);
    assert!(list.contains("failed: reports") && list.contains("failed: ingest"), "{list}");
    insta::assert_snapshot!("unknown_step", {
        let told = place.command(&["run"]).env("CZAR__RUN__STEPS", "ingest,bild").output().unwrap();
        place.told(&told)
    });
    insta::assert_snapshot!("only_build", ending(&place.czar(&["run", "--only", "build"])));
}

#[test]
fn two_runs_at_once_are_refused_and_the_holder_is_named() {
    let place = place();
    let now = DateTime::from_timestamp(1_500_000_000, 0).unwrap();
    let _held = RunLock::take(&place.path("data"), 4711, now).unwrap();
    insta::assert_snapshot!(place.czar(&["run"]));
}

#[test]
fn a_run_that_was_killed_is_recorded_and_the_next_ends_it() {
    let place = place();
    assert!(kill_after(&place, &["run"], 3, &mut Dice(1)), "it was to be at work");
    let listed = place.data(&["runs"]);
    assert!(listed.contains("running, now ingest"), "{listed}");
    insta::assert_snapshot!("after_a_kill", ending(&place.czar(&["run"])));
    let listed = place.data(&["runs"]);
    assert!(listed.lines().nth(1).is_some_and(|line| line.contains("interrupted")), "{listed}");
}

#[test]
fn before_the_first_run_there_is_a_next_step() {
    insta::assert_snapshot!(Place::new().czar(&["runs"]));
}

#[test]
fn a_run_needs_no_file_when_the_environment_says_all() {
    let place = place();
    std::fs::remove_file(place.path("czar.toml")).unwrap();
    let mut run = place.command(&["run"]);
    run.env("CZAR__DATA_FOLDER", "kept").env("CZAR__DELIVERY_FOLDER", "delivery").env("CZAR__RUN__STEPS", "ingest, build, reports");
    run.env("CZAR__KEYS__SECRET_KEY_FILE", "delivery/keys/czar-secret.asc").env("CZAR__RUN__REPORTS", "events");
    let told = place.told(&run.output().unwrap());
    assert!(told.starts_with("exit code: 0") && told.contains("Run 1: done: ingest, build, reports"), "{told}");
    assert!(place.path("kept/lake/person_course").is_dir() && place.path("reports/events.csv").is_file());
}
