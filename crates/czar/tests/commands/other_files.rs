//! Files of a package that are of no kind we know: what they are is told from their content, each record is accounted for, and nothing is
//! refused but what is no text.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;

use czar_pipeline::lake::{BatchName, Lake};
use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};

use crate::lake_text::{lake_text, rows_text};
use crate::support::Place;

const WEEK: &str = "delivery/universityx-2015-03-01";

fn rows(place: &Place, sql: &str) -> Vec<String> {
    place.data(&["query", "--format", "csv", sql]).lines().skip(1).map(ToOwned::to_owned).collect()
}

fn package(place: &Place) {
    place.write(
        &format!("{WEEK}/O-C-R-student_courseenrollment-edge-analytics.sql"),
        "id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n1\t7\tO/C/R\t2013-08-20 00:00:00\t1\thonor\n",
    );
    place.write(&format!("{WEEK}/extra/Survey Answers.tsv"), "id\tanswer\n1\tyes\n2\n3\tno\n");
    place.write(&format!("{WEEK}/O-C-R-grades-edge-analytics.txt"), "user_id\tgrade\r\n7\t0.5\r\n");
    place.write(&format!("{WEEK}/events.jsonl"), b"{\"a\": 1}\r\n\n{\"a\": \"Jos\xe9\"}\nnot json\n");
    place.write(&format!("{WEEK}/settings.json"), "{\n  \"pass\": 0.5\n}\n");
    place.write(&format!("{WEEK}/notes.txt"), "Dear all,\n\n the list\n");
    place.write(&format!("{WEEK}/job.log"), "it went well\n");
    place.write(&format!("{WEEK}/README.txt"), "read me\n");
    // Somebody's copy of a table is not added to the table.
    place.write(&format!("{WEEK}/O-C-R-student_courseenrollment-edge-analytics.tsv"), "id\tuser_id\n1\t7\n");
    place.write(&format!("{WEEK}/loads.csv"), "a,b\n1,2\n");
    place.write(&format!("{WEEK}/grades.csv"), "7,ada@example.org\n8,bob@example.org\n");
    place.write(&format!("{WEEK}/logo.png"), b"\x89PNG\r\n\x1a\n\x00\x00");
}

#[test]
fn a_file_of_an_unknown_kind_is_what_its_content_is() {
    let place = Place::new();
    package(&place);
    let told = place.czar(&["ingest", "delivery"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert!(told.contains("no text: 1 file (universityx-2015-03-01/logo.png)"), "{told}");
    assert!(told.contains("`other_records`, of no kind we know: 8 files (universityx-2015-03-01/O-C-R-student"), "{told}");
    let accounts = "select substr(file_key, strpos(file_key, '/') + 1), site, state, table_name, n_records, n_rows, n_blanks, n_rejects \
        from loads where kind <> 'database_file' order by 1";
    assert_eq!(
        rows(&place, accounts),
        [
            "O-C-R-grades-edge-analytics.txt,edge,loaded,grades,1,1,0,0",
            "O-C-R-student_courseenrollment-edge-analytics.tsv,edge,loaded,other_records,2,2,0,0",
            "README.txt,edge,loaded,other_records,1,1,0,0",
            "events.jsonl,edge,loaded,other_records,4,3,1,0",
            "extra/Survey Answers.tsv,edge,loaded,survey_answers,3,2,0,1",
            "grades.csv,edge,loaded,other_records,2,2,0,0",
            "job.log,edge,loaded,other_records,1,1,0,0",
            "loads.csv,edge,loaded,other_records,2,2,0,0",
            "logo.png,edge,not_read,,0,0,0,0",
            "notes.txt,edge,loaded,other_records,3,2,1,0",
            "settings.json,edge,loaded,other_records,1,1,0,0",
        ]
    );
    let records = "select _source_line, file_name, replace(record, chr(10), '|') from other_records \
        where file_name in ('events.jsonl', 'settings.json', 'notes.txt') order by file_name, _source_line";
    assert_eq!(
        rows(&place, records),
        [
            r#"1,events.jsonl,"{""a"": 1}""#,
            "3,events.jsonl,\"{\"\"a\"\": \"\"Jos\u{fffd}\"\"}\"",
            "4,events.jsonl,not json",
            r#"1,notes.txt,"Dear all,""#,
            "3,notes.txt, the list",
            r#"1,settings.json,"{|  ""pass"": 0.5|}""#,
        ]
    );
    assert_eq!(rows(&place, "select answer from survey_answers order by id"), ["yes", "no"]);
    let kinds = "select kind, table_name, count(*) from loads where kind <> 'database_file' group by 1, 2 order by 1, 2";
    assert_eq!(
        rows(&place, kinds),
        ["csv,other_records,2", "tab_separated,grades,1", "tab_separated,survey_answers,1", "unknown,other_records,6", "unknown,,1"]
    );
    assert_eq!(rows(&place, "select user_id, grade, _course_run_key from grades"), ["7,0.5,O/C/R"]);
    assert_eq!(rows(&place, "select count(*) from student_courseenrollment"), ["1"]);
    assert_eq!(rows(&place, "select source_line, code from rejects"), ["3,database_file.wrong_number_of_fields"]);
    assert!(place.data(&["status"]).contains("Files that are no text, of kinds that are not read: 1"));
    let check = place.czar(&["check"]);
    assert!(check.contains("loads.not_read") && !check.contains("loads.account"), "{check}");
}

#[test]
fn a_file_delivered_again_replaces_exactly_its_own_records() {
    let place = Place::new();
    package(&place);
    place.data(&["ingest", "delivery"]);
    let lake = place.path("data/lake");
    let before = lake_text(&lake);
    let others = "select file_name, record from other_records where file_name <> 'notes.txt' order by 1, 2";
    let others_before = rows(&place, others);
    assert!(place.czar(&["ingest", "delivery"]).contains("Nothing to ingest"));
    assert!(lake_text(&lake) == before);
    place.write(&format!("{WEEK}/notes.txt"), "Dear all,\nanother list\n");
    place.data(&["ingest", "delivery"]);
    assert_eq!(
        rows(&place, "select record from other_records where file_name = 'notes.txt' order by 1"),
        ["\"Dear all,\"", "another list"]
    );
    assert_eq!(rows(&place, others), others_before);
    place.write(&format!("{WEEK}/notes.txt"), "Dear all,\n\n the list\n");
    place.data(&["ingest", "delivery"]);
    assert!(lake_text(&lake) == before, "the first content again gives the first lake");
}

#[test]
fn the_newest_file_of_each_name_is_seen_and_none_is_forgotten() {
    let place = Place::new();
    place.write(&format!("{WEEK}/notes.md"), "one\ntwo\n");
    place.write(&format!("{WEEK}/list.md"), "only once\n");
    place.write("delivery/universityx-2015-03-08/notes.md", "two\nthree\n");
    place.write("delivery/collegey-2015-03-15/notes.md", "of another organisation\n");
    place.data(&["ingest", "delivery"]);
    let seen = "select record from other_records order by file_name, record";
    assert_eq!(rows(&place, seen), ["only once", "of another organisation", "three", "two"]);
    let ever =
        "select record, first_package_date, last_package_date, is_in_newest from other_records_cumulative order by file_name, record";
    assert_eq!(
        rows(&place, ever),
        [
            "only once,2015-03-01,2015-03-01,true",
            "of another organisation,2015-03-15,2015-03-15,true",
            "one,2015-03-01,2015-03-01,false",
            "three,2015-03-08,2015-03-08,true",
            "two,2015-03-01,2015-03-08,true",
        ]
    );
}

#[test]
fn other_files_are_the_same_in_a_zip_and_out_of_it() {
    let place = Place::new();
    package(&place);
    place.data(&["ingest", "delivery"]);
    let zip =
        place.shell("mkdir zipped && cd delivery && python3 -m zipfile -c ../zipped/universityx-2015-03-01.zip universityx-2015-03-01");
    assert!(zip.status.success(), "{}", place.told(&zip));
    place.write("z/czar.toml", "");
    let told = place.czar(&["--config", "z/czar.toml", "ingest", "zipped"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    assert!(rows_text(&place.path("z/data/lake"), &[]) == rows_text(&place.path("data/lake"), &[]));
}

#[test]
fn a_long_value_in_a_small_file_is_one_record() {
    let place = Place::new();
    let value = format!("[\n{}0\n]\n", "1234567,\n".repeat(1 << 20));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(value.as_bytes()).unwrap();
    place.write(&format!("{WEEK}/values.json.gz"), gzip.finish().unwrap());
    // The same cut short is lines.
    place.write(&format!("{WEEK}/cut.json"), &value[..100]);
    place.data(&["ingest", "delivery"]);
    let found = "select file_name, count(*), max(length(record)) from other_records group by 1 order by 1";
    assert_eq!(rows(&place, found), ["cut.json,12,8".to_owned(), format!("values.json.gz,1,{}", value.len() - 1)]);
}

#[test]
fn a_line_that_is_too_long_is_set_aside_and_found_again() {
    let place = Place::new();
    place.write("czar.toml", "[ingest]\nmax_record_bytes = 1000000\n");
    place.write(&format!("{WEEK}/notes.md"), format!("short\n{}\nlast\n", "x".repeat(5 << 20)));
    place.data(&["ingest", "delivery"]);
    assert_eq!(rows(&place, "select n_records, n_rows, n_rejects from loads"), ["3,2,1"]);
    assert_eq!(rows(&place, "select source_line, code from rejects"), ["2,record.too_long"]);
    let raw = place.czar(&["rejects", "--raw", "--max-bytes", "10"]);
    assert!(raw.starts_with("exit code: 0") && raw.contains("xxxxxxxxxx"), "{raw}");
}

#[test]
fn what_an_older_version_left_unread_is_read_when_outdated_files_are_read_again() {
    let place = Place::new();
    package(&place);
    place.data(&["ingest", "delivery"]);
    let clean = lake_text(&place.path("data/lake"));
    as_left_by_an_older_version(&place);
    let of_notes = "select state, n_rows from loads where file_key like '%/notes.txt'";
    assert_eq!(rows(&place, of_notes), ["not_read,0"]);
    assert!(place.data(&["status"]).contains("Files that an older version of the readers read: 1"));
    assert!(place.czar(&["check"]).contains("loads.older_reader"));
    let told = place.czar(&["ingest", "--again=outdated", "delivery"]);
    assert!(told.starts_with("exit code: 0") && told.contains("Ingested"), "{told}");
    assert_eq!(rows(&place, of_notes), ["loaded,2"]);
    assert!(lake_text(&place.path("data/lake")) == clean);
    assert!(place.czar(&["ingest", "--again=outdated", "delivery"]).contains("Nothing to ingest"));
}

/// Changes what `loads` says of the notes: an older version named them and read nothing.
fn as_left_by_an_older_version(place: &Place) {
    let lake = Lake::open_folder(&place.path("data/lake")).unwrap();
    let attempt = lake.begin_attempt("older").unwrap();
    let mut loads = lake.table("loads").unwrap().unwrap();
    let path = loads.data_files().unwrap().pop().unwrap();
    let none = lake.read_data_file(&loads, &path, None).unwrap().next().unwrap().unwrap().slice(0, 0);
    let key = "universityx-2015-03-01/notes.txt";
    let change = lake
        .swap_rows(
            &loads,
            &attempt,
            &BatchName::of("loads"),
            ("file_key", &HashSet::from([key.to_owned()])),
            |rows| Ok(unread(&rows, key)),
            &none,
        )
        .unwrap();
    attempt.commit_together(vec![(&mut loads, change)]).unwrap();
    attempt.end().unwrap();
}

fn unread(rows: &RecordBatch, key: &str) -> RecordBatch {
    let keys = rows.column_by_name("file_key").unwrap().as_string::<i32>();
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| -> ArrayRef {
        let is_older = |row: usize| keys.value(row) == key;
        match field.name().as_str() {
            "state" => {
                let old = column.as_string::<i32>();
                Arc::new(
                    (0..rows.num_rows()).map(|row| Some(if is_older(row) { "not_read" } else { old.value(row) })).collect::<StringArray>(),
                )
            }
            name @ ("reader_version" | "n_records" | "n_rows" | "n_blanks") => {
                let old = column.as_primitive::<datafusion::arrow::datatypes::Int64Type>();
                let new = if name == "reader_version" { 3 } else { 0 };
                Arc::new((0..rows.num_rows()).map(|row| if is_older(row) { new } else { old.value(row) }).collect::<Int64Array>())
            }
            _ => column.clone(),
        }
    });
    RecordBatch::try_new(rows.schema(), columns.collect()).unwrap()
}
