//! `czar rejects --raw` and `czar ingest --again=...`: records that were set aside, seen and read again.

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
