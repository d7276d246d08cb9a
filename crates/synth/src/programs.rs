//! Programmes: several course runs that lead to a certificate of their own, and who takes part in them.
//!
//! Who passed one course run of a programme has completed it a day later; no other rule is imagined.

use crate::behaviour::life;
use crate::behaviour::problem_percent;
use crate::courses::{CourseRun, Installation};
use crate::moment::{DAY, Moment, SECOND};
use crate::people::{Person, Standing};
use crate::random::{hash, hex};
use crate::tables::state_before;
use crate::world::World;

/// Members of programmes are among the first so many learners, so that their reports stay small.
const MEMBERS_OF: u32 = 3_000;

/// A programme.
pub(crate) struct Program {
    pub(crate) uuid: String,
    pub(crate) title: &'static str,
    pub(crate) kind: &'static str,
    /// Numbers of its course runs.
    pub(crate) runs: Vec<u16>,
}

/// The programmes of a delivery.
pub(crate) fn programs(world: &World) -> Vec<Program> {
    let regular = |run: &&CourseRun| run.installation == Installation::Production && u32::from(run.index) < world.plan.n_courses.min(3);
    let runs: Vec<u16> = world.runs.iter().filter(regular).map(|run| run.index).collect();
    let first = runs.iter().copied().take(1).collect();
    vec![
        Program { uuid: uuid(world.seed(), 0), title: "Learning, \"Online\" and Off", kind: "Professional Certificate", runs },
        Program { uuid: uuid(world.seed(), 1), title: "Fundamentos de demostración", kind: "MicroMasters", runs: first },
    ]
}

fn uuid(seed: u64, number: u64) -> String {
    let digits = hex(hash(seed, "program", &[number]), 32);
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    parts.map(|(from, to)| digits.get(from..to).unwrap_or_default().to_owned()).join("-")
}

/// What somebody did in one course run of a programme.
pub(crate) struct Part {
    pub(crate) run: u16,
    pub(crate) life: life::Life,
    pub(crate) passed_at: Option<Moment>,
    /// In hundredths, at the end.
    pub(crate) grade: u16,
}

/// Somebody in a programme.
pub(crate) struct ProgramMember {
    pub(crate) person: Person,
    pub(crate) parts: Vec<Part>,
    /// When the programme's certificate was awarded, in whole seconds.
    pub(crate) awarded_at: Option<Moment>,
    /// A draw for what befalls the reports on this member.
    pub(crate) draw: u64,
}

impl ProgramMember {
    /// The first enrolment in any of the runs.
    pub(crate) fn enrolled_at(&self) -> Moment {
        self.parts.iter().map(|part| part.life.enrolled_at).min().unwrap_or(Moment::MAX)
    }
}

/// The members of a programme, in the order of their numbers.
pub(crate) fn members(world: &World, number: usize, program: &Program) -> Vec<ProgramMember> {
    let census = world.census(Installation::Production);
    let mut members = Vec::new();
    for person in 0..census.n_learners.min(MEMBERS_OF) {
        let draw = hash(world.seed(), "program member", &[number as u64, u64::from(person)]);
        if !draw.is_multiple_of(3) || census.standing(person) != Standing::Learner {
            continue;
        }
        let parts: Vec<Part> = program.runs.iter().filter_map(|&run| part(world, run, person)).collect();
        if parts.is_empty() {
            continue;
        }
        let awarded_at = parts.iter().filter_map(|part| part.passed_at).min().map(|at| at - at.rem_euclid(SECOND) + DAY);
        members.push(ProgramMember { person: world.person(Installation::Production, person), parts, awarded_at, draw: draw / 3 });
    }
    members
}

fn part(world: &World, run: u16, person: u32) -> Option<Part> {
    let course_run = world.runs.get(usize::from(run))?;
    let life = life::of(world, course_run, person)?;
    let state = state_before(world, course_run, &life, Moment::MAX);
    let grade = problem_percent(state.graded_points(course_run), course_run.possible_points());
    Some(Part { run, life, passed_at: state.passed_at, grade })
}
