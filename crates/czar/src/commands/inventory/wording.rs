//! Words that the text and the calendar share. It decides nothing about what is told.

use czar_pipeline::inventory::{Day, DayState, FindingCode, Package, PackageKind, RecipientSeries};

use crate::words;

pub(super) use crate::words::size;

/// How a day is drawn, the same in the text and in the browser.
pub(super) fn sign_of_day(day: &Day) -> char {
    match day.state {
        DayState::Missing => 'X',
        DayState::Empty => '0',
        DayState::Small => 's',
        DayState::Several => '+',
        DayState::Present if day.is_late => 'l',
        DayState::Present => '.',
    }
}

/// What the signs of days mean.
pub(super) const SIGNS_OF_DAYS: [(char, &str); 6] =
    [('.', "there"), ('X', "missing"), ('0', "zero bytes"), ('s', "small"), ('+', "several files"), ('l', "late")];

/// How a package is drawn.
pub(super) fn sign_of_package(package: &Package) -> char {
    let content = package.content.as_ref();
    if package.unreadable.is_some() {
        '?'
    } else if content.is_some_and(|content| content.n_members == 0) {
        '0'
    } else if content.is_some_and(|content| content.n_empty > 0 || !content.failed.is_empty()) {
        '!'
    } else if package.is_shrunk {
        's'
    } else {
        '.'
    }
}

/// What the signs of packages mean.
pub(super) const SIGNS_OF_PACKAGES: [(char, &str); 6] = [
    ('.', "there"),
    ('X', "missing"),
    ('0', "no file in it"),
    ('!', "failed or empty files in it"),
    ('s', "shrunk"),
    ('?', "cannot be read"),
];

/// A kind of package in the plural, as a heading.
pub(super) fn heading_of(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::DataPackage => "Data packages",
        PackageKind::EmailOptIn => "E-mail opt-in lists",
    }
}

/// The same in the singular.
pub(super) fn noun_of(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::DataPackage => "package",
        PackageKind::EmailOptIn => "list",
    }
}

/// What findings of one kind are called.
pub(super) fn title_of(code: FindingCode) -> &'static str {
    match code {
        FindingCode::KeyExpiry => "Your key",
        FindingCode::NotForOwnKey => "Files that are not for your key",
        FindingCode::Unreadable => "Not readable",
        FindingCode::NotAMessage => "Named as encrypted, but not",
        FindingCode::EventDaysMissing => "Days without an event file",
        FindingCode::EventFileEmpty => "Event files of zero bytes",
        FindingCode::PackageMissing => "Weeks without a package",
        FindingCode::PackageEmpty => "Packages without a file",
        FindingCode::MemberEmpty => "Files of zero bytes in packages",
        FindingCode::MemberFailed => "Files edX could not produce",
        FindingCode::CourseVanished => "Courses that vanished",
        FindingCode::TableVanished => "Tables that vanished",
        FindingCode::PackageShrunk => "Packages that shrank",
        FindingCode::EventFileSmall => "Small event files",
        FindingCode::EventDaySeveral => "Several files for a day",
        FindingCode::EventFileLate => "Late event files",
        FindingCode::AbsentForSomeTime => "Absent for some weeks",
        FindingCode::RecipientsChanged => "Changed recipients",
        FindingCode::MemberUnknown => "Unknown files in packages",
        FindingCode::NameNotUnderstood => "Names not understood",
    }
}

/// What the series is about, and how much of it was read.
pub(super) fn recipients_of(series: &RecipientSeries) -> String {
    let what = series.site.as_ref().map_or("packages".to_owned(), |site| format!("{site} event files"));
    let (n_read, n_files) = (words::number(series.n_read), words::number(series.n_files));
    let rule = match (series.site.is_some(), series.n_read == series.n_files) {
        (false, _) => format!("first encrypted file of each of {n_files}"),
        (true, true) => format!("all {n_files} heads read"),
        (true, false) => format!("{n_read} of {n_files} heads read: the first of each month, and between two that differ"),
    };
    format!("{} {what} ({rule})", series.org)
}
