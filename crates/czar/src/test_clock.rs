//! A clock that begins at another moment and goes faster, for tests of what takes days.
//!
//! It moves the expiry of tokens and the clean-up of the lake, so it is had by a flag only, which no environment can hide, and it is told at
//! each start.

use std::str::FromStr;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use czar_pipeline::clock::Clock;

/// Where the clock begins, and how much faster than the real one it goes: `2026-03-01T20:00:00Z*3600`, an hour a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TestClock {
    start: DateTime<Utc>,
    speed: i32,
}

impl FromStr for TestClock {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('*').and_then(|(start, speed)| Some(Self { start: start.parse().ok()?, speed: speed.parse().ok()? }));
        parsed.filter(|clock| clock.speed > 0).ok_or("a moment and a speed are needed, as in `2026-03-01T20:00:00Z*3600`")
    }
}

impl TestClock {
    /// The clock, which begins now. There is one in a process.
    pub(crate) fn begin(self, real: Clock) -> Clock {
        static BEGUN: OnceLock<(Clock, DateTime<Utc>, TestClock)> = OnceLock::new();
        BEGUN.get_or_init(|| (real, real(), self));
        || BEGUN.get().map_or(DateTime::UNIX_EPOCH, |(real, began, clock)| clock.start + (real() - *began) * clock.speed)
    }

    /// What is told at the start.
    pub(crate) fn warning(self) -> String {
        let start = self.start.format("%Y-%m-%d %H:%M:%S UTC");
        format!("this is a test: by `--test-clock` it is {start} now, and time goes {} times as fast", self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_a_moment_and_a_speed_and_nothing_else_is_taken_for_one() {
        let clock = "2026-03-01T20:00:00Z*3600".parse::<TestClock>();
        assert_eq!(clock.map(|clock| (clock.start.timestamp(), clock.speed)), Ok((1_772_395_200, 3600)));
        for text in ["", "2026-03-01T20:00:00Z", "2026-03-01*1", "2026-03-01T20:00:00Z*0", "2026-03-01T20:00:00Z*fast"] {
            assert!(text.parse::<TestClock>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_clock_goes_as_much_faster_as_it_says() {
        fn real() -> DateTime<Utc> {
            static N_ASKED: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
            DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(N_ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
        }
        let start = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
        let clock = TestClock { start, speed: 60 }.begin(real);
        assert_eq!([clock(), clock()], [1, 2].map(|minutes| start + chrono::TimeDelta::minutes(minutes)));
    }
}
