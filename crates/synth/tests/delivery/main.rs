//! Whole deliveries, looked at from outside: with the `gpg` program, with `gzip`, and byte for byte.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may stop at the first surprise")]

mod anomalies;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::num::NonZeroUsize;

use czar_synth::{DeliveryPlan, ErrorKind, write_delivery};
use support::{Gpg, csv, event_file_key, files, gunzip, member_names, plan, write};

#[test]
fn gpg_opens_every_event_file_and_the_lines_are_those_of_the_truth() {
    for mess_rate in [0.0, 0.1] {
        let delivery = write(&DeliveryPlan { mess_rate, ..plan() });
        let gpg = Gpg::new(delivery.path());
        let truth: BTreeMap<String, BTreeMap<String, String>> =
            csv(&delivery.path().join("truth/files.csv")).into_iter().map(|row| (row["file_key"].clone(), row)).collect();
        let (mut n_files, mut n_empty) = (0, 0);
        for (path, encrypted) in files(&delivery.path().join("edx-course-data")) {
            let name = event_file_key(&path.to_string_lossy());
            n_files += 1;
            if encrypted.is_empty() {
                assert!(csv(&delivery.path().join("truth/not_produced.csv")).iter().any(|row| row["file_key"] == name));
                n_empty += 1;
                continue;
            }
            let row = &truth[&name];
            let clear = gunzip(&gpg.decrypt(&encrypted));
            let n_lines = clear.iter().filter(|&&b| b == b'\n').count();
            assert_eq!(row["n_records"], n_lines.to_string(), "{name}");
            let parts: u64 = ["n_rows", "n_duplicates", "n_blanks", "n_rejects"].iter().map(|c| row[*c].parse::<u64>().unwrap()).sum();
            assert_eq!(row["n_records"], parts.to_string(), "{name}");
        }
        assert_eq!(n_empty, u32::from(mess_rate > 0.0));
        // Eight days on each site, and six of 2013 and two of another organisation where there is mess.
        assert_eq!(n_files, if mess_rate > 0.0 { 24 } else { 16 });
    }
}

#[test]
fn one_day_of_a_messy_delivery_comes_among_the_patches() {
    for (mess_rate, n_patches) in [(0.0, 0), (0.05, 1)] {
        let delivery = write(&DeliveryPlan { mess_rate, n_days: 3, ..plan() });
        let paths: Vec<String> =
            files(&delivery.path().join("edx-course-data")).into_keys().map(|path| path.to_string_lossy().into_owned()).collect();
        let patches: Vec<&String> = paths.iter().filter(|path| path.starts_with("universityx/patches/events/2018/")).collect();
        assert_eq!(patches.len(), n_patches);
        for patch in patches {
            assert!(patch.starts_with("universityx/patches/events/2018/universityx-edx-events-2018-03-0"), "{patch}");
            assert!(!paths.contains(&patch.replace("/patches/", "/edx/")), "the day is missing from its place");
            let truth = csv(&delivery.path().join("truth/files.csv"));
            let key = event_file_key(patch);
            let plain_key = key.strip_prefix("patches/").unwrap();
            assert_eq!(truth.iter().filter(|row| row["file_key"] == key && row["kind"] == "tracking_log").count(), 1);
            assert!(truth.iter().all(|row| row["file_key"] != plain_key));
        }
    }
}

#[test]
fn a_package_holds_every_file_kind_of_both_sites_and_gpg_opens_it() {
    let delivery = write(&plan());
    let gpg = Gpg::new(delivery.path());
    let packages = files(&delivery.path().join("course-data"));
    let (_, package) = packages.iter().find(|(path, _)| path.starts_with("universityx-2018-03-11.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    for end in [
        "UniversityX-DemoX-T1_2018-auth_user-prod-analytics.sql.gpg",
        "UniversityX-DemoX-T1_2018-prod.mongo.gpg",
        "UniversityX-DemoX-T1_2018_rerun-courseware_studentmodule-prod-analytics.sql.gpg",
        "UniversityX-6.00-1x-2018_Spring-A.1-course_structure-prod-analytics.json.gpg",
        "UniversityX-Sandbox101-2018-course-prod-edge-analytics.xml.tar.gz.gpg",
        "ora/UniversityX-DemoX-T1_2018-submissions_submission-prod-analytics.sql.gpg",
    ] {
        let name = format!("universityx-2018-03-11/{end}");
        assert!(names.contains(&name), "{name}");
        let mut encrypted = Vec::new();
        archive.by_name(&name).unwrap().read_to_end(&mut encrypted).unwrap();
        let clear = gpg.decrypt(&encrypted);
        assert!(!clear.is_empty());
    }
    assert_eq!(names.iter().filter(|n| n.contains("/ora/") && n.contains("-DemoX-T1_2018-")).count(), 21);
    assert!(packages.keys().any(|path| path.starts_with("email-opt-in/email-opt-in-universityx-2018-03-11.zip")));
}

#[test]
fn a_messy_delivery_has_a_custom_course_of_a_few_learners() {
    let key = "ccx-v1:UniversityX+DemoX+T1_2018+ccx@1";
    for (mess_rate, is_there) in [(0.0, false), (0.05, true)] {
        let delivery = write(&DeliveryPlan { mess_rate, n_learners: 300, n_days: 3, ..plan() });
        let rows = csv(&delivery.path().join("truth/person_course.csv"));
        let n_people = rows.iter().filter(|row| row["course_run_key"] == key).count();
        assert_eq!((5..40).contains(&n_people), is_there, "{n_people}");
        let package = fs::read(delivery.path().join("course-data/universityx-2018-03-11.zip")).unwrap();
        let names = member_names(&package);
        assert_eq!(names.contains(&"UniversityX-DemoX-T1_2018-ccx-1-auth_user-prod-analytics.sql.gpg".to_owned()), is_there);
        assert_eq!(names.contains(&"UniversityX-DemoX-T1_2018-ccx-1-prod.mongo.gpg".to_owned()), is_there);
    }
}

#[test]
fn a_course_that_is_gone_from_the_newest_package_keeps_its_truth() {
    let delivery = write(&DeliveryPlan { mess_rate: 0.05, n_days: 15, ..plan() });
    let has_old = |day: &str| {
        let package = fs::read(delivery.path().join(format!("course-data/universityx-2018-03-{day}.zip"))).unwrap();
        member_names(&package).iter().any(|name| name.contains("UniversityX-Old1.0x-2013_Summer-"))
    };
    assert_eq!((has_old("11"), has_old("18")), (true, false));
    let files = csv(&delivery.path().join("truth/files.csv"));
    assert!(files.iter().all(|row| !row["file_key"].starts_with("universityx-2018-03-18/UniversityX-Old1.0x-")));
    let people = csv(&delivery.path().join("truth/person_course.csv"));
    assert!(people.iter().any(|row| row["course_run_key"] == "UniversityX/Old1.0x/2013_Summer" && row["registered"] == "true"));
}

#[test]
fn the_same_plan_gives_the_same_bytes_on_any_number_of_threads() {
    let messy = DeliveryPlan { mess_rate: 0.05, n_days: 3, ..plan() };
    let one = write(&DeliveryPlan { n_threads: NonZeroUsize::MIN, ..messy.clone() });
    let many = write(&DeliveryPlan { n_threads: NonZeroUsize::new(3).unwrap(), ..messy.clone() });
    let other = write(&DeliveryPlan { seed: 8, ..messy });
    for part in ["edx-course-data", "course-data", "truth"] {
        let (first, second) = (files(&one.path().join(part)), files(&many.path().join(part)));
        assert!(first == second, "{part} differs");
        assert!(first != files(&other.path().join(part)), "{part} does not depend on the seed");
    }
}

#[test]
fn a_pass_phrase_protects_the_secret_key() {
    let delivery = write(&DeliveryPlan { pass_phrase: Some("open sesame".to_owned()), n_days: 1, ..plan() });
    let gpg = Gpg::new(delivery.path());
    let (_, encrypted) = files(&delivery.path().join("edx-course-data")).into_iter().next().unwrap();
    let file = gpg.home.path().join("in.gpg");
    fs::write(&file, encrypted).unwrap();
    let with = |phrase: &str| {
        let arguments = ["--pinentry-mode", "loopback", "--passphrase", phrase, "--decrypt"];
        gpg.command().args(arguments).arg(&file).output().unwrap().status.success()
    };
    assert!(!with("wrong"));
    assert!(with("open sesame"));
}

#[test]
fn an_impossible_plan_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for plan in [
        DeliveryPlan { org: "Org/X".to_owned(), ..plan() },
        DeliveryPlan { n_learners: 0, ..plan() },
        DeliveryPlan { mess_rate: 1.5, ..plan() },
        DeliveryPlan { rsa_bits: 512, ..plan() },
    ] {
        let error = write_delivery(&plan, folder.path(), &|_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(files(folder.path()).is_empty());
    }
}
