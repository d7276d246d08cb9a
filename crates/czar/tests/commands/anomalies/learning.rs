//! What changed in how the platform counted: the research tables keep numbers comparable over the years.

use serde_json::json;

use super::{Case, enrolled, event};

const PACKAGE: &str = "2015-03-01";

fn video(time: &str, name: &str, payload: serde_json::Value) -> serde_json::Value {
    event(json!({"event_source": "browser", "event_type": name, "name": name, "time": time, "event": payload}))
}

#[test]
fn a25_who_enrolled_before_there_were_events_is_in_the_table_and_counts() {
    let case = Case::new();
    enrolled(&case, PACKAGE);
    case.ingest().build();
    assert_eq!(
        case.value("select user_id, mode, is_active, log_is_active, cast(start_time as date) from person_course"),
        "7,honor,1,,2013-01-02"
    );
    assert_eq!(case.value("select count(*) from enrollment_events"), "0");
}

#[test]
fn a26_a_certificate_without_an_account_is_a_learner() {
    let case = Case::new();
    enrolled(&case, PACKAGE);
    case.table(
        PACKAGE,
        "certificates_generatedcertificate",
        "id\tuser_id\tdownload_url\tgrade\tcourse_id\tkey\tdistinction\tstatus\n1\t9\t\t0.91\tcourse-v1:UniversityX+DemoX+2015\tk\t0\tdownloadable\n",
    );
    case.ingest().build();
    assert_eq!(case.rows("select user_id, certified from person_course order by 1"), ["7,false", "9,true"]);
}

#[test]
fn a27_a_check_that_was_written_twice_before_july_2013_counts_once() {
    let case = Case::new();
    enrolled(&case, PACKAGE);
    let check = |time: &str, source: &str| {
        event(json!({
            "event_source": source, "event_type": "problem_check", "name": null, "time": time,
            "event": {"problem_id": "i4x://UniversityX/DemoX/problem/p", "attempts": 1, "success": "correct"},
        }))
    };
    case.day("2013-06-01", &[check("2013-06-01T10:00:00+00:00", "server"), check("2013-06-01T10:00:00.5+00:00", "server")]);
    case.day(
        "2014-06-01",
        &[
            check("2014-06-01T10:00:00+00:00", "server"),
            check("2014-06-01T10:00:00.5+00:00", "server"),
            check("2014-06-01T10:00:00+00:00", "browser"),
        ],
    );
    case.ingest().build();
    assert_eq!(case.rows("select date, nproblem_check from person_course_day order by 1"), ["2013-06-01,1", "2014-06-01,2"]);
}

#[test]
fn a28_a_seek_without_length_before_june_2014_ends_no_viewing_wrongly() {
    let case = Case::new();
    enrolled(&case, PACKAGE);
    case.day(
        "2014-05-01",
        &[
            video("2014-05-01T10:00:00+00:00", "play_video", json!({"id": "v", "code": "c", "currentTime": 0})),
            video("2014-05-01T10:00:20+00:00", "seek_video", json!({"id": "v", "code": "c", "old_time": 20, "new_time": 20})),
            video("2014-05-01T10:00:20.1+00:00", "play_video", json!({"id": "v", "code": "c", "currentTime": 50})),
            video("2014-05-01T10:00:30+00:00", "pause_video", json!({"id": "v", "code": "c", "currentTime": 60})),
        ],
    );
    case.ingest().build();
    // 0 to 20, then from where the seek says it went, 20, to 60: the old seek does not tell that 20 to 50 were passed over.
    assert_eq!(case.value("select nseek_video, nvideos_watched_sec from person_course_day"), "1,60.0");
}

#[test]
fn a29_the_pause_before_a_stop_is_one_event_with_it() {
    let case = Case::new();
    enrolled(&case, PACKAGE);
    case.day(
        "2015-02-01",
        &[
            video("2015-02-01T10:00:00+00:00", "play_video", json!({"id": "v", "code": "c", "currentTime": 0})),
            video("2015-02-01T10:00:30+00:00", "pause_video", json!({"id": "v", "code": "c", "currentTime": 30})),
            video("2015-02-01T10:00:30.1+00:00", "stop_video", json!({"id": "v", "code": "c", "currentTime": 30})),
        ],
    );
    case.ingest().build();
    assert_eq!(case.value("select nevents, npause_video, nvideos_watched_sec from person_course_day"), "2,1,30.0");
}

#[test]
fn a30_caption_menu_noise_is_told_apart_and_never_counts_as_watching() {
    let case = Case::new();
    enrolled(&case, PACKAGE);
    let noise: Vec<_> = (0..3)
        .map(|n| video(&format!("2015-11-01T10:00:0{n}+00:00"), "video_hide_cc_menu", json!({"id": "v", "code": "c", "language": "en"})))
        .collect();
    case.day("2015-11-01", &noise).ingest().build();
    assert_eq!(case.rows("select distinct event_name from tracking_events"), ["video_hide_cc_menu"]);
    assert_eq!(case.value("select nplay_video, nvideos_watched_sec, nvideos_viewed from person_course_day"), "0,0.0,0");
}
