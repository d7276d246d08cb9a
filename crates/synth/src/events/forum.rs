//! Forum events of the server.
//!
//! Texts are those of the forum's own dump.

use super::envelope::Particulars;
use super::facts::Facts;
use crate::behaviour::ActionKind;
use crate::forum::{Post, PostKind};
use crate::json::JsonText;
use crate::tables::forum as documents;

pub(super) fn write(facts: &Facts<'_>, payload: &mut JsonText) -> Particulars {
    let course = format!("/courses/{}/discussion", facts.run.key);
    if let ActionKind::ForumSearched { topic } = facts.action.kind {
        payload.open();
        payload.key("query").text(crate::courses::topic(u64::from(topic))).key("page").int(1);
        payload.key("total_results").int((facts.draw("results") % 20) as i64).key("corrected_text").null().key("group_id").null();
        payload.close();
        return Particulars::server("edx.forum.searched", format!("{course}/forum/search"));
    }
    let Some(forum) = facts.world.forums.get(usize::from(facts.run.index)) else {
        payload.open().close();
        return Particulars::server("edx.forum.searched", course);
    };
    let (number, verb) = match facts.action.kind {
        ActionKind::ForumCreated { post } => (Some(post), "created"),
        ActionKind::ForumVoted { post } => (Some(post), "voted"),
        _ => (None, "viewed"),
    };
    let thread_number = match facts.action.kind {
        ActionKind::ForumViewed { thread } => thread,
        _ => number.map_or(0, |n| forum.post(n).thread),
    };
    let thread = forum.thread(thread_number);
    let post = number.map_or(thread, |n| forum.post(n));
    let commentable_id = documents::commentable_id(facts.run, thread.block);
    payload.open();
    payload.key("id").text(&post.id).key("commentable_id").text(&commentable_id);
    payload.key("category_id").text(&commentable_id).key("category_name").text("General");
    payload.key("url").text(&format!("{}/discussion/forum/{commentable_id}/threads/{}", facts.course_url(), thread.id));
    payload.key("user_forums_roles").open_list().text("Student").close_list();
    payload.key("user_course_roles").open_list().close_list();
    match verb {
        "created" => created(facts, payload, post, number.unwrap_or(0)),
        "voted" => {
            payload.key("target_username").text(&author_name(facts, post)).key("undo_vote").bool(false).key("vote_value").text("up");
        }
        _ => {
            payload.key("title").text(&documents::title(facts.world, facts.run, post)).key("title_truncated").bool(false);
            payload.key("target_username").text(&author_name(facts, post));
        }
    }
    if post.kind != PostKind::Thread {
        payload.key("discussion").open().key("id").text(&thread.id).close();
    }
    if let (PostKind::Comment, Some(response)) = (post.kind, post.response) {
        payload.key("response").open().key("id").text(&forum.post(response).id).close();
    }
    payload.close();
    let level = match post.kind {
        PostKind::Thread => "thread",
        PostKind::Response => "response",
        PostKind::Comment => "comment",
    };
    Particulars::server(format!("edx.forum.{level}.{verb}"), format!("{course}/forum/{commentable_id}/threads/{}", thread.id))
}

fn author_name(facts: &Facts<'_>, post: &Post) -> String {
    facts.world.person(facts.run.installation, post.author).username
}

fn created(facts: &Facts<'_>, payload: &mut JsonText, post: &Post, number: u32) {
    if post.kind == PostKind::Thread {
        payload.key("thread_type").text(if post.is_question { "question" } else { "discussion" });
        payload.key("title").text(&documents::title(facts.world, facts.run, post)).key("title_truncated").bool(false);
        payload.key("anonymous").bool(post.is_anonymous).key("anonymous_to_peers").bool(false).key("group_id").null();
    }
    payload.key("body").text(&documents::body(facts.world, facts.run, number)).key("truncated").bool(false);
    payload.key("options").open().key("followed").bool(true).close();
}
