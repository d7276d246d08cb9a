//! Roles, cohorts, experiment groups and teams.
//!
//! Course teams have roles in both role tables; every learner is a `Student` of the forum.

use super::{Member, Rows, Snapshot};
use crate::moment::DAY;
use crate::people::Standing;
use crate::random::hash;

/// Roles in the course team, by number.
pub(crate) const ACCESS_ROLES: [&[&str]; 4] = [&["instructor", "staff"], &["staff"], &["data_researcher"], &["beta_testers"]];
/// Roles in the forum, by number.
pub(crate) const FORUM_ROLES: [&[&str]; 4] =
    [&["Administrator", "Student"], &["Moderator", "Student"], &["Community TA", "Student"], &["Student"]];

pub(super) fn access_role(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let Standing::Staff(number) = member.person.standing else { return };
    for role in ACCESS_ROLES[usize::from(number) % 4] {
        // The case of the organisation varies in real files.
        let org = if number == 1 { snapshot.run.org.to_lowercase() } else { snapshot.run.org.clone() };
        rows.text(&org).text(&snapshot.run.key).int(member.person.user_id).text(role);
        rows.end();
    }
}

pub(super) fn forum_role(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let roles = match member.person.standing {
        Standing::Staff(number) => FORUM_ROLES[usize::from(number) % 4],
        Standing::Learner => &["Student"],
        Standing::Worker => &[],
    };
    for role in roles {
        rows.text(&snapshot.run.key).int(member.person.user_id).text(role);
        rows.end();
    }
}

fn draw(snapshot: &Snapshot<'_>, member: &Member<'_>, name: &str) -> u64 {
    hash(snapshot.world.seed(), name, &[u64::from(snapshot.run.index), u64::from(member.life.person)])
}

pub(super) fn cohort(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    if member.person.standing == Standing::Learner {
        let name = crate::events::cohort_name((draw(snapshot, member, "cohort") % 2) as u16);
        rows.int(member.person.user_id).text(&snapshot.run.key).text("cohort").text(name);
        rows.end();
    }
}

pub(super) fn course_tag(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let draw = draw(snapshot, member, "experiment");
    if member.person.standing == Standing::Learner && draw.is_multiple_of(3) {
        let id = i64::from(snapshot.run.index) * 10_000_000 + i64::from(member.life.person);
        rows.int(id).int(member.person.user_id).text("xblock.partition_service.partition_1912160731");
        rows.text(&snapshot.run.key).int((draw >> 8) as i64 & 1);
        rows.end();
    }
}

const TEAMS: [&str; 3] = ["Night owls", "Équipe bleue", "第三组"];

fn team_id(snapshot: &Snapshot<'_>, number: usize) -> i64 {
    i64::from(snapshot.run.index) * 100 + number as i64 + 1
}

pub(super) fn teams(snapshot: &Snapshot<'_>, rows: &mut Rows) {
    let start = snapshot.run.start() - 3 * DAY;
    for (number, name) in TEAMS.iter().enumerate() {
        let id = team_id(snapshot, number);
        let hex = crate::random::hex(id as u64, 32);
        rows.int(id).text(&format!("team-{number}-{hex}")).text(name).text(&snapshot.run.key);
        rows.text("topic_1").moment(start).text("We study together.").text(if number == 1 { "FR" } else { "" });
        rows.text("en").text(&hex).moment(start + DAY).int(4);
        rows.end();
    }
}

pub(super) fn team_membership(snapshot: &Snapshot<'_>, member: &Member<'_>, rows: &mut Rows) {
    let draw = draw(snapshot, member, "team");
    if member.person.standing == Standing::Learner && draw.is_multiple_of(40) {
        let id = i64::from(snapshot.run.index) * 10_000_000 + i64::from(member.life.person);
        let joined = member.life.enrolled_at;
        rows.int(id).int(member.person.user_id).int(team_id(snapshot, (draw >> 8) as usize % TEAMS.len())).moment(joined).moment(joined);
        rows.end();
    }
}
