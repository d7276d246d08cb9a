//! Three weekly packages made by hand: rows that come, change and go, and a course that goes. What the views say of them, what the lake was
//! on a day, and what changed between two packages.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use czar_pipeline::difference::{Comparison, CountsBy, package_days};
use czar_pipeline::engine::{Engine, EngineOptions};
use czar_pipeline::ingest::{IngestOptions, ingest};
use czar_pipeline::lake::Lake;
use czar_pipeline::marts::models;
use czar_pipeline::package;
use czar_pipeline::progress::Silent;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use tempfile::TempDir;

type File = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Package, course, table, header and rows. In week 2 learner 1 changes the mode, 3 comes and 2 is gone; in week 3 the course OldX is gone.
const FILES: [File; 11] = [
    ("2015-03-01", "DemoX-T1", "student_courseenrollment", ENROLLMENT, "1 1 UX/DemoX/T1 1 audit;2 2 UX/DemoX/T1 1 audit"),
    ("2015-03-08", "DemoX-T1", "student_courseenrollment", ENROLLMENT, "1 1 UX/DemoX/T1 1 verified;3 3 UX/DemoX/T1 1 audit"),
    ("2015-03-15", "DemoX-T1", "student_courseenrollment", ENROLLMENT, "1 1 UX/DemoX/T1 1 verified;3 3 UX/DemoX/T1 1 audit"),
    ("2015-03-01", "OldX-T1", "student_courseenrollment", ENROLLMENT, "9 1 UX/OldX/T1 1 honor"),
    ("2015-03-08", "OldX-T1", "student_courseenrollment", ENROLLMENT, "9 1 UX/OldX/T1 1 honor"),
    ("2015-03-08", "DemoX-T1", "auth_user", "id username", "1 ann;3 cem"),
    ("2015-03-15", "DemoX-T1", "auth_user", "id username", "1 ann;3 cem"),
    ("2015-03-08", "DemoX-T1", "wiki_article", "id owner_id", "5 1;6 1"),
    ("2015-03-08", "OldX-T1", "wiki_article", "id owner_id", "5 1;6 1"),
    ("2015-03-08", "DemoX-T1", "some_new_table", "course_id color", "UX/DemoX/T1 red;UX/DemoX/T1 red"),
    ("2015-03-15", "DemoX-T1", "some_new_table", "course_id color", "UX/DemoX/T1 red;UX/DemoX/T1 blue"),
];
const ENROLLMENT: &str = "id user_id course_id is_active mode";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn clock() -> DateTime<Utc> {
    DateTime::from_timestamp(1_400_000_000, 0).unwrap()
}

/// A lake of all that was delivered by a day: packages, and a day of events for each.
fn lake_until(last: &str) -> (TempDir, Lake) {
    lake_of(&FILES.into_iter().filter(|file| file.0 <= last).collect::<Vec<_>>())
}

fn lake_of(files: &[File]) -> (TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let delivery = folder.path().join("delivery");
    let write = |path: &Path, text: String| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        czar_pipeline::atomic_file::write(path, text.as_bytes()).unwrap();
    };
    for (date, course, table, header, rows) in files {
        let text = format!("{header}\n{}\n", rows.replace(';', "\n")).replace(' ', "\t");
        write(&delivery.join(format!("ux-{date}/UX-{course}-{table}-prod-analytics.sql")), text);
        let event = format!(
            "{{\"event_source\": \"browser\", \"event_type\": \"play_video\", \"event\": \"{{}}\", \"time\": \"{date}T10:00:00+00:00\", \
             \"username\": \"ann\", \"context\": {{\"course_id\": \"UX/DemoX/T1\", \"user_id\": 1}}}}\nbroken\n"
        );
        write(&delivery.join(format!("ux-edx-events-{date}.log")), event);
    }
    let lake = Lake::open_folder(&folder.path().join("lake")).unwrap();
    let delivery = package::find(&delivery).unwrap();
    let summary = ingest(&lake, &delivery, None, &IngestOptions::default(), clock, "attempt", &Silent).unwrap();
    assert!(summary.failures.is_empty(), "{:?}", summary.failures);
    (folder, lake)
}

/// Tables that are asked for as views are views over views: memory is shared among hundreds of sorts and groups.
fn options() -> EngineOptions {
    EngineOptions { memory_bytes: 1 << 30, workers: 2 }
}

/// The rows of a query, values joined by `|`.
fn rows(engine: &Engine, sql: &str) -> Vec<String> {
    let format = FormatOptions::default();
    let mut found = Vec::new();
    for batch in engine.sql(sql).unwrap().batches {
        let columns: Vec<_> = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &format).unwrap()).collect();
        found.extend(
            (0..batch.num_rows()).map(|row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|")),
        );
    }
    found
}

#[test]
fn the_cumulative_view_keeps_what_is_gone_and_says_since_when() {
    let (_folder, lake) = lake_until("2015-03-15");
    let engine = Engine::open(&lake, &options()).unwrap();
    let sql = "select course_id, user_id, mode, first_package_date, last_package_date, is_in_newest \
               from student_courseenrollment_cumulative order by 1, 2";
    let expected = [
        "UX/DemoX/T1|1|verified|2015-03-01|2015-03-15|true",
        "UX/DemoX/T1|2|audit|2015-03-01|2015-03-01|false",
        "UX/DemoX/T1|3|audit|2015-03-08|2015-03-15|true",
        // The newest package of a course is the newest one it appears in.
        "UX/OldX/T1|1|honor|2015-03-01|2015-03-08|true",
    ];
    assert_eq!(rows(&engine, sql), expected);
    let newest = "select user_id, mode from student_courseenrollment order by course_id, user_id";
    assert_eq!(rows(&engine, newest), ["1|verified", "3|audit", "1|honor"]);
}

#[test]
fn a_later_package_without_a_file_takes_no_rows_away_though_nobody_names_the_course() {
    let (_folder, lake) = lake_of(&[
        ("2015-03-01", "Lost-X-T-1", "auth_user", "id username", "1 ann;2 bea"),
        ("2015-03-01", "Other-X-T-1", "auth_user", "id username", "3 cem;4 dan"),
        ("2015-03-08", "Other-X-T-1", "auth_user", "id username", "3 cem"),
    ]);
    let engine = Engine::open(&lake, &options()).unwrap();
    assert_eq!(rows(&engine, "select count(*) from loads where table_name = 'auth_user' and course_run_key is null"), ["3"]);
    assert_eq!(rows(&engine, "select id from auth_user order by id"), ["1", "2", "3"]);
    let sql = "select id, last_package_date, is_in_newest from auth_user_cumulative order by id";
    assert_eq!(rows(&engine, sql), ["1|2015-03-01|true", "2|2015-03-01|true", "3|2015-03-08|true", "4|2015-03-01|false"]);
}

#[test]
fn an_article_that_the_files_of_several_runs_repeat_is_one_row_of_the_cumulative_view() {
    let (_folder, lake) = lake_until("2015-03-15");
    let engine = Engine::open(&lake, &options()).unwrap();
    assert_eq!(rows(&engine, "select count(*) from wiki_article"), ["4"]);
    assert_eq!(rows(&engine, "select id, is_in_newest from wiki_article_cumulative order by id"), ["5|true", "6|true"]);
}

#[test]
fn a_table_nobody_knows_has_no_cumulative_view() {
    let (_folder, lake) = lake_until("2015-03-15");
    let engine = Engine::open(&lake, &options()).unwrap();
    assert!(engine.has_table("some_new_table") && !engine.has_table("some_new_table_cumulative"));
}

#[test]
fn as_of_a_day_is_what_a_lake_would_be_that_had_nothing_later() {
    let (_all_folder, all) = lake_until("2015-03-15");
    let until = "2015-03-08";
    let (_folder, lake) = lake_until(until);
    let narrowed = Engine::open_as_of(&all, &options(), day(until)).unwrap();
    let plain = Engine::open(&lake, &options()).unwrap();
    // Every model is a view here, as it is as of a day.
    let models_of_lake = Engine::open_as_of(&lake, &options(), day("2999-01-01")).unwrap();
    let model_names: BTreeSet<&str> = models().iter().map(|model| model.name.as_str()).collect();
    let mut n_rows = 0;
    for table in models_of_lake.tables() {
        let of_lake = if model_names.contains(table.name.as_str()) { &models_of_lake } else { &plain };
        // The two lakes lie in different folders, at different times, and know lines again under keys of their own.
        let columns = of_lake.columns(&table.name).unwrap();
        let except = match table.name.as_str() {
            "loads" => "except (source_path, source_stamp)",
            _ if columns.iter().any(|(column, _)| column == "_fingerprint") => "except (_fingerprint, _fingerprint_2)",
            _ => "",
        };
        let sql = format!("select * {except} from \"{}\"", table.name);
        let sorted = |engine: &Engine| {
            let mut found = rows(engine, &sql);
            found.sort();
            found
        };
        let expected = sorted(of_lake);
        n_rows += expected.len();
        assert_eq!(sorted(&narrowed), expected, "{} as of {until}", table.name);
    }
    assert!(n_rows > 30, "{n_rows} rows");
}

#[test]
fn the_difference_of_two_packages_counts_what_came_went_and_changed() {
    let (_folder, lake) = lake_until("2015-03-15");
    let engine = Engine::open(&lake, &options()).unwrap();
    assert_eq!(package_days(&engine, None).unwrap(), [day("2015-03-01"), day("2015-03-08"), day("2015-03-15")]);
    let counts = |from: &str, to: &str, by| {
        let comparison = Comparison { from: day(from), to: day(to), course_run_key: None };
        let tables = comparison.tables(&engine).unwrap();
        tables.iter().flat_map(|table| rows(&engine, &comparison.counts_sql(&engine, table, by).unwrap())).collect::<Vec<_>>()
    };
    // before, after, added, removed, changed
    let first = ["auth_user|0|2|2|0|0", "some_new_table|0|2|2|0|0", "student_courseenrollment|3|3|1|1|1", "wiki_article|0|2|2|0|0"];
    assert_eq!(counts("2015-03-01", "2015-03-08", CountsBy::Table), first);
    // A row without a key does not change: one goes, one comes. The course OldX is gone, and its wiki with all others.
    let second = ["auth_user|2|2|0|0|0", "some_new_table|2|2|1|1|0", "student_courseenrollment|3|2|0|1|0", "wiki_article|2|0|0|2|0"];
    assert_eq!(counts("2015-03-08", "2015-03-15", CountsBy::Table), second);
    let by_course: Vec<String> = counts("2015-03-08", "2015-03-15", CountsBy::CourseRun)
        .into_iter()
        .filter(|line| line.starts_with("student_courseenrollment"))
        .collect();
    assert_eq!(by_course, ["student_courseenrollment|edx|UX/DemoX/T1|2|2|0|0|0", "student_courseenrollment|edx|UX/OldX/T1|1|0|0|1|0"]);
    let comparison = Comparison { from: day("2015-03-08"), to: day("2015-03-15"), course_run_key: None };
    assert_eq!(comparison.course_runs_of_one(&engine).unwrap(), (vec!["UX/OldX/T1".to_owned()], Vec::new()));
}

#[test]
fn the_rows_of_a_difference_name_the_columns_that_changed_and_their_old_values() {
    let (_folder, lake) = lake_until("2015-03-08");
    let engine = Engine::open(&lake, &options()).unwrap();
    let comparison = Comparison { from: day("2015-03-01"), to: day("2015-03-08"), course_run_key: Some("UX/DemoX/T1".to_owned()) };
    let sql = comparison.rows_sql(&engine, "student_courseenrollment").unwrap();
    let sql = format!("select change, changed_columns, before, id, mode from ({sql}) order by id");
    assert_eq!(rows(&engine, &sql), ["changed|mode|mode=audit|1|verified", "removed|||2|audit", "added|||3|audit"]);
}
