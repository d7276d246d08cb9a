//! Lists the members of a zip. It unpacks nothing; where a member's bytes lie is all that is taken from the archive.

use std::fs::File;
use std::path::Path;

use super::Place;
use super::tar_walk::MOST_MEMBERS;
use super::zip_walk::walk;

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
    let list = walk(File::open(path).map_err(|error| error.to_string())?, MOST_MEMBERS)?;
    let mut listed = Listed { members: Vec::with_capacity(list.entries.len()), unreadable: Vec::new(), note: None };
    if list.n_same_name > 0 {
        let (n, n_declared) = (list.n_same_name, list.n_declared);
        listed.note = Some(format!("{n} of its {n_declared} members have the name of another; of each name the last is read"));
    }
    for entry in list.entries {
        match entry.content {
            Ok(content) => listed.members.push(Place::Member {
                archive: path.to_owned(),
                name: entry.name,
                offset: content.offset,
                stored_bytes: content.stored_bytes,
                deflated: content.deflated,
                crc32: content.crc32,
            }),
            Err(reason) => listed.unreadable.push((entry.name, reason)),
        }
    }
    Ok(listed)
}
