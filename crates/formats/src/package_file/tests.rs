//! Names of real shape, and what each tells.

#![expect(clippy::unwrap_used, reason = "a test that cannot write its own date should stop")]

use super::*;

const PACKAGE: &str = "universityx-2014-07-27";

fn date(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

fn table(name: &str) -> FileKind {
    FileKind::Table(name.to_owned())
}

#[test]
fn an_event_file_is_one_file_in_every_wrapping_and_folder() {
    for (path, encrypted, gzip) in [
        ("universityx-edx-events-2014-07-26.log.gz.gpg", true, true),
        ("universityx/edx/events/2014/universityx-edx-events-2014-07-26.log.gz", false, true),
        ("anywhere/universityx-edx-events-2014-07-26.log", false, false),
        ("UniversityX-edx-events-2014-07-26.log.gpg", true, false),
    ] {
        let file = classify(path);
        assert_eq!(file.file_key, "universityx-edx-events-2014-07-26", "{path}");
        assert_eq!((file.kind, file.site), (FileKind::TrackingLog, Some(Site::EDX)));
        assert_eq!((file.org.as_deref(), file.date, file.stem), (Some("universityx"), date("2014-07-26"), None));
        assert_eq!(file.wrapping, Wrapping { encrypted, gzip, zstd: false });
    }
}

#[test]
fn every_site_word_is_accepted_in_an_event_file() {
    for (token, site) in [("edx", "edx"), ("prod", "edx"), ("edge", "edge"), ("prod-edge", "edge"), ("patches", "patches")] {
        let file = classify(&format!("delft-x-{token}-events-2014-07-26.log.gz.gpg"));
        assert_eq!(file.site.unwrap().as_str(), site);
        assert_eq!(file.org.as_deref(), Some("delft-x"));
    }
}

#[test]
fn a_correction_that_keeps_the_name_of_its_file_is_a_file_of_its_own() {
    let file = classify("universityx/patches/events/2014/universityx-edx-events-2014-07-26.log.gz.gpg");
    assert_eq!(file.file_key, "patches/universityx-edx-events-2014-07-26");
    assert_eq!(file.site, Some(Site::EDX));
}

#[test]
fn archives_are_told_by_name_and_folder() {
    for (path, kind, key) in [
        ("universityx-2014-07-27.zip", FileKind::DatabaseArchive, PACKAGE),
        ("UniversityX-2014-07-27.zip", FileKind::DatabaseArchive, PACKAGE),
        ("universityx-2014-07-27.tar.gz", FileKind::DatabaseArchive, PACKAGE),
        ("universityx-2014-07-27.tgz.gpg", FileKind::DatabaseArchive, PACKAGE),
        ("kept/universityx-2014-07-27.tar.zst", FileKind::DatabaseArchive, PACKAGE),
        ("universityx-2014-07-27.tar", FileKind::DatabaseArchive, PACKAGE),
        ("2014-07-27-UniversityX-tracking.tar", FileKind::LogArchive, "2014-07-27-universityx-tracking"),
        ("email-opt-in/universityx-2014-07-27.zip", FileKind::EmailOptInArchive, "email-opt-in-universityx-2014-07-27"),
        ("x/email-opt-in/email-opt-in-universityx-2014-07-27.zip", FileKind::EmailOptInArchive, "email-opt-in-universityx-2014-07-27"),
    ] {
        let file = classify(path);
        assert_eq!((file.kind, file.file_key.as_str()), (kind, key), "{path}");
        assert_eq!((file.org.as_deref(), file.date), (Some("universityx"), date("2014-07-27")));
    }
}

#[test]
fn a_member_is_one_file_in_every_shape_of_its_package() {
    let key = format!("{PACKAGE}/UniversityX-DemoX-2014_T1-auth_user-prod-analytics.sql");
    for (path, encrypted) in [
        (format!("{key}.gpg"), true),
        (key.clone(), false),
        (format!("downloads/{PACKAGE}/{key}"), false),
        (format!("UniversityX-2014-07-27/{}", key.replace(&format!("{PACKAGE}/"), "clear/")), false),
    ] {
        let file = classify(&path);
        assert_eq!(file.file_key, key, "{path}");
        assert_eq!((file.kind, file.site, file.failed), (table("auth_user"), Some(Site::EDX), false));
        assert_eq!((file.org.as_deref(), file.date), (Some("universityx"), date("2014-07-27")));
        assert_eq!(file.stem.as_deref(), Some("UniversityX-DemoX-2014_T1"));
        assert_eq!(file.wrapping.encrypted, encrypted);
    }
}

#[test]
fn tables_of_open_response_assessment_keep_their_directory() {
    let name = "UniversityX-DemoX-2014_T1-submissions_score-prod-edge-analytics.sql";
    for path in [format!("{PACKAGE}/ora/{name}.gpg"), format!("{PACKAGE}/{name}")] {
        let file = classify(&path);
        assert_eq!(file.file_key, format!("{PACKAGE}/ora/{name}"));
        assert_eq!((file.kind, file.site), (table("submissions_score"), Some(Site::EDGE)));
    }
}

#[test]
fn each_kind_of_member_is_told_from_its_name() {
    for (name, kind, site, stem) in [
        ("O-C-R-prod.mongo.gpg", FileKind::Forum, Some(Site::EDX), Some("O-C-R")),
        ("O-C-R-prod-edge.mongo", FileKind::Forum, Some(Site::EDGE), Some("O-C-R")),
        ("O-C-R-edge.mongo", FileKind::Forum, Some(Site::EDGE), Some("O-C-R")),
        ("O-C-R.mongo", FileKind::Forum, None, Some("O-C-R")),
        ("O-C-R-course_structure-prod-analytics.json", FileKind::CourseStructure, Some(Site::EDX), Some("O-C-R")),
        ("O-C-R-course-prod-analytics.xml.tar.gz.gpg", FileKind::CourseArchive, Some(Site::EDX), Some("O-C-R")),
        ("O-C-R-course.xml.tar.gz", FileKind::CourseArchive, None, Some("O-C-R")),
        ("O-email_opt_in-prod-analytics.csv.gpg", FileKind::EmailOptIn, Some(Site::EDX), None),
        ("O-C-R-auth_user.sql", table("auth_user"), None, Some("O-C-R")),
        ("O-C-R-teams_courseteam-prod-analytics.sql", table("teams"), Some(Site::EDX), Some("O-C-R")),
        ("O-C-R-auth_user-patches-analytics.sql", table("auth_user"), Site::from_token("patches"), Some("O-C-R")),
    ] {
        let file = classify(&format!("{PACKAGE}/{name}"));
        assert_eq!((file.kind, file.site, file.stem.as_deref()), (kind, site, stem), "{name}");
        assert_eq!(file.date, date("2014-07-27"));
    }
    let opt_in = classify("email-opt-in-universityx-2014-07-27/list.csv.gpg");
    assert_eq!((opt_in.kind, opt_in.org.as_deref()), (FileKind::EmailOptIn, Some("universityx")));
}

/// docs/concepts/edx-files.md, "Names of members".
#[test]
fn dashes_dots_and_custom_courses_stay_whole_in_the_stem() {
    for stem in ["MITx-6.00-1x-2T-2014", "Delft-X-course-structure-1.0", "O-C-R-ccx-12", "Universit_X-_t_-2015", "O-C-course-2014"] {
        let file = classify(&format!("{PACKAGE}/{stem}-courseware_studentmodule-prod-edge-analytics.sql.gpg"));
        assert_eq!((file.kind, file.stem.as_deref()), (table("courseware_studentmodule"), Some(stem)));
    }
}

/// docs/concepts/edx-files.md, "Names of members".
#[test]
fn a_cut_name_tells_its_site_and_its_table_only_if_that_was_spared() {
    let spared = classify(&format!("{PACKAGE}/O-C-R-auth_user-b152db33fc6dfd0f1ef4d1f6be0f8eab.sql.gpg"));
    assert_eq!((spared.kind.clone(), spared.site.clone(), spared.stem.as_deref()), (table("auth_user"), Some(Site::EDGE), Some("O-C-R")));
    let cut = classify(&format!("{PACKAGE}/O-C-Rrrrrrr-auth_us-b140b895e008fcc2eeff3c21479faba3.sql.gpg"));
    assert_eq!((cut.kind.clone(), cut.site.clone()), (FileKind::UnnamedTable, Some(Site::EDX)));
    assert_eq!(cut.stem.as_deref(), Some("O-C-Rrrrrrr-auth_us"));
    assert!(cut.has_cut_name() && spared.has_cut_name() && !classify("O-C-R-auth_user-prod-analytics.sql").has_cut_name());
}

/// docs/concepts/edx-files.md, "Names of members".
#[test]
fn a_failed_member_is_told_apart_and_has_the_key_of_the_file_it_stands_for() {
    for end in ["sql.failed.gpg", "sql.failed"] {
        let file = classify(&format!("{PACKAGE}/O-C-R-auth_user-prod-analytics.{end}"));
        assert!(file.failed);
        assert_eq!(file.kind, table("auth_user"));
        assert_eq!(file.file_key, format!("{PACKAGE}/O-C-R-auth_user-prod-analytics.sql"));
    }
}

#[test]
fn a_table_we_do_not_know_is_carried_by_its_name() {
    let file = classify(&format!("{PACKAGE}/O-C-R-student_newthing-prod-analytics.sql.gpg"));
    assert_eq!((file.kind, file.stem.as_deref()), (table("student_newthing"), Some("O-C-R")));
}

/// docs/concepts/edx-files.md, "CSV files".
#[test]
fn a_report_on_programmes_is_known_by_its_folder_or_its_name() {
    for (path, key, org, day) in [
        (
            "edx-program-reports/reports_v2/UniversityX/universityx_program_learner_report_2015-03-08.csv",
            "program-reports-universityx-universityx_program_learner_report_2015-03-08.csv",
            Some("universityx"),
            date("2015-03-08"),
        ),
        ("reports_v2/UniversityX/report.csv", "program-reports-universityx-report.csv", Some("universityx"), None),
        ("downloads/Program_Entitlement_20150308.csv.gz", "program-reports-Program_Entitlement_20150308.csv", None, date("2015-03-08")),
        ("2015-03-08/program.csv", "program-reports-2015-03-08-program.csv", None, date("2015-03-08")),
    ] {
        let file = classify(path);
        assert_eq!((file.kind, file.file_key.as_str(), file.site), (FileKind::ProgramReport, key, Some(Site::EDX)), "{path}");
        assert_eq!((file.org.as_deref(), file.date), (org, day), "{path}");
    }
    assert_eq!(classify("downloads/grades.csv").kind, FileKind::Unknown);
    assert_eq!(classify("reports_v2/UniversityX/readme.txt").kind, FileKind::Unknown);
}

#[test]
fn a_csv_file_of_a_package_is_a_table_named_by_its_last_word() {
    for (name, table, stem) in [
        ("O-C-R-survey_answers-prod-analytics.csv.gpg", "survey_answers", Some("O-C-R")),
        ("O-Survey Answers.csv", "survey_answers", None),
        ("extra.csv", "extra", None),
    ] {
        let file = classify(&format!("{PACKAGE}/{name}"));
        assert_eq!((file.kind, file.stem.as_deref()), (FileKind::Csv(table.to_owned()), stem), "{name}");
    }
    assert_eq!(classify(&format!("{PACKAGE}/O-program_learners-prod-analytics.csv")).kind, FileKind::ProgramReport);
}

#[test]
fn what_may_be_a_table_has_the_name_it_would_have_and_any_other_file_none() {
    let tab_separated = |name: &str| FileKind::TabSeparated(name.to_owned());
    for (name, kind, site, stem) in [
        ("O-C-R-survey_answers-prod-analytics.tsv.gpg", tab_separated("survey_answers"), Some(Site::EDX), Some("O-C-R")),
        ("O-C-R-survey_answers-edge-analytics.tab.gz", tab_separated("survey_answers"), Some(Site::EDGE), Some("O-C-R")),
        ("Final Grades.txt", tab_separated("final_grades"), None, None),
        ("extra.sql", tab_separated("extra"), None, None),
        // Somebody's copy of a table of edX's is not read into that table.
        ("O-C-R-auth_user-prod-analytics.txt", FileKind::Unknown, Some(Site::EDX), Some("O-C-R")),
        ("auth_user.tsv", FileKind::Unknown, None, None),
        ("O-C-R-notes-prod-analytics.jsonl", FileKind::Unknown, Some(Site::EDX), Some("O-C-R")),
        ("O-C-R-notes-prod-analytics.md.gz", FileKind::Unknown, Some(Site::EDX), Some("O-C-R")),
        ("about.html", FileKind::Unknown, None, None),
        ("LICENSE", FileKind::Unknown, None, None),
    ] {
        let file = classify(&format!("{PACKAGE}/{name}"));
        assert_eq!((file.kind, file.site, file.stem.as_deref()), (kind, site, stem), "{name}");
        assert_eq!(file.date, date("2014-07-27"));
    }
    let inner = classify(&format!("{PACKAGE}/deep/grades.tsv.gz"));
    assert_eq!((inner.file_key, inner.wrapping.gzip), (format!("{PACKAGE}/deep/grades.tsv"), true));
    assert_eq!(classify("downloads/grades.tsv").kind, FileKind::Unknown);
}

#[test]
fn a_log_without_events_is_another_file_of_its_package() {
    let log = classify(&format!("x/{PACKAGE}/deep/job.log.gz"));
    assert_eq!(log.kind, FileKind::LooseLog);
    let other = log.as_other_member().unwrap();
    assert_eq!((other.kind, other.file_key.as_str()), (FileKind::Unknown, format!("{PACKAGE}/deep/job.log").as_str()));
    assert_eq!((other.org.as_deref(), other.date, other.wrapping.gzip), (Some("universityx"), date("2014-07-27"), true));
    assert_eq!(classify("logs/job.log").as_other_member(), None);
    assert_eq!(classify(&format!("{PACKAGE}/notes.md")).as_other_member(), None);
}

#[test]
fn other_files_are_unknown_and_keep_their_path() {
    for path in [
        "",
        "/",
        "README.md",
        "a/b/.DS_Store",
        "x.zip",
        ".gpg",
        "2014-07-27.zip",
        "universityx-2014-13-27.zip",
        "notes.sql",
        "O_C_R.tar.gz.gpg",
        "credentials.csv.gpg",
        "é-2014-07-27",
        "universityx-edx-events-2014-07-26.log.gz.part",
    ] {
        let file = classify(path);
        assert_eq!((file.kind, file.file_key.as_str()), (FileKind::Unknown, path));
    }
    let inside = classify(&format!("{PACKAGE}/deep/er/readme.md"));
    assert_eq!((inside.kind, inside.file_key), (FileKind::Unknown, format!("{PACKAGE}/deep/er/readme.md")));
    assert_eq!(inside.date, date("2014-07-27"));
}

#[test]
fn a_log_that_names_no_day_waits_for_its_first_event() {
    for (path, site) in [
        ("tracking.log", Some(Site::LOCAL)),
        ("logs/tracking.log.1", Some(Site::LOCAL)),
        ("tracking.log.2.gz", Some(Site::LOCAL)),
        ("tracking.log.12.zst", Some(Site::LOCAL)),
        ("tracking.log-20240101", Some(Site::LOCAL)),
        ("tracking.log-20240101-1700000000.gz", Some(Site::LOCAL)),
        ("tracking-20240101.log", Some(Site::LOCAL)),
        ("CHEM181x.log", None),
        ("universityx-events-2014-07-26.log.gz", None),
    ] {
        let file = classify(path);
        assert_eq!((file.kind, file.site, file.date), (FileKind::LooseLog, site, None), "{path}");
        assert_eq!((file.wrapping.gzip, file.wrapping.zstd), (path.ends_with(".gz"), path.ends_with(".zst")), "{path}");
    }
    for path in ["tracking.logs", "tracking.log.1x", "tracking.log.old/notes", "x.log.gz.part", ".log"] {
        assert_eq!(classify(path).kind, FileKind::Unknown, "{path}");
    }
}

#[test]
fn a_log_of_the_first_years_is_told_by_server_and_day() {
    for (path, key, site) in [
        ("2013-02-21_UniversityX.log.gpg", "2013-02-21_universityx", Site::EDX),
        ("t/prod-edxapp-001/2013-02-21_UniversityX.log", "prod-edxapp-001/2013-02-21_universityx", Site::EDX),
        ("t/prod-edge-edxapp-001/2013-02-21_UniversityX.log.gz", "prod-edge-edxapp-001/2013-02-21_universityx", Site::EDGE),
    ] {
        let file = classify(path);
        assert_eq!((file.kind, file.file_key.as_str(), file.site), (FileKind::TrackingLog, key, Some(site)), "{path}");
        assert_eq!((file.org.as_deref(), file.date), (Some("universityx"), date("2013-02-21")));
    }
}

/// docs/concepts/edx-files.md, "Shapes": the research exchange.
#[test]
fn files_of_a_research_exchange_have_a_site_of_their_own_in_every_shape() {
    let site = Some(Site::of_research_exchange(Some("Req7")));
    let archive = classify("universityx/rdx/Req7/UniversityX_DemoX_T1.tar.gz.gpg");
    assert_eq!((archive.kind, archive.site.clone()), (FileKind::ResearchExchangeArchive, site.clone()));
    for folder in ["x/rdx/Req7", "x/RDX/Req7/UniversityX_DemoX_T1/inner"] {
        let events = classify(&format!("{folder}/events/UniversityX_DemoX_T1-events-2018-03-06.log.gz"));
        assert_eq!((events.kind, events.file_key.as_str()), (FileKind::TrackingLog, "rdx-req7/universityx_demox_t1-events-2018-03-06"));
        assert_eq!((events.site, events.date), (site.clone(), date("2018-03-06")));
        let state = classify(&format!("{folder}/state/2018-03-11/UniversityX-DemoX-T1-auth_user-prod-analytics.sql"));
        assert_eq!((state.kind, state.site), (table("auth_user"), site.clone()));
        let key = "rdx-req7-universityx-demox-t1-2018-03-11/UniversityX-DemoX-T1-auth_user-prod-analytics.sql";
        assert_eq!((state.file_key.as_str(), state.date), (key, date("2018-03-11")));
    }
    for path in ["events/O_C_R-events-2018-03-06.log.gz", "O_C_R/state/2018-03-11/O-C-R-auth_user-prod-analytics.sql"] {
        assert_eq!(classify(path).site.unwrap().as_str(), "rdx", "{path}");
    }
    assert_eq!(classify("x/rdx/Req7/metadata_file.json").kind, FileKind::Unknown);
    assert_eq!(classify("x/rdx/Req7/universityx-2018-03-11.zip").kind, FileKind::Unknown);
    assert_eq!(classify("x/rdx/Req7/universityx-edx-events-2018-03-06.log").site, Some(Site::of_research_exchange(Some("Req7"))));
}

#[test]
fn a_key_is_guessed_only_from_a_stem_of_three_parts() {
    let guess = |stem| naive_course_run_key(stem).map(|key| key.to_string());
    assert_eq!(guess("O-C-R").as_deref(), Some("course-v1:O+C+R"));
    assert_eq!(guess("O-C-R-ccx-3").as_deref(), Some("ccx-v1:O+C+R+ccx@3"));
    assert_eq!(guess("O-6.00-1x-R"), None);
    assert_eq!(guess("O-C"), None);
}

proptest::proptest! {
    #[test]
    fn a_layer_on_the_outside_never_changes_the_key(
        path in "[a-z0-9é/._-]{0,40}(-events-2014-07-26|-2014-07-27/ora/O-C-R|-auth_user)?(-prod|-edge)?(-analytics)?(\\.log|\\.zip|\\.sql|\\.mongo|\\.json)?(\\.failed)?",
    ) {
        let (clear, encrypted) = (classify(&path), classify(&format!("{path}.gpg")));
        if clear.kind != FileKind::Unknown {
            proptest::prop_assert_eq!(clear.file_key, encrypted.file_key);
            proptest::prop_assert_eq!(clear.kind, encrypted.kind);
            proptest::prop_assert!(encrypted.wrapping.encrypted);
        }
    }
}
