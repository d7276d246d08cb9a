//! People who left the course run of 2013 with a certificate. Leaving deleted their rows then, and only the certificate stayed.
//!
//! They are in no other table and in no log, and only in a messy delivery.

use super::Snapshot;
use crate::behaviour::actions::Mode;
use crate::behaviour::life::Certificate;
use crate::moment::{DAY, SECOND};

/// Somebody of whom only a certificate is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaver {
    pub(crate) user_id: i64,
    pub(crate) name: &'static str,
    pub(crate) certificate: Certificate,
    /// In hundredths; some rows have an empty text.
    pub(crate) grade: Option<u16>,
}

/// Account numbers before all others', as these were early accounts.
const FIRST_USER_ID: i64 = 500_003;
const LEAVERS: [(&str, &str, Option<u16>); 4] = [
    ("Zoë Quispe", "downloadable", Some(91)),
    ("Kwame Kim", "notpassing", Some(34)),
    ("李 शर्मा", "downloadable", Some(77)),
    ("Ana O'Neill", "notpassing", None),
];

/// Those whose certificates are in a package.
pub(crate) fn leavers(snapshot: &Snapshot<'_>) -> Vec<Leaver> {
    if !snapshot.world.mess.is_on() || !snapshot.run.is_of_old_era() {
        return Vec::new();
    }
    let certificates = LEAVERS.iter().enumerate().map(|(number, (name, status, grade))| {
        let at = snapshot.run.end() + (4 + number as i64) * DAY + 37_000 * SECOND;
        let certificate = Certificate { at, status, mode: Mode::Honor };
        Leaver { user_id: FIRST_USER_ID + number as i64 * 11, name, certificate, grade: *grade }
    });
    certificates.filter(|leaver| leaver.certificate.at < snapshot.as_of()).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use crate::plan::DeliveryPlan;
    use crate::tables::{self, Dialect, Rows};
    use crate::world::World;

    #[test]
    fn leavers_have_a_certificate_and_no_account() {
        let world = World::new(&DeliveryPlan { mess_rate: 0.01, n_learners: 60, ..DeliveryPlan::default() });
        let run = world.runs.iter().find(|run| run.is_of_old_era()).unwrap();
        let snapshot = Snapshot { world: &world, run, package_day: world.last_package_day(run) };
        let mut rows = Rows::new(Dialect::Exporter);
        tables::certificates::of_leavers(&snapshot, &mut rows);
        let text = String::from_utf8(rows.out).unwrap();
        assert_eq!(text.lines().count(), LEAVERS.len());
        let n_columns = tables::certificates::COLUMNS.split(' ').count();
        assert!(text.lines().all(|line| line.split('\t').count() == n_columns && line.contains("\tUniversityX/Old1.0x/2013_Summer\t")));
        for leaver in leavers(&snapshot) {
            assert!(world.lives(run).all(|life| world.person(run.installation, life.person).user_id != leaver.user_id));
        }
        assert!(world.runs.iter().filter(|r| r.index != run.index).all(|run| leavers(&Snapshot { run, ..snapshot }).is_empty()));
    }

    #[test]
    fn a_tidy_delivery_has_no_leavers() {
        let world = World::new(&DeliveryPlan { old_era: true, n_learners: 60, ..DeliveryPlan::default() });
        let world = &world;
        let snapshot = |run| Snapshot { world, run, package_day: world.last_package_day(run) };
        assert!(world.runs.iter().all(|run| leavers(&snapshot(run)).is_empty()));
    }
}
