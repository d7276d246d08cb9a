//! Gives a log that does not name its day a key, a day and a site from its first event (docs/concepts/edx-files.md, "Shapes"). It reads the
//! head of the file only, and knows nothing of a log that is encrypted.
//!
//! Rotation renames files, so the name cannot be the key: `tracking.log.1` is another file tomorrow. The first line stays the first line
//! while a log grows, is renamed and is packed.

use std::io::Read;

use chrono::DateTime;
use czar_formats::package_file::{FileKind, PackageFile};
use czar_formats::site::Site;
use czar_formats::tracking_log::parse_line;

use super::layers::peel;

/// How much of a log is read, in clear bytes, to find its first event.
const HEAD_BYTES: u64 = 1 << 20;

/// What the head of a log says.
pub(super) enum Settled {
    /// It is a log of events.
    EventFile(PackageFile),
    /// It holds no line yet.
    Blank,
    /// No line of its head is an event.
    NoEvent,
}

/// Looks at the head of a log as it is kept. What stands behind damage is not looked at: the load will name it.
pub(super) fn settle(file: PackageFile, relative_path: &str, kept: impl Read + Send + 'static) -> Settled {
    let mut head = Vec::new();
    if let Ok(clear) = peel(kept) {
        // An error ends the head; what came before it may be enough.
        let _ = clear.take(HEAD_BYTES).read_to_end(&mut head);
    }
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.clone().next() else { return Settled::Blank };
    let time = lines.find_map(|line| parse_line(line).ok().flatten().map(|event| event.time));
    let Some(time) = time.and_then(DateTime::from_timestamp_micros) else { return Settled::NoEvent };
    let (site, word) = match file.site.clone() {
        Some(site) => (site, "tracking-log"),
        None => (assumed_site(relative_path), "log"),
    };
    let hash = blake3::hash(first).to_hex();
    Settled::EventFile(PackageFile {
        file_key: format!("{site}-{word}-{}-{}", time.format("%Y%m%dT%H%M%S"), &hash.as_str()[..16]),
        kind: FileKind::TrackingLog,
        site: Some(site),
        date: Some(time.date_naive()),
        ..file
    })
}

/// Edge when a folder or the name says so, else edX itself.
fn assumed_site(relative_path: &str) -> Site {
    let says_edge = relative_path.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("edge"));
    if says_edge { Site::EDGE } else { Site::EDX }
}

/// Whether a key was made here: of two files with such a key the longer one is the log, the other an earlier copy of it.
pub(crate) fn is_named_by_content(file: &PackageFile) -> bool {
    file.kind == FileKind::TrackingLog
        && file
            .file_key
            .rsplit_once('-')
            .is_some_and(|(rest, hash)| hash.len() == 16 && rest.rsplit_once("-log-").is_some_and(|(_, time)| time.len() == 15))
}
