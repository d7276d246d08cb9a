//! The program `czar`. All it does itself is to hand over the arguments and the clock.

mod allocator;

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::keep_freed_memory_for_a_while();
    #[expect(clippy::disallowed_methods, reason = "the one place where the real clock is read; everything else is handed it")]
    czar::run(std::env::args_os(), chrono::Utc::now)
}
