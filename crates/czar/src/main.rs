//! The program `czar`. All it does itself is to hand over the arguments and the clock, and to see that what is written is private.

mod allocator;

use std::process::ExitCode;

use nix::sys::stat::{Mode, umask};

fn main() -> ExitCode {
    allocator::keep_freed_memory_for_a_while();
    write_for_the_owner_alone();
    #[expect(clippy::disallowed_methods, reason = "the one place where the real clock is read; everything else is handed it")]
    czar::run(std::env::args_os(), chrono::Utc::now)
}

/// Has every file and folder that is made be open to its owner alone, whatever mask the user has: most of them hold what learners did, those
/// that libraries make among them. One place for all, so that none can be forgotten. What was there before stays as it is; `czar check` tells.
fn write_for_the_owner_alone() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}
