//! What is said in the forum of a run: threads, responses, comments, votes and endorsements.
//!
//! It is imagined once for each run, and holds who, when and what for, never the texts, which follow from the number of the post.

use std::collections::BTreeMap;

use crate::behaviour::life::{self, Resolve};
use crate::courses::CourseRun;
use crate::moment::{DAY, HOUR, Moment};
use crate::random::{self, Dice};
use crate::world::World;

/// The three levels of a discussion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PostKind {
    Thread,
    Response,
    Comment,
}

/// One post.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) kind: PostKind,
    pub(crate) at: Moment,
    pub(crate) author: u32,
    /// Number of the thread among the threads.
    pub(crate) thread: u32,
    /// The response a comment belongs to.
    pub(crate) response: Option<u32>,
    /// The block a thread belongs to; none: a topic of the whole course.
    pub(crate) block: Option<u16>,
    pub(crate) is_question: bool,
    pub(crate) endorsed_at: Option<Moment>,
    pub(crate) is_pinned: bool,
    pub(crate) is_anonymous: bool,
    /// 24 hexadecimal digits.
    pub(crate) id: String,
}

/// One vote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vote {
    pub(crate) voter: u32,
    pub(crate) post: u32,
    pub(crate) at: Moment,
}

/// The forum of one run; posts are in the order of time.
#[derive(Debug, Default)]
pub(crate) struct Forum {
    pub(crate) posts: Vec<Post>,
    /// Post numbers of the threads.
    threads: Vec<u32>,
    /// Post numbers by author, sorted.
    by_author: Vec<(u32, u32)>,
    authored: Vec<u32>,
    /// Sorted by voter.
    votes: Vec<Vote>,
    /// Voters and moments by post.
    votes_by_post: BTreeMap<u32, Vec<(u32, Moment)>>,
    /// Replies by number of the thread, comments by number of the response.
    replies: BTreeMap<u32, Vec<u32>>,
    comments: BTreeMap<u32, Vec<u32>>,
}

impl Forum {
    pub(crate) fn post(&self, number: u32) -> &Post {
        &self.posts[number as usize]
    }

    /// The first post of a thread.
    pub(crate) fn thread(&self, thread: u32) -> &Post {
        self.post(self.threads[thread as usize])
    }

    pub(crate) fn n_threads_before(&self, at: Moment) -> u32 {
        self.threads.partition_point(|&post| self.post(post).at < at) as u32
    }

    pub(crate) fn posts_of(&self, person: u32) -> &[u32] {
        let begin = self.by_author.partition_point(|(author, _)| *author < person);
        let end = self.by_author.partition_point(|(author, _)| *author <= person);
        &self.authored[begin..end]
    }

    pub(crate) fn votes_of(&self, person: u32) -> &[Vote] {
        let begin = self.votes.partition_point(|v| v.voter < person);
        let end = self.votes.partition_point(|v| v.voter <= person);
        &self.votes[begin..end]
    }

    /// Those who voted for a post before a moment.
    pub(crate) fn voters(&self, post: u32, as_of: Moment) -> Vec<u32> {
        let votes = self.votes_by_post.get(&post).map(Vec::as_slice).unwrap_or_default();
        votes.iter().filter(|(_, at)| *at < as_of).map(|(voter, _)| *voter).collect()
    }

    /// Responses and comments of a thread.
    pub(crate) fn replies(&self, thread: u32) -> impl Iterator<Item = &Post> {
        self.replies.get(&thread).into_iter().flatten().map(|&number| self.post(number))
    }

    /// Comments on a response.
    pub(crate) fn comments(&self, response: u32) -> impl Iterator<Item = &Post> {
        self.comments.get(&response).into_iter().flatten().map(|&number| self.post(number))
    }
}

/// Imagines the forum of a run.
pub(crate) fn imagine(world: &World, run: &CourseRun) -> Forum {
    let mut dice = Dice::new(world.seed(), "forum", &[u64::from(run.index)]);
    let dice = &mut dice;
    let mut intents: Vec<(Moment, u32)> = Vec::new();
    let mut voters: Vec<(u32, Moment)> = Vec::new();
    for person in 0..world.census(run.installation).n_people() {
        let draw = random::hash(world.seed(), "talkative", &[u64::from(run.index), u64::from(person)]);
        let n_posts = match draw % 20 {
            0 => 4 + (draw >> 32) % 5,
            1 | 2 => 1 + (draw >> 32) % 3,
            _ => 0,
        };
        let votes = draw % 11 == 3;
        if (n_posts == 0 && !votes) || !life::takes_part(world, run, person) || world.retired_at(run.installation, person).is_some() {
            continue;
        }
        // The forums are not there yet, so this life is one without posts; it tells when the person can be there.
        let Some(life) = life::of(world, run, person).filter(|l| l.resolve != Resolve::Machine) else { continue };
        let begins_at = life.enrolled_at.max(run.start()) + HOUR;
        for _ in 0..n_posts {
            let at = dice.between(begins_at, (run.end() - 3 * HOUR).max(begins_at));
            intents.push((at - at.rem_euclid(1_000), person));
        }
        if votes {
            voters.push((person, begins_at));
        }
    }
    // The course team greets everybody, so that no forum is empty for long.
    intents.push((run.start() + 2 * HOUR, world.census(run.installation).n_learners));
    intents.sort_unstable();
    let mut forum = Forum::default();
    for (at, author) in intents {
        add_post(&mut forum, dice, run, at, author);
    }
    add_votes(&mut forum, dice, run, &voters);
    index(&mut forum);
    forum
}

fn add_post(forum: &mut Forum, dice: &mut Dice, run: &CourseRun, at: Moment, author: u32) {
    let number = forum.posts.len() as u32;
    // A later post must not come before the one it answers.
    let at = forum.posts.last().map_or(at, |last| at.max(last.at + 1_000));
    let n_threads = forum.threads.len() as u64;
    let kind = if n_threads == 0 || dice.chance(0.35) {
        PostKind::Thread
    } else if dice.chance(0.65) {
        PostKind::Response
    } else {
        PostKind::Comment
    };
    let response = match kind {
        PostKind::Comment => (0..number).rev().take(12).find(|&p| forum.post(p).kind == PostKind::Response),
        _ => None,
    };
    let kind = if kind == PostKind::Comment && response.is_none() { PostKind::Response } else { kind };
    let thread = match (kind, response) {
        (PostKind::Thread, _) => forum.threads.len() as u32,
        (_, Some(response)) => forum.post(response).thread,
        (_, None) => dice.below(n_threads) as u32,
    };
    let discussions: Vec<u16> = run.units.iter().flat_map(|u| u.discussions.iter().copied()).collect();
    let block = (kind == PostKind::Thread && !discussions.is_empty() && dice.chance(0.6)).then(|| *dice.pick(&discussions));
    let seconds = at.div_euclid(1_000_000);
    let endorses = kind == PostKind::Response && dice.chance(0.15);
    if kind == PostKind::Thread {
        forum.threads.push(number);
    }
    forum.posts.push(Post {
        kind,
        at,
        author,
        thread,
        response,
        block,
        is_question: kind == PostKind::Thread && dice.chance(0.4),
        endorsed_at: endorses.then(|| at + dice.between(HOUR, 2 * DAY)),
        is_pinned: kind == PostKind::Thread && dice.chance(0.05),
        is_anonymous: dice.chance(0.06),
        id: format!("{seconds:08x}{}", random::hex(random::hash(dice.next(), "post", &[u64::from(number)]), 16)),
    });
}

fn add_votes(forum: &mut Forum, dice: &mut Dice, run: &CourseRun, voters: &[(u32, Moment)]) {
    let first = forum.posts.first().map_or(run.end(), |p| p.at);
    for &(voter, begins_at) in voters {
        let at = dice.between(begins_at, (run.end() - HOUR).max(begins_at));
        if at <= first + HOUR {
            continue;
        }
        let n_before = forum.posts.partition_point(|p| p.at < at - HOUR) as u64;
        let post = dice.below(n_before) as u32;
        // Comments on responses take no votes.
        if n_before > 0 && forum.post(post).kind != PostKind::Comment && forum.post(post).author != voter {
            forum.votes.push(Vote { voter, post, at });
        }
    }
    forum.votes.sort_by_key(|v| (v.voter, v.post));
}

fn index(forum: &mut Forum) {
    forum.by_author = forum.posts.iter().enumerate().map(|(number, post)| (post.author, number as u32)).collect();
    forum.by_author.sort_unstable();
    for vote in &forum.votes {
        forum.votes_by_post.entry(vote.post).or_default().push((vote.voter, vote.at));
    }
    for (number, post) in forum.posts.iter().enumerate() {
        if post.kind != PostKind::Thread {
            forum.replies.entry(post.thread).or_default().push(number as u32);
        }
        if let Some(response) = post.response {
            forum.comments.entry(response).or_default().push(number as u32);
        }
    }
    forum.authored = forum.by_author.iter().map(|(_, number)| *number).collect();
}
