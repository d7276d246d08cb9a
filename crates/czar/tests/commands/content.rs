//! Course archives end to end: from the tar file in a delivery to tables, account and research tables, whole or broken.

use crate::support::Place;

const FOLDER: &str = "delivery/universityx-2015-03-01";
const STEM: &str = "UniversityX-DemoX-2015_T1";

/// A tar file in the form of the year 1988, which is the one all others build on.
/// A tar archive.
pub(crate) fn tar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        add(&mut bytes, name, b'0', content.as_bytes());
    }
    bytes.extend([0; 1024]);
    bytes
}

fn add(bytes: &mut Vec<u8>, name: &str, kind: u8, content: &[u8]) {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..263].copy_from_slice(b"ustar\0");
    header[263..265].copy_from_slice(b"00");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    bytes.extend(header);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
}

const COURSE: &[(&str, &str)] = &[
    (
        "course/course.xml",
        r#"<course url_name="2015_T1" org="UniversityX" course="DemoX"><chapter url_name="w1" start="2015-01-05" due="2015-02-01"/></course>"#,
    ),
    (
        "course/chapter/w1.xml",
        r#"<chapter display_name="Week 1"><problem url_name="p1"/><video url_name="x1"/><problem url_name="gone"/>
           <discussion url_name="d1" discussion_id="topic"/></chapter>"#,
    ),
    (
        "course/problem/p1.xml",
        r#"<problem weight="2"><p>Is it?</p><multiplechoiceresponse><choicegroup><choice correct="true">Yes</choice><choice correct="false">No</choice></choicegroup></multiplechoiceresponse></problem>"#,
    ),
    ("course/video/x1.xml", r#"<video youtube="1.00:abc"><video_asset client_video_id="x.mp4" duration="61.5"/></video>"#),
    ("course/drafts/problem/broken.xml", r#"<problem display_name="a < b">"#),
    (
        "course/policies/2015_T1/grading_policy.json",
        r#"{"GRADER": [{"type": "Homework", "weight": 1, "min_count": 2, "drop_count": 0, "short_label": "HW"}], "GRADE_CUTOFFS": {"Pass": 0.5, "A": 0.9}}"#,
    ),
    ("course/static/big.bin", "not kept"),
];

fn ingest(place: &Place) -> String {
    place.write("czar.toml", "");
    place.czar(&["ingest", "delivery"])
}

fn answer(place: &Place, sql: &str) -> Vec<String> {
    place.data(&["query", "--format", "csv", sql]).lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn an_archive_becomes_tables_and_each_record_of_it_is_accounted_for() {
    let place = Place::new();
    place.write(&format!("{FOLDER}/{STEM}-course-prod-analytics.xml.tar"), tar(COURSE));
    place.write(
        &format!("{FOLDER}/{STEM}-student_courseenrollment-prod-analytics.sql"),
        "id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n1\t7\tUniversityX/DemoX/2015_T1\t2015-01-01 00:00:00\t1\taudit\n",
    );
    place.write(
        &format!("{FOLDER}/{STEM}-grades_persistentcoursegrade-prod-analytics.sql"),
        "course_id\tuser_id\tgrading_policy_hash\tpercent_grade\tletter_grade\tpassed_timestamp\tcreated\tmodified\n\
         UniversityX/DemoX/2015_T1\t7\th\t0.5\t\tNULL\t2015-01-01 00:00:00\t2015-01-01 00:00:00\n",
    );
    let told = ingest(&place);
    assert!(told.starts_with("exit code: 0"), "{told}");
    let account = "select table_name, state, n_records, n_rows, n_rejects, course_run_key from loads where kind = 'course_archive'";
    // Five blocks, one assignment type, two cutoffs; a missing file and a broken draft.
    assert_eq!(answer(&place, account), ["course_content_blocks,loaded,10,8,2,UniversityX/DemoX/2015_T1"]);
    assert_eq!(
        answer(&place, "select code, member, n_bytes from rejects order by code"),
        ["course_archive.missing_member,course/chapter/w1.xml,174", "course_archive.not_xml,course/drafts/problem/broken.xml,30"]
    );
    // Other files of the package say that the course has an old key.
    assert_eq!(
        answer(&place, "select usage_key, sort_index, inherited_due from course_content_blocks where category = 'problem'"),
        ["i4x://UniversityX/DemoX/problem/p1,3,2015-02-01T00:00:00.000000Z"]
    );
    assert_eq!(answer(&place, "select text, itype, n_inputs, weight from course_problems"), ["Is it?,multiplechoiceresponse,1,2.0"]);
    assert_eq!(answer(&place, "select answer_id_suffix, n_choices, n_correct from course_problem_inputs"), ["2_1,2,1"]);
    assert_eq!(answer(&place, "select youtube_id, duration_secs from course_videos"), ["abc,61.5"]);
    assert_eq!(answer(&place, "select discussion_id from course_discussions"), ["topic"]);
    assert_eq!(
        answer(
            &place,
            "select assignment_type, fraction_of_overall_grade, overall_lower_cutoff, overall_upper_cutoff_label from grading_policy"
        ),
        ["Homework,1.0,0.5,A"]
    );
    let told = place.czar(&["build"]);
    assert!(told.starts_with("exit code: 0"), "{told}");
    // There is no course structure, so the archive is the course.
    assert_eq!(answer(&place, "select count(*) from course_axis"), ["5"]);
    assert_eq!(answer(&place, "select video_length, youtube_id, chapter_name from video_axis"), ["61.5,abc,Week 1"]);
    assert_eq!(answer(&place, "select user_id, passing_grade, completed from person_course"), ["7,0.5,true"]);
}

#[test]
fn a_broken_archive_is_named_and_nothing_of_it_is_visible() {
    let place = Place::new();
    let whole = tar(COURSE);
    let mut longest = Vec::new();
    add(&mut longest, "././@LongLink", b'L', &vec![b'x'; 100_000]);
    let links = {
        let mut bytes = Vec::new();
        add(&mut bytes, "course/course.xml", b'2', b"");
        bytes.extend([0; 1024]);
        bytes
    };
    let cases = [
        ("cut in a member", whole[..600].to_vec(), "course_archive.damaged"),
        ("cut between members", whole[..1024].to_vec(), "course_archive.damaged"),
        ("no tar at all", b"Traceback (most recent call last):\n".repeat(40), "course_archive.damaged"),
        ("a name without end", longest, "course_archive.too_large"),
        ("a link in place of the course", links, "course_archive.no_course"),
        ("an archive of nothing", vec![0; 1024], "course_archive.no_course"),
    ];
    for (number, (_, bytes, _)) in cases.iter().enumerate() {
        place.write(&format!("{FOLDER}/UniversityX-Demo{number}-R-course-prod-analytics.xml.tar"), bytes);
    }
    place.write(&format!("{FOLDER}/{STEM}-course-prod-analytics.xml.tar"), tar(COURSE));
    let told = ingest(&place);
    assert!(told.starts_with("exit code: 1"), "{told}");
    let failures = answer(&place, "select failure_code from loads where state = 'failed' order by file_key");
    let expected: Vec<&str> = cases.iter().map(|(_, _, code)| *code).collect();
    assert_eq!(failures, expected, "{told}");
    assert_eq!(answer(&place, "select count(*), count(distinct _load_id) from course_content_blocks_history"), ["5,1"]);
}

#[test]
fn an_archive_delivered_again_replaces_its_rows_in_all_tables() {
    let place = Place::new();
    let path = format!("{FOLDER}/{STEM}-course-prod-analytics.xml.tar");
    place.write(&path, tar(COURSE));
    let tables = "select (select count(*) from course_content_blocks) || ' ' || (select count(*) from course_videos) || ' ' \
                  || (select count(*) from grade_cutoffs) || ' ' || (select count(*) from rejects)";
    assert!(ingest(&place).starts_with("exit code: 0"));
    assert_eq!(answer(&place, tables), ["5 1 2 2"]);
    let mut shorter = COURSE.to_vec();
    shorter[3] = ("course/video/x1.xml", "<html>now text</html>");
    shorter[1] = ("course/chapter/w1.xml", r#"<chapter><html url_name="h1">x</html></chapter>"#);
    shorter.remove(5);
    place.write(&path, tar(&shorter));
    assert!(ingest(&place).starts_with("exit code: 0"));
    // The problem and the video have become orphans.
    assert_eq!(answer(&place, tables), ["5 1 0 1"]);
    assert_eq!(answer(&place, "select count(*) from course_content_blocks where is_orphan"), ["2"]);
}

#[test]
fn an_archive_whose_name_lacks_the_site_is_of_the_site_of_its_course() {
    let place = Place::new();
    place.write(&format!("{FOLDER}/{STEM}-course.xml.tar"), tar(COURSE));
    place.write(&format!("{FOLDER}/UniversityX-Lonely-R-course.xml.tar"), tar(COURSE));
    place.write(
        &format!("{FOLDER}/{STEM}-student_courseaccessrole-edge-analytics.sql"),
        "org\tcourse_id\tuser_id\trole\nUniversityX\tcourse-v1:UniversityX+DemoX+2015_T1\t7\tstaff\n",
    );
    let told = ingest(&place);
    assert!(told.starts_with("exit code: 0") && told.contains("1 file has no site in the name"), "{told}");
    assert_eq!(
        answer(&place, "select stem, state, failure_code, site, course_run_key from loads where kind = 'course_archive' order by stem"),
        [
            format!("{STEM},loaded,,edge,course-v1:UniversityX+DemoX+2015_T1"),
            "UniversityX-Lonely-R,loaded,,edx,course-v1:UniversityX+DemoX+2015_T1".to_owned()
        ]
    );
    assert_eq!(answer(&place, "select distinct _site from grade_cutoffs order by 1"), ["edge", "edx"]);
}

#[test]
fn the_archive_and_the_structure_of_a_run_tell_the_same_course() {
    let place = Place::new();
    place.data(&["demo", "--learners", "20", "--days", "8", "--courses", "3"]);
    let column = |name: &str| format!("(s.{name} is distinct from c.{name})");
    let columns =
        ["category", "url_name", "display_name", "sort_index", "depth", "parent_usage_key", "chapter_usage_key", "vertical_usage_key"];
    // The generator's policy may let a course begin on another day than its structure does.
    let inherited = ["inherited_due", "inherited_graded", "inherited_format", "inherited_visible_to_staff_only"];
    let differs: Vec<String> = columns.iter().chain(&inherited).map(|name| column(name)).collect();
    let sql = format!(
        "select count(*), count(s.usage_key), count(c.usage_key), count(case when {} then 1 end) \
         from (select * from course_structure_blocks where not is_root) as s \
         full join (select * from course_content_blocks where not is_root and not is_draft) as c \
         on s._site = c._site and s._course_run_key = c._course_run_key and s.usage_key = c.usage_key",
        differs.join(" or ")
    );
    let found = place.data(&["--config", "demo/czar.toml", "query", "--format", "csv", &sql]);
    let numbers: Vec<&str> = found.lines().nth(1).unwrap().split(',').collect();
    assert!(numbers[0] != "0" && numbers[..3].iter().all(|number| *number == numbers[0]) && numbers[3] == "0", "{found}");
}
