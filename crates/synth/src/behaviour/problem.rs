//! Answering a problem: thinking, several tries, asking for the answer, and the grades that follow.
//!
//! The browser and the server both log a check; the grades are logged by the server since late 2016.

use super::actions::{ActionKind, Handler};
use super::life::{Life, Pen};
use super::study::Progress;
use crate::courses::{CourseRun, MAX_ATTEMPTS};
use crate::moment::{MINUTE, SECOND};
use crate::random::Dice;

/// 2013-07-15: until then the server wrote each check twice.
const SINGLE_CHECK_SINCE: i64 = 1_373_846_400 * SECOND;
/// 2016-12-14: since then grades are logged.
const GRADES_SINCE: i64 = 1_481_673_600 * SECOND;

/// Tries a problem until it is right, the tries are used up, or patience ends.
pub(super) fn answer(pen: &mut Pen<'_>, dice: &mut Dice, run: &CourseRun, life: &Life, problem: u16, progress: &mut Progress) {
    let place = usize::from(problem);
    let n_inputs = run.block(problem).n_inputs;
    let chance = progress.ability - 0.15 + 0.3 * dice.unit();
    while progress.attempts[place] < MAX_ATTEMPTS && progress.points[place] < n_inputs {
        pen.wait(dice, 6 * SECOND, 3 * MINUTE);
        if dice.chance(0.04) {
            pen.act(ActionKind::ProblemSave { problem, attempt: progress.attempts[place] });
            pen.wait(dice, 2 * SECOND, MINUTE);
        }
        if dice.chance(0.03) && pen.at >= GRADES_SINCE {
            pen.act(ActionKind::Hint { problem });
            pen.wait(dice, 2 * SECOND, MINUTE);
        }
        progress.attempts[place] += 1;
        let attempt = progress.attempts[place];
        let luck = (chance + 0.12 * f64::from(attempt)).min(0.97);
        let points = (0..n_inputs).filter(|_| dice.chance(luck)).count() as u8;
        check(pen, dice, problem, attempt, points);
        progress.points[place] = points;
        grade(pen, dice, run, problem, progress);
        if points < n_inputs && dice.chance(0.25) {
            break;
        }
    }
    let asks = if progress.points[place] < n_inputs { 0.5 } else { 0.1 };
    if dice.chance(asks) {
        pen.wait(dice, 2 * SECOND, 40 * SECOND);
        pen.act(ActionKind::ProblemShow { problem });
        pen.wait(dice, SECOND / 50, SECOND / 5);
        pen.act(ActionKind::Handler { block: problem, handler: Handler::ProblemShow });
        pen.wait(dice, SECOND / 50, SECOND / 5);
        pen.act(ActionKind::ShowAnswer { problem });
    }
    if dice.chance(0.02) {
        pen.wait(dice, 2 * SECOND, 40 * SECOND);
        pen.act(ActionKind::ProblemReset { problem });
    }
    if dice.chance(0.004) && life.is_named_in_tables {
        // The course team rescored the answer; the learner does nothing.
        pen.wait(dice, 2 * MINUTE, 10 * MINUTE);
        let (attempt, points) = (progress.attempts[place], progress.points[place]);
        pen.act(ActionKind::ProblemRescore { problem, attempt, points });
    }
}

fn check(pen: &mut Pen<'_>, dice: &mut Dice, problem: u16, attempt: u16, points: u8) {
    pen.act(ActionKind::ProblemCheckBrowser { problem, attempt, points });
    pen.wait(dice, SECOND / 50, SECOND / 3);
    pen.act(ActionKind::Handler { block: problem, handler: Handler::ProblemCheck });
    pen.wait(dice, SECOND / 100, SECOND / 4);
    pen.act(ActionKind::ProblemCheck { problem, attempt, points, is_repeat: false });
    if pen.at < SINGLE_CHECK_SINCE {
        pen.wait(dice, SECOND / 1000, SECOND);
        pen.act(ActionKind::ProblemCheck { problem, attempt, points, is_repeat: true });
    }
    pen.wait(dice, SECOND / 50, SECOND / 3);
    pen.act(ActionKind::ProblemGraded { problem, attempt, points });
}

fn grade(pen: &mut Pen<'_>, dice: &mut Dice, run: &CourseRun, problem: u16, progress: &mut Progress) {
    let percent = percent(progress.graded_points(run), run.possible_points());
    if percent >= run.pass_percent() && progress.passed_at.is_none() {
        progress.passed_at = Some(pen.at);
    }
    if pen.at < GRADES_SINCE {
        return;
    }
    pen.wait(dice, SECOND / 50, SECOND / 3);
    pen.act(ActionKind::GradeSubmitted { problem, points: progress.points[usize::from(problem)] });
    if !run.graded_problems.contains(&problem) {
        return;
    }
    let sequential = run.block(problem).parent.and_then(|vertical| run.block(vertical).parent).unwrap_or(0);
    let in_sequential =
        run.graded_problems.iter().filter(|&&p| run.block(p).parent.and_then(|vertical| run.block(vertical).parent) == Some(sequential));
    let (mut earned, mut possible) = (0_u16, 0_u16);
    for &p in in_sequential {
        earned += u16::from(progress.points[usize::from(p)]);
        possible += u16::from(run.block(p).n_inputs);
    }
    pen.wait(dice, SECOND / 50, SECOND);
    pen.act(ActionKind::GradeSubsection { sequential, earned, possible });
    pen.wait(dice, SECOND / 50, SECOND);
    pen.act(ActionKind::GradeCourse { percent });
}

/// Points as hundredths of what can be reached, rounded down.
pub(crate) fn percent(earned: u32, possible: u32) -> u16 {
    (earned * 100 / possible.max(1)) as u16
}
