//! What a line may look like, and why it is set aside (docs/concepts/edx-files.md, "Line grammar").

use super::super::parse_line;
use super::{event, line_with};

fn reject(line: impl AsRef<[u8]>) -> &'static str {
    match parse_line(line.as_ref()) {
        Err(reject) => reject.code.id(),
        Ok(event) => panic!("not rejected: {event:?}"),
    }
}

#[test]
fn a_blank_line_is_neither_row_nor_reject() {
    for line in ["", "\n", " \t\r\n", "\0\0\0", " \0\n"] {
        assert_eq!(parse_line(line.as_bytes()), Ok(None), "{line:?}");
    }
}

#[test]
fn what_a_log_shipper_wrote_around_the_object_is_dropped() {
    let line = line_with(r#""event_type": "page_close""#);
    let expected = event(&line);
    for (before, after) in [
        ("Sep  5 10:20:30 ip-10-1-2-3 tracking: ", ""),
        ("2012-09-05T10:20:30 INFO [tracking] ", " \r\n"),
        ("\u{feff}", "\n"),
        ("[edx] ", " #012"),
        ("  ", ","),
    ] {
        assert_eq!(event(&format!("{before}{line}{after}")), expected, "{before:?} {after:?}");
    }
}

#[test]
fn a_mongo_identifier_and_unknown_members_are_kept_beside_the_event() {
    let event = event(
        r#"{"_id": {"$oid": "5"}, "label": "x", "nonInteraction": 1, "environment": ["a", {"b": null}], "minion_id": "m", "time": "2013-01-01T00:00:00", "event": {}}"#,
    );
    assert_eq!(event.time, 1_356_998_400_000_000);
    assert_eq!(
        event.other_members.as_deref(),
        Some(r#"{"_id":{"$oid": "5"},"label":"x","nonInteraction":1,"environment":["a", {"b": null}],"minion_id":"m"}"#)
    );
}

#[test]
fn a_cut_line_is_rejected_as_cut_wherever_it_is_cut() {
    let line = line_with(r#""event": "{\"POST\": {\"a\": [\"{}ä\"]}}", "context": {"user_id": 5, "module": {}}"#);
    for length in 1..line.len() {
        assert_eq!(reject(&line.as_bytes()[..length]), "tracking_log.cut", "at {length}");
    }
    for length in [2_043, 10_000] {
        let long = line_with(&format!(r#""agent": "{}""#, "x".repeat(20_000)));
        assert_eq!(reject(&long[..length]), "tracking_log.cut");
    }
}

#[test]
fn json_that_is_no_object_is_rejected() {
    let line = line_with(r#""event": {}"#);
    for text in ["[]", "17", "null", "\"text\"", "hello", &format!("[{line}]"), &serde_json::to_string(&line).unwrap()] {
        assert_eq!(reject(text), "tracking_log.not_a_json_object", "{text}");
    }
}

#[test]
fn an_object_that_is_not_json_is_rejected_with_its_place() {
    let reject = parse_line(br#"  prefix {"time": 2015-03-01}"#).unwrap_err();
    assert_eq!((reject.code.id(), reject.column), ("tracking_log.not_json", Some(21)));
    let line = line_with(r#""event": {}"#);
    for text in [&format!("{line}{line}"), "{time: 1}", "{'time': '2015-03-01T00:00:00'}", "{\"time\" 1}"] {
        assert_eq!(parse_line(text.as_bytes()).unwrap_err().code.id(), "tracking_log.not_json", "{text}");
    }
}

#[test]
fn a_record_without_a_usable_time_is_rejected() {
    for time in [
        r#""time2": 1"#,
        r#""time": null"#,
        r#""time": """#,
        r#""time": "yesterday""#,
        r#""time": {"$date": 1}"#,
        r#""time": "2015-02-30T00:00:00""#,
    ] {
        assert_eq!(reject(format!("{{{time}, \"event\": {{}}}}")), "tracking_log.no_time", "{time}");
    }
    assert_eq!(reject("{\"a\": NaN}"), "tracking_log.no_time");
    assert_eq!(reject("{}"), "tracking_log.no_time");
}

#[test]
fn nesting_up_to_128_is_read_and_deeper_is_rejected() {
    let nested = |depth: usize| line_with(&format!(r#""event": {}{}"#, "[".repeat(depth), "]".repeat(depth)));
    event(&nested(127));
    assert_eq!(reject(nested(128)), "tracking_log.too_deep");
    assert_eq!(reject(nested(200_000)), "tracking_log.too_deep");
}

#[test]
fn invalid_utf8_is_replaced_and_the_record_kept() {
    let line = b"{\"username\": \"l\xe9na\", \"event\": {\"a\": \"\xff\"}, \"time\": \"2015-03-01T00:00:00\"}";
    let event = parse_line(line).unwrap().unwrap();
    assert_eq!(event.username.as_deref(), Some("l\u{fffd}na"));
    assert_eq!(event.event.as_deref(), Some("{\"a\": \"\u{fffd}\"}"));
}

#[test]
fn raw_nuls_and_control_characters_do_not_lose_the_record() {
    let line = b"\0{\"username\": \"le\0na\", \"agent\": \"a\tb\", \"host\": \"\\u0000h\", \"time\": \"2015-03-01T00:00:00\"}\0";
    let event = parse_line(line).unwrap().unwrap();
    assert_eq!((event.username.as_deref(), event.agent.as_deref(), event.host.as_deref()), (Some("lena"), Some("a\tb"), Some("h")));
}

#[test]
fn not_a_number_anywhere_in_the_record_does_not_lose_it() {
    let event = event(
        r#"{"event_type": "speed_change_video", "event": {"old_speed": NaN, "new_speed": 1.5, "currentTime": -Infinity}, "x": Infinity, "time": "2013-10-10T00:00:00"}"#,
    );
    assert_eq!((event.video_old_speed, event.video_speed, event.video_time), (None, Some(1.5), None));
    assert_eq!(event.event.as_deref(), Some(r#"{"old_speed": null, "new_speed": 1.5, "currentTime": null}"#));
}

#[test]
fn of_repeated_members_the_last_counts() {
    assert_eq!(event(r#"{"time": "2015-03-01T00:00:00", "username": "a", "username": "b"}"#).username.as_deref(), Some("b"));
}

#[test]
fn a_sound_line_is_borrowed_not_copied() {
    let line = line_with(r#""event_type": "problem_check", "event": {"problem_id": "i4x://U/D/problem/P"}"#);
    let event = event(&line);
    let borrowed = |text: &super::super::Text<'_>| matches!(text, Some(std::borrow::Cow::Borrowed(_)));
    assert!([&event.username, &event.host, &event.event, &event.problem_id, &event.event_name].into_iter().all(borrowed));
}
