//! Lines of forum exports, old and new, whole and broken.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own line should stop")]

use super::*;

fn read(line: &str) -> ForumDocument<'_> {
    parse_document(line.as_bytes()).unwrap().unwrap()
}

#[test]
fn a_thread_of_an_old_export_is_read() {
    let line = r#"{"_id":{"$oid":"50f1dd4ae05f6d2600000001"},"_type":"CommentThread","anonymous":false,"anonymous_to_peers":true,"at_position_list":[],"author_id":"4","author_username":"ada","body":"Hi \u0000there","closed":false,"comment_count":2,"commentable_id":"i4x-O-C-course-R","course_id":"O/C/R","created_at":{"$date":1358028106904},"last_activity_at":{"$date":1358134464424},"tags_array":[],"title":"Hello","updated_at":{"$date":1358134453862},"votes":{"count":3,"down":[],"down_count":0,"point":3,"up":["1","2","3"],"up_count":3},"abuse_flaggers":["9"]}"#;
    let post = read(line);
    assert_eq!(post.id.as_deref(), Some("50f1dd4ae05f6d2600000001"));
    assert_eq!((post.document_type.as_deref(), post.author_id), (Some("CommentThread"), Some(4)));
    assert_eq!((post.title.as_deref(), post.body.as_deref()), (Some("Hello"), Some("Hi there")));
    assert_eq!(post.created_at, Some(1_358_028_106_904_000));
    assert_eq!((post.anonymous, post.anonymous_to_peers, post.endorsed), (Some(false), Some(true), None));
    assert_eq!((post.votes_up_count, post.votes_down_count, post.votes_count, post.votes_point), (Some(3), Some(0), Some(3), Some(3)));
    assert_eq!(post.abuse_flaggers.as_deref(), Some(r#"["9"]"#));
    assert_eq!(post.document, line);
}

#[test]
fn a_comment_of_a_new_export_is_read() {
    let post = read(
        r#"{"_id":{"$oid":"aa"},"_type":"Comment","author_id":"7","comment_thread_id":{"$oid":"bb"},"parent_id":{"$oid":"cc"},"parent_ids":[{"$oid":"cc"}],
        "depth":{"$numberInt":"1"},"child_count":{"$numberLong":"0"},"endorsed":true,"endorsement":{"user_id":"5","time":{"$date":"2014-09-05T00:00:00Z"}},
        "group_id":null,"sk":"cc-aa","newer_member":{"x":1}}"#,
    );
    assert_eq!((post.comment_thread_id.as_deref(), post.parent_id.as_deref()), (Some("bb"), Some("cc")));
    assert_eq!((post.parent_ids.as_deref(), post.depth, post.child_count), (Some(r#"["cc"]"#), Some(1), Some(0)));
    assert_eq!((post.endorsed, post.endorsement_user_id, post.endorsement_time), (Some(true), Some(5), Some(1_409_875_200_000_000)));
    assert_eq!((post.group_id, post.sk.as_deref()), (None, Some("cc-aa")));
    assert!(post.document.contains("newer_member"));
}

#[test]
fn an_author_that_is_no_number_is_unknown_and_the_post_is_kept() {
    let post = read(r#"{"author_id":"ada","votes":[],"endorsement":null}"#);
    assert_eq!((post.author_id, post.votes_count, post.endorsement_user_id), (None, None, None));
}

#[test]
fn a_blank_line_is_neither_row_nor_reject() {
    for line in [&b""[..], b" \r\n", b"\0\0"] {
        assert_eq!(parse_document(line), Ok(None));
    }
}

#[test]
fn a_line_that_is_no_post_says_why() {
    for (line, code) in [
        (&br#"{"_id": {"$oid": "aa"}, "bo"#[..], RejectCode::ForumNotJson),
        (b"connected to: 127.0.0.1", RejectCode::ForumNotJson),
        (b"[1,2]", RejectCode::ForumNotAJsonObject),
        (b"null", RejectCode::ForumNotAJsonObject),
    ] {
        assert_eq!(parse_document(line).unwrap_err().code, code);
    }
    assert_eq!(parse_document(br#"{"a": x}"#).unwrap_err().column, Some(7));
}

#[test]
fn not_a_number_half_a_surrogate_pair_and_raw_control_characters_are_mended() {
    let document = read("{\"body\": \"a\tb \\ud83d\", \"depth\": NaN, \"title\": \"t\"}");
    assert_eq!((document.body.as_deref(), document.depth, document.title.as_deref()), (Some("a\tb \u{fffd}"), None, Some("t")));
    assert!(serde_json::from_str::<serde_json::Value>(&document.document).is_ok());
}

#[test]
fn a_place_in_a_line_is_given_only_where_it_is_a_place_in_the_line() {
    assert_eq!(parse_document(b"  {\"a\": x}").unwrap_err().column, Some(9));
    assert_eq!(parse_document(b"{\"a\xff\": x}").unwrap_err().column, None);
}

#[test]
fn nul_bytes_go_and_broken_utf_8_is_marked() {
    let post = parse_document(b"\xef\xbb\xbf{\"title\":\"a\0b\xff\"}\r").unwrap().unwrap();
    assert_eq!(post.title.as_deref(), Some("ab\u{fffd}"));
    assert_eq!(post.document, "{\"title\":\"ab\u{fffd}\"}");
}

#[test]
fn a_number_that_no_learner_has_is_nobody() {
    let document = read(r#"{"author_id": "-4", "endorsement": {"user_id": "0"}}"#);
    assert_eq!((document.author_id, document.endorsement_user_id), (None, None));
}

proptest::proptest! {
    #[test]
    fn any_line_is_a_post_a_blank_or_a_reason(line in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = parse_document(&line);
    }

    #[test]
    fn any_object_is_a_post(value in "(null|true|[0-9]{1,20}|-?[0-9]\\.[0-9]{1,3}|\"[a-z0-9]{0,5}\"|\\[\\{\"\\$oid\":1\\}\\]|\\{\"\\$date\":[0-9]{1,19}\\}|\\{\"time\":\\{\"\\$date\":\"2013\"\\}\\})") {
        for name in ["_id", "author_id", "created_at", "parent_ids", "votes", "endorsement", "depth", "pinned", "title"] {
            let line = format!("{{\"{name}\":{value}}}");
            if serde_json::from_str::<Value>(&line).is_ok() {
                proptest::prop_assert!(parse_document(line.as_bytes()).unwrap().is_some());
            }
        }
    }
}
