//! What a notice says, as typed values: counts, dates, codes, names of files, keys and steps. There is no place in them for a record or a
//! person, so that no template can tell of one; the one sentence in words, that of an error, goes through `plain_words`.
//!
//! The names of the members are those that templates and webhooks see. They do not change; new ones may be added.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::NoticeKind;
use super::plain_words::PlainWords;

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Facts {
    /// See [`NoticeKind::NewData`].
    NewData(NewDataFacts),
    /// See [`NoticeKind::Failure`].
    Failure(FailureFacts),
    /// See [`NoticeKind::Recovered`].
    Recovered(RecoveredFacts),
    /// See [`NoticeKind::KeyExpiring`].
    KeyExpiring(KeyExpiringFacts),
    /// See [`NoticeKind::GapFound`].
    GapFound(GapFacts),
    /// See [`NoticeKind::Report`].
    Report(ReportFacts),
}

/// Files were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDataFacts {
    /// The run that loaded them; a run is told of once.
    pub run: String,
    /// Files loaded.
    pub n_files: u64,
    /// Rows they gave.
    pub n_rows: u64,
    /// Records set aside.
    pub n_rejects: u64,
    /// Bytes as delivered.
    pub n_bytes: u64,
    /// Files that could not be read.
    pub n_failed: u64,
    /// Files in whose place edX shipped the error of its own job.
    pub n_not_produced: u64,
    /// The first of the files, by key.
    pub files: Vec<String>,
    /// How many files are not named.
    pub n_more_files: u64,
    /// The first of the files that could not be read.
    pub failed: Vec<FailedFile>,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedFile {
    /// Its key.
    pub file: String,
    /// The stable name of the reason.
    pub code: String,
}

/// A step of a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureFacts {
    /// The step: `sync`, `ingest`, `build`.
    pub step: String,
    /// Why, on one line.
    pub message: PlainWords,
    /// The next step, when one is known.
    pub hint: Option<PlainWords>,
    /// Since when it fails: the first failure that was told of. Filled in when the notice is made.
    pub failing_since: Option<DateTime<Utc>>,
    /// How often the same failed since the last notice, and was not told. Filled in when the notice is made.
    pub n_untold: u64,
    /// Hours after which it is told again, should it last. Filled in when the notice is made.
    pub repeat_after_hours: u32,
}

/// A step that had failed was done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveredFacts {
    /// The step.
    pub step: String,
    /// The first failure that was told of. Filled in when the notice is made.
    pub failing_since: Option<DateTime<Utc>>,
}

/// Secret keys that expire soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyExpiringFacts {
    /// The keys, that which expires first before the others.
    pub keys: Vec<ExpiringKey>,
}

/// A secret key that expires soon, or has expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiringKey {
    /// Its last 16 digits.
    pub key_id: String,
    /// The day on which it expires.
    pub expires_on: NaiveDate,
    /// Days until then; 0 or less when it has expired.
    pub n_days_left: i64,
    /// The warning that is due: 30, 14, 7 or 1 days before, 0 when it has expired. Each is given once.
    pub warning: i64,
}

/// Days or weeks that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapFacts {
    /// The gaps nobody was told of yet, in order of time.
    pub gaps: Vec<Gap>,
}

/// Days in a row that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing: `event_files`, `empty_event_files`, `packages`, `email_opt_in`.
    pub what: String,
    /// Organisation, in lower case.
    pub org: String,
    /// Site of event files; absent for packages.
    pub site: Option<String>,
    /// The first day.
    pub first_date: NaiveDate,
    /// The last day.
    pub last_date: NaiveDate,
    /// How many files: days for event files, weeks for packages.
    pub n_missing: u64,
}

/// A report was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFacts {
    /// The report.
    pub name: String,
    /// What it covers, such as a month or a run; a report is told of once for each.
    pub period: String,
    /// Names of the files, without their folders.
    pub files: Vec<String>,
    /// Rows of data in it, when known.
    pub n_rows: Option<u64>,
}

impl Facts {
    /// The kind of the notice.
    #[must_use]
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::NewData(_) => NoticeKind::NewData,
            Self::Failure(_) => NoticeKind::Failure,
            Self::Recovered(_) => NoticeKind::Recovered,
            Self::KeyExpiring(_) => NoticeKind::KeyExpiring,
            Self::GapFound(_) => NoticeKind::GapFound,
            Self::Report(_) => NoticeKind::Report,
        }
    }

    /// What the notice is about. Failure and recovery of a step have the same.
    pub(super) fn topic(&self) -> String {
        match self {
            Self::NewData(facts) => format!("run {}", facts.run),
            Self::Failure(FailureFacts { step, .. }) | Self::Recovered(RecoveredFacts { step, .. }) => format!("step {step}"),
            Self::KeyExpiring(_) => "keys".to_owned(),
            Self::GapFound(_) => "gaps".to_owned(),
            Self::Report(facts) => format!("report {} {}", facts.name, facts.period),
        }
    }

    /// Which fault of its topic a failure is: its words without names and numbers, which differ from time to time.
    pub(super) fn fault(&self) -> String {
        match self {
            Self::Failure(facts) => facts.message.without_names(),
            _ => String::new(),
        }
    }

    /// The items that are told of only once, when the kind has such.
    pub(super) fn items(&self) -> Vec<Vec<String>> {
        match self {
            Self::NewData(_) | Self::Report(_) => vec![vec![self.topic()]],
            Self::Failure(_) | Self::Recovered(_) => Vec::new(),
            Self::KeyExpiring(facts) => {
                facts.keys.iter().map(|key| vec![format!("{} {} {}", key.key_id, key.expires_on, key.warning)]).collect()
            }
            Self::GapFound(facts) => facts.gaps.iter().map(Gap::days).collect(),
        }
    }

    /// Leaves out the items for which the answer is no; `None` when nothing is left.
    pub(super) fn only(self, is_new: &[bool]) -> Option<Self> {
        let mut is_new = is_new.iter().copied();
        let mut next = || is_new.next().unwrap_or(true);
        match self {
            Self::KeyExpiring(mut facts) => {
                facts.keys.retain(|_| next());
                (!facts.keys.is_empty()).then_some(Self::KeyExpiring(facts))
            }
            Self::GapFound(mut facts) => {
                facts.gaps.retain(|_| next());
                (!facts.gaps.is_empty()).then_some(Self::GapFound(facts))
            }
            Self::NewData(_) | Self::Report(_) => next().then_some(self),
            Self::Failure(_) | Self::Recovered(_) => Some(self),
        }
    }
}

impl Gap {
    /// Each day by itself: a gap that grows by a day, or is filled in part, is still the one that was told of.
    fn days(&self) -> Vec<String> {
        let site = self.site.as_deref().unwrap_or("-");
        let days = self.first_date.iter_days().take_while(|day| *day <= self.last_date);
        days.map(|day| format!("{} {} {site} {day}", self.what, self.org)).collect()
    }
}
