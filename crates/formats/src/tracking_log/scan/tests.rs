//! Whatever the scanner takes, `serde_json` takes with the same result; and a line is read alike with and without it.

use std::borrow::Cow;
use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::{json, parse_line, redact, unescape};

thread_local! {
    static IS_REFUSING: Cell<bool> = const { Cell::new(false) };
}

/// Whether scanners of this thread refuse everything, so that all is read the general way.
pub(in super::super) fn is_refusing() -> bool {
    IS_REFUSING.get()
}

fn without_scanner<T>(read: impl FnOnce() -> T) -> T {
    IS_REFUSING.set(true);
    let result = read();
    IS_REFUSING.set(false);
    result
}

/// Lines of the shapes there are: a browser's with a payload in a string, a server's with an object, a request's.
const LINES: [&str; 4] = [
    r#"{"username": "lena", "event_source": "browser", "name": "play_video", "accept_language": "de,en;q=0.5", "time": "2018-03-08T11:37:15.919195+00:00", "agent": "Mozilla/5.0 (Windows NT 6.1)", "page": "https://courses.edx.org/courses/course-v1:U+D+R/courseware/w/?token=x", "host": "courses.edx.org", "session": "5e029759493829c08bfb05e742fc9ad6", "referer": "", "context": {"user_id": 17, "org_id": "U", "course_id": "course-v1:U+D+R", "path": "/event", "course_user_tags": {}}, "ip": "192.0.2.80", "event": "{\"id\": \"0a1b\", \"currentTime\": 13.5, \"code\": \"html5\", \"duration\": 1e2, \"password\": \"x\"}", "event_type": "play_video"}"#,
    r#"{"username": "zo\u00eb", "event_type": "problem_check", "ip": "2001:db8::1", "agent": null, "event": {"problem_id": "i4x://U/D/problem/p", "attempts": 2, "grade": 1, "max_grade": 2.0, "success": "correct", "submission": {"i4x-U-D-problem-p_2_1": {"answer": ["a", "b\ud83d\ude00"], "input_type": "", "correct": true, "api_key": "k"}}, "state": {"seed": 1, "input_state": {}, "done": null}}, "event_source": "server", "context": {"user_id": "17", "org_id": "", "course_id": "U/D/R", "module": {"display_name": "Question \"1\"", "usage_key": "i4x://U/D/problem/p"}, "session": "abc", "csrf_token": ["t"]}, "time": "2014-03-05T08:50:09+00:00", "page": "x_module"}"#,
    r#"{"username": "", "event_type": "/courses/course-v1%3AU%2BD%2BR/discussion/forum/t/threads/7?pwd=a", "event": "{\"POST\": {\"body\": [\"a \\\"token\\\": 1\"], \"sessionid\": [\"s\"]}, \"GET\": {}}", "event_source": "server", "context": {"user_id": null, "path": "/courses/v1/x", "course_id": ""}, "time": 1425205230, "page": null, "_id": {"$oid": "5"}}"#,
    r#"{"event_type": "problem_graded", "name": "problem_graded", "event": ["input_a_2_1=x&input_b_2_1=y", "\n<h3 class=\"hd\">\n é</h3>"], "context": {"received_at": "2018-03-08T11:37:16+00:00", "mode": "verified"}, "event_source": "mobile", "time": "2018-03-08T11:37:15Z"}"#,
];

/// What is put into lines: what JSON is made of, what it refuses, and members that are there already.
const PIECES: [&str; 40] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    " ",
    "\t",
    "\n",
    "\0",
    "\u{7f}",
    "é",
    "NaN",
    "null",
    "tru",
    "-",
    "0",
    "01",
    "1.",
    "1e+5",
    "\\u00",
    "\\ud83d",
    "\\ud83d\\ude00",
    "\\u0000",
    "\\n",
    "\\x",
    "\\\"token\\\": \\\"x\\\", ",
    "\"my token\": \"x\", ",
    "\"na\\u006de\": 1, ",
    "\"event\": \"{}\", ",
    "\"context\": {\"path\": \"/a\"}, ",
    "\"context\": 5, ",
    "\"module\": 1, ",
    "\"time\": 5, ",
    "\"user_id\": \"8\", ",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\"event\": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]], ",
    "password",
];

/// A line that was cut, whose bytes were changed, or in which pieces were put or repeated.
fn damaged_line() -> impl Strategy<Value = Vec<u8>> {
    let damage = (0..6_u8, any::<Index>(), any::<Index>(), any::<u8>(), prop::sample::select(PIECES.to_vec()));
    (prop::sample::select(LINES.to_vec()), prop::collection::vec(damage, 0..4)).prop_map(|(line, damages)| {
        let mut line = line.as_bytes().to_vec();
        for (damage, at, other, byte, piece) in damages {
            // After a comma a member or an element begins.
            let commas: Vec<usize> = memchr::memchr_iter(b',', &line).map(|comma| (comma + 2).min(line.len())).collect();
            let (at, end) = (at.index(line.len() + 1), other.index(line.len() + 1));
            match damage {
                0 => line.truncate(at),
                1 => line.extend_from_within(at.min(end)..end),
                2 if at < line.len() => line[at] = byte,
                3 => drop(line.splice(at..at, piece.bytes().cycle().take(piece.len() * (1 + usize::from(byte % 8))))),
                4 if !commas.is_empty() => {
                    let at = commas[other.index(commas.len())];
                    drop(line.splice(at..at, piece.bytes()));
                }
                _ => drop(line.drain(at.min(end)..end.min(at.min(end) + usize::from(byte)))),
            }
        }
        line
    })
}

/// Text that is nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![3 => prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned), 1 => "[a-z\"\\\\:{}\\[\\], 0-9.eE+-]{0,40}"];
    (
        prop::sample::select(vec!["", "{", "{\"a\": ", "{\"a\": [", "[", "\""]),
        prop::collection::vec(piece, 0..6),
        prop::sample::select(vec!["", "}", "]}", "]", "\"}"]),
    )
        .prop_map(|(start, pieces, end)| format!("{start}{}{end}", pieces.concat()))
}

/// The members of an object as they were handed over, and the fault.
fn members_of(text: &str) -> (Vec<(String, String)>, Option<String>) {
    let mut members = Vec::new();
    let fault = json::for_each_member(text, |key, value| members.push((key.to_owned(), value.to_owned()))).err();
    (members, fault.map(|fault| fault.to_string()))
}

fn check_text(text: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(members_of(text), without_scanner(|| members_of(text)), "{}", text);
    let fault = |result: serde_json::Result<bool>| result.err().map(|fault| fault.to_string());
    prop_assert_eq!(fault(json::check_and_secrets(text)), fault(without_scanner(|| json::check_and_secrets(text))), "{}", text);
    if let Ok(false) = json::check_and_secrets(text) {
        prop_assert!(matches!(redact::redacted_json(Cow::Borrowed(text)), Cow::Borrowed(_)), "a secret is overlooked in {}", text);
    }
    Ok(())
}

#[test]
fn lines_of_every_shape_are_taken_by_the_scanner() {
    for line in LINES {
        assert!(super::super::envelope::Envelope::scan(line).is_some(), "{line}");
        assert_eq!(parse_line(line.as_bytes()), without_scanner(|| parse_line(line.as_bytes())));
    }
}

#[test]
fn nesting_to_the_limit_is_taken_and_beyond_it_is_not() {
    let nested = |n_levels: usize| format!("{{\"a\": {}{}}}", "[".repeat(n_levels - 1), "]".repeat(n_levels - 1));
    let is_taken = |text: &str| super::Scanner::new(text).value().is_some();
    assert!(is_taken(&nested(json::MAX_DEPTH)) && !is_taken(&nested(json::MAX_DEPTH + 1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_line_is_read_alike_with_and_without_the_scanner(line in damaged_line()) {
        let event = parse_line(&line);
        prop_assert_eq!(&event, &without_scanner(|| parse_line(&line)), "{}", String::from_utf8_lossy(&line));
        check_text(&String::from_utf8_lossy(&line))?;
    }

    #[test]
    fn text_is_read_alike_with_and_without_the_scanner(text in nearly_json()) {
        check_text(&text)?;
    }

    #[test]
    fn a_string_has_the_text_that_serde_finds(inner in "([a-zé\u{1F600} ]{0,20}|\\\\[\"\\\\/bfnrtux]|\\\\u[0-9a-fA-F]{3,4}|\\\\ud83d\\\\ude00|[\"\u{1}]){0,6}") {
        let by_serde = serde_json::from_str::<String>(&format!("\"{inner}\"")).ok().map(|text| text.replace('\0', ""));
        prop_assert_eq!(unescape::unescaped(&inner), by_serde);
    }
}
