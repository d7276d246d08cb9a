//! `czar rejects --raw` and `czar ingest --again=...`: records that were set aside, seen and read again.

use serde_json::{Value, json};

use crate::support::Place;

const DAY: &str = "delivery/universityx-edx-events-2015-03-02.log";

/// A good day, and a day with two broken lines.
fn place() -> Place {
    let place = Place::new();
    let event = "{\"event_source\": \"server\", \"event_type\": \"x\", \"event\": {}, \"time\": \"2015-03-01T12:00:00+00:00\"}\n";
    place.write("delivery/universityx-edx-events-2015-03-01.log", event);
    place.write(DAY, [event.replace("-01T", "-02T").as_bytes(), b"not an event \x1b[2J\xff\n", b"{\"cut\": \"lo\n"].concat());
    place.data(&["ingest", "delivery"]);
    place
}

#[test]
fn the_bytes_of_rejects_are_read_from_the_original_and_written_as_they_are() {
    let place = place();
    let output = place.command(&["rejects", "--raw"]).output().unwrap();
    assert_eq!(output.stdout, b"not an event \x1b[2J\xff\n{\"cut\": \"lo\n");
    insta::assert_snapshot!(place.czar(&["rejects", "--raw", "--code", "tracking_log.cut", "--max-bytes", "4"]));
}

#[test]
fn an_original_that_is_gone_or_has_changed_is_named() {
    let place = place();
    place.write(DAY, "something else\n");
    let changed = place.czar(&["rejects", "--raw"]);
    std::fs::remove_file(place.path(DAY)).unwrap();
    insta::assert_snapshot!([changed, place.czar(&["rejects", "--raw"])].join("\n"));
}

#[test]
fn only_files_with_rejects_are_read_again_when_this_is_asked_for() {
    let place = place();
    let ingest = |again: &str| place.czar(&["ingest", "delivery", again]);
    insta::assert_snapshot!([ingest("--again=rejects"), ingest("--again=outdated"), ingest("--again")].join("\n"));
}

/// An event of 2013 without a context, and one of 2015 whose time stands behind the payload; both as long as one likes.
fn long_lines(n_characters: usize) -> [String; 2] {
    let answer = "ä".repeat(n_characters);
    let old = format!(
        r#"{{"username": "lena", "event_source": "server", "event_type": "/courses/U/D/Old/modx/i4x://U/D/problem/P/problem_check", "time": "2015-03-01T23:59:59", "event": "{answer}", "page": null}}"#
    );
    let recent = format!(
        r#"{{"name": "problem_check", "context": {{"user_id": 5, "course_id": "course-v1:U+D+Recent"}}, "username": "lena", "event": {{"answers": "{answer}"}}, "time": "2015-03-02T12:00:00", "event_type": "problem_check", "event_source": "server"}}"#
    );
    [old, recent]
}

fn cut(line: &str, n_characters: usize) -> String {
    line.chars().take(n_characters).chain(['\n']).collect()
}

/// A day of cut lines: of the old run two, of the recent one four, and one that is cut in its first member.
fn day_of_cut_lines() -> String {
    let mut day = String::from("{\"username\": \"le\n");
    for length in [2_043, 10_000] {
        let [old, recent] = long_lines(length);
        day += &cut(&old, length);
        day += &cut(&recent, length).repeat(2);
    }
    day
}

#[test]
fn the_events_that_each_course_run_lost_can_be_counted() {
    let place = Place::new();
    place.write(DAY, day_of_cut_lines());
    place.data(&["ingest", "delivery"]);
    let sql = "select course_run_key, event_name, event_source, cast(time as date) as day, n_bytes < 10000 as is_short, count(*) as n_events \
               from rejects group by 1, 2, 3, 4, 5 order by 1, 5";
    insta::assert_snapshot!(place.data(&["query", "--format", "csv", sql]), @r"
    course_run_key,event_name,event_source,day,is_short,n_events
    U/D/Old,page:modx_handler,server,2015-03-01,false,1
    U/D/Old,page:modx_handler,server,2015-03-01,true,1
    course-v1:U+D+Recent,problem_check,,,false,2
    course-v1:U+D+Recent,problem_check,,,true,2
    ,,,,true,1
    ");
    insta::assert_snapshot!(place.data(&["check", "--detail", "loads.events_lost", "--format", "csv"]), @r"
    org,site,course_run_key,log_date,event_date,code,n_lines
    universityx,edx,U/D/Old,2015-03-02,2015-03-01,tracking_log.cut,2
    universityx,edx,course-v1:U+D+Recent,2015-03-02,,tracking_log.cut,4
    ");
    let list = place.data(&["rejects", "--list", "--format", "csv"]);
    let header = "source_file,source_line,source_offset,n_bytes,code,column,time,event_source,event_name,course_run_key\n";
    assert!(list.starts_with(header) && list.contains(",2015-03-01T23:59:59.000000Z,server,page:modx_handler,U/D/Old\n"), "{list}");
    // What learners wrote and who they are is not told.
    assert!(!list.contains("lena") && !list.contains('ä'), "{list}");
}

#[test]
fn a_file_with_more_rejects_than_are_held_tells_of_all_of_them() {
    let place = Place::new();
    let lines: String = (0..20_000).map(|number| format!("{{\"page\": \"/courses/U/D/R/\", \"n\": {number}, \"event\": \"\n")).collect();
    place.write(DAY, lines);
    place.data(&["ingest", "delivery"]);
    let sql = "select course_run_key, count(*) as n from rejects group by 1";
    assert_eq!(place.data(&["query", "--format", "csv", sql]), "course_run_key,n\nU/D/R,20000\n");
}

#[test]
fn a_lake_of_an_older_version_is_read_and_gets_the_columns_with_the_next_load() {
    let place = Place::new();
    place.write(DAY, day_of_cut_lines());
    place.data(&["ingest", "delivery"]);
    forget_columns(&place, &["time", "event_source", "event_name", "course_run_key"]);
    let counts = "select count(*) as n, count(course_run_key) as n_told from rejects";
    assert_eq!(place.data(&["query", "--format", "csv", counts]), "n,n_told\n7,0\n");
    assert_eq!(place.data(&["rejects", "--list", "--format", "csv"]).lines().count(), 8);

    place.write("delivery/universityx-edx-events-2015-03-03.log", day_of_cut_lines().replace("le\n", "lena\n"));
    place.data(&["ingest", "delivery"]);
    let of_new = format!("{counts} where source_file like '%2015-03-03'");
    assert_eq!(place.data(&["query", "--format", "csv", &of_new]), "n,n_told\n7,6\n");
}

/// Takes columns out of the schema of `rejects`, as if a version that did not know them had made the table.
fn forget_columns(place: &Place, columns: &[&str]) {
    let path = "data/lake/rejects/_delta_log/00000000000000000000.json";
    let mut actions: Vec<Value> = place.read(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for metadata in actions.iter_mut().filter_map(|action| action.get_mut("metaData")) {
        let mut schema: Value = serde_json::from_str(metadata["schemaString"].as_str().unwrap()).unwrap();
        let fields = schema["fields"].as_array_mut().unwrap();
        let before = fields.len();
        fields.retain(|field| !columns.contains(&field["name"].as_str().unwrap()));
        assert_eq!(fields.len() + columns.len(), before);
        metadata["schemaString"] = json!(schema.to_string());
    }
    let text: String = actions.iter().map(|action| format!("{action}\n")).collect();
    place.write(path, text);
}
