//! Reads what is in an archive: its list of members and the head of one of them. It unpacks no member.

use std::io::Read as _;

use chrono::NaiveDate;
use czar_formats::package_file::{FileKind, PackageFile};
use flate2::read::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::place::{Place, ReadSeek};
use super::recipients::HEAD_BYTES;
use super::sorted::Found;
use crate::package::member_of_package;

/// More members than this are no data package: 5,000 courses have about 250,000.
const MOST_MEMBERS: usize = 2_000_000;

/// One file of a package.
pub(super) struct Member {
    pub(super) file: PackageFile,
    pub(super) n_bytes: u64,
}

/// The head of the first encrypted member of a package, for whom it is.
pub(super) struct Head {
    pub(super) org: String,
    pub(super) date: NaiveDate,
    pub(super) place: String,
    pub(super) bytes: Vec<u8>,
}

/// Lists an archive and reads one head.
pub(super) fn list(place: &Place, archive: &Found<'_>) -> Result<(Vec<Member>, Option<Head>), String> {
    if archive.entry.n_bytes == 0 {
        return Err("it is empty (zero bytes)".to_owned());
    }
    let file = place.open(archive.entry).map_err(|error| error.to_string())?;
    let mut zip = ZipArchive::new(file).map_err(|error| match error {
        ZipError::InvalidArchive(_) => "its end, where the members are listed, is missing or damaged".to_owned(),
        other => other.to_string(),
    })?;
    if zip.len() > MOST_MEMBERS {
        return Err(format!("it lists {} members, more than the {MOST_MEMBERS} we take", zip.len()));
    }
    let directory = zip.metadata();
    let mut members = Vec::with_capacity(zip.len());
    let mut first_encrypted = None;
    for index in 0..directory.len() {
        let entry = directory.entry(index).map_err(|error| error.to_string())?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|error| error.to_string())?;
        let file = member_of_package(&archive.file.file_key, &name);
        // An empty member deflates to two bytes.
        let n_bytes = if entry.size() == 0 { 0 } else { entry.compressed_size() };
        if first_encrypted.is_none() && file.wrapping.encrypted && n_bytes > 0 {
            first_encrypted = Some((index, name.into_owned()));
        }
        members.push(Member { file, n_bytes });
    }
    let head = first_encrypted.and_then(|(index, name)| {
        Some(Head {
            org: archive.file.org.clone()?,
            date: archive.file.date?,
            place: format!("{}!{name}", archive.entry.key),
            bytes: head_of(&mut zip, index)?,
        })
    });
    Ok((members, head))
}

fn head_of(zip: &mut ZipArchive<Box<dyn ReadSeek>>, index: usize) -> Option<Vec<u8>> {
    let member = zip.by_index_raw(index).ok()?;
    let is_deflated = member.compression() == CompressionMethod::Deflated;
    let mut bytes = Vec::new();
    let read = if is_deflated {
        DeflateDecoder::new(member).take(HEAD_BYTES).read_to_end(&mut bytes)
    } else {
        member.take(HEAD_BYTES).read_to_end(&mut bytes)
    };
    read.ok().map(|_| bytes)
}

/// The table of a file that belongs to a course, by its name in the lake.
pub(super) fn table_of(kind: &FileKind) -> Option<&str> {
    match kind {
        FileKind::Table(table) => Some(table),
        FileKind::Forum => Some("forum"),
        FileKind::CourseStructure => Some("course_structure"),
        FileKind::CourseArchive => Some("course"),
        _ => None,
    }
}
