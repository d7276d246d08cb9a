//! Who an event is about, and in which course run (docs/concepts/edx-files.md, "Who and which course run").

use super::event_with;

#[test]
fn a_user_id_may_be_a_number_digits_or_nothing() {
    for (sent, user_id) in
        [("5", Some(5)), (r#""5""#, Some(5)), (r#""""#, None), ("null", None), ("0", None), (r#""x""#, None), ("5.0", Some(5))]
    {
        let event = event_with(&format!(r#""context": {{"user_id": {sent}}}"#));
        assert_eq!((event.user_id, event.actor_user_id), (user_id, user_id), "{sent}");
    }
}

#[test]
fn a_user_name_is_stripped_and_an_empty_one_is_null() {
    for (sent, username) in
        [(r"lena\n", Some("lena")), (" lena ", Some("lena")), ("", None), (r"\n", None), ("anonymous", Some("anonymous"))]
    {
        let line = format!(r#"{{"username": "{sent}", "time": "2015-03-01T00:00:00"}}"#);
        assert_eq!(super::event(&line).username.as_deref(), username, "{sent}");
    }
}

#[test]
fn the_learner_of_an_enrolment_is_the_one_enrolled_not_the_one_who_enrols() {
    let event = event_with(
        r#""event_type": "edx.course.enrollment.activated", "event": {"user_id": "42", "course_id": "U/D/R", "mode": "honor"}, "context": {"user_id": 7, "course_id": ""}"#,
    );
    assert_eq!((event.user_id, event.actor_user_id), (Some(42), Some(7)));
    assert_eq!(event.course_run_key.as_deref(), Some("U/D/R"));
    assert_eq!(event.org.as_deref(), Some("U"));
    assert_eq!(event.enrollment_mode.as_deref(), Some("honor"));
}

#[test]
fn a_learner_named_by_user_name_is_never_taken_for_the_one_who_acted() {
    let event = event_with(r#""event_type": "problem_rescore", "event": {"student": "max", "problem_id": "p"}, "context": {"user_id": 7}"#);
    assert_eq!((event.user_id, event.actor_user_id, event.subject_username.as_deref()), (None, Some(7), Some("max")));
    let event = event_with(r#""event_type": "problem_check", "event": {"student": "max"}, "context": {"user_id": 7}"#);
    assert_eq!((event.user_id, event.subject_username), (Some(7), None));
}

#[test]
fn the_course_run_is_taken_from_the_first_place_that_names_one() {
    let places = [
        (r#""context": {"course_id": "U/D/context\n"#, "context"),
        (r#"", "path": "/courses/course-v1:U+D+path/info"#, "path"),
        (r#""}, "event_type": "/courses/U/D/type/info"#, "type"),
        (r#"", "page": "https://courses.edx.org/courses/U/D/page/courseware/"#, "page"),
        (r#"", "event": {"course_id": "U/D/payload"}"#, "payload"),
    ];
    for (n_empty, (_, run)) in places.iter().enumerate() {
        let mut members = String::new();
        for (index, (place, _)) in places.iter().enumerate() {
            let is_empty = index < n_empty;
            let emptied = match index {
                0 => r#""context": {"course_id": " \n"#,
                1 => r#"", "path": "/event"#,
                2 => r#""}, "event_type": "edx.something"#,
                _ => r#"", "page": "x_module"#,
            };
            members.push_str(if is_empty { emptied } else { place });
        }
        let event = event_with(&members);
        let expected = if *run == "path" { format!("course-v1:U+D+{run}") } else { format!("U/D/{run}") };
        assert_eq!(event.course_run_key.as_deref(), Some(expected.as_str()), "{members}");
        assert_eq!(event.org.as_deref(), Some("U"));
    }
}

#[test]
fn the_organisation_of_the_context_comes_before_that_of_the_key() {
    let event = event_with(r#""context": {"course_id": "course-v1:U+D+R", "org_id": "UniversityX"}"#);
    assert_eq!(event.org.as_deref(), Some("UniversityX"));
    assert_eq!(event_with(r#""context": {"course_id": "course-v1:U+D+R", "org_id": ""}"#).org.as_deref(), Some("U"));
}

#[test]
fn text_that_is_no_course_run_does_not_hide_the_next_place() {
    let event = event_with(r#""context": {"course_id": "library-v1:U+L", "path": "/courses/U/D/R/"}"#);
    assert_eq!(event.course_run_key.as_deref(), Some("U/D/R"));
}
