//! Folders with something wrong in them. Names and sizes are enough; heads of messages are crafted packets.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn options() -> Options {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    Options { organisations: Vec::new(), until: None, is_deep: false, own_keys: Vec::new(), now }
}

fn taken(folder: &TempDir) -> Inventory {
    take(&[folder.path().display().to_string()], &options()).unwrap()
}

/// A file of a size, changed so many days after a day.
fn put(folder: &TempDir, path: &str, n_bytes: u64, days_later: i64, day: NaiveDate) {
    put_bytes(folder, path, &[]);
    let file = File::options().write(true).open(folder.path().join(path)).unwrap();
    file.set_len(n_bytes).unwrap();
    let at = (day + TimeDelta::days(days_later)).and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(at.unsigned_abs())).unwrap();
}

fn put_bytes(folder: &TempDir, path: &str, bytes: &[u8]) {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap().write_all(bytes).unwrap();
}

/// Days of event files of the usual size, a day late each.
fn days_of_events(folder: &TempDir, first: &str, n_days: u64) {
    for day in date(first).iter_days().take(usize::try_from(n_days).unwrap()) {
        put(folder, &event_file(day), 1_000_000, 1, day);
    }
}

fn event_file(day: NaiveDate) -> String {
    format!("universityx/edx/events/{}/universityx-edx-events-{day}.log.gz.gpg", day.format("%Y"))
}

fn package(folder: &TempDir, day: &str, members: &[(&str, &[u8])]) {
    let path = folder.path().join(format!("universityx-{day}.zip"));
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in members {
        zip.start_file(format!("universityx-{day}/{name}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn codes(inventory: &Inventory) -> Vec<FindingCode> {
    inventory.findings.iter().map(|finding| finding.code).collect()
}

/// The head of a message to the given keys: packets of version 3 with a number of one bit, and the start of the encrypted part.
fn message(key_ids: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for key_id in key_ids {
        let mut body = vec![3];
        body.extend(key_id.to_be_bytes());
        body.extend([1, 0, 1, 1]);
        bytes.extend([0xc1, u8::try_from(body.len()).unwrap()]);
        bytes.extend(body);
    }
    bytes.extend([0xd2, 20, 1]);
    bytes.extend([0; 19]);
    bytes
}

#[test]
fn a_day_has_one_state_and_the_gaps_are_told_as_spans() {
    let folder = TempDir::new().unwrap();
    days_of_events(&folder, "2015-03-01", 60);
    for gone in ["2015-03-10", "2015-03-11", "2015-03-20"] {
        std::fs::remove_file(folder.path().join(event_file(date(gone)))).unwrap();
    }
    put(&folder, &event_file(date("2015-04-01")), 0, 1, date("2015-04-01"));
    put(&folder, &event_file(date("2015-04-02")), 90_000, 1, date("2015-04-02"));
    put(&folder, &event_file(date("2015-04-03")), 1_000_000, 9, date("2015-04-03"));
    put(&folder, "copies/universityx-edx-events-2015-04-04.log", 20_000_000, 1, date("2015-04-04"));
    let inventory = taken(&folder);
    let [series] = inventory.events.as_slice() else { unreachable!("one site: {:?}", inventory.events) };
    assert_eq!((series.org.as_str(), series.site.as_str(), series.n_days, series.n_files), ("universityx", "edx", 57, 58));
    let spans: Vec<(String, u64)> = series.missing.iter().map(|span| (span.first_date.to_string(), span.n_days)).collect();
    assert_eq!(spans, [("2015-03-10".to_owned(), 2), ("2015-03-20".to_owned(), 1)]);
    let state = |day: &str| series.days.iter().find(|one| one.date == date(day)).map(|one| (one.state, one.is_late)).unwrap();
    assert_eq!(state("2015-03-31"), (DayState::Present, false));
    assert_eq!(state("2015-03-11"), (DayState::Missing, false));
    assert_eq!(state("2015-04-01"), (DayState::Empty, false));
    assert_eq!(state("2015-04-02"), (DayState::Small, false));
    assert_eq!(state("2015-04-03"), (DayState::Present, true));
    assert_eq!(state("2015-04-04"), (DayState::Several, false));
    use FindingCode::{EventDaySeveral, EventDaysMissing, EventFileEmpty, EventFileLate, EventFileSmall, NotAMessage};
    let mut found = codes(&inventory);
    found.retain(|code| *code != NotAMessage);
    assert_eq!(found, [EventDaysMissing, EventDaysMissing, EventFileEmpty, EventFileSmall, EventDaySeveral, EventFileLate]);
}

#[test]
fn times_of_a_copy_say_nothing_of_lateness() {
    let folder = TempDir::new().unwrap();
    for day in date("2015-03-01").iter_days().take(10) {
        put(&folder, &format!("universityx-edx-events-{day}.log"), 1_000, 400, day);
    }
    let inventory = taken(&folder);
    assert!(!inventory.events[0].is_lateness_judged);
    assert!(inventory.findings.is_empty(), "{:?}", inventory.findings);
}

#[test]
fn the_same_file_in_two_places_is_one_and_another_version_is_not() {
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for (day, n_bytes) in [("2015-03-01", 10), ("2015-03-02", 11)] {
        let name = format!("universityx-edx-events-{day}.log");
        put(&here, &name, 10, 1, date(day));
        put(&there, &name, n_bytes, 1, date(day));
    }
    let inventory = take(&[&here, &there].map(|folder| folder.path().display().to_string()), &options()).unwrap();
    let states: Vec<DayState> = inventory.events[0].days.iter().map(|day| day.state).collect();
    assert_eq!(states, [DayState::Present, DayState::Several]);
}

#[test]
fn days_are_expected_up_to_a_day_that_was_asked_for() {
    let folder = TempDir::new().unwrap();
    put(&folder, "universityx-edge-events-2015-03-01.log", 10, 1, date("2015-03-01"));
    put(&folder, "universityx-patches-events-2015-02-01.log", 10, 1, date("2015-02-01"));
    let until = Options { until: Some(date("2015-03-04")), ..options() };
    let inventory = take(&[folder.path().display().to_string()], &until).unwrap();
    let missing: Vec<u64> = inventory.events.iter().map(|series| series.missing.iter().map(|span| span.n_days).sum()).collect();
    assert_eq!(missing, [3, 0], "corrections come when they come");
}

#[test]
fn what_a_package_had_and_the_next_has_not_is_told_once() {
    let folder = TempDir::new().unwrap();
    let body = &[7; 50][..];
    let member = |course: &str, table: &str, site: &str| format!("UniversityX-{course}-T1-{table}-{site}-analytics.sql");
    let (a, b) = (member("A", "auth_user", "prod"), member("A", "user_id_map", "prod"));
    let (c, d, e) = (member("C", "auth_user", "prod"), member("D", "auth_user", "prod"), member("E", "auth_user", "prod-edge"));
    let failed = format!("{c}.failed");
    package(&folder, "2015-03-01", &[(&a, body), (&b, body), (&c, body), (&d, body), (&e, body)]);
    package(&folder, "2015-03-08", &[(&a, body), (&failed, body), (&e, body), ("UniversityX-A-T1-oddity-prod-analytics.txt", body)]);
    package(&folder, "2015-03-29", &[(&a, b""), (&c, body), (&d, body)]);
    let inventory = taken(&folder);
    let [series] = inventory.packages.as_slice() else { unreachable!("{:?}", inventory.packages) };
    let expected: Vec<String> = series.gaps[0].expected.iter().map(ToString::to_string).collect();
    assert_eq!((series.gaps.len(), series.gaps[0].n_days, expected), (1, 20, vec!["2015-03-15".to_owned(), "2015-03-22".to_owned()]));
    let vanished: Vec<_> = series.vanished.iter().map(|one| (one.course.as_str(), one.table.as_deref(), one.returned_in)).collect();
    assert_eq!(
        vanished,
        [
            ("UniversityX-D-T1", None, Some(date("2015-03-29"))),
            ("UniversityX-A-T1", Some("user_id_map"), None),
            ("UniversityX-E-T1", None, None)
        ]
    );
    use FindingCode::{AbsentForSomeTime, CourseVanished, MemberEmpty, MemberFailed, MemberUnknown, PackageMissing, TableVanished};
    let told = [PackageMissing, MemberEmpty, MemberFailed, CourseVanished, TableVanished, AbsentForSomeTime, MemberUnknown];
    assert_eq!(codes(&inventory), told);
    let edge = inventory.findings.iter().find(|finding| finding.code == CourseVanished).unwrap();
    assert!(edge.message.ends_with("no course of edge is left"), "{}", edge.message);
}

#[test]
fn an_archive_without_files_or_without_an_end_is_grave() {
    let folder = TempDir::new().unwrap();
    package(&folder, "2015-03-01", &[]);
    put_bytes(&folder, "universityx-2015-03-08.zip", b"PK\x03\x04 and then the line went dead");
    put_bytes(&folder, "universityx-2015-03-15.zip", b"");
    let inventory = taken(&folder);
    assert_eq!(codes(&inventory), [FindingCode::Unreadable, FindingCode::Unreadable, FindingCode::PackageEmpty]);
    assert!(inventory.findings.iter().all(|finding| finding.gravity == Gravity::Grave));
}

#[test]
fn a_change_of_recipients_is_found_to_the_day_by_reading_few_heads() {
    let folder = TempDir::new().unwrap();
    let change = date("2016-03-17");
    for day in date("2015-01-01").iter_days().take(700) {
        let keys: &[u64] = if day < change { &[0xAAAA, 0xBBBB] } else { &[0xBBBB] };
        put_bytes(&folder, &event_file(day), &message(keys));
    }
    let inventory = taken(&folder);
    let [series] = inventory.recipients.as_slice() else { unreachable!("{:?}", inventory.recipients) };
    let (before, after) = (&series.periods[0], &series.periods[1]);
    assert_eq!(before.key_ids, ["000000000000AAAA", "000000000000BBBB"]);
    assert_eq!((after.first_date, after.key_ids.as_slice()), (change, &["000000000000BBBB".to_owned()][..]));
    assert_eq!(series.periods.len(), 2);
    assert!(series.n_files == 700 && series.n_read < 40, "{} heads of {}", series.n_read, series.n_files);
    assert_eq!(codes(&inventory), [FindingCode::RecipientsChanged]);
    assert!(inventory.findings[0].message.contains("from 2016-03-17 on files are no longer encrypted to 000000000000AAAA"));
}

#[test]
fn a_file_that_is_named_as_encrypted_and_is_not_is_grave() {
    let folder = TempDir::new().unwrap();
    put_bytes(&folder, &event_file(date("2015-03-01")), b"\x1f\x8b\x08 gzip");
    let inventory = taken(&folder);
    assert_eq!(codes(&inventory), [FindingCode::NotAMessage]);
    assert!(inventory.findings[0].message.contains("it looks like gzip"), "{}", inventory.findings[0].message);
}

#[test]
fn names_that_say_nothing_are_counted_and_the_first_are_told() {
    let folder = TempDir::new().unwrap();
    for number in 0..30 {
        put_bytes(&folder, &format!("photos/cat{number:02}.jpg"), b"meow");
    }
    put_bytes(&folder, "UniversityX-A-T1-auth_user-prod-analytics.sql", b"without a package it has no day");
    put_bytes(&folder, "universityx-edx-events-2015-03-01.log", b"{}");
    let inventory = taken(&folder);
    assert_eq!((inventory.not_understood.n_files, inventory.not_understood.first.len()), (31, 20));
    assert_eq!(codes(&inventory), [FindingCode::NameNotUnderstood]);
}

#[test]
fn an_unpacked_package_is_a_package_and_the_folder_given_may_be_it() {
    let folder = TempDir::new().unwrap();
    put_bytes(&folder, "universityx-2015-03-01/UniversityX-A-T1-auth_user-prod-analytics.sql", b"id\n");
    put_bytes(&folder, "universityx-2015-03-01/ora/UniversityX-A-T1-submissions_score-prod-analytics.sql", b"id\n");
    let inner = take(&[folder.path().join("universityx-2015-03-01").display().to_string()], &options()).unwrap();
    let content = inner.packages[0].packages[0].content.as_ref().unwrap();
    assert_eq!((inner.packages.len(), content.n_members, content.courses[0].n_courses), (1, 2, 1));
    assert_eq!(inner.packages[0].packages[0].names, ["universityx-2015-03-01/"]);
}

#[test]
fn an_organisation_may_be_asked_for_and_the_others_are_counted_only() {
    let folder = TempDir::new().unwrap();
    put_bytes(&folder, "universityx-edx-events-2015-03-01.log", b"{}");
    put_bytes(&folder, "collegey-edx-events-2015-03-01.log", b"{}");
    let ours = Options { organisations: vec!["UniversityX".to_owned()], ..options() };
    let inventory = take(&[folder.path().display().to_string()], &ours).unwrap();
    assert_eq!(inventory.events.len(), 1);
    assert_eq!(inventory.other_organisations, OtherOrganisations { n_organisations: 1, n_files: 1 });
    assert!(!serde_json::to_string(&inventory).unwrap().contains("collegey"));
}

#[test]
fn a_place_that_is_not_there_is_an_error() {
    let error = take(&["/no/such/folder".to_owned()], &options()).unwrap_err();
    assert_eq!(error.to_string(), "there is no file or folder `/no/such/folder`");
    assert!(!Path::new("/no/such/folder").exists());
}
