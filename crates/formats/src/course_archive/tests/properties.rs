//! Any members in: no panic, and every record is a row or a reject.

use proptest::prelude::*;

use super::*;

/// Pieces of courses, so that what is made of them gets further than noise would.
const PIECES: &[&str] = &[
    "<course url_name=\"R\" org=\"O\" course=\"C\">",
    "</course>",
    "<chapter url_name=\"a\"/>",
    "<chapter url_name=\"a\">",
    "</chapter>",
    "<vertical url_name=\"v\">",
    "</vertical>",
    "<problem url_name=\"p\">",
    "</problem>",
    "<problem/>",
    "<video url_name=\"x\" youtube=\"1:a,b:\"/>",
    "<optionresponse><optioninput options=\"('a",
    "\" correct=\"a\"/></optionresponse>",
    "<choiceresponse><checkboxgroup><choice>",
    "</choice></checkboxgroup></choiceresponse>",
    "<hint>",
    "&amp;",
    "&x;",
    "<![CDATA[",
    "]]>",
    "\u{0}",
    "é",
    "<vertical url_name=\"v\"/>",
    "{\"GRADER\": [{\"weight\": 1e999}, ",
    "{\"type\": \"HW\"}]",
    ", \"GRADE_CUTOFFS\": {\"A\": -1}",
    "}",
    "{\"course/R\": {\"due\": \"x\"}}",
];
const NAMES: &[&str] = &[
    "c/course.xml",
    "course.xml",
    "c/course/R.xml",
    "c/chapter/a.xml",
    "c/vertical/v.xml",
    "c/problem/p.xml",
    "c/drafts/vertical/v.xml",
    "c/policies/R/policy.json",
    "c/policies/R/grading_policy.json",
    "c/../x.xml",
    "c/html/h.html",
    "",
];

fn any_member() -> impl Strategy<Value = Member> {
    let name = prop_oneof![9 => prop::sample::select(NAMES).prop_map(str::to_owned), 1 => ".{0,20}"];
    let bytes = prop_oneof![
        8 => prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat().into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..60),
    ];
    (name, bytes, prop::bool::weighted(0.05)).prop_map(|(name, bytes, is_too_large)| Member { name, bytes, is_too_large })
}

proptest! {
    #[test]
    fn any_members_are_accounted_for(members in prop::collection::vec(any_member(), 0..10)) {
        match parse_course_archive(&members, None) {
            Ok(archive) => {
                balances(&archive);
                prop_assert!(archive.rejects.iter().all(|set_aside| set_aside.member.is_some_and(|member| member < members.len())));
                prop_assert!(archive.blocks.iter().all(|block| block.member < members.len()));
                prop_assert_eq!(archive.blocks.iter().filter(|block| block.is_root).count() <= 1, true);
            }
            Err(error) => prop_assert_eq!(error, ArchiveError::NoCourse),
        }
    }

    #[test]
    fn the_order_of_members_changes_nothing(members in prop::collection::vec(any_member(), 0..8)) {
        // Of members with one name the last counts, so only archives without such are compared.
        let mut names: Vec<&str> = members.iter().map(|member| member.name.trim_start_matches("./")).collect();
        names.sort_unstable();
        names.dedup();
        prop_assume!(names.len() == members.len());
        let told = |members: &[Member]| parse_course_archive(members, None).ok().map(|archive| {
            archive.blocks.into_iter().map(|block| (members[block.member].name.clone(), block.usage_key, block.attributes, block.inherited)).collect::<Vec<_>>()
        });
        let reversed: Vec<Member> = members.iter().rev().cloned().collect();
        prop_assert_eq!(told(&members), told(&reversed));
    }
}
