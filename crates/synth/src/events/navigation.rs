//! Moving about: steps in a sequential, the outline, bookmarks, the textbook.
//!
//! Steps have two names since May 2016: the old one as type, the new one as name.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::behaviour::actions::Step;
use crate::json::JsonText;
use crate::moment::{Moment, SECOND};
use crate::random::hex;

/// 2016-05-03.
const SEQUENCE_NAME_SINCE: Moment = 1_462_233_600 * SECOND;

pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    match facts.action.kind {
        ActionKind::Sequence { step, sequential, old, new, n_positions } => {
            step_taken(facts, payload, step, sequential, (old, new, n_positions))
        }
        ActionKind::PageClose { sequential } => {
            match facts.draw("nothing") % 3 {
                0 => payload.raw(b""),
                1 => payload.raw(b"null"),
                _ => payload.open().close(),
            };
            Particulars::browser("page_close", facts.sequential_url(sequential))
        }
        ActionKind::OutlineSelected { sequential } => {
            payload.open();
            payload.key("current_url").text(&format!("{}/info", facts.course_url()));
            payload.key("target_url").text(&facts.sequential_url(sequential));
            payload.key("target_name").text(facts.run.block(sequential).display_name.as_deref().unwrap_or_default());
            payload.key("widget_placement").text("accordion").close();
            Particulars::browser("edx.ui.lms.outline.selected", format!("{}/info", facts.course_url()))
        }
        ActionKind::BookmarkAdded { vertical } => {
            payload.open();
            payload.key("course_id").text(&facts.run.key);
            payload.key("bookmark_id").text(&format!("{},{}", facts.person.username, facts.usage_key(vertical)));
            payload.key("component_type").text("vertical").key("component_usage_id").text(facts.usage_key(vertical)).close();
            Particulars::server("edx.bookmark.added", "/api/bookmarks/v1/bookmarks/".to_owned())
        }
        ActionKind::Textbook { old, new } => {
            payload.open();
            payload.key("type").text("nextpage").key("old").int(i64::from(old)).key("new").int(i64::from(new));
            payload.key("chapter").text("/static/book/chapter_1.pdf").key("name").text("textbook.pdf.page.navigatednext").close();
            Particulars::browser("book", format!("{}/pdfbook/0/chapter/1/{new}", facts.course_url()))
        }
        ActionKind::TeamPage => {
            payload.open().key("page_name").text("browse").key("topic_id").null().key("team_id").null().close();
            Particulars::browser("edx.team.page_viewed", format!("{}/teams/#browse", facts.course_url()))
        }
        ActionKind::OraSubmitted { vertical } => {
            let uuid = hex(facts.draw("submission"), 32);
            payload.open().key("submission_uuid").text(&uuid).key("attempt_number").int(1).key("answer").open().key("parts").open_list();
            payload.open().key("text").text("An essay.").close().close_list().close().close();
            let path = format!("/courses/{}/xblock/{}/handler/submit", facts.run.key, facts.usage_key(vertical));
            Particulars { module: Some(vertical), ..Particulars::server("openassessmentblock.create_submission", path) }
        }
        _ => {
            payload.open().close();
            Particulars::browser("page_close", facts.course_url())
        }
    }
}

fn step_taken(facts: &Facts<'_>, payload: &mut JsonText, step: Step, sequential: u16, places: (u16, u16, u16)) -> Particulars {
    let (old, new, n_positions) = places;
    let (event_type, name) = match step {
        Step::Next => ("seq_next", "edx.ui.lms.sequence.next_selected"),
        Step::Previous => ("seq_prev", "edx.ui.lms.sequence.previous_selected"),
        Step::Goto => ("seq_goto", "edx.ui.lms.sequence.tab_selected"),
    };
    payload.open();
    if facts.at() >= SEQUENCE_NAME_SINCE {
        payload.key("current_tab").int(i64::from(old)).key("tab_count").int(i64::from(n_positions));
        payload.key("widget_placement").text(if facts.draw("place").is_multiple_of(2) { "top" } else { "bottom" });
        if step == Step::Goto {
            payload.key("target_tab").int(i64::from(new));
        }
    }
    payload.key("old").int(i64::from(old)).key("new").int(i64::from(new));
    payload.key("id").text(facts.usage_key(sequential)).close();
    let name = (facts.at() >= SEQUENCE_NAME_SINCE).then_some(name);
    Particulars { name, ..Particulars::browser(event_type, facts.sequential_url(sequential)) }
}
