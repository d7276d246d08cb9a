//! The persistent grades of the run and of its subsections.
//!
//! A row exists once a graded problem was tried.

use super::{Member, Rows, Snapshot, state_as_of};
use crate::behaviour::problem_percent;
use crate::events::POLICY_HASH;

pub(super) fn course_grade(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let run = snapshot.run;
    let state = state_as_of(snapshot, member.life);
    let Some((first_at, last_at)) = state.graded_span(run) else { return };
    let percent = problem_percent(state.graded_points(run), run.possible_points());
    rows.text(&run.key).int(member.person.user_id).text(POLICY_HASH).hundredths(i64::from(percent));
    rows.text(run.letter(percent));
    rows.moment_or_null(state.passed_at).moment(first_at).moment(last_at);
    rows.end();
}

pub(super) fn subsection_grade(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let run = snapshot.run;
    let state = state_as_of(snapshot, member.life);
    let mut sequentials: Vec<u16> = run.units.iter().filter(|u| run.block(u.sequential).is_graded).map(|u| u.sequential).collect();
    sequentials.dedup();
    for sequential in sequentials {
        let problems: Vec<u16> = run.units.iter().filter(|u| u.sequential == sequential).flat_map(|u| u.problems.iter().copied()).collect();
        let tried: Vec<_> = problems.iter().filter_map(|&p| state.of(p)).filter(|t| t.attempts > 0).collect();
        let (Some(first_at), Some(last_at)) = (tried.iter().map(|t| t.first_at).min(), tried.iter().map(|t| t.last_at).max()) else {
            continue;
        };
        let earned: i64 = tried.iter().map(|t| i64::from(t.points)).sum();
        let possible: i64 = problems.iter().map(|&p| i64::from(run.block(p).n_inputs)).sum();
        rows.text(&run.key).int(member.person.user_id).text(&run.block(sequential).usage_key);
        rows.hundredths(earned * 100).hundredths(possible * 100).hundredths(earned * 100).hundredths(possible * 100);
        rows.moment(first_at).moment(first_at).moment(last_at);
        rows.end();
    }
}
