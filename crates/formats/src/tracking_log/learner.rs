//! Who an event is about, which is not always who acted: staff enrol, regrade and certify learners.
//!
//! It does not look user names up; events that name a learner by user name only are resolved where the user tables are.

use super::event::Text;
use super::json::{filled_text_of, user_id_of};
use super::members::Members;

/// The learner a payload names.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Subject<'a> {
    pub(super) user_id: Option<i64>,
    pub(super) username: Text<'a>,
}

/// The learner the payload of an event names, if it names one: by id in the events the platform reports about somebody, by user name
/// in those of the old instructor pages.
pub(super) fn subject_of<'a>(event_name: &str, group: Option<&str>, members: &Members<'a>) -> Subject<'a> {
    let user_id = match group.unwrap_or_default() {
        "enrollment" | "cohort" | "team" | "grade" | "certificate" | "badge" | "completion" | "account" => members.user_id,
        "special_exam" => members.allowance_user_id.or(members.attempt_user_id),
        _ => None,
    };
    let username = match event_name {
        "problem_rescore"
        | "problem_rescore_fail"
        | "reset-student-attempts"
        | "delete-student-module-state"
        | "rescore-student-submission"
        | "get-student-progress-page" => members.student,
        "add-or-remove-user-group" => members.user,
        _ => None,
    };
    Subject { user_id: user_id.and_then(user_id_of), username: username.and_then(filled_text_of) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "the payloads of these tests are JSON")]
    use super::*;
    use crate::tracking_log::names::group_of;

    fn subject(event_name: &str, payload: &'static str) -> Subject<'static> {
        subject_of(event_name, group_of(event_name), &Members::read(payload).unwrap())
    }

    #[test]
    fn events_about_somebody_name_the_learner_by_id() {
        for event_name in [
            "edx.course.enrollment.activated",
            "edx.cohort.user_add_requested",
            "edx.team.learner_removed",
            "edx.grades.problem.submitted",
            "edx.course.grade.now_passed",
            "edx.certificate.created",
            "edx.completion.block_completion.changed",
        ] {
            for payload in [r#"{"user_id": 42}"#, r#"{"user_id": "42"}"#] {
                assert_eq!(subject(event_name, payload).user_id, Some(42), "{event_name}");
            }
            assert_eq!(subject(event_name, r#"{"user_id": ""}"#), Subject::default());
        }
        assert_eq!(subject("edx.special_exam.proctored.attempt.created", r#"{"attempt_user_id": 7}"#).user_id, Some(7));
    }

    #[test]
    fn a_user_id_in_another_event_is_not_its_learner() {
        assert_eq!(subject("play_video", r#"{"user_id": 42, "student": "x"}"#), Subject::default());
    }

    #[test]
    fn a_regraded_learner_is_named_by_user_name() {
        assert_eq!(subject("problem_rescore", r#"{"student": "lena\n"}"#).username.as_deref(), Some("lena"));
        assert_eq!(subject("reset-student-attempts", r#"{"student": "", "problem": "p"}"#), Subject::default());
    }
}
