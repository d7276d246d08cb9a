//! The counts of one learner in one course run: by day and in all, with gaps and seconds watched.
//!
//! It looks at actions whose lines are delivered and whole, in the order of time, however late they came.

use std::collections::BTreeMap;

use super::counts::{self, Counts};
use super::enrolment::LoggedEnrolment;
use super::viewing::{Deed, Viewer};
use crate::behaviour::actions::Page;
use crate::behaviour::life::Life;
use crate::behaviour::session::Device;
use crate::behaviour::{Action, ActionKind};
use crate::courses::CourseRun;
use crate::day_file::{is_open, sent_day};
use crate::events::{DURATION_SINCE, seek_is_exact};
use crate::moment::{Day, Moment, SECOND, day_of};
use crate::world::World;

/// The longest gap that counts as time at work.
const LONGEST_GAP: i64 = 300 * SECOND;
/// 2013-10-23: before it, events of the server that are not page views name no course.
const CONTEXT_SINCE: Moment = 1_382_486_400 * SECOND;

/// Everything the log tells about one learner in one run.
#[derive(Default)]
pub(super) struct LearnerTruth {
    pub(super) days: BTreeMap<Day, Counts>,
    /// Milliseconds watched by video and day.
    pub(super) watched: BTreeMap<u16, BTreeMap<Day, i64>>,
    pub(super) enrolment: LoggedEnrolment,
    /// Enrolment events that were delivered.
    pub(super) enrolment_events: Vec<Action>,
    pub(super) has_content_event: bool,
    /// Uses by address number: count and latest.
    addresses: BTreeMap<u8, (u64, Moment)>,
}

/// Looks at everything a learner did in a run.
pub(super) fn of(world: &World, run: &CourseRun, life: &Life) -> LearnerTruth {
    let actions = delivered(world, run, life);
    let mut truth = LearnerTruth::default();
    let mut viewers: BTreeMap<u16, Viewer> = BTreeMap::new();
    // The pause that a stop may repeat, by video.
    let mut last_deed: BTreeMap<u16, Option<i64>> = BTreeMap::new();
    let mut previous: Option<Moment> = None;
    let knows_durations = run.end() > DURATION_SINCE;
    for action in &actions {
        let Some(session) = life.sessions.get(usize::from(action.session)) else { continue };
        if super::enrolment::event_name(action.kind).is_some() {
            truth.enrolment.take(action.at, action.kind);
            truth.enrolment_events.push(*action);
        }
        let mut repeats_pause = false;
        if let Some((video, deed, pause_ms)) = deed(action) {
            if let (Deed::End { at_ms }, None) = (deed, pause_ms) {
                repeats_pause = last_deed.get(&video).copied().flatten() == Some(at_ms);
            }
            last_deed.insert(video, pause_ms);
            let limit = knows_durations.then(|| run.block(video).duration_ms);
            viewers.entry(video).or_default().take(action.at, deed, limit);
        }
        if repeats_pause || !counts(action) {
            continue;
        }
        let day = truth.days.entry(day_of(action.at)).or_default();
        counts::add(day, world, run, action);
        if let Some(gap) = previous.map(|before| action.at - before).filter(|gap| *gap <= LONGEST_GAP) {
            day.gaps.add(gap);
        }
        previous = Some(action.at);
        truth.has_content_event |= is_content(action.kind);
        if session.device == Device::Web {
            let used = truth.addresses.entry(session.address).or_default();
            used.0 += 1;
            used.1 = used.1.max(action.at);
        }
    }
    for (video, viewer) in viewers {
        let watched = viewer.watched_ms();
        for (day, ms) in &watched {
            truth.days.entry(*day).or_default().watched_ms += ms;
        }
        if !watched.is_empty() {
            truth.watched.insert(video, watched);
        }
    }
    truth
}

/// The actions whose lines are delivered and whole, and name the course, at the times that can be read in them.
fn delivered(world: &World, run: &CourseRun, life: &Life) -> Vec<Action> {
    let mut lived = Vec::new();
    life.live(world, run, &mut lived);
    let mut actions = Vec::with_capacity(lived.len());
    for action in lived {
        let Some(session) = life.sessions.get(usize::from(action.session)) else { continue };
        let fate = world.mess.line_fate(run, life, session, &action);
        if is_open(run, fate.home_day(sent_day(session, &action))) && !fate.destroys() && names_course(&action) {
            actions.push(Action { at: fate.time(action.at), ..action });
        }
    }
    actions.sort_by_key(|a| (a.at, a.ordinal));
    actions
}

/// What the event means to a viewing; a pause also tells its position.
fn deed(action: &Action) -> Option<(u16, Deed, Option<i64>)> {
    match action.kind {
        ActionKind::VideoPlay { video, at_ms } => Some((video, Deed::Play { at_ms }, Some(i64::MIN))),
        ActionKind::VideoPause { video, at_ms } => Some((video, Deed::End { at_ms }, Some(at_ms))),
        ActionKind::VideoStop { video, at_ms } => Some((video, Deed::End { at_ms }, None)),
        ActionKind::VideoSeek { video, from_ms, to_ms } => {
            let from_ms = if seek_is_exact(action.at) { from_ms } else { to_ms };
            Some((video, Deed::Seek { from_ms, to_ms }, Some(i64::MIN)))
        }
        _ => None,
    }
}

/// Whether the course run can be told from the line.
fn names_course(action: &Action) -> bool {
    match action.kind {
        ActionKind::Page(Page::Dashboard | Page::Login) => false,
        // Before there was a context, the server's own events named the course nowhere.
        ActionKind::ProblemCheck { .. } | ActionKind::ShowAnswer { .. } | ActionKind::ProblemRescore { .. } | ActionKind::Hint { .. } => {
            action.at >= CONTEXT_SINCE
        }
        _ => true,
    }
}

/// Whether the event counts as something the learner did.
fn counts(action: &Action) -> bool {
    !matches!(
        action.kind,
        ActionKind::Handler { .. } | ActionKind::ProblemCheckBrowser { .. } | ActionKind::ProblemCheck { is_repeat: true, .. }
    )
}

/// Videos, problems, sequences and pages of the courseware.
fn is_content(kind: ActionKind) -> bool {
    matches!(
        kind,
        ActionKind::Page(Page::Courseware { .. })
            | ActionKind::Sequence { .. }
            | ActionKind::VideoLoad { .. }
            | ActionKind::VideoPlay { .. }
            | ActionKind::VideoPause { .. }
            | ActionKind::VideoStop { .. }
            | ActionKind::VideoSeek { .. }
            | ActionKind::VideoSpeed { .. }
            | ActionKind::Transcript { .. }
            | ActionKind::Captions { .. }
            | ActionKind::LanguageMenu { .. }
            | ActionKind::Hint { .. }
            | ActionKind::ProblemRescore { .. }
            | ActionKind::ProblemCheck { .. }
            | ActionKind::ProblemGraded { .. }
            | ActionKind::ProblemShow { .. }
            | ActionKind::ShowAnswer { .. }
            | ActionKind::ProblemSave { .. }
            | ActionKind::ProblemReset { .. }
    )
}

impl LearnerTruth {
    /// All days together.
    pub(super) fn total(&self) -> Counts {
        let mut all = Counts::default();
        for day in self.days.values() {
            all.nevents += day.nevents;
            all.nprogcheck += day.nprogcheck;
            all.nshow_answer += day.nshow_answer;
            all.nvideo += day.nvideo;
            all.nplay_video += day.nplay_video;
            all.npause_video += day.npause_video;
            all.nseek_video += day.nseek_video;
            all.nseq_goto += day.nseq_goto;
            all.nproblem_check += day.nproblem_check;
            all.ntranscript += day.ntranscript;
            all.nforum_events += day.nforum_events;
            all.nforum_posts += day.nforum_posts;
            all.videos.extend(&day.videos);
            all.watched_ms += day.watched_ms;
            all.first_event = all.first_event.or(day.first_event);
            all.last_event = day.last_event.or(all.last_event);
            all.gaps.append(&day.gaps);
        }
        all
    }

    /// The address used most; of several the one used last, then the smallest.
    pub(super) fn modal_address(&self, addresses: &[String; 3]) -> Option<String> {
        let mut by_text: BTreeMap<&str, (u64, Moment)> = BTreeMap::new();
        for (number, (n, latest)) in &self.addresses {
            let used = by_text.entry(addresses[usize::from(*number) % 3].as_str()).or_default();
            used.0 += n;
            used.1 = used.1.max(*latest);
        }
        by_text.into_iter().rev().max_by_key(|(_, used)| *used).map(|(text, _)| text.to_owned())
    }
}
