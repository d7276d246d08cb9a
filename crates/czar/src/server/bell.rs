//! Lets threads wait for something to do, or for a moment of the clock that was passed in. It does not say what there is to do.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use czar_pipeline::clock::Clock;

/// A moment is waited for in stretches of this length, and the clock asked after each: clocks are set, machines sleep, and a test's clock
/// is fast.
const LOOK_EACH: Duration = Duration::from_millis(200);

/// Is rung when there is something to do.
#[derive(Default)]
pub(super) struct Bell {
    n_rings: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    /// Wakes all who wait.
    pub(super) fn ring(&self) {
        *self.n_rings.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.rung.notify_all();
    }

    /// How often it was rung. Who asks this before looking for work, and waits with the answer, misses no ring in between.
    pub(super) fn n_rings(&self) -> u64 {
        *self.n_rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the bell was rung more often than `heard`.
    pub(super) fn wait(&self, heard: u64) {
        let n_rings = self.n_rings.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.rung.wait_while(n_rings, |n_rings| *n_rings == heard).unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until the bell was rung more often than `heard`, or a moment has come.
    pub(super) fn wait_until(&self, heard: u64, due: DateTime<Utc>, clock: Clock) {
        let mut n_rings = self.n_rings.lock().unwrap_or_else(PoisonError::into_inner);
        while *n_rings == heard && clock() < due {
            let left = (due - clock()).to_std().unwrap_or_default();
            let stretch = left.clamp(Duration::from_millis(1), LOOK_EACH);
            (n_rings, _) = self.rung.wait_timeout(n_rings, stretch).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    fn standing() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000, 0).unwrap()
    }

    #[test]
    fn a_ring_before_the_wait_is_not_missed_and_a_past_moment_is_not_waited_for() {
        let bell = Bell::default();
        let heard = bell.n_rings();
        bell.ring();
        bell.wait(heard);
        bell.wait_until(heard, standing() + chrono::TimeDelta::days(1), standing);
        bell.wait_until(bell.n_rings(), standing(), standing);
    }

    #[test]
    fn a_ring_wakes_who_waits_for_a_moment_that_never_comes() {
        let bell = Bell::default();
        let heard = bell.n_rings();
        std::thread::scope(|scope| {
            scope.spawn(|| bell.wait_until(heard, standing() + chrono::TimeDelta::days(1), standing));
            scope.spawn(|| bell.ring());
        });
    }
}
