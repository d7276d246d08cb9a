//! The columns of an event: the name, the value and the meaning of each, in the order of `tracking_events`. The table's schema, its rows and
//! its reference page are made of this list and of no other.
//!
//! It holds no bookkeeping columns, and it converts nothing: a value is what the reader of the line made of it.

use super::event::Event;
use super::page::PageKind;
use ColumnValue::{Float, Integer, Moment, Text};

/// The value of a column, or none; which variant it is depends on the column alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColumnValue<'e> {
    /// Text.
    Text(Option<&'e str>),
    /// A whole number.
    Integer(Option<i64>),
    /// A floating-point number.
    Float(Option<f64>),
    /// Microseconds since 1970-01-01 UTC.
    Moment(Option<i64>),
}

impl Event<'_> {
    /// Hands over each column: its name, its value and what it means.
    // Inlined, the kind of each column is known where its value is taken.
    #[inline]
    pub fn for_each_column<'e>(&'e self, mut column: impl FnMut(&'static str, ColumnValue<'e>, &'static str)) {
        column("time", Moment(Some(self.time)), "When the event happened");
        column(
            "course_run_key",
            Text(self.course_run_key.as_deref()),
            "Course run, from `context.course_id`, else the path, the event type, the page, or the payload",
        );
        column(
            "user_id",
            Integer(self.user_id),
            "The learner the event is about; null when unknown. Enrolment, cohort, team, grade and certificate events name the learner in the payload",
        );
        column(
            "event_name",
            Text(self.event_name.as_deref()),
            "One name for all spellings of an event type; `page:` and the page kind for requests of pages",
        );
        column("received_at", Moment(self.received_at), "When a mobile event reached the server");
        column("event_source", Text(self.event_source.as_deref()), "`browser`, `server`, `mobile` or `task`");
        column("event_type", Text(self.event_type.as_deref()), "Event type as sent");
        column("name", Text(self.name.as_deref()), "Name as sent; takes the place of the event type where there is one");
        column(
            "page_kind",
            Text(self.page_kind.map(PageKind::as_str)),
            "Kind of page of an event that is a request: `info`, `progress`, `courseware`, `discussion`, ...",
        );
        column("username", Text(self.username.as_deref()), "User name without white space at its ends; null when empty");
        column("actor_user_id", Integer(self.actor_user_id), "Who did it: `context.user_id`. Staff may act for a learner");
        column(
            "subject_username",
            Text(self.subject_username.as_deref()),
            "User name of the learner where the payload names one, as in resets of a learner's problem state",
        );
        column("org", Text(self.org.as_deref()), "Organisation: `context.org_id`");
        column("ip", Text(self.ip.as_deref()), "Internet address");
        column("agent", Text(self.agent.as_deref()), "Browser or app, as it calls itself");
        column("host", Text(self.host.as_deref()), "Server that was asked");
        column("page", Text(self.page.as_deref()), "Page on which a browser event happened");
        column("referer", Text(self.referer.as_deref()), "Page from which the user came");
        column("accept_language", Text(self.accept_language.as_deref()), "Languages the browser asks for");
        column("session", Text(self.session.as_deref()), "Session");
        column("context_path", Text(self.context_path.as_deref()), "Path of the request: `context.path`");
        column("module_usage_key", Text(self.module_usage_key.as_deref()), "Block the server says the event belongs to");
        column("module_display_name", Text(self.module_display_name.as_deref()), "Display name of that block");
        column(
            "event",
            Text(self.event.as_deref()),
            "Payload as JSON text exactly as sent; text that was sent inside a string is taken out of it",
        );
        column(
            "event_status",
            Text(Some(self.event_status.as_str())),
            "How the payload came: `object`, `decoded`, `form`, `list`, `scalar`, `empty`, `null`, `missing`, `invalid` or `cut`",
        );
        column("context", Text(self.context.as_deref()), "Context as JSON text exactly as sent");
        column("problem_id", Text(self.problem_id.as_deref()), "Problem");
        column("attempts", Integer(self.attempts), "Number of the attempt");
        column("grade", Float(self.grade), "Points given");
        column("max_grade", Float(self.max_grade), "Points possible");
        column("success", Text(self.success.as_deref()), "`correct` or `incorrect`");
        column("video_id", Text(self.video_id.as_deref()), "Video block");
        column("video_code", Text(self.video_code.as_deref()), "Video file or YouTube code");
        column("video_time", Float(self.video_time), "Position in the video, in seconds");
        column("video_old_time", Float(self.video_old_time), "Position before a seek, in seconds");
        column("video_new_time", Float(self.video_new_time), "Position after a seek, in seconds");
        column("video_speed", Float(self.video_speed), "Playback speed, after a change the new one");
        column("video_old_speed", Float(self.video_old_speed), "Playback speed before a change");
        column("video_duration", Float(self.video_duration), "Length of the video, in seconds");
        column("sequence_id", Text(self.sequence_id.as_deref()), "Sequence whose tab was changed");
        column("sequence_old", Integer(self.sequence_old), "Tab before");
        column("sequence_new", Integer(self.sequence_new), "Tab after");
        column("enrollment_mode", Text(self.enrollment_mode.as_deref()), "Enrolment mode");
        column("forum_thread_id", Text(self.forum_thread_id.as_deref()), "Forum thread");
        column("forum_commentable_id", Text(self.forum_commentable_id.as_deref()), "Forum topic");
        column(
            "forum_target_username",
            Text(self.forum_target_username.as_deref()),
            "User name of the author who was followed, voted for or answered",
        );
        column("query", Text(self.query.as_deref()), "Search text");
        column("weighted_earned", Float(self.weighted_earned), "Weighted points earned");
        column("weighted_possible", Float(self.weighted_possible), "Weighted points possible");
        column("percent_grade", Float(self.percent_grade), "Course grade, from 0 to 1");
        column("letter_grade", Text(self.letter_grade.as_deref()), "Letter grade; empty when not passed");
        column("usage_key", Text(self.usage_key.as_deref()), "Block the event is about: problem, other block, sequence or video");
        column(
            "other_members",
            Text(self.other_members.as_deref()),
            "Members of the line that no other column takes, as a JSON object of their text as sent: names we do not know, and values that are no text where text is expected; null without any",
        );
    }
}
