//! What becomes of a line of a tracking log.
//!
//! The fate of a line is a function of its action; the writer of the file and the keeper of the truth get the same answer.

use super::Mess;
use crate::behaviour::life::Life;
use crate::behaviour::session::{Device, Session};
use crate::behaviour::{Action, ActionKind};
use crate::courses::{CourseRun, KeyStyle};
use crate::day_file::{is_open, sent_day};
use crate::moment::{Day, Moment, SECOND};

/// How the names in a line are damaged; the line remains a row, and its learner and course can still be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdentityFault {
    None,
    NameWithNewline,
    UserIdEmpty,
    UserIdNull,
    UserIdText,
    CourseWithNewline,
    CourseWithSpaces,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFate {
    Intact,
    /// Written twice in a row.
    Twice,
    /// Written again in the file of the next day.
    AgainNextDay,
    /// Written in the file of the next day only.
    NextDay,
    /// With the words of a log shipper before the object.
    Prefixed,
    /// With the id of a database that once held it, and a member that no platform we know writes.
    WithOtherMembers,
    /// With bytes that are no UTF-8.
    BadUtf8,
    WithNul,
    /// With white space at its end.
    Padded,
    /// Followed by a blank line.
    BlankAfter,
    /// Followed by a line that is no event.
    JunkAfter,
    /// With its time in whole seconds since 1970.
    EpochTime,
    /// With a speed that is not a number.
    NanSpeed,
    /// No JSON any more: the event is lost.
    Garbled,
    /// Without a time: the event is lost.
    NoTime,
    /// Cut at a length that log shippers cut at: the event is lost.
    Cut,
    /// In a file that came without a byte.
    Lost,
}

impl LineFate {
    /// Whether the event is lost.
    pub(crate) fn destroys(self) -> bool {
        matches!(self, Self::Garbled | Self::NoTime | Self::Cut | Self::Lost)
    }

    /// The day of the file that has the line, from the day on which it was sent.
    pub(crate) fn home_day(self, sent: Day) -> Day {
        if self == Self::NextDay { sent + 1 } else { sent }
    }

    /// The day of the file that has the line a second time.
    pub(crate) fn again_day(self, sent: Day) -> Option<Day> {
        (self == Self::AgainNextDay).then_some(sent + 1)
    }

    /// The time that can be read in the line.
    pub(crate) fn time(self, at: Moment) -> Moment {
        if self == Self::EpochTime { at - at.rem_euclid(SECOND) } else { at }
    }
}

impl Mess {
    /// The fate of the line of an action.
    pub(crate) fn line_fate(&self, run: &CourseRun, life: &Life, session: &Session, action: &Action) -> LineFate {
        let sent = sent_day(session, action);
        let is_lost = |day| self.is_lost(run.installation, day);
        match self.own_fate(run, life, session, action) {
            LineFate::AgainNextDay if is_lost(sent) => LineFate::NextDay,
            LineFate::AgainNextDay if is_lost(sent + 1) => LineFate::Intact,
            fate if is_lost(fate.home_day(sent)) => LineFate::Lost,
            fate => fate,
        }
    }

    /// The fate of a line, whatever becomes of files.
    fn own_fate(&self, run: &CourseRun, life: &Life, session: &Session, action: &Action) -> LineFate {
        let ids = [u64::from(run.index), u64::from(life.person), u64::from(action.ordinal)];
        let Some(draw) = self.draw("line", &ids) else { return LineFate::Intact };
        match action.kind {
            ActionKind::VideoSpeed { .. } => return LineFate::NanSpeed,
            // The one kind of line that is always longer than the lengths at which lines get cut.
            ActionKind::ProblemGraded { .. } if draw % 3 < 2 => return LineFate::Cut,
            ActionKind::Page(_) if draw.is_multiple_of(4) && session.device == Device::Web => return LineFate::EpochTime,
            _ => {}
        }
        let sent = sent_day(session, action);
        let has_next_day = is_open(run, sent) && is_open(run, sent + 1);
        match (draw >> 8) % 12 {
            0 => LineFate::Twice,
            1 if has_next_day => LineFate::AgainNextDay,
            2 if has_next_day => LineFate::NextDay,
            3 => LineFate::Prefixed,
            4 => LineFate::WithOtherMembers,
            5 => LineFate::BadUtf8,
            6 => LineFate::WithNul,
            7 => LineFate::Padded,
            8 => LineFate::BlankAfter,
            9 => LineFate::JunkAfter,
            10 => LineFate::Garbled,
            11 => LineFate::NoTime,
            _ => LineFate::Twice,
        }
    }

    /// How the names in the line of an action are damaged.
    pub(crate) fn identity_fault(&self, run: &CourseRun, life: &Life, action: &Action) -> IdentityFault {
        let ids = [u64::from(run.index), u64::from(life.person), u64::from(action.ordinal)];
        let Some(draw) = self.draw("identity", &ids) else { return IdentityFault::None };
        // Without an id the learner is found by the user name, if the tables have it.
        let is_named = life.is_named_in_tables && !has_other_actor(action.kind);
        match draw % 6 {
            0 if is_named => IdentityFault::UserIdEmpty,
            1 if is_named => IdentityFault::UserIdNull,
            2 => IdentityFault::NameWithNewline,
            3 => IdentityFault::CourseWithNewline,
            4 if run.style == KeyStyle::CourseV1 => IdentityFault::CourseWithSpaces,
            _ => IdentityFault::UserIdText,
        }
    }
}

fn has_other_actor(kind: ActionKind) -> bool {
    matches!(
        kind,
        ActionKind::ProblemRescore { .. } | ActionKind::Activated { by_staff: true, .. } | ActionKind::Deactivated { by_staff: true, .. }
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use crate::courses::Installation;
    use crate::plan::DeliveryPlan;
    use crate::world::World;

    #[test]
    fn a_line_of_the_file_without_a_byte_is_lost_unless_it_came_again() {
        let world = World::new(&DeliveryPlan { mess_rate: 0.2, n_learners: 20, ..DeliveryPlan::default() });
        let run = world.runs.iter().find(|run| run.installation == Installation::Edge).unwrap();
        let (mut n_lost, mut n_sent) = (0, 0);
        for life in world.lives(run) {
            let mut actions = Vec::new();
            life.live(&world, run, &mut actions);
            for action in &actions {
                let session = &life.sessions[usize::from(action.session)];
                let (sent, fate) = (sent_day(session, action), world.mess.line_fate(run, &life, session, action));
                let is_in_lost_file = |day| world.mess.is_lost(run.installation, day);
                n_sent += u32::from(is_in_lost_file(sent));
                n_lost += u32::from(fate == LineFate::Lost);
                assert!(fate == LineFate::Lost || !is_in_lost_file(fate.home_day(sent)));
                assert!(!fate.again_day(sent).is_some_and(is_in_lost_file));
            }
        }
        assert!(n_lost > 20 && n_sent > 20, "{n_lost} {n_sent}");
    }
}
