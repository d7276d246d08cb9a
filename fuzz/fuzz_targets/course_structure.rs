//! Any bytes as a course structure: blocks and rejects that add up to the records, each block with its place, or a reason.

#![no_main]

use std::collections::HashSet;

use czar_formats::course_structure::parse_course_structure;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(structure) = parse_course_structure(bytes) else { return };
    assert_eq!(structure.n_records, structure.blocks.len() + structure.rejects.len());
    let keys: HashSet<&str> = structure.blocks.iter().map(|block| block.usage_key.as_str()).collect();
    assert_eq!(keys.len(), structure.blocks.len(), "a usage key is one block");
    assert!(structure.blocks.iter().filter(|block| block.is_root).count() <= 1);
    for block in &structure.blocks {
        assert_eq!(block.is_orphan, block.sort_index.is_none());
        assert!(block.parent_usage_key.as_deref().is_none_or(|parent| keys.contains(parent)));
    }
    let _ = structure.course_run_key();
});
