//! Database files.

use super::Case;

const DATE: &str = "2015-03-01";
const COURSE: &str = "course-v1:UniversityX+DemoX+2015";

fn user(case: &Case, row: &str) {
    case.table(DATE, "auth_user", format!("id\tusername\temail\tlast_login\tdate_joined\n{row}\n"));
}

#[test]
fn a01_a_null_is_null_and_an_empty_text_is_empty() {
    let case = Case::new();
    case.table(DATE, "auth_userprofile", "id\tuser_id\tname\tgoals\tcountry\n1\t7\tNULL\t\tNULL\n").ingest();
    // A learner named NULL cannot be told from one without a name: the file does not say.
    assert_eq!(case.value("select name is null, goals = '', country is null from auth_userprofile"), "true,true,true");
}

#[test]
fn a02_none_and_null_in_dates_are_null() {
    let case = Case::new();
    let rows = ["None", "none", "null", "NULL"].map(|none| format!("{}\tu\te\t{none}\t2013-01-01 00:00:00", none.len())).join("\n");
    user(&case, &rows);
    case.ingest();
    assert_eq!(case.value("select count(*), count(last_login), count(_unparsed), count(date_joined) from auth_user"), "4,0,0,4");
}

#[test]
fn a03_moments_with_and_without_microseconds_stand_in_one_column() {
    let case = Case::new();
    user(&case, "1\tu\te\t2015-01-01 10:00:00\t2013-01-01 00:00:00.123456\n2\tv\tf\t2015-01-01 10:00:00.5\t2013-01-01 00:00:00");
    case.ingest();
    let sql = "select cast(date_joined as varchar) from auth_user order by id";
    assert_eq!(case.rows(sql), ["2013-01-01T00:00:00.123456Z", "2013-01-01T00:00:00Z"]);
}

#[test]
fn a04_the_dialect_is_told_from_each_file() {
    let case = Case::new();
    case.table(
        DATE,
        "auth_userprofile",
        "id\tuser_id\tname\tmeta\tbio\n1\t7\tLena\t\"{\"\"a\"\": \"\"\"\"}\"\t\"line one\nline\ttwo\r\n\"\n2\t8\tOla\t\tplain\n",
    );
    case.table(DATE, "auth_user", "id\tusername\temail\n7\t\"lena\\tx\te\n");
    case.table(DATE, "courseware_studentmodule", "id\tmodule_type\tmodule_id\tstudent_id\tstate\n1\tproblem\tm\t7\t{\"a\": \"\\\\n\"}\n");
    case.ingest();
    assert_eq!(
        case.rows("select table_name, dialect from loads order by 1"),
        ["auth_user,escaped", "auth_userprofile,quoted", "courseware_studentmodule,backslash"]
    );
    assert_eq!(case.value("select meta from auth_userprofile where user_id = 7"), r#""{""a"": """"}""#);
    assert_eq!(
        case.value(
            "select bio = 'line one' || chr(10) || 'line' || chr(9) || 'two' || chr(13) || chr(10) from auth_userprofile where user_id = 7"
        ),
        "true"
    );
    // In a file without quotes a quote is a quote, and a backslash escapes.
    assert_eq!(case.value("select username = '\"lena' || chr(9) || 'x' from auth_user"), "true");
    assert_eq!(case.value("select state = '{\"a\": \"' || chr(92) || 'n\"}' from courseware_studentmodule"), "true");
    assert_eq!(case.account("auth_userprofile-prod-analytics.sql"), [2, 2, 0, 0, 0]);
}

#[test]
fn a05_raw_line_ends_in_free_text_lose_no_record_in_silence() {
    let case = Case::new();
    case.table(DATE, "auth_userprofile", "id\tuser_id\tname\tbio\n1\t7\tLena\ta\rb\n2\t8\tOla\tone\ntwo\n3\t9\tIda\tc\n").ingest();
    assert_eq!(case.value("select bio = 'a' || chr(13) || 'b' from auth_userprofile where user_id = 7"), "true");
    let [n_records, n_rows, .., n_rejects] = case.account("auth_userprofile-prod-analytics.sql");
    assert_eq!(n_records, n_rows + n_rejects, "nothing is lost in silence");
    assert_eq!(case.rows("select user_id from auth_userprofile where user_id in (7, 9) order by 1"), ["7", "9"]);
    assert!(n_rejects > 0 && case.rows("select distinct code from rejects") == ["database_file.wrong_number_of_fields"]);
}

#[test]
fn a06_nul_bytes_are_dropped() {
    let case = Case::new();
    user(&case, "1\tle\0na\te\tNULL\tNULL");
    case.ingest();
    assert_eq!(case.value("select username from auth_user"), "lena");
}

#[test]
fn a07_bytes_that_are_no_text_are_marked_and_the_rest_is_read() {
    let case = Case::new();
    case.table(DATE, "auth_userprofile", b"id\tuser_id\tname\n1\t7\tJos\xe9\n2\t8\tJos\xc3\x83\xc2\xa9\n").ingest();
    // Text that was encoded twice is kept as it was sent: the name may be meant.
    assert_eq!(case.rows("select name from auth_userprofile order by user_id"), ["Jos\u{fffd}", "Jos\u{c3}\u{a9}"]);
}

#[test]
fn a08_json_that_was_escaped_once_more_is_json_again() {
    let case = Case::new();
    case.member(
        DATE,
        "ora/UniversityX-DemoX-2015-submissions_submission-prod-analytics.sql",
        "id\tuuid\tattempt_number\tsubmitted_at\tcreated_at\traw_answer\tstudent_item_id\n\
         1\tu\t1\t2015-01-01 00:00:00\t2015-01-01 00:00:00\t{\"text\": \"a\\\\nb \\\\\"c\\\\\"\"}\t3\n",
    );
    case.ingest();
    let state = case.0.data(&["query", "--format", "json", "select raw_answer from submissions_submission"]);
    let rows: serde_json::Value = serde_json::from_str(state.trim().trim_start_matches('[').trim_end_matches(']')).unwrap();
    let answer: serde_json::Value = serde_json::from_str(rows["raw_answer"].as_str().unwrap()).unwrap();
    assert_eq!(answer["text"], "a\nb \"c\"");
}

#[test]
fn a09_a_record_with_too_few_or_too_many_fields_is_set_aside_by_place() {
    let case = Case::new();
    user(&case, "1\tu\te\tNULL\tNULL\n2\tv\n3\tw\tg\tNULL\tNULL\textra\n4\tx\th\tNULL\tNULL");
    case.ingest();
    assert_eq!(case.account("auth_user-prod-analytics.sql"), [4, 2, 0, 0, 2]);
    assert_eq!(
        case.rows("select source_line, code from rejects order by 1"),
        [3, 4].map(|line| format!("{line},database_file.wrong_number_of_fields"))
    );
}

#[test]
fn a11_a_header_alone_is_an_empty_table_and_no_byte_at_all_is_a_named_failure() {
    let case = Case::new();
    case.table(DATE, "auth_userprofile", "id\tuser_id\tname\n");
    case.ingest();
    assert_eq!(case.account("auth_userprofile-prod-analytics.sql"), [0; 5]);
    case.table(DATE, "auth_user", "").member(DATE, "UniversityX-DemoX-2015-prod.mongo", "");
    let told = case.ingest_told();
    assert!(told.starts_with("exit code: 1") && told.matches("file is empty (zero bytes)").count() == 2, "{told}");
}

#[test]
fn a12_a_course_without_studentmodule_is_a_course_in_which_nobody_opened_anything() {
    let case = Case::new();
    super::enrolled(&case, DATE);
    case.ingest().build();
    assert_eq!(case.value("select viewed, nchapters from person_course"), "false,0");
}

#[test]
fn a15_wiki_rows_that_runs_share_stand_under_each_run() {
    let case = Case::new();
    for run in ["2015", "2016"] {
        case.member(
            DATE,
            &format!("UniversityX-DemoX-{run}-wiki_article-prod-analytics.sql"),
            "id\tcurrent_revision_id\tcreated\n5\t9\t2014-01-01 00:00:00\n",
        );
    }
    case.ingest();
    assert_eq!(case.value("select count(*), count(distinct id), count(distinct _course_run_key) from wiki_article"), "2,1,2");
    assert_eq!(case.value("select count(*) from wiki_article_cumulative"), "1", "seen once, in whatever run it came");
}

#[test]
fn a16_peer_links_can_be_told_from_assessments_when_the_item_table_is_wrong() {
    let case = Case::new();
    let member = |task: &str, content: &str| {
        case.member(DATE, &format!("ora/UniversityX-DemoX-2015-{task}-prod-analytics.sql"), content);
    };
    // The item names an assessment that is another one's: that is the known fault.
    member(
        "assessment_peerworkflowitem",
        "id\tscorer_id\tauthor_id\tsubmission_uuid\tstarted_at\tassessment_id\tscored\n1\t1\t2\tuuid-b\t2015-01-01 00:00:00\t99\t1\n",
    );
    member(
        "assessment_peerworkflow",
        "id\tstudent_id\titem_id\tcourse_id\tsubmission_uuid\n1\tanon-a\ti\tc\tuuid-a\n2\tanon-b\ti\tc\tuuid-b\n",
    );
    member(
        "assessment_assessment",
        "id\tsubmission_uuid\trubric_id\tscored_at\tscorer_id\tscore_type\tfeedback\n7\tuuid-b\t1\t2015-01-01 00:00:00\tanon-a\tPE\t\n",
    );
    case.ingest();
    let sql = "select assessment.id, item.assessment_id from assessment_assessment as assessment \
        join assessment_peerworkflow as scorer on scorer.student_id = assessment.scorer_id \
        join assessment_peerworkflowitem as item on item.scorer_id = scorer.id and item.submission_uuid = assessment.submission_uuid";
    assert_eq!(case.rows(sql), ["7,99"]);
}

#[test]
fn a17_retired_learners_are_kept_and_listed_and_the_service_account_is_a_row() {
    let case = Case::new();
    let header = "id\tusername\temail\tdate_joined\n";
    case.table(
        "2015-03-01",
        "auth_user",
        format!("{header}7\tlena\tl@example.org\t2013-01-01 00:00:00\n8\tcourse_discovery_worker\tw@example.org\t2013-01-01 00:00:00\n"),
    );
    case.table("2015-03-08", "auth_user", format!("{header}7\tretired__user_ab\tretired__user_ab@retired.invalid\t2013-01-01 00:00:00\n8\tcourse_discovery_worker\tw@example.org\t2013-01-01 00:00:00\n"));
    case.ingest().build();
    assert_eq!(case.value("select count(*) from auth_user"), "2");
    assert_eq!(case.rows("select user_id from retired_users"), ["7"]);
}

#[test]
fn a37_tables_of_one_package_need_not_agree() {
    let case = Case::new();
    super::enrolled(&case, DATE);
    // The state was taken later than the accounts: learner 8 is in one table only.
    case.table(DATE, "courseware_studentmodule", format!("id\tmodule_type\tmodule_id\tstudent_id\tstate\tgrade\tcreated\tmodified\tmax_grade\tdone\tcourse_id\n1\tchapter\ti4x://U/D/chapter/a\t8\t{{}}\tNULL\t2015-02-28 23:00:00\t2015-02-28 23:00:00\tNULL\tna\t{COURSE}\n"));
    case.ingest().build();
    assert_eq!(case.value("select count(*) from courseware_studentmodule where student_id = 8"), "1");
    assert_eq!(case.rows("select user_id from person_course"), ["7"]);
}

#[test]
fn a40_a_column_nobody_announced_is_kept_as_text_and_order_does_not_matter() {
    let case = Case::new();
    case.table("2015-03-01", "auth_user", "id\tusername\temail\n7\tlena\te\n");
    case.table("2015-03-08", "auth_user", "username\tshoe_size\tid\temail\nlena\t38\t7\te\n");
    case.ingest();
    assert_eq!(case.value("select id, username, shoe_size from auth_user"), "7,lena,38");
    assert_eq!(case.rows("select _package_date, shoe_size from auth_user_history order by 1"), ["2015-03-01,", "2015-03-08,38"]);
}
