//! What is in a delivery, what is missing, and what comes twice.

use serde_json::json;

use super::{Case, event};

#[test]
fn a10_the_traceback_of_a_failed_job_is_named_and_never_read() {
    let case = Case::new();
    case.member(
        "2015-03-01",
        "UniversityX-DemoX-2015-auth_user-prod-analytics.sql.failed",
        "Traceback (most recent call last):\n\tKeyError: 'x'\n",
    );
    let told = case.ingest_told();
    assert!(told.contains("auth_user") && told.contains("could not produce"), "{told}");
    assert_eq!(case.value("select state, n_records from loads"), "not_produced,0");
    assert_eq!(case.value("select count(*) from auth_user"), "0");
}

#[test]
fn a32_consent_that_nobody_gave_is_told_from_consent() {
    let case = Case::new();
    case.0.write(
        "delivery/email-opt-in-universityx-2015-03-01/UniversityX-email_opt_in-prod-analytics.csv",
        "user_id,username,email,full_name,course_id,is_opted_in_for_email,preference_set_datetime\n\
         7,lena,l@example.org,\"Lena, L\",course-v1:UniversityX+DemoX+2015,True,2014-12-01 00:00:00\n\
         8,ola,o@example.org,Ola,course-v1:UniversityX+DemoX+2015,True,2015-01-01 10:00:00+00:00\n\
         ,ida,i@example.org,Ida,UniversityX/OldX/2012,False,2015-01-02 10:00:00\n",
    );
    case.ingest();
    assert_eq!(
        case.rows("select username, full_name, is_opted_in_for_email, has_chosen from email_opt_in order by 1"),
        ["ida,Ida,false,true", "lena,\"Lena, L\",true,false", "ola,Ola,true,true"]
    );
}

#[test]
fn a33_a_missing_day_is_named_and_a_correction_adds_what_was_missing() {
    let case = Case::new();
    let (first, second) = (event(json!({"session": "a"})), event(json!({"session": "b"})));
    case.day("2015-03-02", std::slice::from_ref(&first)).day("2015-03-04", &[event(json!({"session": "c"}))]).ingest();
    let status = case.0.czar(&["status"]);
    assert!(status.contains("2015-03-03"), "{status}");
    // `patches` repeats one line and brings one.
    case.0.write("delivery/patches/events/2015/universityx-edx-events-2015-03-02.log", format!("{first}\n{second}\n"));
    case.ingest();
    assert_eq!(case.value("select count(*), count(distinct session) from tracking_events"), "3,3");
    assert_eq!(case.value("select sum(n_records), sum(n_rows), sum(n_duplicates) from loads"), "4,3,1");
}

#[test]
fn a34_an_event_in_two_organisations_files_is_one_event() {
    let case = Case::new();
    let shared = event(json!({"session": "shared"}));
    case.day("2015-03-02", &[shared.clone(), event(json!({"session": "own"}))]);
    case.0.write("delivery/otherx-edx-events-2015-03-02.log", format!("{shared}\n"));
    case.ingest();
    assert_eq!(case.value("select count(*), count(distinct session) from tracking_events"), "2,2");
    assert_eq!(case.value("select sum(n_duplicates) from loads"), "1");
}

#[test]
fn a38_a_date_of_the_forum_is_read_in_each_of_its_encodings() {
    let case = Case::new();
    let post = |id: &str, date: serde_json::Value| {
        json!({"_id": {"$oid": id}, "_type": "Comment", "author_id": "7", "course_id": "course-v1:UniversityX+DemoX+2015", "created_at": {"$date": date}}).to_string()
    };
    let lines = [
        post("a", json!(1_425_290_400_000_i64)),
        post("b", json!("2015-03-02T10:00:00.000Z")),
        post("c", json!({"$numberLong": "1425290400000"})),
    ];
    case.member("2015-03-08", "UniversityX-DemoX-2015-prod.mongo", lines.join("\n")).ingest();
    assert_eq!(case.rows("select cast(created_at as varchar), count(*) from forum_contents group by 1"), ["2015-03-02T10:00:00Z,3"]);
}

#[test]
fn a39_a_programme_once_completed_stays_completed() {
    let case = Case::new();
    let header = "authoring institution,program type,program uuid,program title,user id,username,name,completed program,date program certificate awarded";
    let report = |date: &str, row: &str| {
        case.0
            .write(&format!("delivery/reports_v2/UniversityX/universityx_program_learner_report_{date}.csv"), format!("{header}\n{row}\n"))
    };
    report("2020-03-01", "UniversityX,MicroMasters,uuid-1,\"X, in short\",7,lena,Lena L,True,2020-02-28T10:00:00Z");
    report("2020-03-02", "UniversityX,MicroMasters,uuid-1,\"X, in short\",7,lena,Lena L,False,null");
    case.ingest().build();
    assert_eq!(case.value("select count(*) from program_learner_report_history"), "2");
    assert_eq!(
        case.value("select user_id, completed_program, cast(first_awarded_at as date) as first from program_completions"),
        "7,true,2020-02-28"
    );
}
