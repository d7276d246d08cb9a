//! Visits of the course team.
//!
//! They look at the course as learners do, and at pages only they may see.

use super::actions::{ActionKind, Page};
use super::life::Pen;
use crate::courses::CourseRun;
use crate::moment::{MINUTE, SECOND};
use crate::random::Dice;

/// Looks through the course and at the instructor's pages.
pub(super) fn teach(pen: &mut Pen<'_>, dice: &mut Dice, run: &CourseRun) {
    pen.act(ActionKind::Page(Page::Info));
    for _ in 0..2 + dice.below(6) {
        pen.wait(dice, 5 * SECOND, 4 * MINUTE);
        let page = match dice.below(4) {
            0 => Page::DiscussionHome,
            1 if !run.units.is_empty() => Page::Courseware { sequential: dice.pick(&run.units).sequential },
            _ => Page::Instructor,
        };
        pen.act(ActionKind::Page(page));
    }
}
