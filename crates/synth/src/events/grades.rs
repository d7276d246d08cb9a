//! Grade events of the server, logged since the end of 2016.
//!
//! The user they name is the learner; the number may come as text.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::json::JsonText;
use crate::moment::content_text;
use crate::random::hex;

/// The hash of the grading policy of every synthetic course.
pub(crate) const POLICY_HASH: &str = "NiGhcAFSrpyijXbow/XKE1Cp1GA=";

pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    payload.open();
    payload.key("course_id").text(&facts.run.key);
    let user_id = facts.person.user_id;
    let event_type = match facts.action.kind {
        ActionKind::GradeSubmitted { problem, points } => {
            // This event is known for its user ids in quotes.
            payload.key("user_id").text(&user_id.to_string());
            payload.key("problem_id").text(facts.usage_key(problem));
            payload.key("weighted_earned").int(i64::from(points));
            payload.key("weighted_possible").int(i64::from(facts.run.block(problem).n_inputs));
            payload.key("weight").null();
            "edx.grades.problem.submitted"
        }
        ActionKind::GradeSubsection { sequential, earned, possible } => {
            payload.key("user_id").int(user_id);
            payload.key("block_id").text(facts.usage_key(sequential));
            payload.key("course_version").text(&hex(u64::from(facts.run.index), 24));
            payload.key("first_attempted").text(&content_text(facts.at()));
            payload.key("subtree_edited_on").text(&content_text(facts.run.start()));
            payload.key("visible_blocks_hash").text("sX2Uo0e6N5Vd4bKk0Wq1yA3r8xI=");
            payload.key("weighted_graded_earned").int(i64::from(earned)).key("weighted_graded_possible").int(i64::from(possible));
            payload.key("weighted_total_earned").int(i64::from(earned)).key("weighted_total_possible").int(i64::from(possible));
            "edx.grades.subsection.grade_calculated"
        }
        ActionKind::GradeCourse { percent } => {
            payload.key("user_id").int(user_id);
            payload.key("course_edited_on").text(&content_text(facts.run.start()));
            payload.key("course_version").text(&hex(u64::from(facts.run.index), 24));
            payload.key("grading_policy_hash").text(POLICY_HASH);
            payload.key("letter_grade").text(facts.run.letter(percent));
            payload.key("percent_grade").millis(i64::from(percent) * 10);
            "edx.grades.course.grade_calculated"
        }
        _ => "edx.grades.problem.submitted",
    };
    payload.key("event_transaction_id").text(&hex(facts.draw("transaction") >> 8, 32));
    payload.key("event_transaction_type").text("edx.grades.problem.submitted");
    payload.close();
    Particulars::server(event_type, format!("/courses/{}/xblock/", facts.run.key))
}
