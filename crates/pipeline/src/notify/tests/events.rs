//! Which facts are made of what a step gives.

use chrono::{DateTime, Utc};

use super::moment;
use crate::control::{RunOutcome, StepEnd};
use crate::ingest::{FileFailure, IngestSummary};
use crate::inventory::{self, Options};
use crate::notify::facts::Gap;
use crate::notify::{Facts, NoticeKind, gaps, key_expiring, new_data, step_ended};
use crate::vault::{EncryptionKeyFacts, KeyFacts};

fn key(expires_at: Option<&str>) -> KeyFacts {
    let part = EncryptionKeyFacts {
        fingerprint: "AB".repeat(20),
        key_id: "AB".repeat(8),
        algorithm: "RSA 3072".to_owned(),
        created_at: moment("2014-01-01T00:00:00Z"),
        expires_at: None,
        is_revoked: false,
    };
    KeyFacts {
        fingerprint: "CD".repeat(20),
        user_ids: vec!["Czar <czar@example.org>".to_owned()],
        algorithm: part.algorithm.clone(),
        created_at: part.created_at,
        expires_at: expires_at.map(|text| text.parse::<DateTime<Utc>>().unwrap()),
        is_revoked: false,
        encryption_keys: vec![part],
    }
}

#[test]
fn a_run_without_new_files_says_nothing() {
    assert_eq!(new_data("1", &IngestSummary { n_unchanged: 7, ..IngestSummary::default() }, &[]), None);
}

#[test]
fn many_files_are_counted_and_the_first_named() {
    let failure = FileFailure {
        file_key: "x".to_owned(),
        path: "/x".to_owned(),
        code: "openpgp.damaged",
        message: "message was changed".to_owned(),
        hint: None,
    };
    let summary = IngestSummary { n_files: 80, failures: vec![failure], ..IngestSummary::default() };
    let names: Vec<String> = (0..80).rev().map(|n| format!("file-{n:02}")).collect();
    let Some(Facts::NewData(facts)) = new_data("1", &summary, &names) else { unreachable!() };
    assert_eq!((facts.files.len(), facts.n_more_files, facts.n_failed), (50, 30, 1));
    assert_eq!((facts.files[0].as_str(), facts.failed[0].code.as_str()), ("file-00", "openpgp.damaged"));
}

#[test]
fn a_key_is_told_of_at_thirty_fourteen_seven_and_one_day_and_when_it_has_expired() {
    let now = moment("2018-03-04T12:00:00Z");
    for (expires_at, expected) in [
        (None, None),
        (Some("2018-04-04T00:00:00Z"), None),
        (Some("2018-04-03T13:00:00Z"), Some((30, 30))),
        (Some("2018-03-19T00:00:00Z"), Some((15, 30))),
        (Some("2018-03-18T00:00:00Z"), Some((14, 14))),
        (Some("2018-03-11T00:00:00Z"), Some((7, 7))),
        (Some("2018-03-05T00:00:00Z"), Some((1, 1))),
        (Some("2018-03-04T13:00:00Z"), Some((1, 1))),
        (Some("2018-03-04T11:00:00Z"), Some((0, 0))),
        (Some("2017-03-04T11:00:00Z"), Some((0, 0))),
    ] {
        let told = match key_expiring(&[key(expires_at)], now) {
            Some(Facts::KeyExpiring(facts)) => Some((facts.keys[0].n_days_left, facts.keys[0].warning)),
            _ => None,
        };
        assert_eq!(told, expected, "{expires_at:?}");
    }
}

#[test]
fn of_several_keys_the_last_to_expire_counts_and_no_name_is_told() {
    let now = moment("2018-03-04T12:00:00Z");
    let (old, new) = (key(Some("2018-03-01T00:00:00Z")), key(Some("2018-03-10T00:00:00Z")));
    assert_eq!(key_expiring(&[old.clone(), key(None)], now), None);
    let Some(facts) = key_expiring(&[new, old.clone()], now) else { unreachable!() };
    let text = serde_json::to_string(&facts).unwrap();
    assert!(text.contains("2018-03-10") && !text.contains("2018-03-01") && !text.contains("Czar"), "{text}");
    let revoked = KeyFacts { is_revoked: true, ..key(None) };
    assert!(key_expiring(&[revoked, old], now).is_some(), "a revoked key is none");
    assert_eq!(key_expiring(&[], now), None);
}

#[test]
fn a_step_with_trouble_is_a_failure_and_one_that_was_passed_over_is_nothing() {
    let end = |outcome, error: Option<&str>| StepEnd {
        outcome,
        summary: Some("a summary".to_owned()),
        facts: serde_json::Value::Null,
        error: error.map(str::to_owned),
        hint: None,
    };
    let kind = |outcome| step_ended("sync", &end(outcome, Some("no network"))).map(|facts| facts.kind());
    assert_eq!(kind(RunOutcome::Done), Some(NoticeKind::Recovered));
    assert_eq!(kind(RunOutcome::WithTrouble), Some(NoticeKind::Failure));
    assert_eq!(kind(RunOutcome::Failed), Some(NoticeKind::Failure));
    assert_eq!(kind(RunOutcome::PassedOver), None);
    let Some(Facts::Failure(facts)) = step_ended("sync", &end(RunOutcome::Failed, None)) else { unreachable!() };
    assert_eq!(facts.message.as_str(), "a summary");
}

#[test]
fn missing_days_empty_files_and_missing_weeks_are_gaps_and_old_ones_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for day in ["2018-01-01", "2018-01-04", "2018-01-05", "2018-01-06"] {
        let bytes: &[u8] = if day == "2018-01-05" { b"" } else { b"some bytes" };
        crate::atomic_file::write(&folder.path().join(format!("universityx-edx-events-{day}.log.gz.gpg")), bytes).unwrap();
    }
    let options =
        Options { organisations: Vec::new(), until: None, is_deep: false, own_keys: Vec::new(), now: moment("2018-01-07T00:00:00Z") };
    let taken = inventory::take(&[folder.path().display().to_string()], &options).unwrap();
    let gap = |what: &str, first: &str, last: &str, n_missing| Gap {
        what: what.to_owned(),
        org: "universityx".to_owned(),
        site: Some("edx".to_owned()),
        first_date: first.parse().unwrap(),
        last_date: last.parse().unwrap(),
        n_missing,
    };
    let empty = gap("empty_event_files", "2018-01-05", "2018-01-05", 1);
    let Some(Facts::GapFound(all)) = gaps(&taken, None) else { unreachable!() };
    assert_eq!(all.gaps, [gap("event_files", "2018-01-02", "2018-01-03", 2), empty.clone()]);
    let Some(Facts::GapFound(recent)) = gaps(&taken, Some("2018-01-04".parse().unwrap())) else { unreachable!() };
    assert_eq!(recent.gaps, [empty]);
    assert_eq!(gaps(&taken, Some("2018-01-06".parse().unwrap())), None);
}
