//! Course structures of every shape: sound, cyclic, cut, and too deep for a stack.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own course should stop")]

use super::*;
use crate::reject::RejectCode;

const SOUND: &str = r#"{
  "block-v1:O+C+R+type@problem+block@p": {"category": "problem", "children": [], "metadata": {"display_name": "P", "weight": "2.5"}},
  "block-v1:O+C+R+type@vertical+block@v": {"category": "vertical", "children": ["block-v1:O+C+R+type@problem+block@p", "block-v1:O+C+R+type@html+block@missing"], "metadata": {}},
  "block-v1:O+C+R+type@chapter+block@w2": {"category": "chapter", "children": ["block-v1:O+C+R+type@vertical+block@v"], "metadata": {"start": null}},
  "block-v1:O+C+R+type@sequential+block@s": {"category": "sequential", "children": ["block-v1:O+C+R+type@vertical+block@v"], "metadata": {"format": "Homework", "graded": true, "due": "\"2015-04-01T00:00:00Z\""}},
  "block-v1:O+C+R+type@chapter+block@w1": {"category": "chapter", "children": ["block-v1:O+C+R+type@sequential+block@s"], "metadata": {"visible_to_staff_only": true}},
  "block-v1:O+C+R+type@course+block@course": {"category": "course", "children": ["block-v1:O+C+R+type@chapter+block@w1", "block-v1:O+C+R+type@chapter+block@w2"],
     "metadata": {"start": "2015-01-01T00:00:00Z", "lti_passports": ["a:b:c"], "video_upload_pipeline": {"course_video_upload_token": "x", "kept": 1}}},
  "block-v1:O+C+R+type@html+block@lost": {"category": "html", "metadata": {"display_name": "Lost"}}
}"#;

fn read(text: &str) -> CourseStructure {
    parse_course_structure(text.as_bytes()).unwrap()
}

fn block<'a>(structure: &'a CourseStructure, url_name: &str) -> &'a Block {
    structure.blocks.iter().find(|block| block.url_name == url_name).unwrap()
}

#[test]
fn not_a_number_and_half_a_surrogate_pair_lose_no_block() {
    let text = r#"{"i4x://O/C/course/R": {"category": "course", "children": [], "metadata": {"weight": NaN, "display_name": "a \ud83d"}}}"#;
    let structure = parse_course_structure(text.as_bytes()).unwrap();
    assert_eq!((structure.blocks.len(), structure.rejects.len()), (1, 0));
    assert_eq!(structure.blocks[0].display_name.as_deref(), Some("a \u{fffd}"));
}

#[test]
fn the_order_of_a_course_is_depth_first_from_its_root_whatever_the_order_of_the_file() {
    let structure = read(SOUND);
    let order: Vec<_> = structure.blocks.iter().map(|block| (block.url_name.as_str(), block.sort_index, block.depth)).collect();
    assert_eq!(
        order,
        [
            ("course", Some(1), Some(0)),
            ("w1", Some(2), Some(1)),
            ("s", Some(3), Some(2)),
            ("v", Some(4), Some(3)),
            ("p", Some(5), Some(4)),
            ("w2", Some(6), Some(1)),
            ("lost", None, None),
        ]
    );
    assert_eq!((structure.n_records, structure.rejects.len(), structure.has_course_root), (7, 0, true));
    assert_eq!(structure.root().unwrap().position, 6);
    assert_eq!(structure.course_run_key().unwrap().as_str(), "course-v1:O+C+R");
}

#[test]
fn a_shared_block_belongs_to_its_first_parent_and_inherits_from_there() {
    let structure = read(SOUND);
    let problem = block(&structure, "p");
    assert!(block(&structure, "v").parent_usage_key.as_deref().unwrap().ends_with("@s"));
    assert!(problem.chapter_usage_key.as_deref().unwrap().ends_with("@w1"));
    assert!(problem.sequential_usage_key.as_deref().unwrap().ends_with("@s"));
    assert!(problem.vertical_usage_key.as_deref().unwrap().ends_with("@v"));
    assert_eq!((problem.start, problem.graded, problem.format.as_deref(), problem.visible_to_staff_only), (None, None, None, None));
    assert_eq!((problem.inherited_start, problem.inherited_due), (Some(1_420_070_400_000_000), Some(1_427_846_400_000_000)));
    assert_eq!((problem.inherited_graded, problem.inherited_format.as_deref()), (Some(true), Some("Homework")));
    assert_eq!((problem.inherited_visible_to_staff_only, problem.weight), (Some(true), Some(2.5)));
    assert_eq!(block(&structure, "w1").chapter_usage_key.as_deref(), Some("block-v1:O+C+R+type@chapter+block@w1"));
    assert_eq!(block(&structure, "w2").inherited_start, Some(1_420_070_400_000_000));
}

#[test]
fn a_missing_child_is_listed_and_an_orphan_survives() {
    let structure = read(SOUND);
    let vertical = block(&structure, "v");
    assert_eq!(vertical.n_children, 2);
    assert!(vertical.children.contains("@missing"));
    let lost = block(&structure, "lost");
    assert!(lost.is_orphan && !lost.is_root);
    assert_eq!((lost.parent_usage_key.as_deref(), lost.inherited_start), (None, None));
    assert_eq!(lost.children, "[]");
}

#[test]
fn secrets_are_taken_out_of_the_settings_at_any_depth() {
    let structure = read(SOUND);
    assert_eq!(
        structure.root().unwrap().metadata.as_deref(),
        Some(r#"{"start":"2015-01-01T00:00:00Z","video_upload_pipeline":{"kept":1}}"#)
    );
}

/// docs/concepts/edx-files.md, "Course and block keys".
#[test]
fn an_old_course_is_named_by_its_root() {
    let structure = read(
        r#"{"i4x://O/C/chapter/w1": {"category": "chapter", "children": []}, "i4x://O/C/course/R": {"category": "course", "children": ["i4x://O/C/chapter/w1"]}}"#,
    );
    assert_eq!(structure.course_run_key().unwrap().as_str(), "O/C/R");
    assert_eq!(block(&structure, "w1").sort_index, Some(2));
    assert_eq!(block(&structure, "w1").metadata, None);
}

#[test]
fn a_file_without_a_root_is_read_as_orphans_and_says_so() {
    let structure = read(
        r#"{"block-v1:O+C+R+type@html+block@h": {}, "block-v1:O+C+R+type@chapter+block@w": {"metadata": {"format": "Lab"}, "children": ["block-v1:O+C+R+type@html+block@h", 5]}}"#,
    );
    assert!(!structure.has_course_root && structure.root().is_none());
    assert!(structure.blocks.iter().all(|block| block.is_orphan && block.sort_index.is_none()));
    let child = block(&structure, "h");
    assert_eq!((child.category.as_deref(), child.inherited_format.as_deref()), (Some("html"), Some("Lab")));
    assert!(child.chapter_usage_key.is_some());
    assert_eq!(structure.course_run_key().unwrap().as_str(), "course-v1:O+C+R");
}

#[test]
fn cycles_end_where_they_close() {
    let structure = read(
        r#"{"root": {"category": "course", "children": ["a"]}, "a": {"children": ["b", "a"]}, "b": {"children": ["a", "root"]}, "x": {"children": ["y"]}, "y": {"children": ["x"]}}"#,
    );
    let order: Vec<_> =
        structure.blocks.iter().map(|block| (block.url_name.as_str(), block.parent_usage_key.as_deref(), block.is_orphan)).collect();
    assert_eq!(
        order,
        [("root", None, false), ("a", Some("root"), false), ("b", Some("a"), false), ("x", None, true), ("y", Some("x"), true),]
    );
}

#[test]
fn an_entry_that_is_no_block_is_set_aside_and_the_others_are_read() {
    let structure = read(r#"{"a": 5, "b": {"category": "course"}, "b": {"category": "html"}, "c": null, "d": {"metadata": 1e999}}"#);
    let rejects: Vec<_> = structure.rejects.iter().map(|(position, reject)| (*position, reject.code)).collect();
    let not_an_object = RejectCode::CourseStructureBlockNotAnObject;
    assert_eq!(rejects, [(1, not_an_object), (3, RejectCode::CourseStructureRepeatedUsageKey), (4, not_an_object), (5, not_an_object)]);
    assert_eq!((structure.n_records, structure.blocks.len()), (5, 1));
    assert_eq!(structure.root().unwrap().category.as_deref(), Some("course"));
}

#[test]
fn a_file_that_is_no_object_of_blocks_is_refused_as_a_whole() {
    let refuse = |bytes: &[u8]| parse_course_structure(bytes).unwrap_err();
    assert_eq!(refuse(b""), StructureError::Empty);
    assert_eq!(refuse(b" \n\0"), StructureError::Empty);
    assert_eq!(refuse(b"[]"), StructureError::NotAJsonObject);
    assert_eq!(refuse(b"12"), StructureError::NotAJsonObject);
    assert_eq!(refuse(b"{\"a\": {\"category\": \"course\"}, "), StructureError::NotJson { line: 1, column: 29 });
    assert_eq!(read("{}"), CourseStructure::default());
}

#[test]
fn nul_bytes_go_and_broken_utf_8_is_marked() {
    let structure = parse_course_structure(b"\xef\xbb\xbf{\"a\": {\"metadata\": {\"display_name\": \"x\0y\xff\\u0000\"}}}").unwrap();
    assert_eq!(block(&structure, "a").display_name.as_deref(), Some("xy\u{fffd}"));
}

#[test]
fn a_chain_of_blocks_deeper_than_any_stack_is_read() {
    let n_blocks = 100_000;
    let entries: Vec<_> = (0..n_blocks).map(|index| format!(r#""b{index}":{{"children":["b{}"]}}"#, index + 1)).collect();
    let structure = read(&format!(r#"{{"root":{{"category":"course","children":["b0"]}},{}}}"#, entries.join(",")));
    assert_eq!(structure.blocks.last().unwrap().depth, Some(n_blocks));
}

#[test]
fn nesting_deeper_than_any_stack_loses_one_block_and_not_the_file() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let structure = read(&format!(r#"{{"a":{{"metadata":{deep}}},"b":{{"category":"course"}}}}"#));
    assert_eq!((structure.blocks.len(), structure.rejects.len()), (1, 1));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_structure_or_a_reason(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = parse_course_structure(&bytes);
    }

    #[test]
    fn every_entry_is_a_block_or_a_reject_and_every_parent_comes_before_its_children(
        entries in proptest::collection::vec((0_usize..8, proptest::collection::vec(0_usize..8, 0..5), proptest::prelude::any::<bool>()), 0..10),
    ) {
        let text: Vec<_> = entries.iter().map(|(key, children, is_course)| {
            let children: Vec<_> = children.iter().map(|child| format!("\"{child}\"")).collect();
            format!(r#""{key}":{{"category":"{}","children":[{}]}}"#, if *is_course { "course" } else { "html" }, children.join(","))
        }).collect();
        let structure = read(&format!("{{{}}}", text.join(",")));
        proptest::prop_assert_eq!(structure.n_records, entries.len());
        proptest::prop_assert_eq!(structure.blocks.len() + structure.rejects.len(), entries.len());
        let mut seen = std::collections::BTreeSet::new();
        for (index, block) in structure.blocks.iter().enumerate() {
            proptest::prop_assert!(block.parent_usage_key.as_ref().is_none_or(|parent| seen.contains(parent)));
            proptest::prop_assert!(seen.insert(block.usage_key.clone()));
            let expected = (!block.is_orphan).then(|| i64::try_from(index + 1).unwrap());
            proptest::prop_assert_eq!(block.sort_index, expected);
        }
    }
}
