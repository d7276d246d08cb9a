//! Logs that are not named `{org}-{site}-events-{date}.log`: those of the first years, of an Open edX of one's own, and any other `.log`.
//! It does not look into them, so it says of most neither day nor site.

use chrono::NaiveDate;

use super::{FileKind, PackageFile, Shape, tar_stem, without_suffix};
use crate::site::Site;

/// `{date}_{org}.log` in a folder for each server, and the tar that held them: `{date}-{org}-tracking.tar`. The site is edge when the path
/// says so.
pub(super) fn legacy(shape: &Shape<'_>) -> Option<PackageFile> {
    if let Some(name) = tar_stem(shape.name).and_then(|stem| stem.strip_suffix("-tracking")) {
        let (date, org) = leading_date(name)?;
        let org = org.strip_prefix('-').filter(|org| !org.is_empty())?.to_ascii_lowercase();
        let file_key = format!("{date}-{org}-tracking");
        return Some(PackageFile { file_key, kind: FileKind::LogArchive, org: Some(org), date: Some(date), ..shape.unknown() });
    }
    let (name, gzip) = without_suffix(shape.name, ".gz");
    let (date, org) = leading_date(name.strip_suffix(".log")?)?;
    let org = org.strip_prefix('_').filter(|org| !org.is_empty())?.to_ascii_lowercase();
    // Each server wrote a file of that name, in a folder of the server's name.
    let folder = shape.directory.rsplit('/').next().unwrap_or_default();
    let server = if names_site(folder, "edxapp") || folder.starts_with("prod-") { format!("{folder}/") } else { String::new() };
    Some(PackageFile {
        file_key: format!("{server}{date}_{org}"),
        kind: FileKind::TrackingLog,
        site: Some(if names_site(shape.directory, "edge") { Site::EDGE } else { Site::EDX }),
        org: Some(org),
        date: Some(date),
        wrapping: shape.wrapping(gzip),
        ..shape.unknown()
    })
}

/// `tracking.log` as an Open edX writes and rotates it, of the site `local`; any other `.log`, of no site.
pub(super) fn loose(shape: &Shape<'_>) -> Option<PackageFile> {
    let (name, gzip) = without_suffix(shape.name, ".gz");
    let is_tracking = name.strip_prefix("tracking").and_then(|rest| rest.split_once(".log")).is_some_and(|(day, turn)| {
        let is_mark = |mark: &str| mark.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.');
        let begins = |mark: &str| mark.is_empty() || mark.starts_with(['-', '.']);
        is_mark(day) && begins(day) && is_mark(turn) && begins(turn)
    });
    let is_log = name.strip_suffix(".log").is_some_and(|stem| !stem.is_empty());
    let folder = if shape.directory.is_empty() { String::new() } else { format!("{}/", shape.directory) };
    (is_tracking || is_log).then(|| PackageFile {
        file_key: format!("{folder}{name}"),
        kind: FileKind::LooseLog,
        site: is_tracking.then_some(Site::LOCAL),
        wrapping: shape.wrapping(gzip),
        ..shape.unknown()
    })
}

fn leading_date(name: &str) -> Option<(NaiveDate, &str)> {
    let (date, rest) = name.split_at_checked(10)?;
    let well_formed =
        date.bytes().enumerate().all(|(index, byte)| if index == 4 || index == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    if !well_formed {
        return None;
    }
    Some((date.parse().ok()?, rest))
}

/// Whether a word stands in a path between other characters than letters and digits.
fn names_site(path: &str, word: &str) -> bool {
    path.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word))
}
