//! The anomalies of real packages, injected at a rate.
//!
//! What happens to a record follows from the seed and the record's own number: the writer of a file and the keeper of the truth ask alike.

pub(crate) mod damage;
mod lines;
mod names;
pub(crate) mod rows;

pub(crate) use lines::{IdentityFault, LineFate};

use crate::random::hash;

/// The plan's mess.
#[derive(Debug, Clone)]
pub(crate) struct Mess {
    seed: u64,
    rate: f64,
}

impl Mess {
    pub(crate) fn new(seed: u64, rate: f64) -> Self {
        Self { seed, rate }
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
