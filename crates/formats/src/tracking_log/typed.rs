//! Gives the members of a payload their meaning: which column a member fills depends on the event.
//!
//! It refuses values of the wrong type without losing the event: such a column is null, and the payload's text still has the value.

use super::event::{Event, Text};
use super::json::{self, filled_text_of, integer_of, number_of};
use super::members::Members;

/// Fills the typed columns. `keep` makes text that lives as long as the event.
pub(super) fn fill<'event, 'payload>(
    event: &mut Event<'event>,
    group: Option<&str>,
    members: &Members<'payload>,
    keep: impl Fn(Text<'payload>) -> Text<'event>,
) {
    let text = |raw: Option<&'payload str>| keep(raw.and_then(filled_text_of));
    let group = group.unwrap_or_default();

    let problem = if matches!(group, "problem" | "staff_management") { members.problem } else { None };
    event.problem_id = text(members.problem_id.or(problem));
    event.attempts = members.attempts.and_then(integer_of);
    event.grade = members.grade.and_then(number_of);
    event.max_grade = members.max_grade.and_then(number_of);
    event.success = text(members.success);
    event.query = text(members.query);
    let block = text(members.block);

    match group {
        "video" | "video_bumper" => {
            event.video_id = text(members.id);
            event.video_code = text(members.code);
            event.video_time = members.current_time.and_then(number_of);
            event.video_old_time = members.old_time.and_then(number_of);
            event.video_new_time = members.new_time.and_then(number_of);
            event.video_speed = members.new_speed.or(members.speed).and_then(number_of);
            event.video_old_speed = members.old_speed.and_then(number_of);
            event.video_duration = members.duration.and_then(number_of);
        }
        "navigation" if event.event_name.as_deref().is_some_and(is_sequence_event) => {
            event.sequence_id = text(members.id);
            // Between subsections there is no old and new tab, only the one that was left.
            event.sequence_old = members.old.or(members.current_tab).and_then(integer_of);
            event.sequence_new = members.new.or(members.target_tab).and_then(integer_of);
        }
        "enrollment" => event.enrollment_mode = text(members.mode),
        "certificate" | "badge" => event.enrollment_mode = text(members.enrollment_mode),
        "forum" => {
            let is_thread = event.event_name.as_deref().is_some_and(|name| name.starts_with("edx.forum.thread."));
            event.forum_thread_id = text(if is_thread { members.id } else { members.discussion.and_then(id_of) });
            event.forum_commentable_id = text(members.commentable_id.or(members.category_id));
            event.forum_target_username = text(members.target_username);
        }
        "grade" => {
            let earned = members.weighted_earned.or(members.new_weighted_earned).or(members.weighted_total_earned);
            let possible = members.weighted_possible.or(members.new_weighted_possible).or(members.weighted_total_possible);
            event.weighted_earned = earned.and_then(number_of);
            event.weighted_possible = possible.and_then(number_of);
            event.percent_grade = members.percent.and_then(number_of);
            // Empty is a value here: the course was not passed.
            event.letter_grade = keep(members.letter_grade.and_then(json::text_of));
        }
        _ => {}
    }

    event.usage_key =
        if group == "video" { event.video_id.clone() } else { event.problem_id.clone().or(block).or_else(|| event.sequence_id.clone()) };
}

fn is_sequence_event(event_name: &str) -> bool {
    matches!(event_name, "edx.ui.lms.sequence.next_selected" | "edx.ui.lms.sequence.previous_selected" | "edx.ui.lms.sequence.tab_selected")
}

/// The member `id` of an object.
fn id_of(object: &str) -> Option<&str> {
    let mut id = None;
    json::for_each_member(object, |key, value| {
        if key == "id" {
            id = Some(value);
        }
    })
    .ok()?;
    id
}
