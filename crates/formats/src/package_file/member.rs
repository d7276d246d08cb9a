//! The names of the files inside a weekly package, in a zip or a directory, encrypted or clear.
//! It refuses names that hold neither a word we know nor the frame edX puts around one.

use super::{FileKind, Package, PackageFile, Shape, split_site, table_name, without_suffix};
use crate::database_file::schema;
use crate::site::Site;

/// What edX puts in place of `{site}-analytics` when a name would be too long: the MD5 of those words
/// (docs/concepts/edx-files.md, "Names of members").
const CUT_MARKS: &[(&str, Site)] = &[
    ("b140b895e008fcc2eeff3c21479faba3", Site::EDX),
    ("b152db33fc6dfd0f1ef4d1f6be0f8eab", Site::EDGE),
    ("7eeb155eaf6d2827edf5801a3e5b9ead", Site::EDGE),
];

/// Whether a name has the mark of a cut.
pub(super) fn is_cut(file_key: &str) -> bool {
    CUT_MARKS.iter().any(|(mark, _)| file_key.contains(mark))
}

pub(super) fn member(shape: &Shape<'_>) -> Option<PackageFile> {
    let (package, inner_directory) = package_directory(shape.directory);
    let opt_in_package = package.as_ref().is_some_and(|package| package.opt_in);
    let parsed = parse_name(shape.name, opt_in_package).or_else(|| package.as_ref().and_then(|_| other_table(shape.name)));
    // Inside a package even an unknown file has a date and an organisation.
    if parsed.is_none() && package.is_none() {
        return None;
    }
    let parsed = parsed.unwrap_or_else(|| unknown(shape.name));

    let inner = match &parsed.kind {
        FileKind::Unknown | FileKind::UnnamedTable | FileKind::TabSeparated(_) => inner_directory,
        FileKind::Table(table) if table_name::is_open_response(table) => "ora",
        _ if inner_directory.rsplit('/').next() == Some("ora") => "ora",
        _ => "",
    };
    let file_key = key(package.as_ref(), inner, parsed.logical);

    let (org, date) = package.map(|package| (package.org, package.date)).unzip();
    Some(PackageFile {
        file_key,
        kind: parsed.kind,
        site: parsed.site,
        org: org.or(parsed.org),
        date,
        stem: parsed.stem,
        wrapping: shape.wrapping(parsed.gzip),
        failed: shape.failed,
    })
}

/// The key of a file in a package, if it is in one, and in a directory there, if that counts.
fn key(package: Option<&Package>, inner_directory: &str, name: &str) -> String {
    let package = package.map(Package::key).unwrap_or_default();
    [package.as_str(), inner_directory, name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// The package directory nearest to the file, and the directories between the two.
fn package_directory(directory: &str) -> (Option<Package>, &str) {
    let mut end = directory.len();
    loop {
        let path = directory.get(..end).unwrap_or_default();
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(package) = Package::of(name) {
            return (Some(package), directory.get(end..).unwrap_or_default().trim_start_matches('/'));
        }
        if above.is_empty() {
            return (None, "");
        }
        end = above.len();
    }
}

/// What a member's name tells.
struct Name<'a> {
    logical: &'a str,
    kind: FileKind,
    site: Option<Site>,
    stem: Option<String>,
    org: Option<String>,
    gzip: bool,
}

fn parse_name(name: &str, opt_in_package: bool) -> Option<Name<'_>> {
    if let Some(base) = name.strip_suffix(".xml.tar.gz").or_else(|| name.strip_suffix(".xml.tar")) {
        let parts = split_frame(base).filter(|parts| parts.word == Some("course"))?;
        return Some(parts.named(name, FileKind::CourseArchive, name.ends_with(".gz")));
    }
    let (logical, gzip) = without_suffix(name, ".gz");
    let (base, extension) = logical.rsplit_once('.')?;
    match extension {
        "sql" => {
            let parts = split_frame(base)?;
            let kind = parts.word.map_or(FileKind::UnnamedTable, |word| FileKind::Table(table_name::table_name(word).to_owned()));
            Some(parts.named(logical, kind, gzip))
        }
        "json" => {
            let parts = split_frame(base).filter(|parts| parts.word == Some("course_structure"))?;
            Some(parts.named(logical, FileKind::CourseStructure, gzip))
        }
        "mongo" => {
            let (stem, site) = match split_site(base) {
                Some((stem, token)) if is_site_word(token) => (stem, Site::from_token(token)),
                _ => (base, None),
            };
            Some(Frame { stem, word: None, site }.named(logical, FileKind::Forum, gzip))
        }
        "csv" => match split_frame(base).filter(|parts| parts.word == Some("email_opt_in")) {
            Some(Frame { stem, site, .. }) => {
                let org = Some(stem.to_ascii_lowercase());
                Some(Name { logical, kind: FileKind::EmailOptIn, site, stem: None, org, gzip })
            }
            // The list is the only file of its zip, and covers the production site only.
            None if opt_in_package => {
                Some(Name { logical, kind: FileKind::EmailOptIn, site: Some(Site::EDX), stem: None, org: None, gzip })
            }
            None => None,
        },
        _ => None,
    }
}

/// A file of a package that is, or may be, a table edX does not name: its table is the last word of its name, before the frame if there is
/// one. A `.csv` file that names a programme is a report of one. What bears the name of a table of edX's is no other table, and most likely
/// somebody's copy of that one.
fn other_table(name: &str) -> Option<Name<'_>> {
    let (logical, gzip) = without_suffix(name, ".gz");
    let (base, extension) = logical.rsplit_once('.')?;
    let frame = split_frame(base);
    let site = frame.as_ref().and_then(|frame| frame.site.clone());
    let word = frame.as_ref().and_then(|frame| frame.word).unwrap_or_else(|| base.rsplit('-').next().unwrap_or(base));
    let table: String = word.to_ascii_lowercase().replace([' ', '.'], "_");
    let is_edx = table_name::is_known(&table) || schema::table(&table).is_some();
    let (kind, site) = match extension {
        "csv" if base.to_ascii_lowercase().contains("program") => (FileKind::ProgramReport, site.or(Some(Site::EDX))),
        "csv" => (FileKind::Csv(table), site),
        "tsv" | "tab" | "txt" | "sql" if !is_edx => (FileKind::TabSeparated(table), site),
        _ => return None,
    };
    let stem = frame.map(|frame| frame.stem.to_owned()).filter(|stem| !stem.is_empty());
    Some(Name { logical, kind, site, stem, org: None, gzip })
}

/// Any other file of a package. It has a site and a course only if it is named as edX names files.
fn unknown(name: &str) -> Name<'_> {
    let base = without_suffix(name, ".gz").0.rsplit_once('.').map_or(name, |(base, _)| base);
    let frame = split_frame(base).filter(|frame| frame.site.is_some());
    let (stem, site) = frame.map(|frame| (frame.stem.to_owned(), frame.site)).unzip();
    let stem = stem.filter(|stem| !stem.is_empty());
    Name { logical: name, kind: FileKind::Unknown, site: site.flatten(), stem, org: None, gzip: false }
}

/// A log in the folder of a package that holds no event.
pub(super) fn log_without_events(log: &PackageFile) -> Option<PackageFile> {
    let (directory, name) = log.file_key.rsplit_once('/')?;
    let (package, inner_directory) = package_directory(directory);
    let package = package?;
    Some(PackageFile {
        file_key: key(Some(&package), inner_directory, name),
        kind: FileKind::Unknown,
        site: None,
        org: Some(package.org),
        date: Some(package.date),
        ..log.clone()
    })
}

/// A name without its extension: `{stem}-{word}-{site}-analytics`.
struct Frame<'a> {
    stem: &'a str,
    word: Option<&'a str>,
    site: Option<Site>,
}

impl Frame<'_> {
    fn named(self, logical: &str, kind: FileKind, gzip: bool) -> Name<'_> {
        let stem = (!self.stem.is_empty() && kind != FileKind::Unknown).then(|| self.stem.to_owned());
        Name { logical, kind, site: self.site, stem, org: None, gzip }
    }
}

/// Splits a name from the right. The site or `-analytics` may be missing if the word before is one we know; a word we do not know
/// needs both. A cut name may have lost its word.
fn split_frame(base: &str) -> Option<Frame<'_>> {
    for (mark, site) in CUT_MARKS {
        if let Some(rest) = base.strip_suffix(mark).and_then(|rest| rest.strip_suffix('-')) {
            return Some(match known_word(rest) {
                Some((stem, word)) => Frame { stem, word: Some(word), site: Some(site.clone()) },
                None => Frame { stem: rest, word: None, site: Some(site.clone()) },
            });
        }
    }
    let (rest, has_frame) = without_suffix(base, "-analytics");
    if let Some((stem, word)) = known_word(rest) {
        return Some(Frame { stem, word: Some(word), site: None });
    }
    let (stem_and_word, token) = split_site(rest)?;
    let site = Site::from_token(token)?;
    if let Some((stem, word)) = known_word(stem_and_word) {
        return Some(Frame { stem, word: Some(word), site: Some(site) });
    }
    let (stem, word) = stem_and_word.rsplit_once('-')?;
    let plausible = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (has_frame && is_site_word(token) && plausible).then_some(Frame { stem, word: Some(word), site: Some(site) })
}

fn known_word(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('-').filter(|(stem, word)| !stem.is_empty() && table_name::is_known(word))
}

fn is_site_word(token: &str) -> bool {
    matches!(token, "prod" | "edge" | "prod-edge" | "edx")
}
