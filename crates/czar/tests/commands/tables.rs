//! Files of a package in every dialect, spelling and shape they come in: what of each is visible, and under which course run.

use crate::support::Place;

const WEEK_1: &str = "delivery/universityx-2015-03-01";
const WEEK_2: &str = "delivery/universityx-2015-03-08";
const ENROLLMENT: &str = "id\tuser_id\tcourse_id\tcreated\tis_active\tmode\n";

fn rows(place: &Place, sql: &str) -> Vec<String> {
    place.data(&["query", "--format", "csv", sql]).lines().skip(1).map(ToOwned::to_owned).collect()
}

fn enrollment(course: &str) -> String {
    format!("{ENROLLMENT}1\t7\t{course}\t2013-08-20 00:00:00\t1\thonor\n")
}

#[test]
fn a_table_in_each_dialect_has_its_values_and_says_which_it_was() {
    let place = Place::new();
    place.write(
        &format!("{WEEK_1}/O-C-R-auth_userprofile-prod-analytics.sql"),
        "id\tuser_id\tmeta\tbio\n1\t7\t\"{\"\"a\"\": \"\"b\"\"}\"\t\"one\ntwo\tthree\"\n2\t8\t\tplain\n3\t9\n",
    );
    place.write(
        &format!("{WEEK_1}/O-C-S-auth_userprofile-prod-analytics.sql"),
        "id\tuser_id\tmeta\tbio\n1\t7\t{\"a\": 1}\t\"hello\" she said\n2\t8\t\tone\\ntwo\n",
    );
    place.write(
        &format!("{WEEK_1}/O-C-R-courseware_studentmodule-prod-analytics.sql"),
        "id\tcourse_id\tstate\n1\tO/C/R\t{\"a\": \"x\\\\\\\\y\"}\n",
    );
    assert!(place.czar(&["ingest", "delivery"]).starts_with("exit code: 0"));
    let loads = "select stem, dialect, n_records, n_rows, n_rejects from loads order by file_key";
    assert_eq!(rows(&place, loads), ["O-C-R,quoted,3,2,1", "O-C-R,backslash,1,1,0", "O-C-S,escaped,2,2,0"]);
    let values = "select replace(replace(bio, chr(10), '|'), chr(9), '>') as bio, meta, _source_line \
        from auth_userprofile order by _course_run_key, id";
    assert_eq!(
        rows(&place, values),
        ["one|two>three,\"{\"\"a\"\": \"\"b\"\"}\",2", "plain,,4", "\"\"\"hello\"\" she said\",\"{\"\"a\"\": 1}\",2", "one|two,,3"]
    );
    assert_eq!(rows(&place, "select source_line, code from rejects"), ["5,database_file.wrong_number_of_fields"]);
    assert_eq!(rows(&place, "select state from courseware_studentmodule"), [r#""{""a"": ""x\\y""}""#]);
}

#[test]
fn the_course_of_a_member_comes_from_content_of_this_package_or_another() {
    let place = Place::new();
    let long = format!("O-{}-R", "c".repeat(180));
    place.write(&format!("{WEEK_1}/O-6.00-1x-R-student_courseenrollment-prod-analytics.sql"), enrollment("course-v1:O+6.00-1x+R"));
    place.write(&format!("{WEEK_1}/O-6.00-1x-R-user_id_map-prod-analytics.sql"), "hash_id\tid\tusername\nab\t7\tada\n");
    place.write(&format!("{WEEK_1}/{long}-student_courseenrollment-prod-analytics.sql"), enrollment("course-v1:O+long+R"));
    let cut = format!("{long}-auth_us-b140b895e008fcc2eeff3c21479faba3.sql");
    place.write(&format!("{WEEK_1}/{cut}"), "id\tusername\tfirst_name\tlast_name\temail\tpassword\tis_staff\tis_active\tis_superuser\tlast_login\tdate_joined\tstatus\n7\tada\t\t\t\t\t0\t1\t0\tNULL\tNone\t\n");
    // The whole word of a cut name may be the beginning of another: this is the table of profiles.
    let spared = format!("{long}-auth_user-b140b895e008fcc2eeff3c21479faba3.sql");
    place.write(
        &format!("{WEEK_1}/{spared}"),
        "id\tuser_id\tname\tlanguage\tlocation\tmeta\tcourseware\tgender\tyear_of_birth\tlevel_of_education\tgoals\tcountry\n1\t7\tAda\t\t\t\t\tf\t1815\tp\t\tGB\n",
    );
    place.write(&format!("{WEEK_2}/O-6.00-1x-R-user_id_map-prod-analytics.sql"), "hash_id\tid\tusername\n");
    assert!(place.czar(&["ingest", "delivery"]).starts_with("exit code: 0"));
    let keys = "select distinct _course_run_key from user_id_map_history";
    assert_eq!(rows(&place, keys), ["course-v1:O+6.00-1x+R"]);
    let later = "select course_run_key from loads where package_date = date '2015-03-08'";
    assert_eq!(rows(&place, later), ["course-v1:O+6.00-1x+R"]);
    assert_eq!(rows(&place, "select username, _course_run_key from auth_user"), ["ada,course-v1:O+long+R"]);
    assert_eq!(rows(&place, "select name, _course_run_key from auth_userprofile"), ["Ada,course-v1:O+long+R"]);
}

#[test]
fn names_of_columns_that_differ_in_case_only_are_one_column() {
    let place = Place::new();
    place.write(&format!("{WEEK_1}/O-C-R-student_newthing-prod-analytics.sql"), "id\tColour\n1\tred\n");
    place.write(&format!("{WEEK_1}/O-C-S-student_newthing-prod-analytics.sql"), "Extra\tcolour\tID\nx\tblue\t2\n");
    place.write(
        &format!("{WEEK_1}/O-C-R-student_courseenrollment-prod-analytics.sql"),
        enrollment("O/C/R").to_uppercase().replace("HONOR", "honor"),
    );
    assert!(place.czar(&["ingest", "delivery"]).starts_with("exit code: 0"));
    assert_eq!(rows(&place, "select id, colour, extra from student_newthing order by id"), ["1,red,", "2,blue,x"]);
    assert_eq!(rows(&place, "select user_id, mode from student_courseenrollment"), ["7,honor"]);
}

#[test]
fn a_file_of_no_bytes_fails_in_every_kind_and_a_header_alone_does_not() {
    let place = Place::new();
    place.write(&format!("{WEEK_1}/O-C-R-student_courseenrollment-prod-analytics.sql"), ENROLLMENT);
    for name in ["O-C-R-prod.mongo", "O-C-R-auth_user-prod-analytics.sql", "O-C-R-course_structure-prod-analytics.json", "O-extra.csv"] {
        place.write(&format!("{WEEK_1}/{name}"), "");
    }
    place.write(&format!("{WEEK_1}/notes.jsonl"), "{}");
    let told = place.czar(&["ingest", "delivery"]);
    assert!(told.starts_with("exit code: 1") && told.contains("4 files failed"), "{told}");
    let states = "select state, failure_code, count(*) as n from loads group by 1, 2 order by 1";
    assert_eq!(rows(&place, states), ["failed,file.empty,4", "loaded,,2"]);
}

#[test]
fn lists_and_reports_are_tables_whose_rows_name_their_course_run() {
    let place = Place::new();
    let list = "user_id,username,email,full_name,course_id,is_opted_in_for_email,preference_set_datetime\r\n\
        7,ada,ada@example.org,\"Lovelace, Ada\",course-v1:O+C+R,True,2014-12-01 00:00:00\r\n\
        7,ada,ada@example.org,\"Lovelace, Ada\",course-v1:O+C+S,True,2014-12-01 00:00:00+00:00\r\n\
        ,bob,bob@example.org,Bob,course-v1:O+C+R,False,2015-01-02 03:04:05\r\n";
    place.write("delivery/email-opt-in-universityx-2015-03-01/O-email_opt_in-prod-analytics.csv", list.replace("False", "True"));
    place.write("delivery/email-opt-in-universityx-2015-03-08/O-email_opt_in-prod-analytics.csv", list);
    let report = |completed: &str, awarded: &str| {
        format!(
            "authoring institution,program type,program uuid,program title,user id,username,course run key,track,completed program,date program certificate awarded\n\
             O,MicroMasters,p,Title,7,ada,course-v1:O+C+R,verified,{completed},{awarded}\n"
        )
    };
    let header = ",name,user roles,course title,letter grade,grade,currently enrolled,purchased as bundle,completed";
    let whole = |text: String| {
        let mut lines = text.lines().map(ToOwned::to_owned).collect::<Vec<_>>();
        lines[0].push_str(header);
        lines[1].push_str(",Ada,null,null,null,0.5,true,false,true");
        lines.join("\n")
    };
    let folder = "delivery/edx-program-reports/reports_v2/UniversityX";
    place.write(&format!("{folder}/universityx_program_learner_report_2015-03-01.csv"), whole(report("true", "2015-02-03T04:05:06Z")));
    place.write(&format!("{folder}/universityx_program_learner_report_2015-03-08.csv"), whole(report("false", "null")));
    assert!(place.czar(&["ingest", "delivery"]).starts_with("exit code: 0"));
    let list = "select _course_run_key, user_id, is_opted_in_for_email, has_chosen from email_opt_in order by 1, 2";
    assert_eq!(rows(&place, list), ["course-v1:O+C+R,7,true,false", "course-v1:O+C+R,,false,true", "course-v1:O+C+S,7,true,false"]);
    let newest = "select user_id, _course_run_key, completed_program, letter_grade, grade from program_learner_report";
    assert_eq!(rows(&place, newest), ["7,course-v1:O+C+R,false,,0.5"]);
    let ever = "select program_uuid, user_id, completed_program, cast(first_awarded_at as date) as day from program_completions";
    assert_eq!(rows(&place, ever), ["p,7,true,2015-02-03"]);
    let loads = "select distinct kind, dialect, table_name from loads order by 1";
    assert_eq!(rows(&place, loads), ["email_opt_in,csv,email_opt_in", "program_report,csv,program_learner_report"]);
}
