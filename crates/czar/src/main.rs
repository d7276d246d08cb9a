//! The program `czar`. All it does itself is to hand over the arguments and the clock.

mod allocator;

use std::process::ExitCode;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use czar_pipeline::clock::Clock;

fn main() -> ExitCode {
    allocator::keep_freed_memory_for_a_while();
    czar::run(std::env::args_os(), clock())
}

#[expect(clippy::disallowed_methods, reason = "the one place where the real clock is read; everything else is handed it")]
fn clock() -> Clock {
    /// Real and shown moment at the start, and how much faster the shown clock goes.
    static FAST: OnceLock<(DateTime<Utc>, DateTime<Utc>, i32)> = OnceLock::new();
    // For tests of what takes days: `2026-03-01T20:00:00Z*3600` begins then and goes an hour a second.
    let wanted = std::env::var("CZAR_TEST_CLOCK").ok();
    let parsed =
        wanted.as_ref().and_then(|text| text.split_once('*')).and_then(|(start, speed)| Some((start.parse().ok()?, speed.parse().ok()?)));
    let Some((start, speed)) = parsed else { return Utc::now };
    let _ = FAST.set((Utc::now(), start, speed));
    || FAST.get().map_or_else(Utc::now, |(began, start, speed)| *start + (Utc::now() - *began) * *speed)
}
