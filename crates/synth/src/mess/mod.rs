//! The anomalies of real packages, injected at a rate.
//!
//! What happens to a record follows from the seed and the record's own number: the writer of a file and the keeper of the truth ask alike.

pub(crate) mod columns;
mod content;
pub(crate) mod damage;
mod lines;
mod names;
pub(crate) mod rows;
pub(crate) mod sharing;

pub(crate) use content::ArchiveFaults;
pub(crate) use lines::{IdentityFault, LineFate};

use crate::courses::Installation;
use crate::moment::{Day, day_of_date};
use crate::plan::DeliveryPlan;
use crate::random::hash;

/// The plan's mess.
#[derive(Debug, Clone)]
pub(crate) struct Mess {
    seed: u64,
    rate: f64,
    /// The day whose file of the edge site came without a byte, as when the key to encrypt to has expired.
    lost_edge_day: Option<Day>,
}

impl Mess {
    pub(crate) fn new(seed: u64, rate: f64) -> Self {
        Self { seed, rate, lost_edge_day: None }
    }

    /// The mess of a plan.
    pub(crate) fn of_plan(plan: &DeliveryPlan) -> Self {
        let lost = || day_of_date(plan.first_date) + (hash(plan.seed, "lost day", &[]) % u64::from(plan.n_days)) as i64;
        Self { lost_edge_day: (plan.mess_rate > 0.0).then(lost), ..Self::new(plan.seed, plan.mess_rate) }
    }

    /// Whether the file of a day came without a byte.
    pub(crate) fn is_lost(&self, installation: Installation, day: Day) -> bool {
        installation == Installation::Edge && self.lost_edge_day == Some(day)
    }

    pub(crate) fn is_on(&self) -> bool {
        self.rate > 0.0
    }

    /// A number for the record if it is one of the unlucky.
    pub(crate) fn draw(&self, name: &str, ids: &[u64]) -> Option<u64> {
        if !self.is_on() {
            return None;
        }
        let draw = hash(self.seed, name, ids);
        let is_hit = ((draw >> 11) as f64 / (1_u64 << 53) as f64) < self.rate;
        is_hit.then(|| hash(draw, "which", &[]))
    }
}
