//! Files of a research exchange (RDX), whose learners bear other numbers. They are told by their folders, in a tar or out of it, and never
//! taken for files of a data package: `{org}/rdx/{request}/`, `events/`, `state/{date}/`.

use chrono::NaiveDate;

use super::{FileKind, PackageFile, Shape, dated, member, tar_stem, without_suffix};
use crate::site::Site;

/// A file below a folder `rdx`, or in a folder `state/{date}`, or with a course's name before `-events-`.
pub(super) fn file(shape: &Shape<'_>) -> Option<PackageFile> {
    let site = site_of(shape.directory);
    if let (Some(site), Some(stem)) = (&site, tar_stem(shape.name)) {
        return Some(PackageFile {
            file_key: format!("{site}/{}", stem.to_ascii_lowercase()),
            kind: FileKind::ResearchExchangeArchive,
            site: Some(site.clone()),
            org: stem.split('_').next().map(str::to_ascii_lowercase),
            ..shape.unknown()
        });
    }
    events(shape, site.as_ref()).or_else(|| state(shape, site))
}

/// Whether a folder is below one of the name `rdx`.
pub(super) fn is_of_one(directory: &str) -> bool {
    site_of(directory).is_some()
}

/// The site that a folder `rdx` stands for; the folder in it is the request.
fn site_of(directory: &str) -> Option<Site> {
    let mut folders = directory.split('/').skip_while(|folder| !folder.eq_ignore_ascii_case("rdx"));
    folders.next()?;
    // The inner folders of a package that lies right in `rdx/` are no request.
    Some(Site::of_research_exchange(folders.next().filter(|folder| !matches!(*folder, "events" | "state"))))
}

/// `{org}_{course}_{run}-events-{date}.log.gz`, dated by the events' own time.
fn events(shape: &Shape<'_>, site: Option<&Site>) -> Option<PackageFile> {
    let (name, gzip) = without_suffix(shape.name, ".gz");
    let (course, date) = dated(name.strip_suffix(".log")?)?;
    let course = course.strip_suffix("-events")?.to_ascii_lowercase();
    if course.is_empty() || (site.is_none() && course.matches('_').count() < 2) {
        return None;
    }
    let site = site.cloned().unwrap_or_else(|| Site::of_research_exchange(None));
    Some(PackageFile {
        file_key: format!("{site}/{course}-events-{date}"),
        kind: FileKind::TrackingLog,
        org: course.split('_').next().map(ToOwned::to_owned),
        site: Some(site),
        date: Some(date),
        wrapping: shape.wrapping(gzip),
        ..shape.unknown()
    })
}

/// A table or other file of a course in `state/{date}/`. Each course is a package of its own: a request may hold several of one day.
fn state(shape: &Shape<'_>, site: Option<Site>) -> Option<PackageFile> {
    let date = date_of_state(shape.directory)?;
    let site = site.unwrap_or_else(|| Site::of_research_exchange(None));
    let alone = Shape { relative_path: shape.name, directory: "", ..*shape };
    let file = member::member(&alone)?;
    let course = file.stem.as_deref().or(file.org.as_deref()).unwrap_or("course").to_ascii_lowercase();
    Some(PackageFile {
        file_key: format!("{site}-{course}-{date}/{}", file.file_key),
        org: file.stem.as_deref().and_then(|stem| stem.split('-').next()).map(str::to_ascii_lowercase).or(file.org.clone()),
        site: Some(site),
        date: Some(date),
        ..file
    })
}

fn date_of_state(directory: &str) -> Option<NaiveDate> {
    let mut folders = directory.rsplit('/').skip_while(|folder| *folder == "ora");
    let date = folders.next()?.parse().ok()?;
    (folders.next() == Some("state")).then_some(date)
}
