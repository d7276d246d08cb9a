//! How an enrolment begins, changes its track, ends and begins again.
//!
//! The same changes make the rows of the enrolment table and the enrolment events of the log.

use super::actions::{ActionKind, Mode, Page};
use super::life::{Pen, Resolve};
use crate::courses::CourseRun;
use crate::moment::{DAY, HOUR, MINUTE, Moment, SECOND};
use crate::random::Dice;

/// What a change consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Activated,
    Deactivated,
    /// Bought the verified track.
    Upgraded,
    /// The track was changed without a purchase.
    ModeChanged,
}

/// One change of an enrolment, and the state it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) at: Moment,
    pub(crate) kind: ChangeKind,
    pub(crate) mode_after: Mode,
    pub(crate) is_active_after: bool,
}

impl Change {
    pub(crate) fn activated(at: Moment, mode: Mode) -> Self {
        Self { at, kind: ChangeKind::Activated, mode_after: mode, is_active_after: true }
    }
}

/// Decides the changes of one enrolment, in the order of time.
pub(super) fn changes(
    dice: &mut Dice,
    run: &CourseRun,
    enrolled_at: Moment,
    first_mode: Mode,
    resolve: Resolve,
    retired_at: Option<Moment>,
) -> Vec<Change> {
    let first_mode = if dice.chance(0.04) { Mode::Verified } else { first_mode };
    let mut changes = vec![Change::activated(enrolled_at, first_mode)];
    let mut at = enrolled_at.max(run.start());
    let mut mode = first_mode;
    let mut later = |dice: &mut Dice, most_days: i64| {
        at += dice.between(10 * MINUTE, most_days * DAY);
        at
    };
    if dice.chance(if resolve == Resolve::Completer { 0.3 } else { 0.04 }) && mode != Mode::Verified {
        mode = Mode::Verified;
        changes.push(Change { at: later(dice, 6), kind: ChangeKind::Upgraded, mode_after: mode, is_active_after: true });
        if dice.chance(0.1) {
            mode = first_mode;
            changes.push(Change { at: later(dice, 4), kind: ChangeKind::ModeChanged, mode_after: mode, is_active_after: true });
        }
    }
    let leaves = if resolve == Resolve::Completer { 0.02 } else { 0.12 };
    if dice.chance(leaves) {
        changes.push(Change { at: later(dice, 8), kind: ChangeKind::Deactivated, mode_after: mode, is_active_after: false });
        if dice.chance(0.4) {
            changes.push(Change { at: later(dice, 5), kind: ChangeKind::Activated, mode_after: mode, is_active_after: true });
        }
    }
    let last_moment = run.end() - HOUR;
    changes.retain(|c| c.at < last_moment.min(retired_at.unwrap_or(Moment::MAX)) || c.at == enrolled_at);
    if let (Some(retired_at), Some(last)) = (retired_at, changes.last().copied())
        && last.is_active_after
        && retired_at > last.at
        && retired_at < last_moment
    {
        changes.push(Change { at: retired_at, kind: ChangeKind::Deactivated, mode_after: last.mode_after, is_active_after: false });
    }
    changes
}

/// 2013-12-03: since then enrolments are logged.
const LOGGED_SINCE: Moment = 1_386_028_800 * SECOND;
/// 2014-10-07: since then cohorts are.
const COHORTS_SINCE: Moment = 1_412_640_000 * SECOND;

/// The actions around a change.
pub(super) fn act(pen: &mut Pen<'_>, dice: &mut Dice, change: &Change) {
    if pen.at < LOGGED_SINCE {
        return;
    }
    let mode = change.mode_after;
    match change.kind {
        ChangeKind::Activated => {
            if dice.chance(0.5) {
                pen.at = change.at - dice.between(4 * SECOND, 90 * SECOND);
                pen.act(ActionKind::Page(Page::About));
                pen.at = change.at;
            }
            pen.act(ActionKind::Activated { mode, by_staff: dice.chance(0.03), is_bare: dice.chance(0.03) });
            pen.wait(dice, SECOND / 2, 3 * SECOND);
            pen.act(ActionKind::Page(Page::Dashboard));
            if dice.chance(0.2) && pen.at >= COHORTS_SINCE {
                pen.wait(dice, SECOND / 10, SECOND);
                pen.act(ActionKind::CohortAdded { cohort: dice.below(2) as u16 });
            }
        }
        ChangeKind::Deactivated => pen.act(ActionKind::Deactivated { mode, by_staff: dice.chance(0.05) }),
        ChangeKind::Upgraded => {
            pen.act(ActionKind::UpgradeClicked);
            pen.wait(dice, 20 * SECOND, 4 * MINUTE);
            pen.act(ActionKind::ModeChanged { mode });
            pen.wait(dice, SECOND / 100, SECOND);
            pen.act(ActionKind::UpgradeSucceeded);
        }
        ChangeKind::ModeChanged => pen.act(ActionKind::ModeChanged { mode }),
    }
}
