//! Names of files and of courses.

use super::Case;

const DATE: &str = "2015-03-01";

/// A table whose rows name their course, as a member of that name.
fn enrolment(case: &Case, name: &str, course: &str) {
    case.member(DATE, name, format!("id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n1\t7\t{course}\t2014-01-01 00:00:00\t1\thonor\n"));
}

#[test]
fn a13_the_course_comes_from_the_content_whatever_its_name_looks_like() {
    let case = Case::new();
    let courses = [
        ("UniversityX-Intro-to-X-2015-T1", "course-v1:UniversityX+Intro-to-X+2015-T1"),
        ("UniversityX-CS.101.2x-2012_Fall", "UniversityX/CS.101.2x/2012_Fall"),
        ("UniversityX-DemoX-2015-ccx-3", "ccx-v1:UniversityX+DemoX+2015+ccx@3"),
        ("UniversityX-M_sica-2015", "course-v1:UniversityX+M\u{fa}sica+2015"),
    ];
    for (stem, course) in courses {
        enrolment(&case, &format!("{stem}-student_courseenrollment-prod-analytics.sql"), course);
        case.member(DATE, &format!("{stem}-auth_user-prod-analytics.sql"), "id\tusername\temail\n7\tlena\te\n");
    }
    case.ingest();
    let mut expected: Vec<&str> = courses.iter().map(|(_, course)| *course).collect();
    expected.sort_unstable();
    assert_eq!(case.rows("select distinct _course_run_key from auth_user order by 1"), expected);
    assert_eq!(case.rows("select distinct _course_run_key from student_courseenrollment order by 1"), expected);
}

#[test]
fn a13_a_name_that_was_cut_is_known_by_its_header() {
    let case = Case::new();
    let long = "L".repeat(190);
    let name = format!("UniversityX-{long}-b140b895e008fcc2eeff3c21479faba3.sql");
    enrolment(&case, &name, &format!("course-v1:UniversityX+{long}+2015"));
    case.ingest();
    assert_eq!(
        case.value("select _site, user_id, _course_run_key from student_courseenrollment"),
        format!("edx,7,course-v1:UniversityX+{long}+2015")
    );
}

#[test]
fn a14_a_course_that_is_in_no_later_package_is_still_there() {
    let case = Case::new();
    let user = "id\tusername\temail\n7\tlena\te\n";
    case.member("2015-03-01", "UniversityX-OldX-2012-auth_user-prod-analytics.sql", user);
    case.member("2015-03-01", "UniversityX-DemoX-2015-auth_user-prod-analytics.sql", user);
    case.member("2015-03-08", "UniversityX-DemoX-2015-auth_user-prod-analytics.sql", user);
    case.ingest();
    assert_eq!(
        case.rows("select _course_run_key, _package_date from auth_user order by 1"),
        ["course-v1:UniversityX+DemoX+2015,2015-03-08", "course-v1:UniversityX+OldX+2012,2015-03-01"]
    );
}

#[test]
fn a18_a_course_is_one_course_however_its_key_is_written() {
    let case = Case::new();
    let keys = ["course-v1:UniversityX+DemoX+2015", " course-v1:UniversityX+DemoX+2015\n", "course-v1:UniversityX DemoX 2015"];
    let events: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| super::event(serde_json::json!({"context": {"user_id": 7, "course_id": key}, "session": n})))
        .chain([super::event(serde_json::json!({"context": {"user_id": 7, "course_id": ""}, "event_type": "/courses/course-v1%3AUniversityX%2BDemoX%2B2015/info", "name": null}))])
        .chain([super::event(serde_json::json!({"context": {"user_id": 7}, "page": "https://courses.example.org/courses/UniversityX/DemoX/2012_Fall/info"}))])
        .collect();
    case.day("2015-03-02", &events).ingest();
    assert_eq!(
        case.rows("select course_run_key, count(*) from tracking_events group by 1 order by 1"),
        ["UniversityX/DemoX/2012_Fall,1", "course-v1:UniversityX+DemoX+2015,4"]
    );
}
