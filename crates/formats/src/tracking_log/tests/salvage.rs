//! What is told of lines that are refused, and what is not (docs/concepts/edx-files.md, "Line grammar").

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Event, Salvage, parse_line, salvage};
use super::event;

const TIME: i64 = 1_425_205_230_000_001;

/// Time, source, name and course run of a line that must be refused.
fn salvaged(line: impl AsRef<[u8]>) -> (Option<i64>, Option<&'static str>, Option<&'static str>, Option<String>) {
    let line = line.as_ref();
    assert!(parse_line(line).is_err(), "not refused: {}", String::from_utf8_lossy(line));
    let Salvage { time, event_source, event_name, course_run_key } = salvage(line).unwrap_or_default();
    (time, event_source, event_name, course_run_key.map(String::from))
}

/// A line as servers write it since 2014, with an answer of any length before the time.
fn recent_line(answer: &str) -> String {
    format!(
        r#"{{"name": "problem_check", "context": {{"course_user_tags": {{}}, "user_id": 5, "org_id": "U", "course_id": "course-v1:U+D+R", "path": "/courses/course-v1:U+D+R/xblock/b/handler/h"}}, "username": "lena", "event": {{"answers": "{answer}"}}, "time": "2015-03-01T10:20:30.000001+00:00", "event_type": "problem_check", "event_source": "server", "page": "x_module"}}"#
    )
}

/// A request as servers wrote it in 2013: no context.
fn old_line(post: &str) -> String {
    format!(
        r#"{{"username": "lena", "host": "courses.edx.org", "event_source": "server", "event_type": "/courses/U/D/R/modx/i4x://U/D/problem/P/problem_check", "time": "2015-03-01T10:20:30.000001", "ip": "192.0.2.1", "event": "{post}", "agent": "x", "page": null}}"#
    )
}

#[test]
fn a_line_cut_at_a_known_length_tells_what_stands_before_the_cut() {
    for length in [2_043, 10_000] {
        let recent = recent_line(&"x".repeat(20_000));
        assert_eq!(salvaged(&recent[..length]), (None, None, Some("problem_check"), Some("course-v1:U+D+R".to_owned())));
        let old = old_line(&"ä".repeat(20_000));
        let cut: String = old.chars().take(length).collect();
        assert_eq!(salvaged(cut), (Some(TIME), Some("server"), Some("page:modx_handler"), Some("U/D/R".to_owned())));
    }
}

#[test]
fn a_value_that_is_cut_is_none() {
    assert_eq!(salvaged(r#"{"event_source": "server", "time": 14252052"#), (None, Some("server"), None, None));
    assert_eq!(salvaged(r#"{"event_source": "server", "time": "2015-03-01T10:20"#), (None, Some("server"), None, None));
    assert_eq!(salvaged(r#"{"event_source": "server", "event_type": "/courses/U/D/R"#).2, None);
    assert_eq!(salvaged(r#"{"event_source": "server", "context": {"course_id": "course-v1:U+D+R"#), (None, Some("server"), None, None));
    // A whole value, but it does not show whether the member ends here.
    assert_eq!(salvaged(r#"{"event_source": "server""#), (None, None, None, None));
}

#[test]
fn a_cut_context_tells_the_members_before_the_cut() {
    let line = r#"{"event_source": "browser", "context": {"user_id": 5, "course_id": "course-v1:U+D+R", "org_id": "U"#;
    assert_eq!(salvaged(line), (None, Some("browser"), None, Some("course-v1:U+D+R".to_owned())));
}

#[test]
fn the_path_of_a_context_counts_only_when_its_course_id_is_known_to_name_no_run() {
    let path = r#""path": "/courses/U/D/Master/ccx_coach""#;
    assert_eq!(salvaged(format!(r#"{{"context": {{{path}, "user"#)).3, None);
    assert_eq!(salvaged(format!(r#"{{"context": {{"course_id": "", {path}, "user"#)).3.as_deref(), Some("U/D/Master"));
    assert_eq!(salvaged(format!(r#"{{"context": {{{path}}}, "user"#)).3.as_deref(), Some("U/D/Master"));
}

#[test]
fn the_payload_names_the_run_only_when_all_other_places_are_known_to_name_none() {
    let payload = r#""event": {"course_id": "U/D/R", "user_id": 6, "mode": "honor"}"#;
    let context = r#""context": {"course_id": "", "path": "/api"}"#;
    let (named, page) = (r#""event_type": "edx.course.enrollment.activated""#, r#""page": null"#);
    assert_eq!(salvaged(format!("{{{payload}, {context}, {named}, {page}, \"host")).3.as_deref(), Some("U/D/R"));
    for known in [format!("{context}, {named}"), format!("{context}, {page}"), format!("{named}, {page}")] {
        assert_eq!(salvaged(format!("{{{payload}, {known}, \"host")).3, None, "{known}");
    }
    // A record that is read to its end and has no time.
    assert_eq!(salvaged(format!("{{{payload}, {named}}}")).3.as_deref(), Some("U/D/R"));
}

#[test]
fn an_inner_fault_keeps_what_stands_before_it() {
    for fault in ["\"agent\": x", "agent: 1", "\"agent\" 1", "\"a\": \"b\" \"c\"", "{", "\"event\": \"{\"POST\": 1"] {
        let line = format!(r#"{{"event_source": "task", {fault}, "time": "2015-03-01T10:20:30"}}"#);
        assert_eq!(salvaged(&line), (None, Some("task"), None, None), "{fault}");
    }
}

#[test]
fn two_records_on_one_line_tell_the_first() {
    let (first, second) = (old_line("{}"), recent_line(""));
    assert_eq!(salvaged(format!("{first}{second}")).3.as_deref(), Some("U/D/R"));
    // The first was cut in a string, which now ends at a quote of the second.
    let at = first.find("192").unwrap();
    assert_eq!(salvaged(format!("{}{second}", &first[..at])).3.as_deref(), Some("U/D/R"));
}

#[test]
fn a_record_without_a_time_or_nested_too_deep_tells_the_rest() {
    assert_eq!(
        salvaged(recent_line("").replace("2015-03-01T", "")),
        (None, Some("server"), Some("problem_check"), Some("course-v1:U+D+R".to_owned()))
    );
    let deep = format!(r#"{{"x": {}1{}, "event_source": "mobile", "time": 1425205230}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(salvaged(&deep), (Some(1_425_205_230_000_000), Some("mobile"), None, None));
    assert_eq!(salvaged(&deep[..100_000]), (None, None, None, None));
}

#[test]
fn a_cut_line_is_mended_as_a_whole_one_is() {
    let line = b"Sep  5 tracking: \0{\"username\": \"l\xe9\x07na\", \"x\": NaN, \"event_source\": \"ser\0ver\", \"event\": \"";
    assert_eq!(salvaged(line), (None, Some("server"), None, None));
}

#[test]
fn what_is_no_record_tells_nothing() {
    let line = recent_line("");
    let sound_list = format!("[{line}]");
    for text in ["", "hello", "[]", "{", "{}", "{\"a", &sound_list, &serde_json::to_string(&line).unwrap()] {
        assert_eq!(salvage(text.as_bytes()), None, "{text}");
    }
}

/// Names and sources come from outside and are kept in a table that holds no learner data.
#[test]
fn no_text_that_a_browser_may_have_written_is_told() {
    let line = |members: &str| salvaged(format!(r#"{{{members}, "user"#));
    assert_eq!(line(r#""event_source": "lena@example.org", "event_type": "lena@example.org", "name": "Lena""#), (None, None, None, None));
    assert_eq!(line(r#""event_type": "/accounts/lena@example.org?q=x""#), (None, None, Some("page:other"), None));
    assert_eq!(line(r#""event_type": "https://a.example/courses/U/D/R/?lena", "page": "https://a.example/u/lena""#).2, None);
    let long = format!(r#""context": {{"course_id": "U/D/{}"}}"#, "x".repeat(300));
    assert_eq!(line(&long).3, None);
}

/// Each value that is told is the one the event has.
fn check_against(event: &Event<'_>, told: &Salvage) -> Result<(), TestCaseError> {
    prop_assert!(told.time.is_none_or(|time| time == event.time));
    prop_assert!(told.event_source.is_none() || told.event_source == event.event_source.as_deref());
    prop_assert!(told.event_name.is_none() || told.event_name == event.event_name.as_deref());
    prop_assert!(told.course_run_key.is_none() || told.course_run_key.as_deref() == event.course_run_key.as_deref());
    Ok(())
}

/// `name` and `event_type` of one event, as the platform pairs them.
const NAMES: [(&str, Option<&str>); 8] = [
    ("problem_check", None),
    ("problem_check", Some("problem_check")),
    ("seq_next", Some("edx.ui.lms.sequence.next_selected")),
    ("play_video", Some("edx.video.played")),
    ("edx.not.yet.invented", Some("edx.not.yet.invented")),
    ("/courses/course-v1:U+D+R/courseware/a/b/?token=x", Some("/courses/course-v1:U+D+R/courseware/a/b/?token=x")),
    ("/event", None),
    ("edx.course.enrollment.activated", Some("edx.course.enrollment.activated")),
];

/// A line as the platform writes them, its members in any order.
fn platform_line() -> impl Strategy<Value = String> {
    let run = || prop::sample::select(vec!["", "course-v1:U+D+R", " course-v1:U+D+R\n"]);
    let page = prop::sample::select(vec![Value::Null, json!("x_module"), json!("https://a.example/courses/course-v1:U+D+R/info?token=x")]);
    let path = prop::sample::select(vec![json!(null), json!("/event"), json!("/courses/course-v1%3AU%2BD%2BR/xblock/b/handler/h")]);
    let time = prop::sample::select(vec![json!("2015-03-01T10:20:30.123456+00:00"), json!(1_425_205_230), json!("2015-03-01T10:20:30")]);
    let text = || "[a-zé\"\\\\{}:,/\u{1F600}\u{7}]{0,12}";
    let payload = (0..4_usize, prop::sample::select(vec!["", "course-v1:U+D+R", "course-v1:Other+D+R"]), text());
    let context = (run(), path, text(), prop::bool::ANY, Just(["course_id", "path", "user_id", "module"].to_vec()).prop_shuffle());
    let keys = ["time", "event_source", "event_type", "name", "page", "event", "context", "username", "agent", "n"].to_vec();
    let parts =
        (prop::sample::select(NAMES.to_vec()), page, time, prop::sample::select(vec!["server", "browser", "mobile", "task", "other"]));
    (parts, payload, context, text(), Just(keys).prop_shuffle(), prop::sample::select(vec!["", " "])).prop_map(
        |(
            (event_type_and_name, page, time, source),
            (form, payload_run, note),
            (run, path, display_name, has_context, context_keys),
            text,
            keys,
            space,
        )| {
            let (event_type, name) = event_type_and_name;
            let payload = json!({"note": note, "course_id": payload_run, "POST": {}});
            let payload = match form {
                0 => payload,
                1 => json!(payload.to_string()),
                2 => json!(payload.to_string().chars().take(20).collect::<String>()),
                _ => Value::Null,
            };
            let object = |members: Vec<(&str, Value)>| {
                let members: Vec<String> = members.into_iter().map(|(key, value)| format!("\"{key}\":{space}{value}")).collect();
                format!("{{{}}}", members.join(&format!(",{space}")))
            };
            let context = object(
                context_keys
                    .into_iter()
                    .map(|key| {
                        let value = match key {
                            "course_id" => json!(run),
                            "path" => path.clone(),
                            "user_id" => json!(17),
                            _ => json!({"display_name": display_name, "course_id": "course-v1:Other+D+R"}),
                        };
                        (key, value)
                    })
                    .collect(),
            );
            let members: Vec<(&str, Value)> = keys
                .into_iter()
                .filter(|key| (*key != "context" || has_context) && (*key != "name" || name.is_some()))
                .map(|key| {
                    let value = match key {
                        "time" => time.clone(),
                        "event_source" => json!(source),
                        "event_type" => json!(event_type),
                        "name" => json!(name),
                        "page" => page.clone(),
                        "event" => payload.clone(),
                        "context" => json!("the context"),
                        "n" => json!(1_234.5),
                        _ => json!(text),
                    };
                    (key, value)
                })
                .collect();
            object(members).replace("\"the context\"", &context)
        },
    )
}

proptest! {
    #[test]
    fn every_beginning_of_a_sound_line_tells_only_what_the_whole_line_says(line in platform_line(), before in "(Sep 5 tracking: )?") {
        let line = before + &line;
        let event = event(&line);
        for length in 0..=line.len() {
            if let Some(told) = salvage(&line.as_bytes()[..length]) {
                check_against(&event, &told)?;
            }
        }
        let told = salvage(line.as_bytes()).unwrap_or_default();
        prop_assert_eq!(told.time, Some(event.time));
        prop_assert_eq!(told.course_run_key.as_deref(), event.course_run_key.as_deref());
    }

    #[test]
    fn any_bytes_and_damaged_lines_tell_something_or_nothing(
        line in platform_line(),
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(),
    ) {
        let _ = salvage(&bytes);
        let mut line = line.into_bytes();
        let at = at.index(line.len());
        line.splice(at..at, bytes);
        let told = salvage(&line);
        if let Ok(Some(event)) = parse_line(&line) {
            check_against(&event, &told.unwrap_or_default())?;
        }
    }
}
