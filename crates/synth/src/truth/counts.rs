//! The counters of a day of a learner in a course run, and what each event adds to them.
//!
//! It does not decide which events count; that is for [`super::learner`].

use std::collections::BTreeSet;

use crate::behaviour::actions::{Page, Step};
use crate::behaviour::{Action, ActionKind};
use crate::courses::CourseRun;
use crate::forum::PostKind;
use crate::moment::{Moment, SECOND};
use crate::world::World;

/// Gaps between events, in microseconds.
#[derive(Debug, Default, Clone)]
pub(super) struct Gaps {
    gaps: Vec<i64>,
}

impl Gaps {
    pub(super) fn add(&mut self, gap: i64) {
        self.gaps.push(gap);
    }

    pub(super) fn append(&mut self, other: &Gaps) {
        self.gaps.extend_from_slice(&other.gaps);
    }

    pub(super) fn n(&self) -> i64 {
        self.gaps.len() as i64
    }

    pub(super) fn sum(&self) -> f64 {
        self.gaps.iter().sum::<i64>() as f64 / SECOND as f64
    }

    pub(super) fn max(&self) -> Option<f64> {
        self.gaps.iter().max().map(|&gap| gap as f64 / SECOND as f64)
    }

    pub(super) fn mean(&self) -> Option<f64> {
        (!self.gaps.is_empty()).then(|| self.sum() / self.gaps.len() as f64)
    }

    /// Sample standard deviation; none for fewer than two gaps.
    pub(super) fn deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let n = self.gaps.len();
        let squares: f64 = self.gaps.iter().map(|&gap| (gap as f64 / SECOND as f64 - mean).powi(2)).sum();
        (n > 1).then(|| (squares / (n - 1) as f64).sqrt())
    }
}

/// Counts of one day, or of all days.
#[derive(Debug, Default, Clone)]
pub(super) struct Counts {
    pub(super) nevents: i64,
    pub(super) nprogcheck: i64,
    pub(super) nshow_answer: i64,
    pub(super) nvideo: i64,
    pub(super) nplay_video: i64,
    pub(super) npause_video: i64,
    pub(super) nseek_video: i64,
    pub(super) nseq_goto: i64,
    pub(super) nproblem_check: i64,
    pub(super) ntranscript: i64,
    pub(super) nforum_events: i64,
    pub(super) nforum_reads: i64,
    pub(super) nforum_posts: i64,
    pub(super) threads: BTreeSet<u32>,
    pub(super) videos: BTreeSet<u16>,
    pub(super) problems: BTreeSet<u16>,
    pub(super) watched_ms: i64,
    pub(super) first_event: Option<Moment>,
    pub(super) last_event: Option<Moment>,
    pub(super) gaps: Gaps,
}

/// Adds one event that counts to its day.
pub(super) fn add(day: &mut Counts, world: &World, run: &CourseRun, action: &Action) {
    day.nevents += 1;
    day.first_event.get_or_insert(action.at);
    day.last_event = Some(action.at);
    let thread_of = |post: u32| world.forums.get(usize::from(run.index)).map(|f| f.post(post).thread);
    match action.kind {
        ActionKind::Page(Page::Progress) => day.nprogcheck += 1,
        ActionKind::Page(Page::DiscussionThread { thread }) => {
            day.nforum_events += 1;
            day.nforum_reads += 1;
            day.threads.insert(thread);
        }
        ActionKind::Page(Page::DiscussionHome | Page::DiscussionInline { .. }) => day.nforum_events += 1,
        ActionKind::Page(Page::DiscussionCreate { post }) => {
            day.nforum_events += 1;
            // Only a response is sent to an address that names its thread.
            let forum = world.forums.get(usize::from(run.index));
            day.threads.extend(forum.map(|f| f.post(post)).filter(|p| p.kind == PostKind::Response).map(|p| p.thread));
        }
        ActionKind::ForumViewed { thread } => {
            day.nforum_reads += 1;
            day.threads.insert(thread);
        }
        ActionKind::ForumCreated { post } => {
            day.nforum_posts += 1;
            day.threads.extend(thread_of(post));
        }
        ActionKind::ForumVoted { post } => day.threads.extend(thread_of(post)),
        ActionKind::ShowAnswer { .. } => day.nshow_answer += 1,
        ActionKind::Sequence { step: Step::Goto, .. } => day.nseq_goto += 1,
        ActionKind::ProblemCheck { problem, .. } => {
            day.nproblem_check += 1;
            day.problems.insert(problem);
        }
        ActionKind::VideoPlay { video, .. } => {
            day.nvideo += 1;
            day.nplay_video += 1;
            day.videos.insert(video);
        }
        ActionKind::VideoPause { .. } => {
            day.nvideo += 1;
            day.npause_video += 1;
        }
        ActionKind::VideoSeek { .. } => {
            day.nvideo += 1;
            day.nseek_video += 1;
        }
        ActionKind::Transcript { is_shown, .. } => {
            day.nvideo += 1;
            day.ntranscript += i64::from(is_shown);
        }
        ActionKind::VideoLoad { .. }
        | ActionKind::VideoStop { .. }
        | ActionKind::VideoSpeed { .. }
        | ActionKind::Captions { .. }
        | ActionKind::LanguageMenu { .. } => day.nvideo += 1,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_needs_two_gaps() {
        let mut gaps = Gaps::default();
        assert_eq!((gaps.n(), gaps.sum(), gaps.mean(), gaps.deviation()), (0, 0.0, None, None));
        gaps.add(2 * SECOND);
        assert_eq!((gaps.mean(), gaps.deviation()), (Some(2.0), None));
        gaps.add(4 * SECOND);
        assert_eq!((gaps.sum(), gaps.max(), gaps.deviation()), (6.0, Some(4.0), Some(2.0_f64.sqrt())));
    }
}
