//! Any bytes as one line of a tracking log: an event that holds what it promises, nothing, or a reason. What is salvaged of a line is what
//! its event says, if it has one.

#![no_main]

use czar_formats::course_run_key::CourseRunKey;
use czar_formats::tracking_log::{EventStatus, FingerprintKey, known_event, parse_line, salvage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let padded = [b" \t", line, b"\r\n"].concat();
    let key = FingerprintKey::derived_from("a lake");
    assert_eq!(key.fingerprint(line), key.fingerprint(&padded), "white space around a line makes no other line");
    let salvaged = salvage(line);
    if let Some(salvaged) = &salvaged {
        assert!(salvaged.event_source.is_none_or(|source| ["browser", "mobile", "server", "task"].contains(&source)));
        assert!(salvaged.event_name.is_none_or(|name| name.starts_with("page:") || known_event(name).is_some()));
        let key = salvaged.course_run_key.as_deref();
        assert!(key.is_none_or(|key| CourseRunKey::parse(key).is_some_and(|parsed| parsed.as_str() == key)));
    }
    match parse_line(line) {
        Ok(Some(event)) => {
            if matches!(event.event_status, EventStatus::Object | EventStatus::Decoded | EventStatus::List) {
                let payload = event.event.as_deref().expect("a decoded payload is there");
                serde_json::from_str::<&serde_json::value::RawValue>(payload).expect("a decoded payload is JSON");
            }
            if let Some(context) = event.context.as_deref() {
                serde_json::from_str::<&serde_json::value::RawValue>(context).expect("a context is JSON");
            }
            let numbers = [
                event.grade,
                event.max_grade,
                event.video_time,
                event.video_old_time,
                event.video_new_time,
                event.video_speed,
                event.video_old_speed,
                event.video_duration,
                event.weighted_earned,
                event.weighted_possible,
                event.percent_grade,
            ];
            assert!(numbers.iter().flatten().all(|number| number.is_finite()));
            assert!(event.user_id.is_none_or(|user_id| user_id > 0) && event.actor_user_id.is_none_or(|user_id| user_id > 0));
            assert!(event.username.as_deref().is_none_or(|name| !name.is_empty() && name.trim() == name));
            if let Some(salvaged) = salvaged {
                assert!(salvaged.time == Some(event.time));
                assert!(salvaged.event_source.is_none() || salvaged.event_source == event.event_source.as_deref());
                assert!(salvaged.event_name.is_none() || salvaged.event_name == event.event_name.as_deref());
                assert!(salvaged.course_run_key.is_none() || salvaged.course_run_key == event.course_run_key.as_deref().map(Box::from));
            }
        }
        Ok(None) => {
            assert!(line.iter().all(|&byte| byte == 0 || byte.is_ascii_whitespace()), "only white space is a blank line");
            assert!(salvaged.is_none());
        }
        Err(reject) => assert!(reject.column.is_none_or(|column| column as usize <= line.len() + 1)),
    }
});
