//! What in an inventory needs attention, each with its place and the next step. It looks at the value only.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::events::spans;
use super::sorted::MOST_NAMES;
use super::value::{
    Day, DaySpan, DayState, EventSeries, Finding, FindingCode, Gravity, Inventory, OwnKey, Package, PackageKind, PackageSeries,
    RecipientSeries,
};

mod absences;

/// A key that expires within this time should be renewed now: edX needs some days to take the new one.
const WARN_BEFORE_DAYS: i64 = 30;
/// So many names are written into a sentence.
const NAMES_IN_SENTENCE: usize = 3;
const DATES_IN_SENTENCE: usize = 8;

const FETCH_DAYS: &str =
    "fetch them again from the bucket; if edX has none either, ask edX for them: a czar's key that had expired leaves such holes";
const FETCH_WEEKS: &str = "fetch them again from the bucket, or ask edX whether they were made";

/// All findings, the gravest first.
pub(super) fn all(inventory: &Inventory) -> Vec<Finding> {
    let mut list = List::default();
    for key in &inventory.own_keys {
        expiry(&mut list, key, inventory.taken_at);
    }
    for series in &inventory.recipients {
        recipients(&mut list, series, &inventory.own_keys);
    }
    for unreadable in &inventory.unreadable {
        list.grave(FindingCode::Unreadable, &unreadable.place, unreadable.reason.clone(), "check the rights of the folder and look again");
    }
    for series in &inventory.events {
        events(&mut list, series);
    }
    for series in &inventory.packages {
        packages(&mut list, series);
        absences::vanished(&mut list, series);
    }
    let names = &inventory.not_understood;
    if names.n_files > 0 {
        list.notice(
            FindingCode::NameNotUnderstood,
            "all places",
            format!("{} named otherwise than by edX: {}", count(names.n_files, "file"), some(&names.first, names.n_files)),
            "names as edX gives them are needed; members of packages must lie in a folder named like the package",
        );
    }
    let mut findings = list.findings;
    findings.sort_by_key(|finding| (finding.gravity, finding.code));
    findings
}

/// The findings so far.
#[derive(Default)]
struct List {
    findings: Vec<Finding>,
}

impl List {
    fn grave(&mut self, code: FindingCode, place: &str, message: String, next_step: &'static str) {
        self.findings.push(Finding { gravity: Gravity::Grave, code, place: place.to_owned(), message, next_step });
    }

    fn notice(&mut self, code: FindingCode, place: &str, message: String, next_step: &'static str) {
        self.findings.push(Finding { gravity: Gravity::Notice, code, place: place.to_owned(), message, next_step });
    }
}

fn expiry(list: &mut List, key: &OwnKey, now: DateTime<Utc>) {
    let place = format!("key {}", key.user_ids.first().unwrap_or(&key.fingerprint));
    let renew = "renew the key and send its public part to edX: files made after its end are empty or missing";
    if key.is_revoked {
        list.grave(FindingCode::KeyExpiry, &place, "it is revoked, so edX cannot encrypt to it".to_owned(), renew);
    }
    if key.key_ids.is_empty() {
        list.grave(FindingCode::KeyExpiry, &place, "it has no part for encryption".to_owned(), "make an RSA key with one: see `czar init`");
    }
    if let Some(expires_at) = key.expires_at {
        let date = expires_at.date_naive();
        if expires_at <= now {
            list.grave(FindingCode::KeyExpiry, &place, format!("it expired on {date}"), renew);
        } else if expires_at <= now + TimeDelta::days(WARN_BEFORE_DAYS) {
            list.grave(FindingCode::KeyExpiry, &place, format!("it expires on {date}"), renew);
        }
    }
}

fn recipients(list: &mut List, series: &RecipientSeries, own_keys: &[OwnKey]) {
    let what = series.site.as_ref().map_or("packages".to_owned(), |site| format!("{site} event files"));
    let place = format!("{} {what}", series.org);
    for file in &series.not_messages {
        list.grave(
            FindingCode::NotAMessage,
            &file.place,
            format!("named as encrypted, but: {}", file.reason),
            "take the ending `.gpg` off its name if it is decrypted already, else fetch it again",
        );
    }
    for pair in series.periods.windows(2) {
        let lost: Vec<String> = pair[0].key_ids.iter().filter(|id| !pair[1].key_ids.contains(id)).cloned().collect();
        let gained: Vec<String> = pair[1].key_ids.iter().filter(|id| !pair[0].key_ids.contains(id)).cloned().collect();
        let mut changes = Vec::new();
        if !lost.is_empty() {
            changes.push(format!("no longer encrypted to {}", lost.join(", ")));
        }
        if !gained.is_empty() {
            changes.push(format!("encrypted to {} as well", gained.join(", ")));
        }
        if changes.is_empty() {
            changes.push("encrypted to another number of unnamed keys".to_owned());
        }
        list.notice(
            FindingCode::RecipientsChanged,
            &place,
            format!("from {} on files are {}", pair[1].first_date, changes.join(" and ")),
            "keep the secret keys of all times: older files open with older keys only",
        );
    }
    let is_own = |id: &String| own_keys.iter().any(|key| key.key_ids.contains(id));
    for period in &series.periods {
        if !own_keys.is_empty() && period.n_hidden == 0 && !period.key_ids.iter().any(is_own) {
            list.grave(
                FindingCode::NotForOwnKey,
                &place,
                format!(
                    "files of {} are not encrypted to your key, but to {}",
                    dates(period.first_date, period.last_date),
                    period.key_ids.join(", ")
                ),
                "find the secret key of that time, or ask edX to deliver the files again",
            );
        }
    }
}

fn events(list: &mut List, series: &EventSeries) {
    let place = |span: &DaySpan| format!("{} {} events, {}", series.org, series.site, dates(span.first_date, span.last_date));
    for span in &series.missing {
        list.grave(FindingCode::EventDaysMissing, &place(span), format!("{} missing", count(span.n_days, "day")), FETCH_DAYS);
    }
    let of_state = |state: DayState| spans(series.days.iter().filter(|day| day.state == state).map(|day| day.date));
    for span in of_state(DayState::Empty) {
        list.grave(FindingCode::EventFileEmpty, &place(&span), format!("{} of zero bytes", count(span.n_days, "file")), FETCH_DAYS);
    }
    let place = format!("{} {} events", series.org, series.site);
    let mut tell = |code, is_meant: &dyn Fn(&Day) -> bool, what: &str, next_step| {
        let days: Vec<&Day> = series.days.iter().filter(|day| is_meant(day)).collect();
        if !days.is_empty() {
            let dates: Vec<String> =
                spans(days.iter().map(|day| day.date)).iter().map(|span| dates(span.first_date, span.last_date)).collect();
            list.notice(code, &place, format!("{} {what}: {}", count(days.len() as u64, "day"), first_of(&dates)), next_step);
        }
    };
    tell(
        FindingCode::EventFileSmall,
        &|day| day.state == DayState::Small,
        "with a file of less than a tenth of the usual size of the weekday",
        "compare the size with the bucket's; a quiet day may be true, as between two runs of a course",
    );
    tell(
        FindingCode::EventDaySeveral,
        &|day| day.state == DayState::Several,
        "with several files",
        "nothing if one is a copy or a correction: ingest reads the encrypted one, and corrections beside it",
    );
    tell(
        FindingCode::EventFileLate,
        &|day| day.is_late,
        "whose file was changed more than two days later, by modification time",
        "ingest again if it was read before: a file that came late may have replaced another",
    );
}

fn packages(list: &mut List, series: &PackageSeries) {
    let what = match series.kind {
        PackageKind::DataPackage => "package",
        PackageKind::EmailOptIn => "opt-in list",
    };
    for gap in &series.gaps {
        let place = format!("{} {what}s, {} to {}", series.org, gap.after, gap.before);
        let message = format!("{} without a {what}", count(gap.n_days, "day"));
        match gap.expected.as_slice() {
            [] => list.notice(FindingCode::PackageMissing, &place, message, FETCH_WEEKS),
            expected => {
                let weeks = count(expected.len() as u64, "week");
                list.grave(FindingCode::PackageMissing, &place, format!("{message}: {weeks} missing"), FETCH_WEEKS);
            }
        }
    }
    for package in &series.packages {
        one_package(list, package, &format!("{} {what} {}", series.org, package.date));
    }
}

fn one_package(list: &mut List, package: &Package, place: &str) {
    if let Some(reason) = &package.unreadable {
        list.grave(FindingCode::Unreadable, place, format!("not a whole archive: {reason}"), "fetch it again from the bucket");
    }
    if package.is_shrunk {
        list.notice(
            FindingCode::PackageShrunk,
            place,
            "less than half of the size of the one before".to_owned(),
            "compare the size with the bucket's, and see which courses and tables are gone",
        );
    }
    let Some(content) = &package.content else { return };
    if content.n_members == 0 {
        let next_step = "check whether your key had expired: edX then sends an archive without data; ask for it again";
        list.grave(FindingCode::PackageEmpty, place, "there is no file in it".to_owned(), next_step);
    }
    if content.n_empty > 0 {
        list.grave(
            FindingCode::MemberEmpty,
            place,
            format!("{} of zero bytes: {}", count(content.n_empty, "file"), some(&content.empty, content.n_empty)),
            "check whether your key had expired, and ask edX for the package again",
        );
    }
    for failed in &content.failed {
        list.grave(
            FindingCode::MemberFailed,
            place,
            format!(
                "edX could not produce {} ({}) of {}: {}",
                failed.table,
                failed.site,
                count(failed.courses.len() as u64, "course"),
                some(&failed.courses, failed.courses.len() as u64)
            ),
            "take the table from the package of another week; if it fails again, ask edX",
        );
    }
    if content.n_unknown > 0 {
        list.notice(
            FindingCode::MemberUnknown,
            place,
            format!("{} named otherwise than by edX: {}", count(content.n_unknown, "file"), some(&content.unknown, content.n_unknown)),
            "nothing: ingest reads those that are text into `other_records` or a table of their own, and names the others",
        );
    }
}

/// A number with its noun.
fn count(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// The first of some days, and how many more.
fn first_of(dates: &[String]) -> String {
    let told = dates.iter().take(DATES_IN_SENTENCE).cloned().collect::<Vec<_>>().join(", ");
    match dates.len().saturating_sub(DATES_IN_SENTENCE) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// The first of some names, and how many more.
fn some(names: &[String], n_all: u64) -> String {
    let told = names.len().min(if n_all <= NAMES_IN_SENTENCE as u64 + 1 { MOST_NAMES } else { NAMES_IN_SENTENCE });
    let mut text = names[..told].iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if n_all > told as u64 {
        text.push_str(&format!(" and {} more", n_all - told as u64));
    }
    text
}

fn dates(first: NaiveDate, last: NaiveDate) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}
