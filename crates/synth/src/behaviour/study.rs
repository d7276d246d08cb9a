//! A visit to learn: pages, the way through sequentials, and what each unit holds.
//!
//! Watching is decided in [`super::video`], answering in [`super::problem`].

use super::actions::{ActionKind, Handler, Page, Step};
use super::life::{Life, Pen, Resolve};
use super::session::Device;
use super::{discussion, problem, video};
use crate::courses::{CourseRun, Unit};
use crate::moment::{MINUTE, Moment, SECOND};
use crate::random::Dice;
use crate::world::World;

/// 2016-05-05: since then choices in the outline are logged; bookmarks a little longer.
const OUTLINE_SINCE: Moment = 1_462_406_400 * SECOND;

/// What a learner carries from one visit to the next.
pub(crate) struct Progress {
    /// The unit that comes next.
    pub(super) next_unit: usize,
    /// Submissions so far, by block number.
    pub(super) attempts: Vec<u16>,
    /// Points of the last submission, by block number.
    pub(super) points: Vec<u8>,
    /// Where each video was left, by block number.
    pub(super) left_at_ms: Vec<i64>,
    pub(super) ability: f64,
    pub(super) answers_problems: bool,
    /// When the pass mark was first reached.
    pub(crate) passed_at: Option<Moment>,
}

impl Progress {
    pub(super) fn new(run: &CourseRun, life: &Life) -> Self {
        let n_blocks = run.blocks.len();
        Self {
            next_unit: 0,
            attempts: vec![0; n_blocks],
            points: vec![0; n_blocks],
            left_at_ms: vec![0; n_blocks],
            ability: life.ability,
            answers_problems: life.resolve != Resolve::Watcher,
            passed_at: None,
        }
    }

    /// Points earned in graded problems so far.
    pub(super) fn graded_points(&self, run: &CourseRun) -> u32 {
        run.graded_problems.iter().map(|&p| u32::from(self.points[usize::from(p)])).sum()
    }
}

/// A short look: the course's home, sometimes the progress page.
pub(super) fn glance(pen: &mut Pen<'_>, dice: &mut Dice) {
    if dice.chance(0.3) {
        pen.act(ActionKind::Page(Page::Login));
        pen.wait(dice, SECOND, 5 * SECOND);
        pen.act(ActionKind::Page(Page::Dashboard));
        pen.wait(dice, SECOND, 20 * SECOND);
    }
    pen.act(ActionKind::Page(Page::Info));
    if dice.chance(0.05) && pen.at >= OUTLINE_SINCE {
        pen.wait(dice, 3 * SECOND, MINUTE);
        pen.act(ActionKind::TeamPage);
    }
    let others = [Page::Progress, Page::Wiki, Page::DiscussionHome, Page::About, Page::Teams];
    for _ in 0..dice.below(3) {
        pen.wait(dice, 3 * SECOND, 2 * MINUTE);
        pen.act(ActionKind::Page(*dice.pick(&others)));
    }
}

/// A visit that works through units in order.
#[expect(clippy::too_many_arguments, reason = "a visit touches all that a life consists of, and is called once")]
pub(super) fn act(
    pen: &mut Pen<'_>,
    dice: &mut Dice,
    world: &World,
    run: &CourseRun,
    life: &Life,
    device: Device,
    n_units: u16,
    progress: &mut Progress,
) {
    if device == Device::Web {
        glance(pen, dice);
        pen.wait(dice, SECOND, 30 * SECOND);
    }
    // Some go back to what they have seen before.
    if dice.chance(0.12) && progress.next_unit > 3 {
        progress.next_unit -= 1 + dice.below(3) as usize;
    }
    let mut open_sequential = None;
    for _ in 0..n_units {
        let Some(unit) = run.units.get(progress.next_unit) else { break };
        progress.next_unit += 1;
        if device == Device::Mobile {
            for &block in &unit.videos {
                video::watch(pen, dice, run, block, device, progress);
                pen.wait(dice, 5 * SECOND, 3 * MINUTE);
            }
            continue;
        }
        enter(pen, dice, unit, open_sequential);
        open_sequential = Some(unit.sequential);
        visit_unit(pen, dice, world, run, life, unit, progress);
    }
    if let Some(sequential) = open_sequential {
        if dice.chance(0.12) {
            pen.wait(dice, SECOND, MINUTE);
            pen.act(ActionKind::Page(Page::Progress));
        }
        if dice.chance(0.6) {
            pen.wait(dice, SECOND, MINUTE);
            pen.act(ActionKind::PageClose { sequential });
        }
    }
}

/// Comes to a unit: by the page of its sequential, or by a step within the one that is open.
fn enter(pen: &mut Pen<'_>, dice: &mut Dice, unit: &Unit, open_sequential: Option<u16>) {
    let sequential = unit.sequential;
    if open_sequential != Some(sequential) {
        if open_sequential.is_some() && dice.chance(0.3) && pen.at >= OUTLINE_SINCE {
            pen.act(ActionKind::OutlineSelected { sequential });
            pen.wait(dice, SECOND / 5, 2 * SECOND);
        }
        let page = if dice.chance(0.05) { Page::JumpTo { block: unit.vertical } } else { Page::Courseware { sequential } };
        pen.act(ActionKind::Page(page));
        pen.wait(dice, SECOND / 2, 8 * SECOND);
        return;
    }
    let (step, old) = match dice.below(12) {
        0 => (Step::Goto, (1 + dice.below(u64::from(unit.n_positions))) as u16),
        1 if unit.position < unit.n_positions => (Step::Previous, unit.position + 1),
        _ => (Step::Next, unit.position - 1),
    };
    pen.act(ActionKind::Sequence { step, sequential, old: old.max(1), new: unit.position, n_positions: unit.n_positions });
    pen.wait(dice, SECOND / 20, SECOND / 2);
    pen.act(ActionKind::Handler { block: sequential, handler: Handler::GotoPosition { position: unit.position } });
    pen.wait(dice, SECOND, 10 * SECOND);
}

fn visit_unit(pen: &mut Pen<'_>, dice: &mut Dice, world: &World, run: &CourseRun, life: &Life, unit: &Unit, progress: &mut Progress) {
    // Reading the text; now and then somebody goes for coffee, which makes a gap longer than a break in work.
    let most = if dice.chance(0.08) { 20 * MINUTE } else { 2 * MINUTE };
    pen.wait(dice, 3 * SECOND, most);
    if dice.chance(0.01) && pen.at >= OUTLINE_SINCE {
        pen.act(ActionKind::OraSubmitted { vertical: unit.vertical });
        pen.wait(dice, SECOND, 5 * SECOND);
    }
    if dice.chance(0.02) && pen.at >= OUTLINE_SINCE {
        pen.act(ActionKind::BookmarkAdded { vertical: unit.vertical });
        pen.wait(dice, SECOND, 5 * SECOND);
    }
    if dice.chance(0.02) {
        let old = 1 + dice.below(80) as u16;
        pen.act(ActionKind::Textbook { old, new: old + 1 });
        pen.wait(dice, SECOND, MINUTE);
    }
    for &block in &unit.videos {
        if dice.chance(0.85) {
            video::watch(pen, dice, run, block, Device::Web, progress);
            pen.wait(dice, SECOND, MINUTE);
        }
    }
    for &block in &unit.problems {
        pen.act(ActionKind::Handler { block, handler: Handler::ProblemGet });
        pen.wait(dice, 2 * SECOND, 30 * SECOND);
        if progress.answers_problems && dice.chance(0.9) {
            problem::answer(pen, dice, run, life, block, progress);
        }
    }
    for &block in &unit.discussions {
        if dice.chance(0.4) {
            discussion::read(pen, dice, world, run, Some(block));
        }
    }
    if dice.chance(0.05) {
        discussion::read(pen, dice, world, run, None);
    }
}
