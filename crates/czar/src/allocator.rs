//! Where the program's memory comes from.

use std::ffi::{c_int, c_long};

/// Columns are built from many threads in small pieces; mimalloc took 10 to 25 % off that against glibc's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's number for `mi_option_purge_delay`, in `mimalloc.h`; the test below holds it.
const PURGE_DELAY: c_int = 15;
/// Long enough for memory to be used for the next row group instead of going back; short enough that a server is small again with what it does next.
const PURGE_DELAY_MILLISECONDS: c_long = 10_000;

/// Gives freed memory back to the system after ten seconds instead of one, so that less of it is asked for again and cleared once more.
/// `MIMALLOC_PURGE_DELAY` in the environment goes before it. To be called first of all, while the program has one thread.
#[expect(unsafe_code, reason = "an option of the allocator is set by a function in C")]
pub fn keep_freed_memory_for_a_while() {
    // SAFETY: `mi_option_set_default` takes two numbers and no pointer. It looks whether the first is the number of an option, and
    // ignores it when it is not; then it writes the second to a static table. Its documentation asks that no other thread uses the options
    // meanwhile: this is called first of all in `main`, and neither the program nor the allocator has started a thread by then.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, PURGE_DELAY_MILLISECONDS) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::process::Command;

    use super::*;

    #[expect(unsafe_code, reason = "an option of the allocator is read by a function in C")]
    fn purge_delay() -> c_long {
        // SAFETY: it takes a number and no pointer, and reads a static table.
        unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) }
    }

    /// What a process of its own finds, with this environment variable or without.
    #[test]
    fn the_delay_is_ours_unless_the_environment_names_one() {
        const ASKED: &str = "CZAR_TEST_PURGE_DELAY";
        if let Ok(wanted) = std::env::var(ASKED) {
            keep_freed_memory_for_a_while();
            assert_eq!(purge_delay().to_string(), wanted);
            return;
        }
        let this_test = "allocator::tests::the_delay_is_ours_unless_the_environment_names_one";
        for (named, wanted) in [(None, "10000"), (Some("77"), "77")] {
            let mut again = Command::new(std::env::current_exe().unwrap());
            again.args(["--exact", this_test]).env_remove("MIMALLOC_PURGE_DELAY").env(ASKED, wanted);
            if let Some(named) = named {
                again.env("MIMALLOC_PURGE_DELAY", named);
            }
            let out = again.output().unwrap();
            assert!(out.status.success(), "{wanted}: {}", String::from_utf8_lossy(&out.stdout));
            assert!(String::from_utf8_lossy(&out.stdout).contains("1 passed"));
        }
    }
}
