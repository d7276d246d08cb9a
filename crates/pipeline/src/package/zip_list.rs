//! Lists the members of a zip (zip64 too). It unpacks nothing; where a member's bytes lie is all that is taken from the archive.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::Place;
use super::tar_walk::MOST_MEMBERS;

/// What an archive lists.
pub(super) struct Listed {
    /// Members that can be read.
    pub(super) members: Vec<Place>,
    /// Names of members that cannot, with the reason.
    pub(super) unreadable: Vec<(String, String)>,
    /// What is odd about the list.
    pub(super) note: Option<String>,
}

/// The members of an archive that are no folders.
pub(super) fn members(path: &Path) -> Result<Listed, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    // The list is taken into memory as a whole, so its length is looked at first.
    let declared = declared_members(&mut file).map_err(|error| error.to_string())?;
    if declared > MOST_MEMBERS as u64 {
        return Err(format!("it lists {declared} members, more than the {MOST_MEMBERS} we take"));
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let mut listed = Listed { members: Vec::with_capacity(archive.len()), unreadable: Vec::new(), note: None };
    if (archive.len() as u64) < declared {
        let n = declared - archive.len() as u64;
        listed.note = Some(format!("{n} of its {declared} members have the name of another; of each name the last is read"));
    }
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(|error| error.to_string())?;
        if member.is_dir() {
            continue;
        }
        let name = member.name().map_err(|error| error.to_string())?.into_owned();
        if member.encrypted() {
            listed.unreadable.push((name, "member is locked with a pass-word of the zip, which edX does not use".to_owned()));
            continue;
        }
        let deflated = match member.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => {
                listed.unreadable.push((name, format!("member is packed by method {other}, which edX does not use")));
                continue;
            }
        };
        let offset = member.data_start().ok_or_else(|| format!("member `{name}` has no data"))?;
        listed.members.push(Place::Member {
            archive: path.to_owned(),
            offset,
            stored_bytes: member.compressed_size(),
            deflated,
            crc32: member.crc32(),
            name,
        });
    }
    Ok(listed)
}

/// How many members the record at the end of a zip declares; 0 when there is no such record.
fn declared_members(file: &mut File) -> io::Result<u64> {
    /// The record, a comment of any length behind it, and the two records of zip64 before it.
    const TAIL_BYTES: u64 = 22 + 65_535 + 20 + 1024;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    file.rewind()?;
    let Some(end) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(0) };
    let short = tail.get(end + 10..end + 12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes);
    let long = memchr::memmem::rfind(&tail[..end], b"PK\x06\x06")
        .and_then(|start| tail.get(start + 32..start + 40))
        .and_then(|bytes| bytes.try_into().ok())
        .map(u64::from_le_bytes);
    Ok(match long {
        Some(long) if short == u16::MAX => long,
        _ => u64::from(short),
    })
}
