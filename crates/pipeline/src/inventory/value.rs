//! The inventory as a value: what the text, the JSON and the calendar are written from. It computes nothing.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::vault::KeyFacts;

/// Raised when a member of the JSON changes its meaning or goes away; new members do not raise it.
pub const FORMAT_VERSION: u32 = 1;

/// All that was found, and all that was not.
#[derive(Debug, Clone, Serialize)]
pub struct Inventory {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// The places that were listed.
    pub places: Vec<PlaceSummary>,
    /// Files of the organisations looked at, and files not understood.
    pub n_files: u64,
    /// Their bytes as kept.
    pub n_bytes: u64,
    /// The first day of an event file or package.
    pub first_date: Option<NaiveDate>,
    /// The last one.
    pub last_date: Option<NaiveDate>,
    /// Event files by organisation and site.
    pub events: Vec<EventSeries>,
    /// Data packages and e-mail opt-in lists by organisation.
    pub packages: Vec<PackageSeries>,
    /// For whom the files are encrypted.
    pub recipients: Vec<RecipientSeries>,
    /// The user's own keys, when given.
    pub own_keys: Vec<OwnKey>,
    /// What of a bucket belongs to others.
    pub other_organisations: OtherOrganisations,
    /// Files whose names say nothing.
    pub not_understood: NotUnderstood,
    /// Folders and files that could not be looked at.
    pub unreadable: Vec<Unreadable>,
    /// What needs attention, the gravest first.
    pub findings: Vec<Finding>,
}

/// A place that was listed.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceSummary {
    /// As it was given.
    pub place: String,
    /// All files there.
    pub n_files: u64,
    /// Their bytes.
    pub n_bytes: u64,
    /// Whether lists of members and heads of messages were read as well.
    pub is_deep: bool,
}

/// The event files of one site.
#[derive(Debug, Clone, Serialize)]
pub struct EventSeries {
    /// Organisation, in lower case.
    pub org: String,
    /// Site, as in the lake.
    pub site: String,
    /// The first day with a file.
    pub first_date: NaiveDate,
    /// The last day with a file, or the day up to which files were expected.
    pub last_date: NaiveDate,
    /// Whether a file is expected for each day: of the sites `edx` and `edge`, not of corrections.
    pub is_daily: bool,
    /// Days with a file.
    pub n_days: u64,
    /// Files.
    pub n_files: u64,
    /// Their bytes.
    pub n_bytes: u64,
    /// Days without a file.
    pub missing: Vec<DaySpan>,
    /// Whether modification times tell when a file arrived. They do not where most are long after their day, as in a copy.
    pub is_lateness_judged: bool,
    /// Each day from the first to the last; of a site that is not daily, the days with a file.
    pub days: Vec<Day>,
}

/// Days in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DaySpan {
    /// The first.
    pub first_date: NaiveDate,
    /// The last.
    pub last_date: NaiveDate,
    /// How many.
    pub n_days: u64,
}

/// One day of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// What there is.
    pub state: DayState,
    /// Files for it.
    pub n_files: u64,
    /// Bytes of the one that would be read.
    pub n_bytes: u64,
    /// Changed more than two days after the day had ended, by modification time.
    pub is_late: bool,
}

/// What there is for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayState {
    /// One file, of a usual size.
    Present,
    /// No file.
    Missing,
    /// A file of zero bytes.
    Empty,
    /// A file far smaller than those of the same weekday around it.
    Small,
    /// Several files: versions, corrections, or the same in another shape.
    Several,
}

/// What a series of packages holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageKind {
    /// The weekly data packages.
    DataPackage,
    /// The e-mail opt-in lists that come with them.
    EmailOptIn,
}

/// The packages of one organisation.
#[derive(Debug, Clone, Serialize)]
pub struct PackageSeries {
    /// Organisation, in lower case.
    pub org: String,
    /// What they are.
    pub kind: PackageKind,
    /// The packages, by day.
    pub packages: Vec<Package>,
    /// Where more than six days in a row have no package. edX's own monitor raises an alarm after six days.
    pub gaps: Vec<PackageGap>,
    /// Courses, and tables of courses, that were in one package and not in the next.
    pub vanished: Vec<Vanished>,
}

/// Days without a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageGap {
    /// The package before.
    pub after: NaiveDate,
    /// The package behind.
    pub before: NaiveDate,
    /// Days between the two.
    pub n_days: u64,
    /// Days on which a weekly package would have been made.
    pub expected: Vec<NaiveDate>,
}

/// One package.
#[derive(Debug, Clone, Serialize)]
pub struct Package {
    /// Its day.
    pub date: NaiveDate,
    /// Names of its archives; of an unpacked package its folder.
    pub names: Vec<String>,
    /// Bytes as kept.
    pub n_bytes: u64,
    /// Less than half of the bytes of the package before.
    pub is_shrunk: bool,
    /// Why it could not be opened.
    pub unreadable: Option<String>,
    /// What is in it; absent when nobody looked or could.
    pub content: Option<PackageContent>,
}

/// What is in a package.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PackageContent {
    /// Files.
    pub n_members: u64,
    /// Course runs by site, as the names tell them.
    pub courses: Vec<SiteCourses>,
    /// In whose place edX sent the error of its own job.
    pub failed: Vec<FailedTable>,
    /// Files of zero bytes.
    pub n_empty: u64,
    /// The first of their names.
    pub empty: Vec<String>,
    /// Files whose names say nothing.
    pub n_unknown: u64,
    /// The first of their names.
    pub unknown: Vec<String>,
}

/// The course runs of one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteCourses {
    /// Site, as in the lake.
    pub site: String,
    /// How many.
    pub n_courses: u64,
}

/// A table that edX could not produce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedTable {
    /// Table, as in the lake.
    pub table: String,
    /// Site.
    pub site: String,
    /// Course runs, as in the names.
    pub courses: Vec<String>,
}

/// Something that one package had and the next had not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Vanished {
    /// The first package without it.
    pub missing_from: NaiveDate,
    /// Site.
    pub site: String,
    /// The table; absent when the whole course is gone.
    pub table: Option<String>,
    /// Course run, as in the names.
    pub course: String,
    /// The last package with it.
    pub last_package: NaiveDate,
    /// The package in which it was back.
    pub returned_in: Option<NaiveDate>,
}

/// For whom a series of files is encrypted.
#[derive(Debug, Clone, Serialize)]
pub struct RecipientSeries {
    /// Organisation, in lower case.
    pub org: String,
    /// Site of event files; absent for packages.
    pub site: Option<String>,
    /// Encrypted files of the series.
    pub n_files: u64,
    /// Of which so many heads were read. Where two neighbours differ, the files between are searched for the change.
    pub n_read: u64,
    /// Times with the same recipients, in order.
    pub periods: Vec<RecipientPeriod>,
    /// Files that are named as encrypted and are not, with what is known of them.
    pub not_messages: Vec<Unreadable>,
}

/// A time with the same recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecipientPeriod {
    /// Day of the first file that was read.
    pub first_date: NaiveDate,
    /// Day of the last one.
    pub last_date: NaiveDate,
    /// Key ids, in order.
    pub key_ids: Vec<String>,
    /// Recipients that are not named.
    pub n_hidden: usize,
}

/// A key of the user.
#[derive(Debug, Clone, Serialize)]
pub struct OwnKey {
    /// Fingerprint of the primary key.
    pub fingerprint: String,
    /// Names and addresses.
    pub user_ids: Vec<String>,
    /// Ids by which messages name it.
    pub key_ids: Vec<String>,
    /// From when on edX cannot encrypt to it.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it was revoked.
    pub is_revoked: bool,
}

impl OwnKey {
    /// Senders need one part for encryption that is valid, so the last to expire counts, though never longer than the whole key.
    pub(super) fn of(key: &KeyFacts) -> Self {
        let parts = key.encryption_keys.iter().filter(|part| !part.is_revoked).map(|part| part.expires_at);
        let longest = parts.max_by_key(|expires_at| expires_at.unwrap_or(DateTime::<Utc>::MAX_UTC)).flatten();
        Self {
            fingerprint: key.fingerprint.clone(),
            user_ids: key.user_ids.clone(),
            key_ids: key.encryption_keys.iter().map(|part| part.key_id.clone()).collect(),
            expires_at: [longest, key.expires_at].into_iter().flatten().min(),
            is_revoked: key.is_revoked || key.encryption_keys.iter().all(|part| part.is_revoked),
        }
    }
}

/// What of a bucket belongs to others: counted, never named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OtherOrganisations {
    /// Organisations.
    pub n_organisations: u64,
    /// Their files, and files that cannot be told to be ours.
    pub n_files: u64,
}

/// Files whose names say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NotUnderstood {
    /// How many.
    pub n_files: u64,
    /// The first of their names.
    pub first: Vec<String>,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// What.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub gravity: Gravity,
    /// What it is.
    pub code: FindingCode,
    /// Organisation, site and days, or the file.
    pub place: String,
    /// What was found, in one sentence.
    pub message: String,
    /// What to do.
    pub next_step: &'static str,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// Data is not there.
    Grave,
    /// Something to know.
    Notice,
}

/// What a finding is. The order is that of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// The user's key has expired, will soon, or is revoked.
    KeyExpiry,
    /// Files are not, or no longer, encrypted to the user's key.
    NotForOwnKey,
    /// An archive or folder cannot be read.
    Unreadable,
    /// A file named as encrypted is not.
    NotAMessage,
    /// Days without an event file.
    EventDaysMissing,
    /// Event files of zero bytes.
    EventFileEmpty,
    /// Weeks without a package.
    PackageMissing,
    /// A package without any file.
    PackageEmpty,
    /// Files of zero bytes in a package.
    MemberEmpty,
    /// Tables edX could not produce.
    MemberFailed,
    /// Courses that are no longer delivered.
    CourseVanished,
    /// Tables of a course that are no longer delivered.
    TableVanished,
    /// A package of less than half of the size of the one before.
    PackageShrunk,
    /// Event files that are far smaller than others.
    EventFileSmall,
    /// Several files for a day.
    EventDaySeveral,
    /// Event files that arrived late.
    EventFileLate,
    /// Courses or tables that were missing for some weeks.
    AbsentForSomeTime,
    /// The recipients of the files changed.
    RecipientsChanged,
    /// Files in packages whose names say nothing.
    MemberUnknown,
    /// Files whose names say nothing.
    NameNotUnderstood,
}
