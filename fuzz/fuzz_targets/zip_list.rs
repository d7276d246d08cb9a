//! Any bytes as a zip: an error, or a list within its limit whose members lie in the archive; none is named longer than the archive is, and
//! what a member's name says it is can be told.

#![no_main]

use std::io::Cursor;

use czar_formats::package_file::classify;
use libfuzzer_sys::fuzz_target;

// The walk alone: all around it needs the query engine, which takes half an hour to build with a sanitizer.
#[allow(dead_code, reason = "the fuzzer does not unpack")]
#[path = "../../crates/pipeline/src/package/zip_walk.rs"]
mod zip_walk;

/// Few, so that a small input can list more.
const MOST_MEMBERS: usize = 8;

fuzz_target!(|bytes: &[u8]| {
    let length = bytes.len() as u64;
    let Ok(list) = zip_walk::walk(Cursor::new(bytes), MOST_MEMBERS) else { return };
    assert!(list.entries.len() <= MOST_MEMBERS, "no more members than are allowed");
    // A byte of a name is at most three in UTF-8; a replaced byte too.
    let n_name_bytes: usize = list.entries.iter().map(|entry| entry.name.len()).sum();
    assert!(n_name_bytes <= bytes.len() * 3, "names are no longer than the archive");
    for entry in &list.entries {
        if let Ok(content) = &entry.content {
            assert!(content.offset.checked_add(content.stored_bytes).is_some_and(|end| end <= length), "a member lies in the archive");
        }
        let _ = classify(&entry.name);
    }
});
