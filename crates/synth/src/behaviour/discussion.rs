//! Reading, writing and voting in the forum.
//!
//! What is written, and by whom, is imagined once for a run in [`crate::forum`]; here it is acted out.

use super::actions::{ActionKind, Page};
use super::life::{Life, Pen};
use super::session::{self, Purpose};
use crate::courses::CourseRun;
use crate::forum::{Forum, PostKind};
use crate::moment::{MINUTE, SECOND};
use crate::random::Dice;
use crate::world::World;

/// 2015-03-05: since then posts are logged as events.
const CREATED_SINCE: i64 = 1_425_513_600 * SECOND;
/// 2015-12-01: since then votes are logged.
const VOTED_SINCE: i64 = 1_448_928_000 * SECOND;
/// 2017-07-12: since then views are logged.
const VIEWED_SINCE: i64 = 1_499_817_600 * SECOND;

/// Adds the visits in which somebody posts or votes.
pub(super) fn plan_visits(life: &mut Life, dice: &mut Dice, forum: &Forum) {
    for &post in forum.posts_of(life.person) {
        let at = forum.post(post).at - 40 * SECOND;
        life.sessions.push(session::visit(dice, at, Purpose::Post { post }, false));
    }
    for vote in forum.votes_of(life.person) {
        life.sessions.push(session::visit(dice, vote.at - 40 * SECOND, Purpose::Vote { post: vote.post }, false));
    }
}

/// Opens the forum, or the discussion of a unit, and reads a few threads.
pub(super) fn read(pen: &mut Pen<'_>, dice: &mut Dice, world: &World, run: &CourseRun, block: Option<u16>) {
    let page = match block {
        Some(block) => Page::DiscussionInline { block },
        None => Page::DiscussionHome,
    };
    pen.act(ActionKind::Page(page));
    if dice.chance(0.1) && pen.at >= CREATED_SINCE {
        pen.wait(dice, 3 * SECOND, 20 * SECOND);
        pen.act(ActionKind::ForumSearched { topic: dice.below(16) as u16 });
    }
    let Some(forum) = world.forums.get(usize::from(run.index)) else { return };
    let n_threads = forum.n_threads_before(pen.at);
    for _ in 0..1 + dice.below(3) {
        if n_threads == 0 {
            return;
        }
        pen.wait(dice, 4 * SECOND, 2 * MINUTE);
        let thread = dice.below(u64::from(n_threads)) as u32;
        open_thread(pen, dice, thread);
    }
}

fn open_thread(pen: &mut Pen<'_>, dice: &mut Dice, thread: u32) {
    pen.act(ActionKind::Page(Page::DiscussionThread { thread }));
    if pen.at >= VIEWED_SINCE {
        pen.wait(dice, 1_000, SECOND / 4);
        pen.act(ActionKind::ForumViewed { thread });
    }
}

/// Writes one post at the moment the forum has it.
pub(super) fn write(pen: &mut Pen<'_>, dice: &mut Dice, world: &World, run: &CourseRun, post: u32) {
    let Some(forum) = world.forums.get(usize::from(run.index)) else { return };
    let written = forum.post(post);
    pen.act(ActionKind::Page(Page::DiscussionHome));
    if written.kind != PostKind::Thread {
        pen.wait(dice, 2 * SECOND, 15 * SECOND);
        open_thread(pen, dice, written.thread);
    }
    pen.at = pen.at.max(written.at - 1_500);
    pen.act(ActionKind::Page(Page::DiscussionCreate { post }));
    if written.at >= CREATED_SINCE {
        pen.at = pen.at.max(written.at) + 1;
        pen.act(ActionKind::ForumCreated { post });
    }
}

/// Votes for one post.
pub(super) fn vote(pen: &mut Pen<'_>, dice: &mut Dice, world: &World, run: &CourseRun, post: u32) {
    let Some(forum) = world.forums.get(usize::from(run.index)) else { return };
    open_thread(pen, dice, forum.post(post).thread);
    if pen.at >= VOTED_SINCE {
        pen.wait(dice, 3 * SECOND, 30 * SECOND);
        pen.act(ActionKind::ForumVoted { post });
    }
}
