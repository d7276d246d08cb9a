//! What a request asked for: the kind of page, for old and new course keys alike (docs/concepts/edx-files.md, "Requests").
//!
//! It does not say whether the request was a learner's action; models decide that by kind.

use super::course;

/// The kind of page a request asked for; requests outside a course run are [`PageKind::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageKind {
    /// The course's front page.
    Info,
    /// The learner's progress.
    Progress,
    /// A chapter, subsection or unit.
    Courseware,
    /// The course's public description.
    About,
    /// The course wiki.
    Wiki,
    /// Teams.
    Teams,
    /// A page the course team added as a tab.
    StaticTab,
    /// A textbook.
    Textbook,
    /// A link to a block by its name.
    JumpToId,
    /// The forum.
    Discussion,
    /// A call of a block's handler (not a page, and mostly not an action).
    XblockHandler,
    /// The older form of a handler call.
    ModxHandler,
    /// The instructor's dashboard.
    Instructor,
    /// Anything else in a course run.
    CourseOther,
    /// Anything else.
    Other,
}

impl PageKind {
    /// The value of the column `page_kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        // The event name is the kind after `page:`.
        &self.event_name()["page:".len()..]
    }

    /// The value of the column `event_name` for a request.
    #[must_use]
    pub const fn event_name(self) -> &'static str {
        match self {
            Self::Info => "page:info",
            Self::Progress => "page:progress",
            Self::Courseware => "page:courseware",
            Self::About => "page:about",
            Self::Wiki => "page:wiki",
            Self::Teams => "page:teams",
            Self::StaticTab => "page:static_tab",
            Self::Textbook => "page:textbook",
            Self::JumpToId => "page:jump_to_id",
            Self::Discussion => "page:discussion",
            Self::XblockHandler => "page:xblock_handler",
            Self::ModxHandler => "page:modx_handler",
            Self::Instructor => "page:instructor",
            Self::CourseOther => "page:course_other",
            Self::Other => "page:other",
        }
    }
}

/// A request's page, and what its path says about the forum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page<'a> {
    pub(super) kind: PageKind,
    pub(super) forum_thread_id: Option<&'a str>,
    pub(super) forum_commentable_id: Option<&'a str>,
}

/// Reads the path of a request (`event_type` of an implicit event).
pub(super) fn page_of(event_type: &str) -> Page<'_> {
    let path = course::path_of(event_type);
    let Some((_, rest)) = course::split_course_path(path) else {
        // The learning front end shows each unit in a frame of this address.
        let is_unit = path.strip_prefix("/xblock/").is_some_and(|usage_key| usage_key.contains("block-v1"));
        let kind = if is_unit { PageKind::Courseware } else { PageKind::Other };
        return Page { kind, forum_thread_id: None, forum_commentable_id: None };
    };
    let rest = rest.trim_matches('/');
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    let kind = match first {
        "" | "info" | "course" => PageKind::Info,
        "progress" => PageKind::Progress,
        "courseware" => PageKind::Courseware,
        "about" => PageKind::About,
        "wiki" | "course_wiki" => PageKind::Wiki,
        "teams" => PageKind::Teams,
        "pdfbook" | "htmlbook" | "book" => PageKind::Textbook,
        "jump_to_id" | "jump_to" => PageKind::JumpToId,
        "discussion" => PageKind::Discussion,
        "xblock" if below.contains("/handler/") || below.contains("/handler_noauth/") => PageKind::XblockHandler,
        "modx" => PageKind::ModxHandler,
        "instructor" | "instructor_dashboard" => PageKind::Instructor,
        "tab" => PageKind::StaticTab,
        slug if slug.len() == 32 && below.is_empty() && slug.bytes().all(|byte| byte.is_ascii_hexdigit()) => PageKind::StaticTab,
        _ => PageKind::CourseOther,
    };
    let (forum_commentable_id, forum_thread_id) = if kind == PageKind::Discussion { forum_ids(below) } else { (None, None) };
    Page { kind, forum_thread_id, forum_commentable_id }
}

/// Topic and thread in the part of a path after `/discussion/`.
fn forum_ids(below: &str) -> (Option<&str>, Option<&str>) {
    let mut segments = below.split('/');
    let mut segment = || segments.next().unwrap_or_default();
    match (segment(), segment(), segment(), segment()) {
        ("forum", "users" | "search" | "", _, _) => (None, None),
        ("forum", topic, "threads", "create" | "") => (Some(topic), None),
        ("forum", topic, "threads", thread) => (Some(topic), Some(thread)),
        ("forum", topic, "inline", _) => (Some(topic), None),
        ("threads", thread, _, _) if !thread.is_empty() => (None, Some(thread)),
        (topic, "threads", "create", _) if !topic.is_empty() => (Some(topic), None),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_page_does_not_depend_on_the_form_of_the_key() {
        for key in ["UniX/DemoX/2014", "course-v1:UniX+DemoX+2014", "course-v1%3AUniX%2BDemoX%2B2014"] {
            for (rest, kind) in [
                ("", PageKind::Info),
                ("/", PageKind::Info),
                ("/info", PageKind::Info),
                ("/progress", PageKind::Progress),
                ("/progress/", PageKind::Progress),
                ("/courseware/Week_1/Intro/", PageKind::Courseware),
                ("/courseware?activate_block_id=x", PageKind::Courseware),
                ("/about", PageKind::About),
                ("/course_wiki", PageKind::Wiki),
                ("/wiki/DemoX/_edit/", PageKind::Wiki),
                ("/teams/", PageKind::Teams),
                ("/0123456789abcdef0123456789abcdef/", PageKind::StaticTab),
                ("/pdfbook/0/chapter/1/2", PageKind::Textbook),
                ("/jump_to_id/Week_1", PageKind::JumpToId),
                ("/discussion/forum", PageKind::Discussion),
                ("/xblock/i4x:;_;_UniX;_DemoX;_video;_a/handler/xmodule_handler/save_user_state", PageKind::XblockHandler),
                ("/modx/i4x://UniX/DemoX/problem/P1/problem_check", PageKind::ModxHandler),
                ("/instructor/api/list_report_downloads", PageKind::Instructor),
                ("/survey", PageKind::CourseOther),
            ] {
                assert_eq!(page_of(&format!("/courses/{key}{rest}")).kind, kind, "{key}{rest}");
            }
        }
    }

    #[test]
    fn requests_outside_a_course_are_other_pages() {
        for path in ["/", "/heartbeat", "/accounts/login", "/courses", "/api/courses/v1/blocks/", "/xblock/"] {
            assert_eq!(page_of(path).kind, PageKind::Other, "{path}");
        }
        assert_eq!(page_of("/xblock/block-v1:U+D+R+type@vertical+block@a").kind, PageKind::Courseware);
    }

    #[test]
    fn a_forum_page_says_its_topic_and_thread() {
        for (rest, topic, thread) in [
            ("forum/general/threads/53c5", Some("general"), Some("53c5")),
            ("forum/general/inline", Some("general"), None),
            ("forum/general/threads/create", Some("general"), None),
            ("general/threads/create", Some("general"), None),
            ("threads/53c5/reply", None, Some("53c5")),
            ("forum/users/17/followed", None, None),
            ("forum/search", None, None),
            ("comments/77/update", None, None),
            ("forum", None, None),
            ("", None, None),
        ] {
            let path = format!("/courses/U/D/R/discussion/{rest}");
            let page = page_of(&path);
            assert_eq!((page.kind, page.forum_commentable_id, page.forum_thread_id), (PageKind::Discussion, topic, thread), "{rest}");
        }
    }

    #[test]
    fn the_event_name_of_a_page_is_its_kind() {
        assert_eq!(PageKind::JumpToId.as_str(), "jump_to_id");
        assert_eq!(PageKind::Other.event_name(), "page:other");
    }
}
