//! Implicit events: each request the server answers is logged by its path, with what was sent.
//!
//! The payload is cut at 512 characters, as the server cuts it, so that it is often no JSON any more.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::behaviour::actions::{Handler, Page};
use crate::json::JsonText;

/// The length at which the server cuts what was sent, in characters.
const CUT_AT: usize = 512;

/// Writes the payload; the path is the event type.
pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    let path = path_of(facts);
    let form = form(facts);
    // The server writes the payload with spaces whatever the front end does.
    let mut sent = JsonText::new(false);
    sent.open().key("POST").open();
    for (name, value) in &form.post {
        sent.key(name).open_list().text(value).close_list();
    }
    sent.close().key("GET").open();
    for (name, value) in &form.get {
        sent.key(name).open_list().text(value).close_list();
    }
    sent.close().close();
    let text = String::from_utf8_lossy(sent.bytes());
    payload.raw(text.chars().take(CUT_AT).collect::<String>().as_bytes());
    let is_bare = matches!(facts.action.kind, ActionKind::Page(Page::Dashboard | Page::Login));
    Particulars { is_text: true, is_bare, ..Particulars::server(path.clone(), path) }
}

/// The path of a request.
pub(crate) fn path_of(facts: &Facts<'_>) -> String {
    let run = facts.run;
    let course = format!("/courses/{}", run.key);
    match facts.action.kind {
        ActionKind::Page(page) => match page {
            Page::Dashboard => "/dashboard".to_owned(),
            Page::Login => "/login_ajax".to_owned(),
            Page::Info => format!("{course}/info"),
            Page::About => format!("{course}/about"),
            Page::Progress => format!("{course}/progress"),
            Page::Wiki => format!("{course}/wiki/{}/", run.course),
            Page::Teams => format!("{course}/teams/"),
            Page::Instructor => format!("{course}/instructor"),
            Page::Courseware { sequential } => facts.sequential_url(sequential).replacen(&facts.site_url(), "", 1),
            Page::JumpTo { block } => format!("{course}/jump_to_id/{}", run.block(block).url_name),
            Page::DiscussionHome => format!("{course}/discussion/forum"),
            Page::DiscussionInline { block } => format!("{course}/discussion/forum/{}/inline", run.block(block).external_id),
            Page::DiscussionThread { thread } => match facts.world.forums.get(usize::from(run.index)) {
                Some(forum) => {
                    let thread = forum.thread(thread);
                    format!("{course}/discussion/forum/{}/threads/{}", crate::tables::forum::commentable_id(run, thread.block), thread.id)
                }
                None => course,
            },
            Page::DiscussionCreate { post } => discussion_create(facts, &course, post),
        },
        ActionKind::Handler { block, handler } => {
            let key = facts.usage_key(block).replace("i4x://", "i4x:;_;_").replace('/', ";_");
            let action = match handler {
                Handler::GotoPosition { .. } => "goto_position",
                Handler::ProblemGet => "problem_get",
                Handler::ProblemCheck => "problem_check",
                Handler::ProblemShow => "problem_show",
                Handler::SaveVideoState { .. } => "save_user_state",
            };
            format!("{course}/xblock/{key}/handler/xmodule_handler/{action}")
        }
        _ => course,
    }
}

fn discussion_create(facts: &Facts<'_>, course: &str, post: u32) -> String {
    let Some(forum) = facts.world.forums.get(usize::from(facts.run.index)) else { return course.to_owned() };
    let written = forum.post(post);
    match (written.kind, written.response) {
        (crate::forum::PostKind::Thread, _) => {
            format!("{course}/discussion/{}/threads/create", crate::tables::forum::commentable_id(facts.run, written.block))
        }
        (_, Some(response)) => format!("{course}/discussion/comments/{}/reply", forum.post(response).id),
        (_, None) => format!("{course}/discussion/threads/{}/reply", forum.thread(written.thread).id),
    }
}

#[derive(Default)]
struct Form {
    post: Vec<(String, String)>,
    get: Vec<(String, String)>,
}

fn form(facts: &Facts<'_>) -> Form {
    let mut form = Form::default();
    match facts.action.kind {
        ActionKind::Handler { handler: Handler::GotoPosition { position }, .. } => {
            form.post.push(("position".to_owned(), position.to_string()));
        }
        ActionKind::Handler { handler: Handler::SaveVideoState { position_ms }, .. } => {
            form.post.push(("saved_video_position".to_owned(), format!("00:{:02}:{:02}", position_ms / 60_000, position_ms / 1000 % 60)));
        }
        ActionKind::Handler { block, handler: Handler::ProblemCheck } => {
            for number in 0..facts.run.block(block).n_inputs {
                form.post.push((super::problem::input_name(facts, block, number), super::problem::answer_text(facts, block, number, true)));
            }
        }
        ActionKind::Page(Page::DiscussionCreate { post }) => {
            form.post.push(("body".to_owned(), crate::tables::forum::body(facts.world, facts.run, post)));
            form.post.push(("thread_type".to_owned(), "discussion".to_owned()));
        }
        ActionKind::Page(Page::DiscussionThread { .. } | Page::DiscussionInline { .. } | Page::DiscussionHome) => {
            form.get.push(("ajax".to_owned(), "1".to_owned()));
            form.get.push(("resp_skip".to_owned(), "0".to_owned()));
        }
        ActionKind::Page(Page::Login) => {
            form.post.push(("email".to_owned(), facts.person.email.clone()));
            form.post.push(("password".to_owned(), "********".to_owned()));
        }
        _ => {}
    }
    form
}
