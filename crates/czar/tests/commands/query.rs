//! `czar query`: where the query comes from.

use crate::support::Place;

#[test]
fn an_empty_query_is_refused() {
    insta::assert_snapshot!(Place::new().czar(&["query"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: the query is empty
    ");
}

#[test]
fn a_missing_file_is_named() {
    insta::assert_snapshot!(Place::new().czar(&["query", "--file", "nowhere.sql"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: could not read `nowhere.sql`: No such file or directory (os error 2)
    ");
}

#[test]
fn a_query_may_begin_with_a_comment_and_what_is_no_option_is_still_told() {
    let place = Place::new();
    let event = "{\"event_source\": \"server\", \"event_type\": \"x\", \"event\": {}, \"time\": \"2015-03-01T12:00:00+00:00\"}\n";
    place.write("delivery/universityx-edx-events-2015-03-01.log", event);
    place.data(&["ingest", "delivery"]);
    for sql in ["-- all of them\nselect count(*) as n from tracking_events", "--all\nselect count(*) as n from tracking_events -- all"] {
        assert_eq!(place.data(&["query", sql, "--format", "csv"]), "n\n1\n");
        assert_eq!(place.data(&["query", "--format=csv", sql]), "n\n1\n");
    }
    for arguments in [&["query", "--fromat", "csv", "select 1"][..], &["query", "--fromat=csv", "-- all\nselect 1"], &["query", "-x"]] {
        let told = place.czar(arguments);
        assert!(told.starts_with("exit code: 2") && told.contains("unexpected argument '-"), "{told}");
    }
    let told = place.czar(&["query", "-fnowhere.sql", "--format", "csv"]);
    assert!(told.contains("could not read `nowhere.sql`"), "{told}");
}
