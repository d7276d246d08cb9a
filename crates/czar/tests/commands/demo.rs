//! `czar demo`, and the commands that look at what it made.

use std::sync::LazyLock;

use crate::support::Place;

const SIZE: [&str; 6] = ["--learners", "25", "--days", "8", "--courses", "2"];

/// A small demo, made once a process; the text is what the first run told.
static DEMO: LazyLock<(Place, String)> = LazyLock::new(|| {
    let place = Place::new();
    let told = place.czar(&[&["demo"][..], &SIZE].concat());
    (place, told)
});

fn in_demo(arguments: &[&str]) -> String {
    DEMO.0.czar(&[&["--config", "demo/czar.toml"], arguments].concat())
}

#[test]
fn every_number_is_as_expected() {
    let told = &DEMO.1;
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert!(told.contains("values against the expected numbers: all equal"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let (place, _) = &*DEMO;
    let told = place.czar(&[&["demo"][..], &SIZE].concat());
    assert!(told.contains("Nothing to ingest") && told.contains("Nothing to build"), "{told}");
    assert!(told.contains("The demo in `demo` was complete: nothing was made, loaded or built"), "{told}");
}

#[test]
fn another_demo_does_not_take_the_place_of_this_one() {
    let told = DEMO.0.czar(&["demo", "--learners", "26"]);
    insta::assert_snapshot!(told, @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `demo` holds something else than the demo that was asked for
    hint: give the same options as before, or another --folder
    ");
}

#[test]
fn status_tells_what_is_loaded() {
    insta::assert_snapshot!(in_demo(&["status"]));
}

#[test]
fn status_as_json_is_one_object() {
    let text = DEMO.0.data(&["--config", "demo/czar.toml", "status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status["failed_files"], serde_json::json!([]));
    assert!(status["marts"].as_array().unwrap().iter().all(|mart| mart["state"] == "up to date"), "{text}");
}

#[test]
fn a_clean_delivery_has_no_rejects() {
    insta::assert_snapshot!(in_demo(&["rejects"]));
}

#[test]
fn a_query_is_answered_in_every_format() {
    let sql = "select site, course_run_key, count(*) as n_learners from person_course group by 1, 2 order by 1, 2";
    for format in ["table", "csv", "json"] {
        insta::assert_snapshot!(format, in_demo(&["query", sql, "--format", format]));
    }
    let file = DEMO.0.path("learners.parquet");
    let told = in_demo(&["query", sql, "--output", file.to_str().unwrap()]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert!(std::fs::read(file).unwrap().starts_with(b"PAR1"));
}

#[test]
fn a_result_without_rows_keeps_its_columns() {
    let sql = "select site, user_id from person_course where false";
    let told: Vec<String> = ["table", "csv", "json"].iter().map(|format| in_demo(&["query", sql, "--format", format])).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_wrong_query_is_one_clear_error() {
    insta::assert_snapshot!(
        [in_demo(&["query", "select nevent from person_course"]), in_demo(&["query", "select 1 from nothing"])].join("\n")
    );
}

#[test]
fn a_query_changes_nothing() {
    // Not in the shared demo: should a statement get through, it would spoil the other tests.
    let place = Place::new();
    place.czar(&[&["demo"][..], &SIZE].concat());
    for sql in [
        "insert into loads select * from loads",
        "copy loads to 'out.csv'",
        "create external table x stored as csv location 'y'",
        "create view x as select 1",
        "drop table loads",
        "set datafusion.execution.batch_size = 1",
    ] {
        let told = place.czar(&["--config", "demo/czar.toml", "query", sql]);
        assert!(told.starts_with("exit code: 2"), "{sql}: {told}");
    }
    assert!(!place.path("out.csv").exists());
}
