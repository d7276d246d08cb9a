//! Lists the members of a zip (zip64 too). It unpacks nothing; where a member's bytes lie is all that is taken from the archive.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use czar_formats::package_file::{PackageFile, classify};
use zip::{CompressionMethod, ZipArchive};

use super::{DeliveredFile, Place};

/// More members than this are no data package: 5,000 courses have about 250,000.
const MOST_MEMBERS: usize = 2_000_000;

/// What an archive lists.
pub(super) struct Members {
    /// Members that can be read.
    pub(super) files: Vec<DeliveredFile>,
    /// Names of members that cannot, with the reason.
    pub(super) unreadable: Vec<(String, String)>,
}

/// The members of an archive as files of the package that is named by the archive's own key.
pub(super) fn members(path: &Path, package_key: &str) -> Result<Members, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    if archive.len() > MOST_MEMBERS {
        return Err(format!("it lists {} members, more than the {MOST_MEMBERS} we take", archive.len()));
    }
    let mut members = Members { files: Vec::with_capacity(archive.len()), unreadable: Vec::new() };
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(|error| error.to_string())?;
        if member.is_dir() {
            continue;
        }
        let name = member.name().map_err(|error| error.to_string())?.into_owned();
        let deflated = match member.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => {
                members.unreadable.push((name, format!("member is packed by method {other}, which edX does not use")));
                continue;
            }
        };
        let offset = member.data_start().ok_or_else(|| format!("member `{name}` has no data"))?;
        let place = Place::Member {
            archive: path.to_owned(),
            offset,
            stored_bytes: member.compressed_size(),
            deflated,
            crc32: member.crc32(),
            name: name.clone(),
        };
        let file = classify_member(package_key, &name);
        members.files.push(DeliveredFile { file, place, n_bytes: member.compressed_size(), modified_at: 0 });
    }
    Ok(members)
}

/// What a member is, as if the archive were a folder of its name. The folder inside the archive usually has that name already; one with
/// another name does not make the member part of another package. Parent folders (`..`) mean nothing: no path of an archive is written to.
pub(crate) fn classify_member(package_key: &str, name: &str) -> PackageFile {
    let inside = name.trim_start_matches("./");
    let file = match inside.split_once('/') {
        Some((top, _)) if top.eq_ignore_ascii_case(package_key) => classify(inside),
        _ => classify(&format!("{package_key}/{inside}")),
    };
    let is_of_package = file.file_key.strip_prefix(package_key).is_some_and(|rest| rest.starts_with('/'));
    if is_of_package { file } else { classify(&format!("{package_key}/{}", inside.rsplit('/').next().unwrap_or_default())) }
}
