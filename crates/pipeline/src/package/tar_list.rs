//! Lists a tar archive in one pass over its clear bytes: what each member is, where it lies, and the digest of its content, so that members
//! that are known need not be read again. It is a list only when the archive is whole to its end.

use std::io::{self, Read};

use czar_formats::package_file::FileKind;

use super::gather::{Found, Gatherer, file_in};
use super::tar_source::{TarMember, TarSource};
use super::tar_walk::walk;
use super::{Archive, Delivery, Place};

/// How much of a log without a day is kept to look for its first event, as it lies in the archive.
const HEAD_BYTES: usize = 256 << 10;

/// The members of an archive as a delivery. `is_plain` when the archive is kept as the tar itself, so that its members can be read where
/// they lie; `clear` is its clear bytes, to their end.
///
/// # Errors
/// The stream fails, is no tar, or ends early.
pub(crate) fn list(archive: &Archive, is_plain: bool, clear: impl Read) -> io::Result<Delivery> {
    let source = TarSource::new(archive.file.clone(), is_plain);
    let mut gatherer = Gatherer::default();
    let before = gatherer.mark();
    let mut n_without_content = 0;
    let path = archive.file.display_path();
    let mut buffer = vec![0; 1 << 16];
    walk(clear, |entry, content| {
        match entry.unreadable {
            Some("file with holes") => {
                let reason = "member is kept with holes (sparse), which is not read: pack it without".to_owned();
                gatherer.delivery.unreadable.push((format!("{path}!{}", entry.name), reason));
                return Ok(());
            }
            Some(_) => {
                n_without_content += 1;
                return Ok(());
            }
            None => {}
        }
        let file = file_in(archive.package_key.as_deref(), &archive.prefix, &entry.name);
        let wants_head = file.kind == FileKind::LooseLog;
        let mut head = Vec::new();
        let mut hasher = blake3::Hasher::new();
        loop {
            let n = content.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            hasher.update(&buffer[..n]);
            if wants_head {
                head.extend_from_slice(&buffer[..n.min(HEAD_BYTES - head.len())]);
            }
        }
        let member = TarMember::new(&source, &entry.name, entry.offset, entry.n_bytes, hasher.finalize());
        let found = Found {
            relative_path: format!("{}/{}", archive.prefix, entry.name.trim_start_matches("./")),
            place: Place::TarMember(Box::new(member)),
            n_bytes: entry.n_bytes,
            modified_at: archive.file.modified_at,
            content_modified_at: i64::try_from(entry.modified_secs).ok().and_then(|secs| secs.checked_mul(1_000_000)).unwrap_or_default(),
        };
        gatherer.take(file, found, Some(head));
        Ok(())
    })?;
    if n_without_content > 0 {
        let note = format!("`{path}`: {n_without_content} links and devices in it have no content and are passed over");
        gatherer.delivery.notes.push(note);
    }
    gatherer.name_as_a_whole_unless_understood(before, archive.package_key.as_deref(), &path);
    Ok(gatherer.finish())
}
