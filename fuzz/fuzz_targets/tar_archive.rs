//! Any bytes as a tar archive: every member that is given out lies in the archive and is as long as it says, or the walk ends in an error.

#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;

// The walk alone: all around it needs the query engine, which takes half an hour to build with a sanitizer.
#[allow(dead_code, reason = "the fuzzer reads neither times nor limits")]
#[path = "../../crates/pipeline/src/package/tar_walk.rs"]
mod tar_walk;

fuzz_target!(|bytes: &[u8]| {
    let mut end_of_last = 0;
    let mut is_short = false;
    let result = tar_walk::walk(bytes, |entry, content| {
        assert!(entry.offset >= end_of_last, "members follow each other");
        if entry.unreadable.is_none() {
            let n_bytes = io::copy(content, &mut io::sink())?;
            assert!(n_bytes <= entry.n_bytes, "a member is no longer than it says");
            is_short |= n_bytes < entry.n_bytes;
            end_of_last = entry.offset + n_bytes;
            assert!(end_of_last <= bytes.len() as u64, "a member lies in the archive");
        }
        Ok(())
    });
    assert!(!is_short || result.is_err(), "an archive with a member cut short is an error");
    // Nobody has to read a member.
    let again = tar_walk::walk(bytes.take(u64::MAX), |_, _| Ok(()));
    assert_eq!(result.is_ok(), again.is_ok());
});
