//! Enrolments and what comes with the paid tracks.
//!
//! The row of an enrolment shows its latest state only; the history is in the log.

use super::{Member, Rows, Snapshot, state_as_of};
use crate::behaviour::actions::Mode;
use crate::moment::DAY;

pub(super) fn course_enrolment(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let Some((mode, is_active)) = member.life.enrolment_as_of(snapshot.as_of()) else { return };
    rows.int(i64::from(snapshot.run.index) * 10_000_000 + i64::from(member.life.person));
    rows.int(member.person.user_id).text(&snapshot.run.key).moment(member.life.enrolled_at);
    rows.flag(is_active).text(mode.text());
    rows.end();
}

pub(super) fn verification(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let verified = member.life.changes.iter().find(|c| c.mode_after == Mode::Verified && c.at + DAY < snapshot.as_of());
    if let Some(change) = verified.filter(|_| member.person.user_id % 3 == 0) {
        let location = snapshot.run.block(0).usage_key.clone();
        rows.moment(change.at + DAY).text("approved").text(&snapshot.run.key).text(&location).int(member.person.user_id);
        rows.end();
    }
}

pub(super) fn credit_eligibility(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    if snapshot.run.index != 0 || member.person.user_id % 50 != 0 {
        return;
    }
    if let Some(passed_at) = state_as_of(snapshot, member.life).passed_at {
        let username = member.person.username_as_of(snapshot.as_of());
        rows.int(member.person.user_id).moment(passed_at).moment(passed_at).text(&username).moment(passed_at + 365 * DAY);
        rows.text(&snapshot.run.key);
        rows.end();
    }
}
