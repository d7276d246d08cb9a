//! The series of packages: weeks that are missing, packages that shrank, and what is in each compared with the one before.
//!
//! Archives are read some at a time and then let go: ten years of packages list millions of members.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};
use czar_formats::package_file::FileKind;

use super::members::{self, Head, Member, table_of};
use super::parallel;
use super::place::Place;
use super::sorted::{MOST_NAMES, PackageFiles, Packages, Sorted};
use super::value::{FailedTable, Package, PackageContent, PackageGap, PackageKind, PackageSeries, SiteCourses};
use super::vanished::Watch;

/// Archives whose lists are in memory at once.
const AT_ONCE: usize = 24;
/// A package is shrunk when it has less than this part of the bytes of the one before.
const SHRUNK_PART: u64 = 2;

/// One series for each organisation and kind. The heads of messages that were come upon are added to `heads`.
pub(super) fn series(places: &[Place], sorted: &Sorted<'_>, heads: &mut Vec<Head>) -> Vec<PackageSeries> {
    let mut all = Vec::new();
    for ((org, kind), packages) in &sorted.packages {
        let mut watch = Watch::default();
        let mut found: Vec<Package> = Vec::new();
        let mut last_whole = None;
        let days: Vec<(&NaiveDate, &PackageFiles<'_>)> = packages.iter().collect();
        for some in days.chunks(AT_ONCE) {
            for (mut package, content, head) in parallel::map(some, |(date, files)| look_at(places, **date, files)) {
                heads.extend(head);
                // One that is broken or empty has a finding of its own, and is no measure for the next.
                if package.unreadable.is_none() && package.content.as_ref().is_none_or(|content| content.n_members > 0) {
                    package.is_shrunk = last_whole.is_some_and(|before| package.n_bytes.saturating_mul(SHRUNK_PART) < before);
                    last_whole = Some(package.n_bytes);
                }
                if *kind == PackageKind::DataPackage
                    && let Some(seen) = content.filter(|seen| !seen.is_empty())
                {
                    watch.see(package.date, seen);
                }
                found.push(package);
            }
        }
        all.push(PackageSeries { org: org.clone(), kind: *kind, gaps: gaps(packages), vanished: watch.vanished(), packages: found });
    }
    all
}

/// What of a course was in a package: site, course run, table.
pub(super) type Seen = Vec<(String, String, String)>;

fn look_at(places: &[Place], date: NaiveDate, files: &PackageFiles<'_>) -> (Package, Option<Seen>, Option<Head>) {
    let mut package = Package { date, names: names(files), n_bytes: n_bytes(files), is_shrunk: false, unreadable: None, content: None };
    let archive = files.archives.iter().max_by_key(|found| found.entry.n_bytes);
    let loose = || files.members.iter().map(|found| Member { file: found.file.clone(), n_bytes: found.entry.n_bytes }).collect::<Vec<_>>();
    let (members, head) = match archive.and_then(|archive| Some((archive, places.get(archive.place)?))) {
        Some((archive, place)) if place.is_deep() => match members::list(place, archive) {
            Ok(listed) => listed,
            Err(reason) => {
                package.unreadable = Some(reason);
                (loose(), None)
            }
        },
        Some(_) => return (package, None, None),
        None => (loose(), loose_head(places, date, files)),
    };
    if package.unreadable.is_some() && members.is_empty() {
        return (package, None, None);
    }
    let (content, seen) = content(&members);
    package.content = Some(content);
    (package, Some(seen), head)
}

fn loose_head(places: &[Place], date: NaiveDate, files: &PackageFiles<'_>) -> Option<Head> {
    let found = files.members.iter().find(|found| found.file.wrapping.encrypted && found.entry.n_bytes > 0)?;
    let place = places.get(found.place).filter(|place| place.is_deep())?;
    let bytes = place.head(found.entry, super::recipients::HEAD_BYTES).ok()?;
    Some(Head { org: found.file.org.clone()?, date, place: found.entry.key.clone(), bytes })
}

fn names(files: &PackageFiles<'_>) -> Vec<String> {
    let mut names: Vec<String> = files.archives.iter().map(|found| found.entry.key.clone()).collect();
    // An unpacked package is named by the folder its files lie in, without those below it such as `ora`.
    let folders: BTreeSet<&str> =
        files.members.iter().map(|found| found.entry.key.rsplit_once('/').map_or("", |(folder, _)| folder)).collect();
    let outermost = |folder: &&str| !folders.iter().any(|other| folder.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')));
    names.extend(folders.iter().copied().filter(outermost).take(MOST_NAMES).map(|folder| format!("{folder}/")));
    names
}

fn n_bytes(files: &PackageFiles<'_>) -> u64 {
    let largest = files.archives.iter().map(|found| found.entry.n_bytes).max();
    largest.unwrap_or_else(|| files.members.iter().map(|found| found.entry.n_bytes).sum())
}

fn content(members: &[Member]) -> (PackageContent, Seen) {
    let mut content = PackageContent { n_members: members.len() as u64, ..PackageContent::default() };
    let mut courses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut failed: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    let mut seen = Vec::new();
    let tell = |list: &mut Vec<String>, key: &str| {
        if list.len() < MOST_NAMES {
            list.push(key.to_owned());
        }
    };
    for Member { file, n_bytes } in members {
        let site = file.site.as_ref().map_or("edx", |site| site.as_str());
        let table = table_of(&file.kind);
        let stem = file.stem.as_deref();
        if *n_bytes == 0 {
            content.n_empty += 1;
            tell(&mut content.empty, &file.file_key);
        }
        if matches!(file.kind, FileKind::Unknown | FileKind::TabSeparated(_)) {
            content.n_unknown += 1;
            tell(&mut content.unknown, &file.file_key);
        }
        if file.failed {
            let what = (site, table.unwrap_or("a file of an unknown kind"));
            failed.entry(what).or_default().insert(stem.unwrap_or(&file.file_key).to_owned());
        }
        if let (Some(stem), Some(table)) = (stem, table) {
            courses.entry(site).or_default().insert(stem);
            seen.push((site.to_owned(), stem.to_owned(), table.to_owned()));
        }
    }
    content.courses =
        courses.into_iter().map(|(site, stems)| SiteCourses { site: site.to_owned(), n_courses: stems.len() as u64 }).collect();
    content.failed = failed
        .into_iter()
        .map(|((site, table), courses)| FailedTable {
            table: table.to_owned(),
            site: site.to_owned(),
            courses: courses.into_iter().collect(),
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    (content, seen)
}

/// A week has six days between two packages; more is a gap.
fn gaps(packages: &Packages<'_>) -> Vec<PackageGap> {
    let dates: Vec<NaiveDate> = packages.keys().copied().collect();
    let mut gaps = Vec::new();
    for pair in dates.windows(2) {
        let n_days = (pair[1] - pair[0]).num_days() - 1;
        if n_days <= 6 {
            continue;
        }
        let weeks = (1..).map(|week| pair[0] + TimeDelta::weeks(week));
        // A package three days off its weekday is a package of that week.
        let expected = weeks.take_while(|date| *date + TimeDelta::days(3) < pair[1]).collect();
        gaps.push(PackageGap { after: pair[0], before: pair[1], n_days: n_days.unsigned_abs(), expected });
    }
    gaps
}
