//! The forum's dump: one JSON document a line, both types mixed, dates in the forms that `mongoexport` has had.
//!
//! The texts of posts follow from their numbers.

use crate::courses::{CourseRun, KeyStyle};
use crate::forum::{Forum, Post, PostKind};
use crate::json::JsonText;
use crate::moment::Moment;
use crate::random::hash;
use crate::tables::Snapshot;
use crate::world::World;

const TITLES: [&str; 6] = ["Question about week 1", "Re: \"deadline\"", "सवाल", "Où est la vidéo ?", "关于作业", "Thanks!"];
const BODIES: [&str; 6] = [
    "I do not understand the second step.\n\nCan anybody help?",
    "See `a\\b` and <b>this</b>\tplease",
    "Danke, das hilft 😀",
    "我也有同样的问题",
    "Спасибо за ответ!",
    "You need to divide by n-1, not by n.\r\nLook at section 2.",
];

/// The topic a thread belongs to.
pub(crate) fn commentable_id(run: &CourseRun, block: Option<u16>) -> String {
    match (block, run.style) {
        (Some(block), _) => run.block(block).external_id.clone(),
        (None, KeyStyle::Slash) => format!("i4x-{}-{}-course-{}", run.org, run.course.replace('.', "_"), run.run.replace('.', "_")),
        (None, KeyStyle::CourseV1) => "course".to_owned(),
    }
}

pub(crate) fn title(world: &World, run: &CourseRun, post: &Post) -> String {
    let draw = hash(world.seed(), "title", &[u64::from(run.index), post.at as u64]);
    TITLES[(draw % TITLES.len() as u64) as usize].to_owned()
}

/// The text of a post; one in thirty is long.
pub(crate) fn body(world: &World, run: &CourseRun, number: u32) -> String {
    let draw = hash(world.seed(), "body", &[u64::from(run.index), u64::from(number)]);
    let text = BODIES[(draw % BODIES.len() as u64) as usize];
    if (draw >> 16).is_multiple_of(30) { text.repeat(30) } else { text.to_owned() }
}

/// Whether a post is in the dump of a snapshot.
pub(crate) fn is_there(snapshot: &Snapshot<'_>, post: &Post) -> bool {
    post.at < snapshot.as_of()
}

/// Writes the document of one post, with its line end.
pub(crate) fn document(snapshot: &Snapshot<'_>, forum: &Forum, number: u32, out: &mut Vec<u8>) {
    let post = forum.post(number);
    let (world, run, as_of) = (snapshot.world, snapshot.run, snapshot.as_of());
    let author = world.person(run.installation, post.author);
    let is_compact = world.seed().wrapping_add(u64::from(run.index)).is_multiple_of(2);
    let mut json = JsonText::new(is_compact);
    let j = &mut json;
    j.open();
    j.key("_id").open().key("$oid").text(&post.id).close();
    votes(j, world, run, &forum.voters(number, as_of));
    j.key("visible").bool(true).key("abuse_flaggers").open_list().close_list().key("historical_abuse_flaggers").open_list().close_list();
    j.key("_type").text(if post.kind == PostKind::Thread { "CommentThread" } else { "Comment" });
    j.key("body").text(&body(world, run, number));
    j.key("course_id").text(&run.key);
    j.key("anonymous").bool(post.is_anonymous).key("anonymous_to_peers").bool(false);
    j.key("at_position_list").open_list().close_list();
    j.key("author_id").text(&author.user_id.to_string()).key("author_username").text(&author.username_as_of(as_of));
    date(j, run, "created_at", post.at);
    date(j, run, "updated_at", post.at + 5_000);
    if post.kind == PostKind::Thread {
        thread_fields(j, snapshot, forum, post);
    } else {
        comment_fields(j, snapshot, forum, post, number);
    }
    j.close();
    out.extend_from_slice(json.bytes());
    out.push(b'\n');
}

fn votes(j: &mut JsonText, world: &World, run: &CourseRun, voters: &[u32]) {
    let census = world.census(run.installation);
    j.key("votes").open().key("up").open_list();
    for &voter in voters {
        j.text(&census.user_id(world.seed(), voter).to_string());
    }
    let count = voters.len() as i64;
    j.close_list().key("down").open_list().close_list();
    j.key("up_count").int(count).key("down_count").int(0).key("count").int(count).key("point").int(count).close();
}

/// A date in the form of the run's exporter.
fn date(j: &mut JsonText, run: &CourseRun, name: &str, at: Moment) {
    let millis = at.div_euclid(1_000);
    j.key(name).open().key("$date");
    match run.index % 3 {
        0 => {
            let mut text = crate::moment::content_text(at);
            text.pop();
            j.text(&format!("{text}.{:03}Z", millis.rem_euclid(1_000)));
        }
        1 => {
            j.int(millis);
        }
        _ => {
            j.open().key("$numberLong").text(&millis.to_string()).close();
        }
    }
    j.close();
}

fn thread_fields(j: &mut JsonText, snapshot: &Snapshot<'_>, forum: &Forum, post: &Post) {
    let replies = || forum.replies(post.thread).filter(|p| is_there(snapshot, p));
    j.key("title").text(&title(snapshot.world, snapshot.run, post));
    j.key("thread_type").text(if post.is_question { "question" } else { "discussion" });
    j.key("context").text("course").key("comment_count").int(replies().count() as i64);
    j.key("commentable_id").text(&commentable_id(snapshot.run, post.block));
    j.key("closed").bool(false).key("pinned").bool(post.is_pinned).key("group_id").null().key("tags_array").open_list().close_list();
    date(j, snapshot.run, "last_activity_at", replies().map(|p| p.at).max().unwrap_or(post.at));
}

fn comment_fields(j: &mut JsonText, snapshot: &Snapshot<'_>, forum: &Forum, post: &Post, number: u32) {
    let as_of = snapshot.as_of();
    j.key("comment_thread_id").open().key("$oid").text(&forum.thread(post.thread).id).close();
    let endorsed_at = post.endorsed_at.filter(|&at| at < as_of);
    j.key("endorsed").bool(endorsed_at.is_some());
    match endorsed_at {
        Some(at) => {
            j.key("endorsement").open().key("user_id").text("2001");
            date(j, snapshot.run, "time", at);
            j.close();
        }
        None => {
            j.key("endorsement").null();
        }
    }
    let parent = post.response.map(|r| forum.post(r));
    j.key("parent_ids").open_list();
    if let Some(parent) = parent {
        j.open().key("$oid").text(&parent.id).close();
    }
    j.close_list();
    let n_children = forum.comments(number).filter(|p| is_there(snapshot, p)).count();
    j.key("depth").int(i64::from(parent.is_some())).key("child_count").int(n_children as i64);
    match parent {
        Some(parent) => {
            j.key("parent_id").open().key("$oid").text(&parent.id).close();
            j.key("sk").text(&format!("{}-{}", parent.id, post.id));
        }
        None => {
            j.key("sk").text(&post.id);
        }
    }
}
