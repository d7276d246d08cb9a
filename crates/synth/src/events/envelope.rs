//! The fields that every line has, in the orders that real logs have them.
//!
//! What is particular to an event is written by the neighbours of this file.

use super::facts::Facts;
use super::{enrolment, forum, grades, implicit, mobile, navigation, problem, video};
use crate::behaviour::ActionKind;
use crate::behaviour::session::Device;
use crate::json::JsonText;
use crate::mess::IdentityFault;
use crate::moment::{Moment, SECOND, push_event_time};

/// 2014-05-07: since then events have a `name`, contexts a `path`.
pub(super) const NAME_SINCE: Moment = 1_399_420_800 * SECOND;
/// 2015-02-23: since then lines have `referer` and `accept_language`.
const REFERER_SINCE: Moment = 1_424_649_600 * SECOND;

/// Who wrote the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Browser,
    Server,
}

/// What an event adds to the common fields.
pub(super) struct Particulars {
    pub(super) source: Source,
    pub(super) event_type: String,
    /// `name` when it differs from `event_type`.
    pub(super) name: Option<&'static str>,
    pub(super) page: Option<String>,
    /// `context.path`.
    pub(super) path: String,
    /// `context.module`: a block.
    pub(super) module: Option<u16>,
    /// The payload goes out as a string that holds JSON.
    pub(super) is_text: bool,
    /// The actor, where it is not the learner: user id and user name.
    pub(super) actor: Option<(i64, String)>,
    /// The context names no course.
    pub(super) is_bare: bool,
}

impl Particulars {
    pub(super) fn server(event_type: impl Into<String>, path: String) -> Self {
        Self {
            source: Source::Server,
            event_type: event_type.into(),
            name: None,
            page: None,
            path,
            module: None,
            is_text: false,
            actor: None,
            is_bare: false,
        }
    }

    pub(super) fn browser(event_type: impl Into<String>, page: String) -> Self {
        Self { source: Source::Browser, page: Some(page), is_text: true, ..Self::server(event_type, "/event".to_owned()) }
    }
}

/// Spells lines, with room that is used again.
pub(crate) struct LineWriter {
    line: JsonText,
    payload: JsonText,
    time: Vec<u8>,
}

impl LineWriter {
    pub(crate) fn new() -> Self {
        Self { line: JsonText::new(false), payload: JsonText::new(false), time: Vec::with_capacity(40) }
    }

    /// The line of an action, without a line end.
    pub(crate) fn line(&mut self, facts: &Facts<'_>) -> &[u8] {
        let is_compact = facts.session.is_compact;
        self.payload.clear(is_compact);
        self.line.clear(is_compact);
        self.time.clear();
        push_event_time(&mut self.time, facts.at());
        if facts.session.device == Device::Mobile {
            mobile::write(facts, &self.time, &mut self.payload, &mut self.line);
            return self.line.bytes();
        }
        let particulars = match facts.action.kind {
            ActionKind::Page(_) | ActionKind::Handler { .. } => implicit::write(facts, &mut self.payload),
            ActionKind::VideoLoad { .. }
            | ActionKind::VideoPlay { .. }
            | ActionKind::VideoPause { .. }
            | ActionKind::VideoStop { .. }
            | ActionKind::VideoSeek { .. }
            | ActionKind::VideoSpeed { .. }
            | ActionKind::Transcript { .. }
            | ActionKind::Captions { .. }
            | ActionKind::LanguageMenu { .. } => video::write(facts, &mut self.payload),
            ActionKind::ProblemCheckBrowser { .. }
            | ActionKind::ProblemCheck { .. }
            | ActionKind::ProblemGraded { .. }
            | ActionKind::ProblemSave { .. }
            | ActionKind::ProblemReset { .. }
            | ActionKind::ProblemShow { .. }
            | ActionKind::ShowAnswer { .. }
            | ActionKind::Hint { .. }
            | ActionKind::ProblemRescore { .. } => problem::write(facts, &mut self.payload),
            ActionKind::GradeSubmitted { .. } | ActionKind::GradeSubsection { .. } | ActionKind::GradeCourse { .. } => {
                grades::write(facts, &mut self.payload)
            }
            ActionKind::Activated { .. }
            | ActionKind::Deactivated { .. }
            | ActionKind::ModeChanged { .. }
            | ActionKind::UpgradeClicked
            | ActionKind::UpgradeSucceeded
            | ActionKind::CohortAdded { .. }
            | ActionKind::CertificateCreated { .. } => enrolment::write(facts, &mut self.payload),
            ActionKind::ForumCreated { .. }
            | ActionKind::ForumViewed { .. }
            | ActionKind::ForumVoted { .. }
            | ActionKind::ForumSearched { .. } => forum::write(facts, &mut self.payload),
            ActionKind::Sequence { .. }
            | ActionKind::PageClose { .. }
            | ActionKind::OutlineSelected { .. }
            | ActionKind::BookmarkAdded { .. }
            | ActionKind::Textbook { .. }
            | ActionKind::TeamPage
            | ActionKind::OraSubmitted { .. } => navigation::write(facts, &mut self.payload),
        };
        match particulars.source {
            Source::Browser => self.browser_line(facts, &particulars),
            Source::Server => self.server_line(facts, &particulars),
        }
        self.line.bytes()
    }

    fn server_line(&mut self, facts: &Facts<'_>, particulars: &Particulars) {
        let line = &mut self.line;
        line.open();
        username(line, facts, particulars);
        line.key("event_type").text(&particulars.event_type);
        line.key("ip").text(facts.address());
        line.key("agent").text(facts.agent());
        line.key("host").text(facts.run.installation.host());
        if facts.at() >= REFERER_SINCE {
            line.key("referer").text(&format!("{}/info", facts.course_url()));
            line.key("accept_language").text(facts.person.language_header);
        }
        line.key("event");
        payload(line, &self.payload, particulars);
        line.key("event_source").text("server");
        context(line, facts, particulars);
        line.key("time");
        time(line, &self.time);
        match &particulars.page {
            Some(page) => line.key("page").text(page),
            None => line.key("page").null(),
        };
        if facts.at() >= NAME_SINCE && !particulars.event_type.starts_with('/') {
            line.key("name").text(particulars.name.unwrap_or(&particulars.event_type));
        }
        // Enrolment events are the server's, and yet carry the session.
        if particulars.event_type.starts_with("edx.course.enrollment") {
            line.key("session").text(&facts.session_id());
        }
        line.close();
    }

    fn browser_line(&mut self, facts: &Facts<'_>, particulars: &Particulars) {
        let line = &mut self.line;
        line.open();
        username(line, facts, particulars);
        line.key("event_source").text("browser");
        if facts.at() >= NAME_SINCE {
            line.key("name").text(particulars.name.unwrap_or(&particulars.event_type));
        }
        if facts.at() >= REFERER_SINCE {
            line.key("accept_language").text(facts.person.language_header);
        }
        line.key("time");
        time(line, &self.time);
        line.key("agent").text(facts.agent());
        line.key("page").text(particulars.page.as_deref().unwrap_or_default());
        line.key("host").text(facts.run.installation.host());
        line.key("session").text(&facts.session_id());
        if facts.at() >= REFERER_SINCE {
            line.key("referer").text(particulars.page.as_deref().unwrap_or_default());
        }
        context(line, facts, particulars);
        line.key("ip").text(facts.address());
        line.key("event");
        payload(line, &self.payload, particulars);
        line.key("event_type").text(&particulars.event_type);
        line.close();
    }
}

pub(super) fn time(line: &mut JsonText, text: &[u8]) {
    line.text(&String::from_utf8_lossy(text));
}

fn payload(line: &mut JsonText, payload: &JsonText, particulars: &Particulars) {
    if particulars.is_text {
        line.text_of(payload);
    } else {
        line.raw(payload.bytes());
    }
}

fn username(line: &mut JsonText, facts: &Facts<'_>, particulars: &Particulars) {
    let name = particulars.actor.as_ref().map_or(facts.person.username.as_str(), |(_, name)| name.as_str());
    if facts.identity == IdentityFault::NameWithNewline {
        line.key("username").text(&format!("{name}\n"));
    } else {
        line.key("username").text(name);
    }
}

/// `context.user_id`, in the shapes that real logs have it.
pub(super) fn user_id(line: &mut JsonText, facts: &Facts<'_>, user_id: i64) {
    line.key("user_id");
    match facts.identity {
        IdentityFault::UserIdEmpty => line.text(""),
        IdentityFault::UserIdNull => line.null(),
        IdentityFault::UserIdText => line.text(&user_id.to_string()),
        _ => line.int(user_id),
    };
}

/// `context.course_id`, in the shapes that real logs have it.
pub(super) fn course_id(line: &mut JsonText, facts: &Facts<'_>) {
    let key = &facts.run.key;
    line.key("course_id");
    match facts.identity {
        IdentityFault::CourseWithNewline => line.text(&format!("{key}\n")),
        IdentityFault::CourseWithSpaces => line.text(&key.replace('+', " ")),
        _ => line.text(key),
    };
}

fn context(line: &mut JsonText, facts: &Facts<'_>, particulars: &Particulars) {
    if !facts.has_context() {
        return;
    }
    line.key("context").open();
    let actor = particulars.actor.as_ref().map_or(facts.person.user_id, |(id, _)| *id);
    user_id(line, facts, actor);
    if particulars.is_bare {
        line.key("org_id").text("");
        line.key("course_id").text("");
    } else {
        line.key("org_id").text(&facts.run.org);
        course_id(line, facts);
    }
    if let Some(module) = particulars.module {
        let block = facts.run.block(module);
        line.key("module").open();
        line.key("display_name").text(block.display_name.as_deref().unwrap_or_default());
        line.key("usage_key").text(&block.usage_key);
        line.close();
        line.key("asides").open().close();
    }
    if facts.at() >= NAME_SINCE {
        line.key("path").text(&particulars.path);
    }
    if facts.draw("tags").is_multiple_of(5) {
        line.key("course_user_tags").open().close();
    }
    if particulars.event_type.starts_with("edx.course.enrollment.upgrade") {
        line.key("mode").text(if particulars.event_type.ends_with("clicked") { "audit" } else { "verified" });
    }
    line.close();
}
