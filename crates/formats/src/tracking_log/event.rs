//! [`Event`]: one row of `tracking_events`, as one line of a tracking log gives it.
//!
//! It holds no bookkeeping (file, line, fingerprint): whoever reads the file knows these. Text borrows from the line wherever the line holds
//! it unescaped.

use std::borrow::Cow;

use super::page::PageKind;

/// Text that borrows from the line where it can.
pub type Text<'a> = Option<Cow<'a, str>>;

/// One event. Each field is the column of the same name ([`Event::for_each_column`]); moments are microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "what a field means is told beside its column, in `columns.rs`")]
pub struct Event<'a> {
    pub time: i64,
    pub received_at: Option<i64>,
    pub event_source: Text<'a>,
    pub event_type: Text<'a>,
    pub name: Text<'a>,
    pub event_name: Text<'a>,
    pub page_kind: Option<PageKind>,
    pub username: Text<'a>,
    pub user_id: Option<i64>,
    pub actor_user_id: Option<i64>,
    pub subject_username: Text<'a>,
    pub org: Text<'a>,
    pub course_run_key: Text<'a>,
    pub ip: Text<'a>,
    pub agent: Text<'a>,
    pub host: Text<'a>,
    pub page: Text<'a>,
    pub referer: Text<'a>,
    pub accept_language: Text<'a>,
    pub session: Text<'a>,
    pub context_path: Text<'a>,
    pub module_usage_key: Text<'a>,
    pub module_display_name: Text<'a>,
    pub event: Text<'a>,
    pub event_status: EventStatus,
    pub context: Text<'a>,
    pub problem_id: Text<'a>,
    pub attempts: Option<i64>,
    pub grade: Option<f64>,
    pub max_grade: Option<f64>,
    pub success: Text<'a>,
    pub video_id: Text<'a>,
    pub video_code: Text<'a>,
    pub video_time: Option<f64>,
    pub video_old_time: Option<f64>,
    pub video_new_time: Option<f64>,
    pub video_speed: Option<f64>,
    pub video_old_speed: Option<f64>,
    pub video_duration: Option<f64>,
    pub sequence_id: Text<'a>,
    pub sequence_old: Option<i64>,
    pub sequence_new: Option<i64>,
    pub enrollment_mode: Text<'a>,
    pub forum_thread_id: Text<'a>,
    pub forum_commentable_id: Text<'a>,
    pub forum_target_username: Text<'a>,
    pub query: Text<'a>,
    pub weighted_earned: Option<f64>,
    pub weighted_possible: Option<f64>,
    pub percent_grade: Option<f64>,
    pub letter_grade: Text<'a>,
    pub usage_key: Text<'a>,
    pub other_members: Text<'a>,
}

/// How a payload was sent, and whether it could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum EventStatus {
    /// A JSON object.
    Object,
    /// A string that held a JSON object, once or twice encoded.
    Decoded,
    /// A url-encoded form.
    Form,
    /// A JSON list, or a string that held one.
    List,
    /// An empty string or an empty object.
    Empty,
    /// `null`, or a string that held it.
    Null,
    /// No payload at all.
    #[default]
    Missing,
    /// A string that is neither JSON nor a form.
    Invalid,
    /// JSON that ends too early: the server cuts the payloads of requests at 512 characters.
    Cut,
    /// A number or a truth value.
    Scalar,
}

impl EventStatus {
    /// The value of the column `event_status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Decoded => "decoded",
            Self::Form => "form",
            Self::List => "list",
            Self::Empty => "empty",
            Self::Null => "null",
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Cut => "cut",
            Self::Scalar => "scalar",
        }
    }
}

fn own(text: Text<'_>) -> Text<'static> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

impl Event<'_> {
    /// The same event, free of the line it was read from.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        Event {
            time: self.time,
            received_at: self.received_at,
            event_source: own(self.event_source),
            event_type: own(self.event_type),
            name: own(self.name),
            event_name: own(self.event_name),
            page_kind: self.page_kind,
            username: own(self.username),
            user_id: self.user_id,
            actor_user_id: self.actor_user_id,
            subject_username: own(self.subject_username),
            org: own(self.org),
            course_run_key: own(self.course_run_key),
            ip: own(self.ip),
            agent: own(self.agent),
            host: own(self.host),
            page: own(self.page),
            referer: own(self.referer),
            accept_language: own(self.accept_language),
            session: own(self.session),
            context_path: own(self.context_path),
            module_usage_key: own(self.module_usage_key),
            module_display_name: own(self.module_display_name),
            event: own(self.event),
            event_status: self.event_status,
            context: own(self.context),
            problem_id: own(self.problem_id),
            attempts: self.attempts,
            grade: self.grade,
            max_grade: self.max_grade,
            success: own(self.success),
            video_id: own(self.video_id),
            video_code: own(self.video_code),
            video_time: self.video_time,
            video_old_time: self.video_old_time,
            video_new_time: self.video_new_time,
            video_speed: self.video_speed,
            video_old_speed: self.video_old_speed,
            video_duration: self.video_duration,
            sequence_id: own(self.sequence_id),
            sequence_old: self.sequence_old,
            sequence_new: self.sequence_new,
            enrollment_mode: own(self.enrollment_mode),
            forum_thread_id: own(self.forum_thread_id),
            forum_commentable_id: own(self.forum_commentable_id),
            forum_target_username: own(self.forum_target_username),
            query: own(self.query),
            weighted_earned: self.weighted_earned,
            weighted_possible: self.weighted_possible,
            percent_grade: self.percent_grade,
            letter_grade: own(self.letter_grade),
            usage_key: own(self.usage_key),
            other_members: own(self.other_members),
        }
    }
}
