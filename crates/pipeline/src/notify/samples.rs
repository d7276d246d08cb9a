//! Made-up facts of each kind, for a test of the settings and of templates. Nothing in them has happened.

use chrono::{DateTime, TimeDelta, Utc};

use super::NoticeKind;
use super::facts::{
    ExpiringKey, Facts, FailedFile, FailureFacts, Gap, GapFacts, KeyExpiringFacts, NewDataFacts, RecoveredFacts, ReportFacts,
};
use super::plain_words::PlainWords;

/// Made-up facts of a kind.
#[must_use]
pub fn sample(kind: NoticeKind, now: DateTime<Utc>) -> Facts {
    let today = now.date_naive();
    let days_ago = |n: i64| today - TimeDelta::days(n);
    match kind {
        NoticeKind::NewData => Facts::NewData(NewDataFacts {
            run: "0".to_owned(),
            n_files: 3,
            n_rows: 1_234_567,
            n_rejects: 12,
            n_bytes: 48_200_000,
            n_failed: 1,
            n_not_produced: 1,
            files: [2, 1, 0].map(|n| format!("universityx-edx-events-{}", days_ago(n))).to_vec(),
            n_more_files: 0,
            failed: vec![FailedFile { file: format!("universityx-{}", days_ago(3)), code: "openpgp.damaged".to_owned() }],
        }),
        NoticeKind::Failure => Facts::Failure(FailureFacts {
            step: "sync".to_owned(),
            message: PlainWords::of("could not list the bucket `s3://example-bucket`: access denied"),
            hint: Some(PlainWords::of("ask edX whether the keys for the bucket are still in force")),
            failing_since: Some(now - TimeDelta::days(2)),
            n_untold: 5,
            repeat_after_hours: 48,
        }),
        NoticeKind::Recovered => {
            Facts::Recovered(RecoveredFacts { step: "sync".to_owned(), failing_since: Some(now - TimeDelta::days(2)) })
        }
        NoticeKind::KeyExpiring => Facts::KeyExpiring(KeyExpiringFacts {
            keys: vec![ExpiringKey {
                key_id: "0123456789ABCDEF".to_owned(),
                expires_on: today + TimeDelta::days(12),
                n_days_left: 12,
                warning: 14,
            }],
        }),
        NoticeKind::GapFound => {
            let gap = |what: &str, site: Option<&str>, first: i64, last: i64, n_missing| Gap {
                what: what.to_owned(),
                org: "universityx".to_owned(),
                site: site.map(str::to_owned),
                first_date: days_ago(first),
                last_date: days_ago(last),
                n_missing,
            };
            Facts::GapFound(GapFacts { gaps: vec![gap("event_files", Some("edx"), 9, 7, 3), gap("packages", None, 5, 5, 1)] })
        }
        NoticeKind::Report => Facts::Report(ReportFacts {
            name: "person_course".to_owned(),
            period: today.format("%Y-%m").to_string(),
            files: vec!["person_course.csv".to_owned()],
            n_rows: Some(4_321),
        }),
    }
}
