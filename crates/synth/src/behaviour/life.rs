//! The life of one person in one course run: when they enrol, how they learn, when they leave, and every action of theirs.
//!
//! A life is a function of the seed, the person and the run. Whoever needs it (a day's log, a table, the truth) lives it again,
//! so that nobody holds all events of all days.

use super::actions::{Action, ActionKind, Mode};
use super::enrolment::{self, Change};
use super::session::{self, Device, Purpose, Session};
use super::study::Progress;
use super::{discussion, staff, study};
use crate::courses::{CourseRun, Installation, KeyStyle};
use crate::moment::{DAY, HOUR, Moment};
use crate::people::Standing;
use crate::random::{Dice, hash};
use crate::world::World;

/// How far somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolve {
    NoShow,
    Sampler,
    Dropout,
    Watcher,
    Completer,
    Team,
    /// Never logs in.
    Machine,
}

/// One person in one course run.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) run: u16,
    pub(crate) person: u32,
    pub(crate) resolve: Resolve,
    pub(crate) ability: f64,
    /// The row of the enrolment table is created then; may be before the first day.
    pub(crate) enrolled_at: Moment,
    /// Whether the newest package still has the account under its own name, so that the name alone tells who it is.
    pub(crate) is_named_in_tables: bool,
    pub(crate) changes: Vec<Change>,
    pub(crate) sessions: Vec<Session>,
}

/// The class of a custom course, and the few of the course with a long name, come from the first so many learners.
const CLASS_OF: u32 = 160;

/// Whether somebody takes part in a run, without living the life.
pub(crate) fn takes_part(world: &World, run: &CourseRun, person: u32) -> bool {
    let census = world.census(run.installation);
    if census.standing(person) != Standing::Learner || run.installation == Installation::Edge {
        return true;
    }
    let draw = |name: &str| hash(world.seed(), name, &[u64::from(person)]);
    if run.first_day * DAY < world.first_moment() {
        // The run of 2013: few people, none of them retired since, so that their user names still tell who they were.
        return draw("old times").is_multiple_of(12) && world.retired_at(run.installation, person).is_none();
    }
    if run.ccx.is_some() {
        // A class, however large the course.
        return person < CLASS_OF && draw("class").is_multiple_of(8);
    }
    if run.has_long_name() {
        return person < CLASS_OF && draw("long name").is_multiple_of(8);
    }
    let n_runs = u64::from(world.plan.n_courses);
    let first = draw("first course") % n_runs;
    let second = draw("second course") % (5 * n_runs);
    u64::from(run.index) == first || u64::from(run.index) == second
}

/// The life of a person in a run; none if they are not in it.
pub(crate) fn of(world: &World, run: &CourseRun, person: u32) -> Option<Life> {
    if !takes_part(world, run, person) {
        return None;
    }
    let mut dice = Dice::new(world.seed(), "life", &[u64::from(run.index), u64::from(person)]);
    let dice = &mut dice;
    let standing = world.census(run.installation).standing(person);
    let resolve = match standing {
        Standing::Staff(_) => Resolve::Team,
        Standing::Worker => Resolve::Machine,
        Standing::Learner => match dice.below(100) {
            0..=23 => Resolve::NoShow,
            24..=45 => Resolve::Sampler,
            46..=70 => Resolve::Dropout,
            71..=77 => Resolve::Watcher,
            _ => Resolve::Completer,
        },
    };
    let length = run.n_days * DAY;
    let is_early = standing != Standing::Learner || dice.chance(0.3);
    let enrolled_at = if is_early {
        run.start() - dice.between(HOUR, 40 * DAY)
    } else {
        // Most enrol in the first half, some up to the last day.
        run.start() + (length as f64 * dice.unit() * if dice.chance(0.85) { 0.5 } else { 0.97 }) as i64
    };
    let enrolled_at = enrolled_at - enrolled_at.rem_euclid(1_000);
    let retired_at = world.retired_at(run.installation, person);
    let first_mode = if run.style == KeyStyle::Slash { Mode::Honor } else { Mode::Audit };
    let changes = match standing {
        Standing::Learner => enrolment::changes(dice, run, enrolled_at, first_mode, resolve, retired_at),
        _ => vec![Change::activated(enrolled_at, first_mode)],
    };
    let ability = 0.35 + 0.6 * dice.unit();
    let is_named_in_tables = retired_at.is_none() && enrolled_at < world.last_package_day(run) * DAY;
    let mut life = Life { run: run.index, person, resolve, ability, enrolled_at, is_named_in_tables, changes, sessions: Vec::new() };
    let leaves_at = life.leaves_at(run, retired_at);
    for (number, change) in life.changes.iter().enumerate() {
        let purpose = Purpose::Enrolment { change: number as u16 };
        life.sessions.push(session::visit(dice, change.at, purpose, false));
    }
    plan_visits(&mut life, dice, run, leaves_at);
    if let Some(forum) = world.forums.get(usize::from(run.index)) {
        discussion::plan_visits(&mut life, dice, forum);
    }
    life.sessions.sort_by_key(|s| (s.at, s.id));
    Some(life)
}

fn plan_visits(life: &mut Life, dice: &mut Dice, run: &CourseRun, leaves_at: Moment) {
    let (n_visits, n_units) = match life.resolve {
        Resolve::NoShow => (dice.below(2), 0),
        Resolve::Sampler => (1 + dice.below(3), 4),
        Resolve::Dropout => (3 + dice.below(7), 7),
        Resolve::Watcher => (5 + dice.below(8), 7),
        Resolve::Completer => (12 + dice.below(9), 6),
        Resolve::Team => (4 + dice.below(6), 3),
        Resolve::Machine => (0, 0),
    };
    // A short delivery has no room for a whole course.
    let n_visits = n_visits.min(run.n_days as u64 * 2 + 1);
    let begins_at = life.enrolled_at.max(run.start());
    let span = leaves_at - begins_at;
    if span < 2 * HOUR {
        return;
    }
    let mut times: Vec<Moment> = (0..n_visits).map(|_| begins_at + dice.between(60 * 1_000_000, span - HOUR)).collect();
    times.sort_unstable();
    for at in times {
        let purpose = match life.resolve {
            Resolve::NoShow => Purpose::Glance,
            Resolve::Team => Purpose::Teach,
            _ if dice.chance(0.08) => Purpose::Glance,
            _ => Purpose::Study { n_units: (2 + dice.below(n_units + 4)) as u16 },
        };
        let may_be_mobile = matches!(purpose, Purpose::Study { .. }) && run.first_day > 16_359;
        life.sessions.push(session::visit(dice, at, purpose, may_be_mobile));
    }
}

impl Life {
    /// When the person is last seen, by resolve, unenrolment or retirement.
    fn leaves_at(&self, run: &CourseRun, retired_at: Option<Moment>) -> Moment {
        let begins_at = self.enrolled_at.max(run.start());
        let share = match self.resolve {
            Resolve::Sampler => 0.3,
            Resolve::Dropout => 0.6,
            _ => 1.0,
        };
        let wanted = begins_at + ((run.end() - begins_at) as f64 * share) as i64;
        let unenrolled_at = self.changes.last().filter(|c| !c.is_active_after).map_or(Moment::MAX, |c| c.at);
        wanted.min(unenrolled_at).min(retired_at.unwrap_or(Moment::MAX)).min(run.end())
    }

    /// The enrolment at a moment: track and whether it is active; none before it exists.
    pub(crate) fn enrolment_as_of(&self, as_of: Moment) -> Option<(Mode, bool)> {
        self.changes.iter().take_while(|c| c.at < as_of).last().map(|c| (c.mode_after, c.is_active_after))
    }

    /// The certificate row that follows from passing, or from having paid without passing.
    pub(crate) fn certificate(&self, world: &World, passed_at: Option<Moment>) -> Option<Certificate> {
        let draw = hash(world.seed(), "certificate", &[u64::from(self.run), u64::from(self.person)]);
        let wait = (HOUR + (draw % (40 * HOUR as u64)) as i64) / 1_000 * 1_000;
        let Some(passed_at) = passed_at else {
            let (mode, _) = self.changes.last().map(|c| (c.mode_after, c.is_active_after))?;
            let at = self.changes.last()?.at + wait;
            return (mode == Mode::Verified && draw.is_multiple_of(3)).then_some(Certificate { at, status: "notpassing", mode });
        };
        let at = passed_at + wait;
        let (mode, is_active) = self.enrolment_as_of(at)?;
        let status = match (mode, is_active) {
            (_, false) => return None,
            (Mode::Audit, _) if draw.is_multiple_of(2) => return None,
            (Mode::Audit, _) => "audit_passing",
            (_, true) if draw.is_multiple_of(25) => "unverified",
            (_, true) => "downloadable",
        };
        Some(Certificate { at, status, mode })
    }

    /// Lives the life: appends every action in the order of time, and returns what was achieved.
    pub(crate) fn live(&self, world: &World, run: &CourseRun, actions: &mut Vec<Action>) -> Progress {
        let begin = actions.len();
        let mut progress = Progress::new(run, self);
        for (number, session) in self.sessions.iter().enumerate() {
            let mut pen = Pen { actions, begin, session: number as u16, at: session.at };
            let mut dice = Dice::new(world.seed(), "session", &[u64::from(self.run), u64::from(self.person), session.id]);
            match session.purpose {
                Purpose::Enrolment { change } => {
                    if let Some(change) = self.changes.get(usize::from(change)) {
                        enrolment::act(&mut pen, &mut dice, change);
                    }
                }
                Purpose::Glance => study::glance(&mut pen, &mut dice),
                Purpose::Study { n_units } => {
                    study::act(&mut pen, &mut dice, world, run, self, session.device, n_units, &mut progress);
                }
                Purpose::Post { post } => discussion::write(&mut pen, &mut dice, world, run, post),
                Purpose::Vote { post } => discussion::vote(&mut pen, &mut dice, world, run, post),
                Purpose::Teach => staff::teach(&mut pen, &mut dice, run),
            }
        }
        if let Some(certificate) = self.certificate(world, progress.passed_at)
            && certificate.is_downloadable()
        {
            // Made by the server: never within a visit of the mobile application.
            let session = self.sessions.iter().position(|s| s.device == Device::Web).unwrap_or(0) as u16;
            let mut pen = Pen { actions, begin, session, at: certificate.at };
            pen.act(ActionKind::CertificateCreated { mode: certificate.mode });
        }
        if let Some(lived) = actions.get_mut(begin..) {
            lived.sort_by_key(|a| (a.at, a.ordinal));
        }
        progress
    }
}

/// A row of the certificate table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Certificate {
    pub(crate) at: Moment,
    pub(crate) status: &'static str,
    pub(crate) mode: Mode,
}

impl Certificate {
    pub(crate) fn is_downloadable(self) -> bool {
        self.status == "downloadable"
    }
}

/// Writes down the actions of one session, each later than the one before.
pub(crate) struct Pen<'a> {
    actions: &'a mut Vec<Action>,
    begin: usize,
    session: u16,
    /// The time of the last action.
    pub(crate) at: Moment,
}

impl Pen<'_> {
    /// Lets time pass: at least one microsecond, so that the actions of a session never share an instant.
    pub(crate) fn wait(&mut self, dice: &mut Dice, least: i64, most: i64) {
        self.at += dice.between(least.max(1), most.max(1));
    }

    pub(crate) fn act(&mut self, kind: ActionKind) {
        let ordinal = (self.actions.len() - self.begin) as u32;
        self.actions.push(Action { at: self.at, ordinal, session: self.session, kind });
    }
}
