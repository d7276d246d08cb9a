//! `czar explain`, `czar diff`, `czar events`: from numbers back to lines, on a small demo.

use czar_pipeline::engine::{Engine, EngineOptions};
use czar_pipeline::explain::{Key, lines_of, walk};
use czar_pipeline::lake::Lake;
use czar_pipeline::marts::{Model, column_docs, models};

use crate::support::Place;

const DEMO: [&str; 7] = ["demo", "--learners", "14", "--days", "15", "--courses", "1"];
const SECRET_KEY: [&str; 2] = ["--secret-key-file", "demo/delivery/keys/czar-secret.asc"];

fn demo() -> Place {
    let place = Place::new();
    place.data(&DEMO);
    place
}

fn model(name: &str) -> &'static Model {
    models().iter().find(|model| model.name == name).unwrap()
}

#[test]
fn for_every_learner_the_lines_behind_a_counter_are_as_many_as_it_says() {
    let place = demo();
    let lake = Lake::open_folder(&place.path("demo/data/lake")).unwrap();
    let engine = Engine::open(&lake, &EngineOptions { memory_bytes: 512 << 20, workers: 2 }).unwrap();
    let mut n_counters = 0;
    let mut n_lines = 0;
    for (name, doc) in column_docs("person_course_day") {
        if doc.unit.as_deref() != Some("events") {
            continue;
        }
        let evidence = walk(model("person_course_day"), Some(&name)).evidence;
        assert_eq!(evidence.len(), 1, "{name}");
        let condition = evidence[0].condition.as_ref().unwrap_or_else(|| panic!("{name} does not say which lines count"));
        let table = &evidence[0].table;
        // All learners and days at once: any difference is a row.
        let faults = format!(
            "select count(*) from (select site as s, course_run_key as c, user_id as u, cast(time as date) as d, count(*) as n_found \
             from {table} where ({condition}) group by 1, 2, 3, 4) as found \
             full join (select site, course_run_key, user_id, date, {name} as n_said from person_course_day where {name} > 0) as said \
             on s = site and c = course_run_key and u = user_id and d = date where n_found is distinct from n_said"
        );
        assert_eq!(engine.texts(&faults).unwrap(), ["0"], "{name}");
        let n: u64 = engine.texts(&format!("select coalesce(sum({name}), 0) from person_course_day")).unwrap()[0].parse().unwrap();
        n_counters += 1;
        n_lines += n;
    }
    assert!(n_counters >= 13 && n_lines > 1_000, "{n_counters} counters, {n_lines} lines");

    // The same by the way `czar explain` goes, for each learner.
    let learners = "select concat_ws(chr(9), site, course_run_key, cast(user_id as varchar), cast(nplay_video as varchar), \
                    cast(nforum_posts as varchar)) from person_course where nevents > 0 order by 1";
    let learners = engine.texts(learners).unwrap();
    assert!(learners.len() > 10);
    for learner in learners {
        let cells: Vec<&str> = learner.split('\t').collect();
        let names = ["site", "course_run_key", "user_id"];
        let key: Key = names.iter().zip(&cells).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        for (column, said) in [("nplay_video", cells[3]), ("nforum_posts", cells[4])] {
            let evidence = walk(model("person_course"), Some(column)).evidence;
            let lines = lines_of(&engine, &evidence[0], &key).unwrap();
            assert_eq!(engine.texts(&lines.count_sql).unwrap(), [said], "{column} of {learner}");
        }
    }
}

#[test]
fn a_number_is_explained_down_to_its_lines() {
    let place = demo();
    let config = ["--config", "demo/czar.toml"];
    let czar = |arguments: &[&str]| place.czar(&[&config, arguments].concat());
    let sql = "select concat_ws(chr(9), concat('site=', site), concat('course_run_key=', course_run_key), concat('user_id=', cast(user_id as varchar))) as k \
               from person_course where nplay_video > 1 and nforum_posts > 0 order by user_id, k limit 1";
    let key = place.data(&[&config[..], &["query", "--format", "csv", sql]].concat());
    let key: Vec<&str> = key.lines().nth(1).unwrap().trim_matches('"').split('\t').collect();
    let explain = |name: &str, more: &[&str]| czar(&[&["explain", name], key.as_slice(), more].concat());
    insta::assert_snapshot!("a_counter", explain("person_course.nplay_video", &["--lines", "2"]));
    insta::assert_snapshot!("a_column_of_a_table", explain("person_course.gender", &[]));
    insta::assert_snapshot!("a_view_as_of_a_day", explain("pc_nchapters.nchapters", &["--as-of", "2018-03-11", "--lines", "1"]));
    let told = explain("person_course.nforum_posts", &[]);
    assert!(told.contains("as many as the value says"), "{told}");

    // The lines themselves are plays of this learner.
    let shown = explain("person_course.nplay_video", &[&["--lines", "2", "--show-lines"][..], &SECRET_KEY].concat());
    let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(lines.len(), 2, "{shown}");
    assert!(lines.iter().all(|line| line.contains("play_video") || line.contains("edx.video.played")), "{shown}");

    let text = place.data(&[&config[..], &["explain", "person_course.nplay_video", "--format", "json"], &key].concat());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["explained"]["evidence"][0]["adds_up"], true, "{text}");

    insta::assert_snapshot!(
        "wrong_names",
        [
            czar(&["explain", "person_corse"]),
            czar(&["explain", "person_course.nplay_vidoe"]),
            czar(&["explain", "person_course.nevents", "date=2018-03-05"]),
            czar(&["explain", "person_course.nevents", "2003"]),
        ]
        .join("\n")
    );

    // Two packages, and the types of events.
    insta::assert_snapshot!("difference", czar(&["diff"]));
    let rows = czar(&["diff", "grades_persistentcoursegrade", "--format", "csv"]);
    assert!(rows.contains("change,changed_columns,before,_site,_course_run_key,course_id,user_id"), "{rows}");
    insta::assert_snapshot!(
        "difference_refused",
        [czar(&["diff", "--from", "2018-03-12"]), czar(&["diff", "auth_usr"]), czar(&["diff", "--to", "2018-03-11"])].join("\n")
    );
    let census = place.data(&[&config[..], &["events", "--format", "csv"]].concat());
    let counted: u64 = census.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().parse::<u64>().unwrap()).sum();
    let n_events = place.data(&[&config[..], &["query", "--format", "csv", "select count(*) from tracking_events"]].concat());
    assert_eq!(counted.to_string(), n_events.lines().nth(1).unwrap(), "every event is of one type and sender");
    assert!(census.lines().any(|line| line.starts_with("play_video,browser,") && line.contains(",video,true,")), "{census}");
    insta::assert_snapshot!("payloads", czar(&["events", "--payloads"]));
}

#[test]
fn a_definition_is_told_without_a_lake() {
    insta::assert_snapshot!(Place::new().czar(&["explain", "course_chapters"]));
}
