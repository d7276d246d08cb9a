//! The typed columns a payload fills (docs/concepts/edx-files.md, "Payload forms").

use super::super::{Event, EventStatus};
use super::event_with;

/// The same payload as an object, as a string, and as a string in a string.
fn each_encoding(event_type: &str, payload: &str) -> [Event<'static>; 3] {
    let once = serde_json::to_string(payload).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    [payload, &once, &twice].map(|payload| event_with(&format!(r#""event_type": "{event_type}", "event": {payload}"#)))
}

#[test]
fn the_columns_do_not_depend_on_how_the_payload_was_encoded() {
    let payload =
        r#"{"id": "i4x-U-D-video-a", "code": "html5", "currentTime": 12.5, "speed": "1.50", "duration": null, "weird-key.1": [1]}"#;
    let [object, once, twice] = each_encoding("play_video", payload);
    assert_eq!(object.event_status, EventStatus::Object);
    assert_eq!((once.event_status, twice.event_status), (EventStatus::Decoded, EventStatus::Decoded));
    assert_eq!(once, twice);
    assert_eq!(Event { event_status: EventStatus::Decoded, ..object.clone() }, once);
    assert_eq!((object.video_id.as_deref(), object.usage_key.as_deref()), (Some("i4x-U-D-video-a"), Some("i4x-U-D-video-a")));
    assert_eq!((object.video_code.as_deref(), object.video_time, object.video_speed), (Some("html5"), Some(12.5), Some(1.5)));
    assert_eq!(object.video_duration, None);
    assert_eq!(object.event.as_deref(), Some(payload));
}

#[test]
fn both_spellings_of_the_player_position_are_read() {
    let [event, ..] = each_encoding("edx.video.closed_captions.shown", r#"{"current_time": 3}"#);
    assert_eq!(event.video_time, Some(3.0));
    let [event, ..] = each_encoding("seek_video", r#"{"old_time": "1.5", "new_time": 9, "type": "onSlideSeek"}"#);
    assert_eq!((event.video_old_time, event.video_new_time), (Some(1.5), Some(9.0)));
    let [event, ..] = each_encoding("speed_change_video", r#"{"old_speed": "0.75", "new_speed": "NaN"}"#);
    assert_eq!((event.video_old_speed, event.video_speed), (Some(0.75), None));
}

#[test]
fn a_problem_check_fills_its_columns_and_its_browser_twin_stays_a_form() {
    let [event, ..] = each_encoding(
        "save_problem_check",
        r#"{"problem_id": "i4x://U/D/problem/P", "attempts": 2, "grade": 1, "max_grade": "2.5", "success": "incorrect", "state": {"attempts": 9, "grade": 9}}"#,
    );
    assert_eq!(event.usage_key, event.problem_id);
    assert_eq!((event.problem_id.as_deref(), event.success.as_deref()), (Some("i4x://U/D/problem/P"), Some("incorrect")));
    assert_eq!((event.attempts, event.grade, event.max_grade), (Some(2), Some(1.0), Some(2.5)));
    let twin = event_with(
        r#""event_type": "problem_check", "event_source": "browser", "event": "input_i4x-U-D-problem-P_2_1=choice_1&input_b%5B%5D=x""#,
    );
    assert_eq!((twin.event_status, twin.problem_id, twin.attempts), (EventStatus::Form, None, None));
    let [shown, ..] = each_encoding("problem_show", r#"{"problem": "i4x://U/D/problem/P"}"#);
    assert_eq!(shown.problem_id.as_deref(), Some("i4x://U/D/problem/P"));
}

#[test]
fn a_graded_problem_is_a_list() {
    let event = event_with(r#""event_type": "problem_graded", "event": ["input_a_2_1=x", "<div>\"</div>"]"#);
    assert_eq!((event.event_status, event.event.as_deref()), (EventStatus::List, Some(r#"["input_a_2_1=x", "<div>\"</div>"]"#)));
}

#[test]
fn old_and_new_sequence_events_fill_the_same_columns() {
    let [old, ..] = each_encoding("seq_goto", r#"{"id": "i4x://U/D/sequential/S", "old": 1, "new": "4"}"#);
    let [new, ..] = each_encoding(
        "edx.ui.lms.sequence.tab_selected",
        r#"{"id": "i4x://U/D/sequential/S", "current_tab": 1, "target_tab": 4, "tab_count": 5, "widget_placement": "top"}"#,
    );
    for event in [old, new] {
        assert_eq!(
            (event.sequence_id.as_deref(), event.usage_key.as_deref()),
            (Some("i4x://U/D/sequential/S"), Some("i4x://U/D/sequential/S"))
        );
        assert_eq!((event.sequence_old, event.sequence_new), (Some(1), Some(4)));
    }
    let [jump, ..] = each_encoding("edx.ui.lms.jump_nav.selected", r#"{"id": "a/b", "current_id": "c/d"}"#);
    assert_eq!((jump.sequence_id, jump.usage_key), (None, None));
}

#[test]
fn a_post_belongs_to_its_thread() {
    let [thread, ..] = each_encoding("edx.forum.thread.voted", r#"{"id": "t1", "commentable_id": "c", "target_username": "max"}"#);
    assert_eq!((thread.forum_thread_id.as_deref(), thread.forum_target_username.as_deref()), (Some("t1"), Some("max")));
    let [comment, ..] = each_encoding(
        "edx.forum.comment.created",
        r#"{"id": "c9", "category_id": "c", "discussion": {"id": "t1"}, "response": {"id": "r"}}"#,
    );
    assert_eq!((comment.forum_thread_id.as_deref(), comment.forum_commentable_id.as_deref()), (Some("t1"), Some("c")));
    let [vote, ..] = each_encoding("edx.forum.response.voted", r#"{"id": "r1", "category_id": "c"}"#);
    assert_eq!(vote.forum_thread_id, None);
    let [search, ..] = each_encoding("edx.forum.searched", r#"{"query": "limits", "page": 0}"#);
    assert_eq!(search.query.as_deref(), Some("limits"));
}

#[test]
fn grades_and_certificates_fill_their_columns() {
    let [problem, ..] = each_encoding(
        "edx.grades.problem.submitted",
        r#"{"problem_id": "p", "weighted_earned": 1.5, "weighted_possible": null, "user_id": "4"}"#,
    );
    assert_eq!((problem.weighted_earned, problem.weighted_possible, problem.user_id), (Some(1.5), None, Some(4)));
    let [rescored, ..] = each_encoding("edx.grades.problem.rescored", r#"{"new_weighted_earned": 1, "new_weighted_possible": 2}"#);
    assert_eq!((rescored.weighted_earned, rescored.weighted_possible), (Some(1.0), Some(2.0)));
    let [subsection, ..] = each_encoding(
        "edx.grades.subsection.grade_calculated",
        r#"{"block_id": "b", "weighted_total_earned": 3, "weighted_total_possible": 4}"#,
    );
    assert_eq!(
        (subsection.weighted_earned, subsection.weighted_possible, subsection.usage_key.as_deref()),
        (Some(3.0), Some(4.0), Some("b"))
    );
    for name in ["percent", "percent_grade"] {
        let payload = format!(r#"{{"{name}": 0.5, "letter_grade": ""}}"#);
        let [course, ..] = each_encoding("edx.grades.course.grade_calculated", &payload);
        assert_eq!((course.percent_grade, course.letter_grade.as_deref()), (Some(0.5), Some("")));
    }
    let [certificate, ..] = each_encoding("edx.certificate.created", r#"{"enrollment_mode": "verified", "user_id": 3}"#);
    assert_eq!((certificate.enrollment_mode.as_deref(), certificate.user_id), (Some("verified"), Some(3)));
    let upgrade = event_with(r#""event_type": "edx.course.enrollment.upgrade.succeeded", "event": "", "context": {"mode": "verified"}"#);
    assert_eq!(upgrade.enrollment_mode.as_deref(), Some("verified"));
}

#[test]
fn the_fields_of_a_request_are_not_members_of_an_event() {
    let event = event_with(r#""event_type": "/courses/U/D/R/x", "event": {"problem_id": "p", "course_id": "A/B/C", "user_id": 3}"#);
    assert_eq!((event.problem_id, event.user_id), (None, None));
    assert_eq!(event.course_run_key.as_deref(), Some("U/D/R"));
}

#[test]
fn a_value_of_the_wrong_type_is_null_and_the_payload_keeps_it() {
    let [event, ..] = each_encoding("problem_check", r#"{"attempts": [2], "grade": "many", "problem_id": {"a": 1}, "success": true}"#);
    assert_eq!((event.attempts, event.grade, event.problem_id, event.success.as_deref()), (None, None, None, Some("true")));
    assert!(event.event.unwrap().contains("many"));
}

#[test]
fn a_payload_of_any_length_is_kept_whole() {
    let body = "x".repeat(2_000_000);
    let [event, ..] = each_encoding("edx.forum.thread.created", &format!(r#"{{"id": "t", "body": "{body}"}}"#));
    assert!(event.event.unwrap().len() > body.len());
}

#[test]
fn a_payload_cut_by_the_server_leaves_the_event_readable() {
    let event = event_with(r#""event_type": "/courses/U/D/R/info", "event": "{\"POST\": {\"password\": [\"hun""#);
    assert_eq!((event.event_status, event.event.as_deref()), (EventStatus::Cut, Some(r#"{"POST": {"password": "[redacted]""#)));
}
