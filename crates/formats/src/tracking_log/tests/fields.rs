//! The common members, and names (docs/concepts/edx-files.md, "Common fields" and "Names").

use super::super::PageKind;
use super::{event, event_with};

#[test]
fn common_fields_are_columns_and_empty_text_is_null() {
    let event = event_with(
        r#""event_source": "mobile", "ip": "", "session": "", "agent": "a\u00e9", "page": null, "referer": "https://x/", "accept_language": "de", "event_type": "page_close", "name": "",
           "context": {"path": "/event", "module": {"display_name": "Q 1", "usage_key": "block-v1:U+D+R+type@problem+block@a"}, "course_user_tags": {}}"#,
    );
    assert_eq!(event.time, 1_425_205_230_000_001);
    assert_eq!(event.event_source.as_deref(), Some("mobile"));
    assert_eq!((event.ip, event.session, event.page, event.name), (None, None, None, None));
    assert_eq!((event.agent.as_deref(), event.referer.as_deref()), (Some("aé"), Some("https://x/")));
    assert_eq!((event.accept_language.as_deref(), event.host.as_deref()), (Some("de"), Some("courses.edx.org")));
    assert_eq!(event.context_path.as_deref(), Some("/event"));
    assert_eq!(event.module_display_name.as_deref(), Some("Q 1"));
    assert_eq!(event.module_usage_key, event.usage_key);
    assert!(event.context.unwrap().starts_with(r#"{"path": "/event", "#));
}

#[test]
fn a_record_from_before_the_context_is_read() {
    let event = event_with(r#""event_type": "page_close", "event": "{}""#);
    assert_eq!((event.context, event.user_id, event.org, event.course_run_key), (None, None, None, None));
    let event = event_with(r#""event_type": "page_close", "context": "{}""#);
    assert_eq!((event.context, event.other_members.as_deref()), (None, Some(r#"{"context":"{}"}"#)));
}

#[test]
fn a_member_without_a_column_is_kept_as_written() {
    assert_eq!(event_with(r#""event": {"a": 1}, "context": null, "page": null, "session": """#).other_members, None);
    for (members, expected) in [
        (r#""schema_version": 1.50"#, r#"{"schema_version":1.50}"#),
        (r#""na\"me\u00e9": "\u00e9", "b": null"#, r#"{"na\"meé":"\u00e9","b":null}"#),
        (r#""a": 1, "a": 2"#, r#"{"a":1,"a":2}"#),
        (r#""agent": {"os": "x"}, "page": ["a"]"#, r#"{"agent":{"os": "x"},"page":["a"]}"#),
        (r#""context": {"path": "/a"}, "context": 5"#, r#"{"context":5}"#),
        (r#""half": "\ud83d""#, r#"{"half":"\ufffd"}"#),
    ] {
        assert_eq!(event_with(members).other_members.as_deref(), Some(expected));
    }
    let secrets = event_with(r#""api_key": "abc", "request": "{\"password\": \"abc\"}", "label": {"token": ["abc"]}"#);
    assert_eq!(
        secrets.other_members.as_deref(),
        Some(r#"{"api_key":"[redacted]","request":"{\"password\": \"[redacted]\"}","label":{"token": "[redacted]"}}"#)
    );
}

/// docs/concepts/edx-files.md, "Files and days".
#[test]
fn a_late_mobile_event_keeps_both_its_times() {
    let event = event(r#"{"time": "2014-12-01T00:00:00", "context": {"received_at": "2015-01-09T01:02:03.5+00:00"}}"#);
    assert_eq!(event.time, 1_417_392_000_000_000);
    assert_eq!(event.received_at, Some(1_420_765_323_500_000));
    assert_eq!(event_with(r#""context": {"received_at": "soon"}"#).received_at, None);
}

/// docs/concepts/edx-files.md, "Time".
#[test]
fn seconds_since_1970_are_a_time() {
    for time in ["1425205230", "\"1425205230\""] {
        assert_eq!(event(&format!("{{\"time\": {time}}}")).time, 1_425_205_230_000_000);
    }
}

#[test]
fn the_name_supersedes_the_type_and_old_names_become_new() {
    for (event_type, name, event_name) in [
        ("play_video", "edx.video.played", "play_video"),
        ("edx.video.position.changed", "", "seek_video"),
        ("seq_next", "edx.ui.lms.sequence.next_selected", "edx.ui.lms.sequence.next_selected"),
        ("seq_goto", "", "edx.ui.lms.sequence.tab_selected"),
        ("save_problem_check", "", "problem_check"),
        ("edx.forum.thread.viewed", "edx.forum.thread.viewed", "edx.forum.thread.viewed"),
        ("something.new", "", "something.new"),
        ("/courses/U/D/R/info", "/courses/U/D/R/info", "page:info"),
        ("/courses/course-v1:U+D+R/progress", "", "page:progress"),
    ] {
        let event = event_with(&format!(r#""event_type": "{event_type}", "name": "{name}""#));
        assert_eq!(event.event_name.as_deref(), Some(event_name), "{event_type} {name}");
        assert_eq!(event.event_type.as_deref(), Some(event_type));
    }
    assert_eq!(event_with(r#""event": {}"#).event_name, None);
}

#[test]
fn a_request_has_a_page_kind_and_an_explicit_event_has_none() {
    let request = event_with(
        r#""event_type": "/courses/U/D/R/discussion/forum/general/threads/53c5", "event": "{\"POST\": {}, \"GET\": {\"id\": [\"x\"]}}""#,
    );
    assert_eq!(request.page_kind, Some(PageKind::Discussion));
    assert_eq!((request.forum_commentable_id.as_deref(), request.forum_thread_id.as_deref()), (Some("general"), Some("53c5")));
    assert_eq!(event_with(r#""event_type": "page_close""#).page_kind, None);
    assert_eq!(event_with(r#""event_type": "/heartbeat""#).page_kind, Some(PageKind::Other));
}

/// docs/concepts/edx-files.md, "Secrets".
#[test]
fn secrets_leave_the_reader_redacted() {
    let login = event_with(
        r#""event_type": "/login_ajax", "referer": "https://x/?token=abc&next=/", "event": "{\"POST\": {\"email\": [\"a@b\"], \"password\": [\"hunter2\"], \"csrfmiddlewaretoken\": [\"abc\"]}, \"GET\": {\"access_token\": \"abc\"}}", "context": {"aws_secret_key": "abc", "user_id": ""}"#,
    );
    assert_eq!(
        login.event.as_deref(),
        Some(
            r#"{"POST": {"email": ["a@b"], "password": "[redacted]", "csrfmiddlewaretoken": "[redacted]"}, "GET": {"access_token": "[redacted]"}}"#
        )
    );
    assert_eq!(login.context.as_deref(), Some(r#"{"aws_secret_key": "[redacted]", "user_id": ""}"#));
    assert_eq!(login.referer.as_deref(), Some("https://x/?token=[redacted]&next=/"));
    let settings = event_with(
        r#""event_type": "get_client_configuration", "event": {"aws_access_key": "AK", "lti_passports": ["a:b:c"], "s3": {"AWS_SECRET_KEY": "x"}}"#,
    );
    assert_eq!(
        settings.event.as_deref(),
        Some(r#"{"aws_access_key": "[redacted]", "lti_passports": "[redacted]", "s3": {"AWS_SECRET_KEY": "[redacted]"}}"#)
    );
    let form = event_with(r#""event_type": "problem_save", "event": "input_a_2_1=x&password=hunter2""#);
    assert_eq!(form.event.as_deref(), Some("input_a_2_1=x&password=[redacted]"));
}
