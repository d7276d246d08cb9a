//! The inventory as text for people: what there is, a calendar in which only trouble takes up room, and what to do. It computes nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};
use czar_pipeline::inventory::{Day, EventSeries, Finding, FindingCode, Gravity, Inventory, PackageKind, PackageSeries};

use super::wording::{SIGNS_OF_DAYS, SIGNS_OF_PACKAGES, heading_of, noun_of, recipients_of, sign_of_day, sign_of_package, size, title_of};
use crate::words;

/// More lines than this of one kind help nobody; `--format json` has them all.
const MAX_LINES: usize = 12;

/// Writes the report.
pub(super) fn write(inventory: &Inventory) -> String {
    let mut text = headline(inventory);
    events(&mut text, inventory);
    for kind in [PackageKind::DataPackage, PackageKind::EmailOptIn] {
        packages(&mut text, kind, inventory);
    }
    recipients(&mut text, inventory);
    findings(&mut text, inventory);
    text
}

fn headline(inventory: &Inventory) -> String {
    let mut text = format!("{}, {}", words::count(inventory.n_files, "file"), size(inventory.n_bytes));
    if let (Some(first), Some(last)) = (inventory.first_date, inventory.last_date) {
        let _ = write!(text, ", {first} to {last}");
    }
    text.push('\n');
    for place in &inventory.places {
        let how = if place.is_deep { "" } else { " (names, sizes and times only; --deep looks into archives)" };
        let _ = writeln!(text, "  `{}`: {}, {}{how}", place.place, words::count(place.n_files, "file"), size(place.n_bytes));
    }
    let others = inventory.other_organisations;
    if others.n_files > 0 {
        let _ = writeln!(
            text,
            "  {} of {} passed over",
            words::count(others.n_files, "file"),
            words::count(others.n_organisations, "other organisation")
        );
    }
    text
}

fn events(text: &mut String, inventory: &Inventory) {
    if inventory.events.is_empty() {
        text.push_str("\nEvent files: none\n");
        return;
    }
    let _ = writeln!(text, "\nEvent files   {}", legend(&SIGNS_OF_DAYS));
    for series in &inventory.events {
        let _ = writeln!(text, "  {}", summary(series));
        if series.is_daily {
            calendar(text, series);
        } else {
            lines(text, "    ", series.days.iter().map(|day| format!("{} {}", day.date, size(day.n_bytes))));
        }
    }
}

fn summary(series: &EventSeries) -> String {
    let mut text = format!("{} {}: {} to {}, ", series.org, series.site, series.first_date, series.last_date);
    let n_missing: u64 = series.missing.iter().map(|span| span.n_days).sum();
    if series.is_daily && n_missing > 0 {
        let n_all = series.n_days + n_missing;
        let _ = write!(text, "{} of {} there, ", words::number(series.n_days), words::count(n_all, "day"));
    } else {
        let _ = write!(text, "{}, ", words::count(series.n_days, "day"));
    }
    text.push_str(&size(series.n_bytes));
    if !series.is_lateness_judged {
        text.push_str("; modification times do not tell when files arrived");
    }
    text
}

/// A line for each month that is not all of one kind; months that are all there, or all missing, are told together.
fn calendar(text: &mut String, series: &EventSeries) {
    let mut months: BTreeMap<(i32, u32), Vec<&Day>> = BTreeMap::new();
    for day in &series.days {
        months.entry((day.date.year(), day.date.month())).or_default().push(day);
    }
    let only_sign = |days: &[&Day]| {
        let first = days.first().map(|day| sign_of_day(day))?;
        (matches!(first, '.' | 'X') && days.iter().all(|day| sign_of_day(day) == first)).then_some(first)
    };
    if months.values().any(|days| only_sign(days).is_none()) {
        text.push_str("                        1   5    10   15   20   25   30\n");
    }
    let mut alike: (Option<char>, Vec<&Day>) = (None, Vec::new());
    for ((year, month), days) in months {
        let sign = only_sign(&days);
        if sign != alike.0 {
            months_alike(text, &mut alike);
            alike.0 = sign;
        }
        if sign.is_some() {
            alike.1.extend(days);
            continue;
        }
        let mut line = vec![' '; 31];
        for day in days {
            if let Some(place) = line.get_mut(day.date.day0() as usize) {
                *place = sign_of_day(day);
            }
        }
        let line: String = line.into_iter().collect();
        let _ = writeln!(text, "    {year}-{month:02}             {}", line.trim_end());
    }
    months_alike(text, &mut alike);
}

fn months_alike(text: &mut String, (sign, days): &mut (Option<char>, Vec<&Day>)) {
    if let (Some(sign), Some(first), Some(last)) = (*sign, days.first(), days.last()) {
        let (first, last) = (first.date.format("%Y-%m").to_string(), last.date.format("%Y-%m").to_string());
        let span = if first == last { first } else { format!("{first} to {last}") };
        let what = if sign == 'X' { "missing" } else { "there" };
        let _ = writeln!(text, "    {span:18}  {} {what}", words::count_of(days, "day"));
    }
    days.clear();
}

fn packages(text: &mut String, kind: PackageKind, inventory: &Inventory) {
    let all: Vec<&PackageSeries> = inventory.packages.iter().filter(|series| series.kind == kind).collect();
    if all.is_empty() {
        let _ = writeln!(text, "\n{}: none", heading_of(kind));
        return;
    }
    let _ = writeln!(text, "\n{}   {}", heading_of(kind), legend(&SIGNS_OF_PACKAGES));
    for series in all {
        let (Some(first), Some(last)) = (series.packages.first(), series.packages.last()) else { continue };
        let n_bytes = series.packages.iter().map(|package| package.n_bytes).sum();
        let _ = write!(
            text,
            "  {}: {} to {}, {}, {}",
            series.org,
            first.date,
            last.date,
            words::count_of(&series.packages, noun_of(kind)),
            size(n_bytes)
        );
        if let Some(content) = &last.content {
            let courses: Vec<String> = content
                .courses
                .iter()
                .map(|courses| format!("{} of {}", words::count(courses.n_courses, "course"), courses.site))
                .collect();
            let _ = write!(text, "; the newest has {}", words::count(content.n_members, "file"));
            if !courses.is_empty() {
                let _ = write!(text, ", {}", courses.join(", "));
            }
        }
        text.push('\n');
        weeks(text, series);
    }
}

/// A line for each year, a sign for each week.
fn weeks(text: &mut String, series: &PackageSeries) {
    let mut years: BTreeMap<i32, Vec<char>> = BTreeMap::new();
    let mut put = |date: NaiveDate, sign: char| {
        let line = years.entry(date.year()).or_insert_with(|| vec![' '; 53]);
        if let Some(place) = line.get_mut(date.ordinal0() as usize / 7) {
            *place = sign;
        }
    };
    for date in series.gaps.iter().flat_map(|gap| &gap.expected) {
        put(*date, 'X');
    }
    for package in &series.packages {
        put(package.date, sign_of_package(package));
    }
    for (year, line) in years {
        let line: String = line.into_iter().collect();
        let _ = writeln!(text, "    {year}  {}", line.trim_end());
    }
}

fn recipients(text: &mut String, inventory: &Inventory) {
    if !inventory.recipients.is_empty() {
        text.push_str("\nEncrypted to\n");
    }
    for series in &inventory.recipients {
        let _ = writeln!(text, "  {}", recipients_of(series));
        let periods = series.periods.iter().map(|period| {
            let hidden =
                if period.n_hidden == 0 { String::new() } else { format!(" and {} unnamed", words::count(period.n_hidden as u64, "key")) };
            format!("{} to {}  {}{hidden}", period.first_date, period.last_date, period.key_ids.join(" "))
        });
        lines(text, "    ", periods);
    }
    for key in &inventory.own_keys {
        let end = key.expires_at.map_or("does not expire".to_owned(), |end| format!("expires {}", end.date_naive()));
        let name = key.user_ids.first().unwrap_or(&key.fingerprint);
        let _ = writeln!(text, "  your key {name}, {}: {end}", key.key_ids.join(" "));
    }
}

fn findings(text: &mut String, inventory: &Inventory) {
    if inventory.findings.is_empty() {
        text.push_str("\nNothing is missing, as far as names, sizes and times can tell\n");
        return;
    }
    let mut kinds: BTreeMap<(Gravity, FindingCode, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &inventory.findings {
        kinds.entry((finding.gravity, finding.code, finding.next_step)).or_default().push(finding);
    }
    let mut told = None;
    for ((gravity, code, next_step), group) in kinds {
        if told != Some(gravity) {
            text.push_str(match gravity {
                Gravity::Grave => "\nTo be mended\n",
                Gravity::Notice => "\nTo know\n",
            });
            told = Some(gravity);
        }
        let _ = writeln!(text, "  {}", title_of(code));
        lines(text, "    ", group.iter().map(|finding| format!("{}: {}", finding.place, finding.message)));
        let _ = writeln!(text, "    -> {next_step}");
    }
}

fn lines(text: &mut String, indent: &str, all: impl ExactSizeIterator<Item = String>) {
    let n_more = all.len().saturating_sub(MAX_LINES);
    for line in all.take(MAX_LINES) {
        let _ = writeln!(text, "{indent}{line}");
    }
    if n_more > 0 {
        let _ = writeln!(text, "{indent}and {n_more} more: see `--format json`");
    }
}

fn legend(signs: &[(char, &str)]) -> String {
    signs.iter().map(|(sign, meaning)| format!("{sign} {meaning}")).collect::<Vec<_>>().join("   ")
}
