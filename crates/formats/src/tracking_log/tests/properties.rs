//! What holds for any line at all.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Event, EventStatus, parse_line};

/// Text without the white space that readers strip.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9é\"\\\\{}:/\u{1F600}\u{7}]{1,12}"
}

/// What holds for each event: a payload said to be JSON is JSON, and no number is without a value.
fn check_event(event: &Event<'_>) -> Result<(), TestCaseError> {
    if matches!(event.event_status, EventStatus::Object | EventStatus::Decoded | EventStatus::List) {
        let payload = event.event.as_deref().unwrap_or_default();
        prop_assert!(serde_json::from_str::<Value>(payload).is_ok(), "{payload}");
    }
    for object in [&event.context, &event.other_members].into_iter().flatten() {
        prop_assert!(serde_json::from_str::<Value>(object).is_ok(), "{object}");
    }
    let numbers = [event.grade, event.max_grade, event.video_time, event.video_speed, event.weighted_earned, event.percent_grade];
    prop_assert!(numbers.iter().flatten().all(|number| number.is_finite()));
    prop_assert!(event.user_id.is_none_or(|user_id| user_id > 0));
    Ok(())
}

fn sound_line() -> String {
    json!({
        "username": "lena", "event_source": "browser", "event_type": "play_video", "name": "play_video", "time": "2015-03-01T10:20:30.123456+00:00",
        "event": r#"{"id": "a", "currentTime": 1.5, "password": "x", "note": "\ud83d\ude00"}"#, "page": "https://a/courses/U/D/R/info?token=x",
        "context": {"user_id": 5, "course_id": "U/D/R", "module": {"usage_key": "k"}, "token": ["x", {"y": "\u{1F600}"}]},
    })
    .to_string()
}

proptest! {
    #[test]
    fn any_bytes_give_an_event_nothing_or_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(Some(event)) = parse_line(&bytes) {
            check_event(&event)?;
        }
    }

    #[test]
    fn a_damaged_line_gives_an_event_nothing_or_a_reason(
        damages in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), prop::sample::select(b"\"\\{}[]:,\0 N1u".to_vec())], 0..3_u8), 1..5)
    ) {
        let mut line = sound_line().into_bytes();
        for (at, byte, damage) in damages {
            let at = at.index(line.len());
            match damage {
                0 => line[at] = byte,
                1 => line.insert(at, byte),
                _ => line.truncate(at.max(1)),
            }
        }
        if let Ok(Some(event)) = parse_line(&line) {
            check_event(&event)?;
        }
    }

    #[test]
    fn the_fields_of_a_written_event_are_read_back(
        username in text(), agent in text(), video_id in text(), code in text(), course in "[A-Za-z0-9._-]{1,8}",
        user_id in 1..i64::MAX, micros in 0..4_102_444_800_000_000_i64, position in 0.0..36_000.0_f64, encodings in 0..3_usize,
    ) {
        let moment = chrono::DateTime::from_timestamp_micros(micros).unwrap();
        let course_run_key = format!("course-v1:U+{course}+R");
        let mut payload = json!({"id": video_id, "code": code, "currentTime": position});
        for _ in 0..encodings {
            payload = Value::String(payload.to_string());
        }
        let line = json!({
            "username": username, "agent": agent, "event_type": "pause_video", "event": payload, "event_source": "browser",
            "time": moment.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
            "context": {"user_id": user_id, "course_id": course_run_key},
        }).to_string();
        let event = parse_line(line.as_bytes()).unwrap().unwrap();
        check_event(&event)?;
        prop_assert_eq!(event.time, micros);
        prop_assert_eq!(event.username.as_deref(), Some(username.as_str()));
        prop_assert_eq!(event.agent.as_deref(), Some(agent.as_str()));
        prop_assert_eq!(event.user_id, Some(user_id));
        prop_assert_eq!(event.course_run_key.as_deref(), Some(course_run_key.as_str()));
        prop_assert_eq!(event.video_id.as_deref(), Some(video_id.as_str()));
        prop_assert_eq!(event.video_code.as_deref(), Some(code.as_str()));
        prop_assert_eq!(event.video_time, Some(position));
        prop_assert_eq!(event.event_status, if encodings == 0 { EventStatus::Object } else { EventStatus::Decoded });
        prop_assert_eq!(&event.clone().into_owned(), &event);
    }
}
