//! Walks through the list at the end of a zip (zip64 too). It unpacks nothing, writes nothing anywhere, and takes no number on trust: the list
//! is bounded, and a member that is given out lies in the archive.
//!
//! The list is decoded by the `zip` crate, which holds it in memory as a whole; so its length is looked at first.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::{CompressionMethod, ZipArchive};

/// A member that is no folder.
pub(super) struct Entry {
    /// Its name as the archive has it.
    pub(super) name: String,
    /// Where its bytes lie, or why it cannot be read.
    pub(super) content: Result<Content, String>,
}

/// Where the bytes of a member lie, and how they are packed.
pub(super) struct Content {
    /// Where they begin in the archive.
    pub(super) offset: u64,
    /// How many there are in the archive.
    pub(super) stored_bytes: u64,
    /// Whether they are packed.
    pub(super) deflated: bool,
    /// The check-sum of the member, unpacked.
    pub(super) crc32: u32,
}

/// What a zip lists.
pub(super) struct List {
    /// Its members, in the order of the list.
    pub(super) entries: Vec<Entry>,
    /// How many of its members have the name of another one. Of each name only the last is listed.
    pub(super) n_same_name: u64,
    /// How many members it declares.
    pub(super) n_declared: u64,
}

/// Lists an archive of at most so many members, folders included.
///
/// # Errors
/// It is no whole zip, or has more members.
pub(super) fn walk(mut archive: impl Read + Seek, most_members: usize) -> Result<List, String> {
    let length = archive.seek(SeekFrom::End(0)).map_err(|error| error.to_string())?;
    let n_declared = declared_members(&mut archive, length).map_err(|error| error.to_string())?;
    let too_many = |n: u64| format!("it lists {n} members, more than the {most_members} we take");
    if n_declared > most_members as u64 {
        return Err(too_many(n_declared));
    }
    let mut archive = ZipArchive::new(BufReader::new(archive)).map_err(|error| error.to_string())?;
    // The record at the end that we saw may not be the one that the list was read by.
    if archive.len() > most_members {
        return Err(too_many(archive.len() as u64));
    }
    let mut entries = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(|error| error.to_string())?;
        if member.is_dir() {
            continue;
        }
        let name = member.name().map_err(|error| error.to_string())?.into_owned();
        let content = if member.encrypted() {
            Err("member is locked with a pass-word of the zip, which edX does not use".to_owned())
        } else {
            let offset = member.data_start().ok_or_else(|| format!("member `{name}` has no data"))?;
            content(member.compression(), offset, member.compressed_size(), member.crc32(), length)
        };
        entries.push(Entry { name, content });
    }
    let n_same_name = n_declared.saturating_sub(archive.len() as u64);
    Ok(List { entries, n_same_name, n_declared })
}

fn content(packed_by: CompressionMethod, offset: u64, stored_bytes: u64, crc32: u32, length: u64) -> Result<Content, String> {
    let deflated = match packed_by {
        CompressionMethod::Stored => false,
        CompressionMethod::Deflated => true,
        other => return Err(format!("member is packed by method {other}, which edX does not use")),
    };
    if offset.checked_add(stored_bytes).is_none_or(|end| end > length) {
        return Err("member does not lie in the archive: the archive is damaged".to_owned());
    }
    Ok(Content { offset, stored_bytes, deflated, crc32 })
}

/// How many members the record at the end of a zip declares; 0 when there is no such record.
fn declared_members(archive: &mut (impl Read + Seek), length: u64) -> io::Result<u64> {
    /// The record, a comment of any length behind it, and the two records of zip64 before it.
    const TAIL_BYTES: u64 = 22 + 65_535 + 20 + 1024;
    archive.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    archive.by_ref().take(TAIL_BYTES).read_to_end(&mut tail)?;
    archive.rewind()?;
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

#[cfg(test)]
mod tests;
