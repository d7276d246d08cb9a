//! The way through a course: order, inheritance, references that lead nowhere or in a circle, drafts and orphans.

use super::*;

/// A course as Studio exports it: each block in a file of its own.
const STUDIO: &[(&str, &str)] = &[
    ("course/course.xml", r#"<course url_name="2015_T1" org="UniversityX" course="DemoX"/>"#),
    (
        "course/course/2015_T1.xml",
        r#"<course display_name="Demo" start="&quot;2015-01-01T00:00:00Z&quot;" showanswer="attempted" max_attempts="null"
            lti_passports="[&quot;tool:key:secret&quot;]" xqa_key="abc" video_upload_pipeline="{&quot;course_video_upload_token&quot;: &quot;x&quot;, &quot;kept&quot;: 1}">
            <chapter url_name="w1"/><chapter url_name="w2"/><wiki slug="UniversityX.DemoX"/></course>"#,
    ),
    ("course/chapter/w1.xml", r#"<chapter display_name="Week 1"><sequential url_name="s1"/></chapter>"#),
    ("course/chapter/w2.xml", r#"<chapter display_name="Week 2" visible_to_staff_only="true"><sequential url_name="gone"/></chapter>"#),
    (
        "course/sequential/s1.xml",
        r#"<sequential display_name="Quiz" format="Homework" graded="true" due="2015-02-01T12:00"><vertical url_name="v1"/></sequential>"#,
    ),
    (
        "course/vertical/v1.xml",
        r#"<vertical display_name="Unit"><html url_name="h1"/><html url_name="h2"/><problem url_name="p1"/>
            <discussion url_name="d1" xblock-family="xblock.v1" discussion_id="topic" discussion_category="Week" discussion_target="Unit"/></vertical>"#,
    ),
    ("course/html/h1.xml", r#"<html filename="h1" display_name="Text"/>"#),
    ("course/html/h1.html", "<p>not read"),
    ("course/html/h2.html", "<p>not read"),
    (
        "course/problem/p1.xml",
        r#"<problem display_name="Sums" max_attempts="3" weight="2.5" markdown="&gt;&gt;Q&lt;&lt;"><p>How many?</p></problem>"#,
    ),
];

#[test]
fn a_course_is_read_depth_first_through_its_files_and_inherits_from_above() {
    let known = CourseRunKey::parse("course-v1:UniversityX+DemoX+2015_T1");
    let archive = parse_course_archive(&members(STUDIO), known.as_ref()).unwrap();
    balances(&archive);
    let order: Vec<_> =
        archive.blocks.iter().map(|block| (block.url_name.as_deref().unwrap(), block.sort_index, block.depth, block.n_children)).collect();
    assert_eq!(
        order,
        [
            ("course", Some(1), Some(0), 2),
            ("w1", Some(2), Some(1), 1),
            ("s1", Some(3), Some(2), 1),
            ("v1", Some(4), Some(3), 4),
            ("h1", Some(5), Some(4), 0),
            ("h2", Some(6), Some(4), 0),
            ("p1", Some(7), Some(4), 0),
            ("d1", Some(8), Some(4), 0),
            ("w2", Some(9), Some(1), 1),
        ]
    );
    assert_eq!(rejects(&archive), [(RejectCode::CourseArchiveMissingMember, Some(3))]);

    let sums = block(&archive, "p1");
    assert_eq!(sums.usage_key.as_deref(), Some("block-v1:UniversityX+DemoX+2015_T1+type@problem+block@p1"));
    assert!(sums.vertical_usage_key.as_deref().unwrap().ends_with("@v1") && sums.chapter_usage_key.as_deref().unwrap().ends_with("@w1"));
    assert_eq!(sums.parent_usage_key, sums.vertical_usage_key);
    assert_eq!((sums.own.due, sums.own.format.as_deref(), sums.own.max_attempts), (None, None, Some(3)));
    assert_eq!((sums.inherited.start, sums.inherited.due), (Some(1_420_070_400_000_000), Some(1_422_792_000_000_000)));
    assert_eq!((sums.inherited.graded, sums.inherited.format.as_deref()), (Some(true), Some("Homework")));
    assert_eq!((sums.inherited.showanswer.as_deref(), sums.inherited.max_attempts), (Some("attempted"), Some(3)));
    assert_eq!(sums.member, 9);
    assert!(!sums.attributes.contains("markdown"), "Studio's second copy of the text is left out");
    assert_eq!(block(&archive, "w2").inherited.visible_to_staff_only, Some(true));

    let root = &archive.blocks[0];
    assert_eq!(root.usage_key.as_deref(), Some("block-v1:UniversityX+DemoX+2015_T1+type@course+block@course"));
    assert!(root.is_root && !root.attributes.contains("secret") && !root.attributes.contains("xqa_key"));
    assert!(root.attributes.contains(r#""video_upload_pipeline":{"kept":1}"#), "{}", root.attributes);
}

#[test]
fn keys_have_the_form_of_the_course_the_package_knows_and_else_the_new_one() {
    let old = CourseRunKey::parse("UniversityX/DemoX/2015_T1");
    let archive = parse_course_archive(&members(STUDIO), old.as_ref()).unwrap();
    assert_eq!(archive.blocks[0].usage_key.as_deref(), Some("i4x://UniversityX/DemoX/course/2015_T1"));
    assert_eq!(block(&archive, "p1").usage_key.as_deref(), Some("i4x://UniversityX/DemoX/problem/p1"));
    let custom = CourseRunKey::parse("ccx-v1:UniversityX+DemoX+2015_T1+ccx@7");
    let archive = parse_course_archive(&members(STUDIO), custom.as_ref()).unwrap();
    assert_eq!(block(&archive, "w1").usage_key.as_deref(), Some("ccx-block-v1:UniversityX+DemoX+2015_T1+ccx@7+type@chapter+block@w1"));
    let archive = parse_course_archive(&members(STUDIO), None).unwrap();
    assert_eq!(archive.course_run_key.unwrap().as_str(), "course-v1:UniversityX+DemoX+2015_T1");
    let nameless = read(&[("course.xml", "<course><chapter url_name=\"w\"/><chapter display_name=\"No name\"><html/></chapter></course>")]);
    assert_eq!(nameless.course_run_key, None);
    assert!(nameless.blocks.iter().all(|block| block.usage_key.is_none()));
    assert_eq!(nameless.blocks.iter().map(|block| block.parent_position).collect::<Vec<_>>(), [None, Some(1), Some(3)]);
}

#[test]
fn a_course_may_stand_in_one_file_and_its_blocks_in_folders_of_weeks() {
    let archive = read(&[
        (
            "./6002x/course.xml",
            r#"<course url_name="2012_Fall" org="MITx" course="6.002x"><chapter url_name="Week_1"><videosequence url_name="S1" format="Lab">
                <problem url_name="week1:q1"/><problem filename="shared" url_name="q2"/><video url_name="intro" youtube="1.0:abc"/>
            </videosequence></chapter></course>"#,
        ),
        ("./6002x/problem/week1/q1.xml", "<problem><p>One</p></problem>"),
        ("./6002x/problem/shared.xml", "<problem><p>Two</p></problem>"),
        (
            "./6002x/policies/2012_Fall.json",
            r#"{"course/2012_Fall": {"graceperiod": "1 day 5 hours"}, "chapter/Week_1": {"start": "2012-09-05T12:00", "display_name": "Week 1"}, "problem/q2": {"weight": 3}}"#,
        ),
    ]);
    assert_eq!((archive.rejects.len(), archive.blocks.len()), (0, 6));
    assert_eq!(problem(&archive, "week1:q1").text, "One");
    assert_eq!((problem(&archive, "q2").text.as_str(), problem(&archive, "q2").weight), ("Two", Some(3.0)));
    let week = block(&archive, "Week_1");
    assert_eq!((week.display_name.as_deref(), week.own.start), (Some("Week 1"), Some(1_346_846_400_000_000)));
    let intro = block(&archive, "intro");
    assert_eq!((intro.inherited.format.as_deref(), intro.inherited.graceperiod.as_deref()), (Some("Lab"), Some("1 day 5 hours")));
    assert_eq!(intro.inherited.start, week.own.start);
}

#[test]
fn a_block_is_placed_once_and_cycles_end_where_they_close() {
    let archive = read(&[
        ("c/course.xml", r#"<course url_name="R" org="O" course="C"><chapter url_name="a"/><chapter url_name="b"/></course>"#),
        ("c/chapter/a.xml", r#"<chapter><sequential url_name="s"/></chapter>"#),
        ("c/chapter/b.xml", r#"<chapter><sequential url_name="s"/></chapter>"#),
        ("c/sequential/s.xml", r#"<sequential><chapter url_name="a"/><sequential url_name="s"/></sequential>"#),
    ]);
    assert_eq!(archive.blocks.len(), 4);
    assert!(block(&archive, "s").parent_usage_key.as_deref().unwrap().ends_with("@a"));
    let repeated = RejectCode::CourseArchiveRepeatedBlock;
    assert_eq!(rejects(&archive), [(repeated, Some(3)), (repeated, Some(3)), (repeated, Some(2))]);
}

#[test]
fn containers_of_every_kind_are_entered() {
    let archive = read_vertical(
        r#"<library_content url_name="lib" max_count="1"><problem url_name="l1"><p>x</p></problem></library_content>
           <split_test url_name="ab"><vertical url_name="va"><html url_name="ha">A</html></vertical></split_test>
           <conditional url_name="if" sources="x"><show sources="y"/><html url_name="hc">C</html></conditional>
           <problem-builder url_name="pb"><pb-mcq url_name="mcq"/><p>text</p></problem-builder>"#,
    );
    let order: Vec<_> = archive.blocks.iter().skip(4).filter_map(|block| block.url_name.as_deref()).collect();
    assert_eq!(order, ["lib", "l1", "ab", "va", "ha", "if", "hc", "pb"]);
    // A block without anything but a name should have a file.
    assert_eq!(rejects(&archive), [(RejectCode::CourseArchiveMissingMember, Some(0))]);
    assert!(block(&archive, "ha").vertical_usage_key.as_deref().unwrap().ends_with("@va"));
}

#[test]
fn what_nothing_leads_to_is_an_orphan_and_what_cannot_be_read_is_set_aside() {
    let archive = read(&[
        ("c/course.xml", r#"<course url_name="R" org="O" course="C"><chapter url_name="a"/></course>"#),
        ("c/chapter/a.xml", r#"<chapter><vertical url_name="broken"/></chapter>"#),
        ("c/vertical/broken.xml", "<vertical>\n<problem url_name=\"inside\"/>\n</vertical & >"),
        ("c/problem/inside.xml", "<problem/>"),
        ("c/vertical/lost.xml", r#"<vertical><problem url_name="with_it"/></vertical>"#),
        ("c/problem/with_it.xml", "<problem/>"),
        ("c/problem/dtd.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><problem>&a;</problem>"),
        ("c/static/not_a_block.xml", "<x>"),
        ("c/../problem/outside.xml", "<problem/>"),
        ("c/problem/with_it.xml", "<problem display_name=\"Later\"/>"),
    ]);
    let orphans: Vec<_> = archive.blocks.iter().filter(|block| block.is_orphan).filter_map(|block| block.url_name.as_deref()).collect();
    assert_eq!(orphans, ["lost", "with_it", "inside"]);
    assert_eq!(block(&archive, "with_it").display_name.as_deref(), Some("Later"), "the last member of a name counts");
    assert_eq!((block(&archive, "lost").sort_index, block(&archive, "lost").depth), (None, None));
    assert_eq!(
        rejects(&archive),
        [
            (RejectCode::CourseArchiveUnusableName, Some(8)),
            (RejectCode::CourseArchiveRepeatedMember, Some(5)),
            (RejectCode::CourseArchiveNotXml, Some(2)),
            (RejectCode::CourseArchiveNotXml, Some(6)),
        ]
    );
    let broken = archive.rejects.iter().find(|set_aside| set_aside.member == Some(2)).unwrap();
    assert!(broken.reject.column > Some(40), "{:?} is in the third line", broken.reject);
}

#[test]
fn drafts_are_marked_and_stand_beside_what_is_published() {
    let archive = read(&[
        (
            "c/course.xml",
            r#"<course url_name="R" org="O" course="C"><chapter url_name="a"><sequential url_name="s" due="2015-02-01"><vertical url_name="v"/></sequential></chapter></course>"#,
        ),
        ("c/vertical/v.xml", r#"<vertical><problem url_name="p"/><html url_name="h"/></vertical>"#),
        ("c/problem/p.xml", "<problem display_name=\"Published\"/>"),
        ("c/html/h.xml", "<html filename=\"h\"/>"),
        (
            "c/drafts/vertical/v.xml",
            r#"<vertical parent_url="block-v1:O+C+R+type@sequential+block@s" index_in_children_list="0"><problem url_name="p"/><html url_name="h"/><problem url_name="new"/></vertical>"#,
        ),
        ("c/drafts/problem/p.xml", "<problem display_name=\"Draft\"/>"),
        ("c/drafts/problem/broken.xml", "<problem display_name=\"a < b\">"),
    ]);
    let drafts: Vec<_> = archive.blocks.iter().filter(|block| block.is_draft).collect();
    assert_eq!(drafts.iter().filter_map(|block| block.url_name.as_deref()).collect::<Vec<_>>(), ["v", "p"]);
    assert_eq!(drafts[1].display_name.as_deref(), Some("Draft"));
    assert_eq!((drafts[1].sort_index, drafts[1].inherited.due), (None, Some(1_422_748_800_000_000)));
    assert!(drafts[0].parent_usage_key.as_deref().unwrap().ends_with("@s"));
    assert_eq!(rejects(&archive), [(RejectCode::CourseArchiveMissingMember, Some(4)), (RejectCode::CourseArchiveNotXml, Some(6))]);
}

#[test]
fn a_course_file_that_is_not_xml_leaves_its_blocks_as_orphans_and_none_at_all_is_no_course() {
    let archive = read(&[("c/course.xml", "<course"), ("c/chapter/a.xml", "<chapter/>")]);
    assert_eq!((rejects(&archive), archive.blocks[0].is_orphan), (vec![(RejectCode::CourseArchiveNotXml, Some(0))], true));
    let error = parse_course_archive(&members(&[("c/chapter/a.xml", "<chapter/>")]), None).unwrap_err();
    assert_eq!((error, error.code()), (ArchiveError::NoCourse, "course_archive.no_course"));
}

#[test]
fn nesting_beyond_any_course_is_set_aside_and_no_stack_overflows() {
    let deep = format!("{}{}", "<vertical>".repeat(100_000), "</vertical>".repeat(100_000));
    let archive = read(&[
        ("c/course.xml", r#"<course url_name="R" org="O" course="C"><vertical url_name="deep"/></course>"#),
        ("c/vertical/deep.xml", &deep),
    ]);
    assert_eq!(rejects(&archive), [(RejectCode::CourseArchiveTooDeep, Some(1))]);
    let chain: Vec<(String, String)> = (0..5_000)
        .map(|number| (format!("c/vertical/{number}.xml"), format!("<vertical><vertical url_name=\"{}\"/></vertical>", number + 1)))
        .collect();
    let mut files: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("c/course.xml", r#"<course url_name="R" org="O" course="C"><vertical url_name="0"/></course>"#));
    assert_eq!(read(&files).blocks.last().unwrap().depth, Some(5_000));
}

#[test]
fn a_member_that_is_too_large_is_set_aside() {
    let mut files = members(&[
        ("c/course.xml", r#"<course url_name="R" org="O" course="C"><chapter url_name="a"/></course>"#),
        ("c/chapter/a.xml", ""),
    ]);
    files[1].is_too_large = true;
    let archive = parse_course_archive(&files, None).unwrap();
    balances(&archive);
    assert_eq!(rejects(&archive), [(RejectCode::CourseArchiveMemberTooLarge, Some(1))]);
}

#[test]
fn only_members_that_can_tell_something_are_wanted() {
    for (name, wanted) in [
        ("course/problem/p.xml", Interest::Content),
        ("course/policies/2015_T1/grading_policy.json", Interest::Content),
        ("course/policies/assets.json", Interest::None),
        ("course/html/h.html", Interest::Name),
        ("course/static/film.xml", Interest::None),
        ("./course/static/subs.srt.sjson", Interest::None),
        ("static/x.xml", Interest::None),
        ("course/problem/static.xml", Interest::Content),
    ] {
        assert_eq!(interest(name), wanted, "{name}");
    }
}
