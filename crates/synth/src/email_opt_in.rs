//! The e-mail opt-in file: one row for each enrolment on the production site, as CSV.
//!
//! A learner who never chose has the marker date of December 2014 and counts as `True`. In a messy delivery some rows lack the account number
//! or carry a NUL, and the second and later files write a zone after the moment.

use crate::moment::{DAY, database_text};
use crate::people::Standing;
use crate::random::hash;
use crate::tables::Snapshot;
use crate::tally::FileTally;

pub(crate) const HEADER: &str = "user_id,username,email,full_name,course_id,is_opted_in_for_email,preference_set_datetime\r\n";

/// Appends the rows of one run.
pub(crate) fn rows(snapshot: &Snapshot<'_>, out: &mut Vec<u8>, tally: &mut FileTally) {
    let (world, run, as_of) = (snapshot.world, snapshot.run, snapshot.as_of());
    let has_zone = world.mess.is_on() && world.package_days().first() != Some(&snapshot.package_day);
    let zone = if has_zone { "+00:00" } else { "" };
    for life in world.lives(run).filter(|l| snapshot.has(l)) {
        let person = world.person(run.installation, life.person);
        if person.standing == Standing::Worker {
            continue;
        }
        let draw = hash(world.seed(), "opt in", &[u64::from(life.person)]);
        let (is_in, set_at) = match draw % 10 {
            0..=5 => ("True", "2014-12-01 00:00:00".to_owned()),
            6..=8 => ("True", database_text(person.joined_at + DAY)),
            _ => ("False", database_text(person.joined_at + DAY)),
        };
        let fault = world.mess.draw("opt in", &[u64::from(run.index), snapshot.package_day as u64, u64::from(life.person)]);
        let user_id = if fault.is_some_and(|draw| draw.is_multiple_of(2)) { String::new() } else { person.user_id.to_string() };
        let nul = if fault.is_some_and(|draw| !draw.is_multiple_of(2)) { "\0" } else { "" };
        let row = format!(
            "{user_id},{nul}{},{},{},{},{is_in},{set_at}{zone}\r\n",
            quote(&person.username_as_of(as_of)),
            quote(&person.email_as_of(as_of)),
            quote(person.name_as_of(as_of)),
            quote(&run.key)
        );
        out.extend_from_slice(row.as_bytes());
        tally.row();
    }
}

fn quote(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use crate::plan::DeliveryPlan;
    use crate::world::World;

    #[test]
    fn only_who_never_chose_has_the_marker_date_and_counts_as_true() {
        let world = World::new(&DeliveryPlan::default());
        let run = &world.runs[0];
        let mut out = Vec::new();
        let mut tally = FileTally::default();
        rows(&Snapshot { world: &world, run, package_day: world.last_package_day(run) }, &mut out, &mut tally);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(tally.n_rows, text.lines().count() as u64);
        let (never, chose): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.ends_with(",2014-12-01 00:00:00"));
        assert!(never.iter().all(|line| line.contains(",True,")));
        assert!(never.len() > chose.len() && chose.iter().any(|line| line.contains(",False,")));
    }
}
