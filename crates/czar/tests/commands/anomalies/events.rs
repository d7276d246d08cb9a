//! Lines of tracking logs.

use serde_json::json;

use super::{Case, event};

const DAY: &str = "2015-03-02";

#[test]
fn a19_an_event_counts_on_the_day_it_happened_and_stays_in_the_file_it_came_in() {
    let case = Case::new();
    super::enrolled(&case, "2015-03-01");
    let late = event(json!({
        "event_source": "mobile", "time": "2015-01-15T10:00:00+00:00",
        "context": {"user_id": 7, "course_id": "course-v1:UniversityX+DemoX+2015", "received_at": "2015-03-02T08:00:00+00:00"},
    }));
    case.day(DAY, &[late, event(json!({}))]).ingest().build();
    assert_eq!(
        case.rows(
            "select _log_date, cast(time as date) as happened, cast(received_at as date) as received from tracking_events order by time"
        ),
        ["2015-03-02,2015-01-15,2015-03-02", "2015-03-02,2015-03-02,"]
    );
    assert_eq!(case.rows("select date, nevents from person_course_day order by 1"), ["2015-01-15,1", "2015-03-02,1"]);
}

#[test]
fn a20_the_same_line_again_is_a_duplicate_in_its_file_and_across_files() {
    let case = Case::new();
    let (first, second) = (event(json!({"session": "a"})), event(json!({"session": "b"})));
    case.day(DAY, &[first.clone(), second.clone(), first.clone()]).day("2015-03-03", &[second]).ingest();
    assert_eq!(case.account("events-2015-03-02"), [3, 2, 1, 0, 0]);
    assert_eq!(case.account("events-2015-03-03"), [1, 0, 1, 0, 0]);
    assert_eq!(case.value("select count(*) from tracking_events"), "2");
}

#[test]
fn a21_a_cut_line_is_set_aside_and_a_cut_payload_is_kept_as_it_is() {
    let case = Case::new();
    let whole = event(json!({"agent": "x".repeat(3000)})).to_string();
    let request = json!({"POST": {"answer": "y".repeat(600)}}).to_string();
    let cut_payload = event(
        json!({"event_type": "/courses/course-v1:UniversityX+DemoX+2015/xblock/b/handler/h", "name": null, "event": &request[..512]}),
    );
    case.raw_day(DAY, format!("{}\n{cut_payload}\n{whole}\n", &whole[..2043])).ingest();
    assert_eq!(case.account("events-2015-03-02"), [3, 2, 0, 0, 1]);
    assert_eq!(case.rows("select source_line, n_bytes, code from rejects"), ["1,2043,tracking_log.cut"]);
    assert_eq!(case.value("select event_status, length(event) from tracking_events where page_kind is not null"), "cut,512");
}

#[test]
fn a22_a_payload_is_read_in_every_form_it_comes_in() {
    let case = Case::new();
    let payload = json!({"id": "v", "code": "html5", "currentTime": 1.5});
    let video =
        |payload: serde_json::Value| event(json!({"event_source": "browser", "event_type": "play_video", "name": null, "event": payload}));
    case.day(
        DAY,
        &[
            video(payload.clone()),
            video(json!(payload.to_string())),
            video(json!(json!(payload.to_string()).to_string())),
            event(json!({"event_source": "browser", "event_type": "problem_check", "name": null, "event": "input_a_2_1=choice_2&input_a_3_1%5B%5D=x"})),
            event(json!({"event_source": "browser", "event_type": "problem_graded", "name": null, "event": ["input_a=1", "<p>"]})),
            event(json!({"event_source": "browser", "event_type": "page_close", "name": null, "event": ""})),
            event(json!({"event_source": "browser", "event_type": "page_close", "name": null, "event": "null"})),
            event(json!({"event_source": "browser", "event_type": "page_close", "name": null, "event": null})),
        ],
    )
    .ingest();
    assert_eq!(
        case.rows(
            "select event_status, count(*), max(video_time) from tracking_events where event_name = 'play_video' group by 1 order by 1"
        ),
        ["decoded,2,1.5", "object,1,1.5"]
    );
    assert_eq!(
        case.rows("select event_name, event_status from tracking_events where event_name <> 'play_video' order by 1, 2"),
        ["page_close,empty", "page_close,null", "page_close,null", "problem_check,form", "problem_graded,list"]
    );
}

#[test]
fn a23_a_user_id_is_a_number_in_whatever_form_it_was_sent() {
    let case = Case::new();
    let ids = [json!(7), json!("7"), json!(""), json!(null), json!(0), json!(-4)];
    let events: Vec<_> = ids.iter().enumerate().map(|(n, id)| event(json!({"session": n, "context": {"user_id": id}}))).collect();
    case.day(DAY, &events).ingest();
    assert_eq!(case.rows("select user_id, count(*) from tracking_events group by 1 order by 1"), ["7,2", ",4"]);
    case.table("2015-03-08", "user_id_map", "hash_id\tid\tusername\nh\t7\tlena\nh\t-4\tnobody\n").ingest();
    assert_eq!(case.rows("select user_id, _unparsed from user_id_map order by 1"), ["7,", r#","{""user_id"":""-4""}""#]);
}

#[test]
fn a24_white_space_around_a_user_name_is_no_part_of_it() {
    let case = Case::new();
    case.day(DAY, &[event(json!({"username": "lena\n"})), event(json!({"username": " lena "})), event(json!({"username": ""}))]).ingest();
    assert_eq!(case.rows("select username, count(*) from tracking_events group by 1 order by 1"), ["lena,2", ",1"]);
}

#[test]
fn a31_a_speed_that_is_no_number_costs_the_number_and_not_the_event() {
    let case = Case::new();
    let line = event(json!({"event_source": "browser", "event_type": "speed_change_video", "name": null, "event": "SPEED"}))
        .to_string()
        .replace("\"SPEED\"", r#"{"id": "v", "current_time": 2.0, "old_speed": "1.0", "new_speed": NaN}"#);
    case.raw_day(DAY, line).ingest();
    assert_eq!(case.value("select event_name, video_old_speed, video_speed from tracking_events"), "speed_change_video,1.0,");
}

#[test]
fn a35_a_time_in_seconds_since_1970_is_a_time() {
    let case = Case::new();
    case.day(DAY, &[event(json!({"time": 1_425_290_400})), event(json!({"time": "2015-03-02T10:00:00", "session": "b"}))]).ingest();
    assert_eq!(case.rows("select distinct cast(time as varchar) from tracking_events"), ["2015-03-02T10:00:00Z"]);
}

#[test]
fn a36_no_secret_reaches_the_lake() {
    let case = Case::new();
    let secrets = ["hunter2-a", "hunter2-b", "hunter2-c", "hunter2-d"];
    case.day(
        DAY,
        &[
            event(json!({"event_type": "/login_ajax", "name": null, "event": json!({"POST": {"password": [secrets[0]]}, "GET": {}}).to_string()})),
            event(json!({"event": {"settings": {"aws_secret_key": secrets[1], "aws_access_key": "k"}}})),
            event(json!({"page": format!("https://courses.example.org/reset?token={}", secrets[2])})),
            event(json!({"event_source": "browser", "event_type": "x", "event": format!("name=lena&password={}", secrets[3])})),
        ],
    )
    .ingest();
    let lake = case.0.data(&["query", "--format", "csv", "select * from tracking_events"]);
    for secret in secrets {
        assert!(!lake.contains(secret), "{secret}");
    }
    assert!(lake.contains("lena"));
}
