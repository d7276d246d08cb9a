//! What a member has touched and achieved by a moment: the source of studentmodule, grades and certificates.
//!
//! It follows from the member's actions, whether or not the log still has their lines.

use super::Snapshot;
use crate::behaviour::actions::{Handler, Page};
use crate::behaviour::life::Life;
use crate::behaviour::{Action, ActionKind};
use crate::courses::CourseRun;
use crate::moment::Moment;
use crate::world::World;

/// What is stored of one block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    pub(crate) block: u16,
    pub(crate) first_at: Moment,
    pub(crate) last_at: Moment,
    pub(crate) attempts: u16,
    pub(crate) points: u8,
    /// 1-based position in a container.
    pub(crate) position: u16,
    pub(crate) video_ms: i64,
}

/// What a member has done by a moment.
pub(crate) struct State {
    /// In the order of first touch.
    pub(crate) touched: Vec<Touched>,
    pub(crate) passed_at: Option<Moment>,
    places: Vec<u16>,
}

impl State {
    pub(crate) fn of(&self, block: u16) -> Option<&Touched> {
        let place = *self.places.get(usize::from(block))?;
        self.touched.get(usize::from(place).checked_sub(1)?)
    }

    fn touch(&mut self, block: u16, at: Moment) -> &mut Touched {
        let place = &mut self.places[usize::from(block)];
        if *place == 0 {
            self.touched.push(Touched { block, first_at: at, last_at: at, attempts: 0, points: 0, position: 1, video_ms: 0 });
            *place = self.touched.len() as u16;
        }
        let touched = &mut self.touched[usize::from(*place) - 1];
        touched.last_at = at;
        touched
    }

    fn open_sequential(&mut self, run: &CourseRun, sequential: u16, at: Moment) {
        let place_in =
            |parent: u16, child: u16| -> u16 { run.block(parent).children.iter().position(|&c| c == child).map_or(1, |p| p as u16 + 1) };
        self.touch(sequential, at);
        if let Some(chapter) = run.chapter_of(sequential) {
            self.touch(chapter, at).position = place_in(chapter, sequential);
            self.touch(0, at).position = place_in(0, chapter);
        }
    }

    fn apply(&mut self, run: &CourseRun, action: &Action) {
        let at = action.at;
        match action.kind {
            ActionKind::Page(Page::Courseware { sequential }) => self.open_sequential(run, sequential, at),
            ActionKind::Page(Page::JumpTo { block }) => {
                if let Some(sequential) = run.block(block).parent {
                    self.open_sequential(run, sequential, at);
                }
            }
            ActionKind::Handler { block, handler: Handler::GotoPosition { position } } => self.touch(block, at).position = position,
            ActionKind::Handler { block, handler: Handler::ProblemGet } => {
                self.touch(block, at);
            }
            ActionKind::ProblemCheck { problem, attempt, points, .. } => {
                let touched = self.touch(problem, at);
                touched.attempts = attempt;
                touched.points = points;
            }
            ActionKind::VideoPause { video, at_ms } | ActionKind::VideoStop { video, at_ms } => self.touch(video, at).video_ms = at_ms,
            _ => {}
        }
    }

    /// Points earned in graded problems.
    pub(crate) fn graded_points(&self, run: &CourseRun) -> u32 {
        run.graded_problems.iter().filter_map(|&p| self.of(p)).map(|t| u32::from(t.points)).sum()
    }

    /// First and last submission of a graded problem.
    pub(crate) fn graded_span(&self, run: &CourseRun) -> Option<(Moment, Moment)> {
        let graded = || run.graded_problems.iter().filter_map(|&p| self.of(p)).filter(|t| t.attempts > 0);
        Some((graded().map(|t| t.first_at).min()?, graded().map(|t| t.last_at).max()?))
    }
}

/// The state of a member in a snapshot.
pub(crate) fn state_as_of(snapshot: &Snapshot<'_>, life: &Life) -> State {
    state_before(snapshot.world, snapshot.run, life, snapshot.as_of())
}

/// What a member has done before a moment.
pub(crate) fn state_before(world: &World, run: &CourseRun, life: &Life, as_of: Moment) -> State {
    let mut actions = Vec::new();
    let progress = life.live(world, run, &mut actions);
    let passed_at = progress.passed_at.filter(|&at| at < as_of);
    let mut state = State { touched: Vec::new(), passed_at, places: vec![0; run.blocks.len()] };
    for action in actions.iter().take_while(|a| a.at < as_of) {
        state.apply(run, action);
    }
    state
}

/// Whether anybody has touched anything; if not, there is no file of touched blocks.
pub(crate) fn has_studentmodule(snapshot: &Snapshot<'_>) -> bool {
    let mut lives = snapshot.world.lives(snapshot.run).filter(|life| snapshot.has(life));
    lives.any(|life| !state_before(snapshot.world, snapshot.run, &life, snapshot.blocks_as_of()).touched.is_empty())
}
