//! The reader of forum exports: one post, response or comment a line, as MongoDB's export tool writes it.
//! It refuses nothing that is a JSON object: members we do not know stay in the document's own text.

mod extended_json;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::database_file::clean_json;
use crate::json_repair;
use crate::reject::{Reject, RejectCode};
use crate::user_id;
use extended_json::{boolean, identifier, integer, moment, text, texts_of_list};

/// One post of a forum, with the columns of `forum_contents`. A member that is missing, null or of another type is `None`.
///
/// Moments are microseconds since 1970 UTC. Source: docs/concepts/edx-files.md, "Forum".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForumDocument<'a> {
    /// Column `_id`: the post's own identifier.
    pub id: Option<String>,
    /// Column `_type`: `CommentThread` for a post, `Comment` for a response or a comment on one.
    pub document_type: Option<String>,
    /// The author's `auth_user.id`; `None` where the export holds something that is no number.
    pub author_id: Option<i64>,
    /// The author's user name; it is there for anonymous posts too.
    pub author_username: Option<String>,
    /// The course run as the post names it.
    pub course_id: Option<String>,
    /// When the post was made.
    pub created_at: Option<i64>,
    /// When it was changed last.
    pub updated_at: Option<i64>,
    /// When something below it happened last.
    pub last_activity_at: Option<i64>,
    /// A thread's title.
    pub title: Option<String>,
    /// What was written, as Markdown.
    pub body: Option<String>,
    /// `question` or `discussion`.
    pub thread_type: Option<String>,
    /// `course`, or `standalone` for a team's discussion.
    pub context: Option<String>,
    /// The topic a thread stands in.
    pub commentable_id: Option<String>,
    /// The thread a response or comment belongs to.
    pub comment_thread_id: Option<String>,
    /// The response a comment answers.
    pub parent_id: Option<String>,
    /// The posts above, as a JSON list of identifiers.
    pub parent_ids: Option<String>,
    /// How deep below the thread.
    pub depth: Option<i64>,
    /// How many posts are below a thread.
    pub comment_count: Option<i64>,
    /// How many posts are directly below a response.
    pub child_count: Option<i64>,
    /// Whether staff endorsed it, or the asker accepted it.
    pub endorsed: Option<bool>,
    /// Who endorsed it.
    pub endorsement_user_id: Option<i64>,
    /// When it was endorsed.
    pub endorsement_time: Option<i64>,
    /// Whether the author's name is hidden from everyone.
    pub anonymous: Option<bool>,
    /// Whether the author's name is hidden from other learners.
    pub anonymous_to_peers: Option<bool>,
    /// Whether a thread is kept on top.
    pub pinned: Option<bool>,
    /// Whether a thread takes no more posts.
    pub closed: Option<bool>,
    /// Unused by edX.
    pub visible: Option<bool>,
    /// How many votes for it.
    pub votes_up_count: Option<i64>,
    /// How many votes against it; no longer possible.
    pub votes_down_count: Option<i64>,
    /// How many votes.
    pub votes_count: Option<i64>,
    /// Votes for it less votes against it.
    pub votes_point: Option<i64>,
    /// Who reported it, as a JSON list of user ids.
    pub abuse_flaggers: Option<String>,
    /// The cohort it is for.
    pub group_id: Option<i64>,
    /// The key posts are sorted by.
    pub sk: Option<String>,
    /// The whole line as it came, without NUL bytes, and mended where it was not quite JSON.
    pub document: Cow<'a, str>,
}

/// Reads one line of a forum export. A blank line is `None`, never an error.
pub fn parse_document(line: &[u8]) -> Result<Option<ForumDocument<'_>>, Reject> {
    let document = clean_json(line);
    if document.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str(&document) {
        Ok(Value::Object(object)) => Ok(Some(from_object(object, document))),
        Ok(_) => Err(Reject::new(RejectCode::ForumNotAJsonObject)),
        Err(error) => {
            let mended = json_repair::repaired(&document);
            if let Ok(object) = serde_json::from_str(&mended) {
                return Ok(Some(from_object(object, Cow::Owned(mended))));
            }
            // In a text that had to be cleaned, places are not those of the line.
            let column = if matches!(document, Cow::Borrowed(_)) { column_in(line, &document, &error) } else { 0 };
            Err(Reject::at(RejectCode::ForumNotJson, column))
        }
    }
}

/// The byte of the line, counted from 1, at which reading its text stopped.
fn column_in(line: &[u8], document: &str, error: &serde_json::Error) -> usize {
    let n_before = document.as_ptr().addr() - line.as_ptr().addr();
    n_before + error.column()
}

fn from_object(mut object: Map<String, Value>, document: Cow<'_, str>) -> ForumDocument<'_> {
    let votes = take_object(&mut object, "votes");
    let endorsement = take_object(&mut object, "endorsement");
    let mut take = |name: &str| object.remove(name);
    ForumDocument {
        id: take("_id").and_then(identifier),
        document_type: take("_type").and_then(text),
        author_id: take("author_id").and_then(integer).and_then(user_id::of_number),
        author_username: take("author_username").and_then(text),
        course_id: take("course_id").and_then(text),
        created_at: take("created_at").and_then(moment),
        updated_at: take("updated_at").and_then(moment),
        last_activity_at: take("last_activity_at").and_then(moment),
        title: take("title").and_then(text),
        body: take("body").and_then(text),
        thread_type: take("thread_type").and_then(text),
        context: take("context").and_then(text),
        commentable_id: take("commentable_id").and_then(text),
        comment_thread_id: take("comment_thread_id").and_then(identifier),
        parent_id: take("parent_id").and_then(identifier),
        parent_ids: take("parent_ids").and_then(texts_of_list),
        depth: take("depth").and_then(integer),
        comment_count: take("comment_count").and_then(integer),
        child_count: take("child_count").and_then(integer),
        endorsed: take("endorsed").and_then(boolean),
        endorsement_user_id: endorsement.get("user_id").cloned().and_then(integer).and_then(user_id::of_number),
        endorsement_time: endorsement.get("time").cloned().and_then(moment),
        anonymous: take("anonymous").and_then(boolean),
        anonymous_to_peers: take("anonymous_to_peers").and_then(boolean),
        pinned: take("pinned").and_then(boolean),
        closed: take("closed").and_then(boolean),
        visible: take("visible").and_then(boolean),
        votes_up_count: votes.get("up_count").cloned().and_then(integer),
        votes_down_count: votes.get("down_count").cloned().and_then(integer),
        votes_count: votes.get("count").cloned().and_then(integer),
        votes_point: votes.get("point").cloned().and_then(integer),
        abuse_flaggers: take("abuse_flaggers").and_then(texts_of_list),
        group_id: take("group_id").and_then(integer),
        sk: take("sk").and_then(text),
        document,
    }
}

fn take_object(object: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match object.remove(name) {
        Some(Value::Object(member)) => member,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
