//! The members of a payload that have a use, as raw JSON text.
//!
//! It gives them no meaning: the same name means different things in different events, and [`typed`](super::typed) knows which.

use super::json;

/// Raw JSON text of a payload's members; of names that never occur together and mean the same, one field.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) user_id: Option<&'a str>,
    pub(super) attempt_user_id: Option<&'a str>,
    pub(super) allowance_user_id: Option<&'a str>,
    pub(super) student: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    pub(super) course_id: Option<&'a str>,
    pub(super) problem_id: Option<&'a str>,
    pub(super) problem: Option<&'a str>,
    pub(super) attempts: Option<&'a str>,
    pub(super) grade: Option<&'a str>,
    pub(super) max_grade: Option<&'a str>,
    pub(super) success: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    /// `currentTime` or `current_time`.
    pub(super) current_time: Option<&'a str>,
    pub(super) old_time: Option<&'a str>,
    pub(super) new_time: Option<&'a str>,
    pub(super) speed: Option<&'a str>,
    pub(super) new_speed: Option<&'a str>,
    pub(super) old_speed: Option<&'a str>,
    pub(super) duration: Option<&'a str>,
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
    pub(super) current_tab: Option<&'a str>,
    pub(super) target_tab: Option<&'a str>,
    pub(super) mode: Option<&'a str>,
    pub(super) enrollment_mode: Option<&'a str>,
    pub(super) discussion: Option<&'a str>,
    pub(super) commentable_id: Option<&'a str>,
    pub(super) category_id: Option<&'a str>,
    pub(super) target_username: Option<&'a str>,
    /// `query`, `search_text` or `search_string`.
    pub(super) query: Option<&'a str>,
    pub(super) weighted_earned: Option<&'a str>,
    pub(super) weighted_possible: Option<&'a str>,
    pub(super) new_weighted_earned: Option<&'a str>,
    pub(super) new_weighted_possible: Option<&'a str>,
    pub(super) weighted_total_earned: Option<&'a str>,
    pub(super) weighted_total_possible: Option<&'a str>,
    /// `percent` or `percent_grade`.
    pub(super) percent: Option<&'a str>,
    pub(super) letter_grade: Option<&'a str>,
    /// `block_id`, `module_id`, `usage_key`, `component_usage_id`, `host_component_id` or `location`.
    pub(super) block: Option<&'a str>,
    /// Whether secrets have to be looked for in the payload.
    pub(super) may_hold_secrets: bool,
}

impl<'a> Members<'a> {
    pub(super) fn read(object: &'a str) -> serde_json::Result<Self> {
        let mut members = Self::default();
        members.may_hold_secrets = json::for_each_member_and_secrets(object, |key, value| {
            if let Some(member) = members.member(key) {
                *member = Some(value);
            }
        })?;
        Ok(members)
    }

    fn member(&mut self, key: &str) -> Option<&mut Option<&'a str>> {
        Some(match key {
            "id" => &mut self.id,
            "user_id" => &mut self.user_id,
            "attempt_user_id" => &mut self.attempt_user_id,
            "allowance_user_id" => &mut self.allowance_user_id,
            "student" => &mut self.student,
            "user" => &mut self.user,
            "course_id" => &mut self.course_id,
            "problem_id" => &mut self.problem_id,
            "problem" => &mut self.problem,
            "attempts" => &mut self.attempts,
            "grade" => &mut self.grade,
            "max_grade" => &mut self.max_grade,
            "success" => &mut self.success,
            "code" => &mut self.code,
            "currentTime" | "current_time" => &mut self.current_time,
            "old_time" => &mut self.old_time,
            "new_time" => &mut self.new_time,
            "speed" => &mut self.speed,
            "new_speed" => &mut self.new_speed,
            "old_speed" => &mut self.old_speed,
            "duration" => &mut self.duration,
            "old" => &mut self.old,
            "new" => &mut self.new,
            "current_tab" => &mut self.current_tab,
            "target_tab" => &mut self.target_tab,
            "mode" => &mut self.mode,
            "enrollment_mode" => &mut self.enrollment_mode,
            "discussion" => &mut self.discussion,
            "commentable_id" => &mut self.commentable_id,
            "category_id" => &mut self.category_id,
            "target_username" => &mut self.target_username,
            "query" | "search_text" | "search_string" => &mut self.query,
            "weighted_earned" => &mut self.weighted_earned,
            "weighted_possible" => &mut self.weighted_possible,
            "new_weighted_earned" => &mut self.new_weighted_earned,
            "new_weighted_possible" => &mut self.new_weighted_possible,
            "weighted_total_earned" => &mut self.weighted_total_earned,
            "weighted_total_possible" => &mut self.weighted_total_possible,
            "percent" | "percent_grade" => &mut self.percent,
            "letter_grade" => &mut self.letter_grade,
            "block_id" | "module_id" | "usage_key" | "component_usage_id" | "host_component_id" | "location" => &mut self.block,
            _ => return None,
        })
    }
}
