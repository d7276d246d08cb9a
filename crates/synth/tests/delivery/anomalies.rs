//! Anomalies of whole files: other dialects, cut names, new columns, lines in two organisations' files, lists beside the packages.

use std::collections::BTreeSet;

use czar_synth::DeliveryPlan;

use crate::support::{Gpg, clear_members, csv, files, gunzip, plan, write};

fn messy() -> DeliveryPlan {
    DeliveryPlan { mess_rate: 0.02, n_days: 15, ..plan() }
}

#[test]
fn a_line_that_went_to_two_organisations_is_a_row_in_one_file_only() {
    let delivery = write(&DeliveryPlan { n_days: 4, ..messy() });
    let gpg = Gpg::new(delivery.path());
    let truth = csv(&delivery.path().join("truth/files.csv"));
    let of = |key: &str, column: &str| -> u64 {
        truth.iter().find(|row| row["file_key"] == key || row["file_key"] == format!("patches/{key}")).unwrap()[column].parse().unwrap()
    };
    let logs = files(&delivery.path().join("edx-course-data"));
    let lines = |packed: &[u8]| -> Vec<Vec<u8>> {
        gunzip(&gpg.decrypt(packed)).split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
    };
    let mut n_files = 0;
    for (path, packed) in logs.iter().filter(|(path, _)| path.starts_with("otherx/edx/events/2018")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let own_name = name.replace("otherx", "universityx");
        let (_, own) = logs.iter().find(|(path, _)| path.ends_with(&own_name)).unwrap();
        let own: BTreeSet<Vec<u8>> = lines(own).into_iter().collect();
        let other = lines(packed);
        assert!(!other.is_empty() && other.iter().all(|line| own.contains(line)));
        let key = name.strip_suffix(".log.gz.gpg").unwrap();
        let n_other = other.len() as u64;
        assert_eq!((of(key, "n_records"), of(key, "n_rows"), of(key, "n_duplicates")), (n_other, n_other, 0));
        assert!(of(&key.replace("otherx", "universityx"), "n_duplicates") >= n_other);
        n_files += 1;
    }
    assert!(n_files > 0);
}

/// The fields of a file's first line.
fn header(clear: &[u8]) -> Vec<String> {
    let line = clear.split(|&byte| byte == b'\n').next().unwrap();
    String::from_utf8_lossy(line).split('\t').map(str::to_owned).collect()
}

#[test]
fn the_profiles_of_the_first_course_were_packed_again_with_quotes() {
    let delivery = write(&DeliveryPlan { n_learners: 200, ..messy() });
    let gpg = Gpg::new(delivery.path());
    let name = "UniversityX-DemoX-T1_2018-auth_userprofile-prod-analytics.sql";
    let package = delivery.path().join("course-data/universityx-2018-03-18.zip");
    let members = clear_members(&gpg, &package, |member| member.contains(name));
    let text = String::from_utf8_lossy(&members[name]).into_owned();
    assert!(text.contains("\t\"{\"\"skills_builder\"\": \"\"\"\"}\"\t"), "a JSON column is in quotes");
    assert!(text.contains("\t\"To finish:\n1. the course\n2. my degree\"\t"), "a line end stands raw in quotes");
    let truth = csv(&delivery.path().join("truth/files.csv"));
    let row = truth.iter().find(|row| row["file_key"] == format!("universityx-2018-03-18/{name}")).unwrap();
    let n_physical = text.lines().count() as u64 - 1;
    assert!(row["n_records"].parse::<u64>().unwrap() < n_physical, "records are counted, not lines");
}

#[test]
fn a_column_appears_without_notice_and_another_has_moved() {
    let delivery = write(&messy());
    let gpg = Gpg::new(delivery.path());
    let columns = |day: &str| {
        let name = "UniversityX-DemoX-T1_2018-auth_user-prod-analytics.sql";
        let package = delivery.path().join(format!("course-data/universityx-2018-03-{day}.zip"));
        let members = clear_members(&gpg, &package, |member| member.contains(name) && !member.contains(".failed"));
        members.get(name).map(|clear| header(clear))
    };
    let newest = columns("18").unwrap();
    assert_eq!(newest[1], "consecutive_days_visit_count");
    assert!((1..22).contains(&newest.iter().position(|name| name == "password_changed_by").unwrap()));
    assert!(columns("11").is_none_or(|names| !names.contains(&"password_changed_by".to_owned())));
}

#[test]
fn names_that_are_too_long_are_cut_and_no_two_files_share_one() {
    let delivery = write(&messy());
    let truth = csv(&delivery.path().join("truth/files.csv"));
    let keys: BTreeSet<&String> = truth.iter().map(|row| &row["file_key"]).collect();
    assert_eq!(keys.len(), truth.len());
    let cut: Vec<_> = truth.iter().filter(|row| row["file_key"].ends_with("-b140b895e008fcc2eeff3c21479faba3.sql")).collect();
    let tables: BTreeSet<&str> = cut.iter().map(|row| row["table_name"].as_str()).collect();
    assert!(tables.contains("certificates_generatedcertificate") && tables.contains("grades_persistentcoursegrade"), "{tables:?}");
    assert!(!tables.contains("grades_persistentsubsectiongrade"), "its name is that of the course grades");
}

#[test]
fn lists_beside_the_packages_are_accounted_for() {
    let delivery = write(&messy());
    let truth = csv(&delivery.path().join("truth/files.csv"));
    let kinds =
        [("email_opt_in", "email_opt_in"), ("program_learner_report", "program_report"), ("program_entitlement_report", "program_report")];
    for (table, kind) in kinds {
        let rows: Vec<_> = truth.iter().filter(|row| row["table_name"] == table && row["kind"] == kind).collect();
        assert!(rows.len() > 1 && rows.iter().any(|row| row["n_rows"] != "0"), "{table}");
    }
    let reports = files(&delivery.path().join("edx-program-reports/reports_v2/UniversityX"));
    for row in truth.iter().filter(|row| row["table_name"].starts_with("program_")) {
        let report = &reports[std::path::Path::new(row["file_key"].strip_prefix("program-reports-universityx-").unwrap())];
        assert_eq!(row["n_rows"], (String::from_utf8_lossy(report).lines().count() - 1).to_string());
    }
}
