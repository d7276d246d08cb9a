//! Any members as a course archive: every record is a block, a grader, a cutoff or a reject, whatever the members say of each other.

#![no_main]

use czar_formats::course_archive::{Member, parse_course_archive};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Name and content in turn, each ended by the byte 1, which XML and JSON have no use for.
    let pieces: Vec<&[u8]> = bytes.split(|&byte| byte == 1).collect();
    let members: Vec<Member> = pieces
        .chunks(2)
        .map(|pair| Member {
            name: String::from_utf8_lossy(pair[0]).into_owned(),
            bytes: pair.get(1).unwrap_or(&&[][..]).to_vec(),
            ..Member::default()
        })
        .collect();
    let Ok(archive) = parse_course_archive(&members, None) else { return };
    let n_records = archive.blocks.len() + archive.grading.graders.len() + archive.grading.cutoffs.len() + archive.rejects.len();
    assert_eq!(archive.n_records, n_records);
    assert!(archive.blocks.iter().filter(|block| block.is_root).count() <= 1);
    assert!(archive.blocks.iter().all(|block| block.member < members.len()));
    assert!(archive.rejects.iter().all(|reject| reject.member.is_none_or(|member| member < members.len())));
});
