//! Writes the clear files of one package or event file beside their place, then puts them there. Course archives are written as the folders
//! they hold; a name in them can lead nowhere else.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write as _};
use std::path::Path;

use czar_formats::package_file::FileKind;

use super::layout::{Layout, UNFINISHED, entries, make_folder, move_to, remove};
use super::places::{Places, without_tar};
use super::{UnpackError, UnpackOptions, stamp};
use crate::ingest::{ClearFile, FileFailure, contain, decrypted};
use crate::package::tar_walk::walk;
use crate::package::{Batch, BatchContent, DeliveredFile, RawFile};
use crate::progress::Progress;
use crate::vault::SecretKeys;

/// What came of one batch.
#[derive(Default)]
pub(super) struct Written {
    pub(super) n_clear_bytes: u64,
    pub(super) is_package: bool,
    /// Whether all of it was written.
    pub(super) is_whole: bool,
    pub(super) failures: Vec<FileFailure>,
}

/// Unpacks one batch. A package with a file that cannot be read is put in place without it, and tried again the next time.
pub(super) fn write(
    batch: &Batch,
    layout: &Layout,
    keys: Option<&SecretKeys>,
    options: &UnpackOptions,
    progress: &dyn Progress,
) -> Result<Written, UnpackError> {
    progress.file(&batch.key);
    let is_package = matches!(batch.content, BatchContent::Package { .. });
    let mut written = Written { is_package, ..Written::default() };
    let unfinished = layout.folder.join(UNFINISHED).join(&batch.key);
    let mut places = Places::new(&unfinished);
    if is_package {
        make_folder(&unfinished)?;
    }
    for file in batch.files().iter().filter(|file| options.takes(&file.file.file_key)) {
        // Its place below the package: `ora/` and the member's name.
        let below = file.file.file_key.strip_prefix(&batch.key).map(|rest| rest.trim_start_matches('/')).filter(|rest| !rest.is_empty());
        let target = if is_package { places.of(below.unwrap_or(&batch.key), layout) } else { unfinished.clone() };
        let read = contain(file, || write_file(file, &target, layout, keys, options));
        match read.unwrap_or_else(|failure| Err(Trouble::Reading(Box::new(failure)))) {
            Ok(n_bytes) => written.n_clear_bytes += n_bytes,
            Err(Trouble::Reading(failure)) => written.failures.push(*failure),
            Err(Trouble::Writing(error)) => return Err(error),
        }
        progress.advance(file.n_bytes);
    }
    progress.file_done();
    written.is_whole = written.failures.is_empty();
    if is_package || written.is_whole {
        if options.has_decrypted {
            keep_decrypted(batch, &unfinished, layout, keys, options)?;
        }
        // Without a right stamp it counts as changed, and the missing file is tried again.
        let stamp = if written.is_whole { stamp(batch, options) } else { String::new() };
        layout.put(batch, &unfinished, &stamp)?;
    }
    Ok(written)
}

/// Lays a batch out below `decrypted`: the members of a package under their own names, as links to the same bytes; an event file without
/// its encryption, compressed as it came. It was read to its end before, so that it is whole.
fn keep_decrypted(
    batch: &Batch,
    written: &Path,
    layout: &Layout,
    keys: Option<&SecretKeys>,
    options: &UnpackOptions,
) -> Result<(), UnpackError> {
    let BatchContent::EventFile(file) = &batch.content else { return link_all(written, &layout.decrypted(&batch.key, None)) };
    // A log that was kept without compression has no shape that older tools know.
    let Some(site) = file.file.site.as_ref().filter(|_| file.file.wrapping.gzip) else { return Ok(()) };
    let place = layout.decrypted(&batch.key, Some(site.as_str()));
    if let Some(parent) = place.parent() {
        make_folder(parent)?;
    }
    let beside = layout.folder.join(UNFINISHED).join(format!("{}.log.gz", batch.key));
    let copied = decrypted(file, &RawFile::default(), keys, &options.reading)
        .map_err(|failure| Trouble::Reading(Box::new(failure)))
        .and_then(|mut bytes| copy(file, &mut bytes, &beside));
    match copied {
        Ok(_) => move_to(&beside, &place),
        Err(Trouble::Writing(error)) => Err(error),
        // It has just been read, and will be told the next time if it stays so.
        Err(Trouble::Reading(failure)) => {
            tracing::warn!(file = failure.path, message = failure.message, "not laid out below `decrypted`");
            Ok(())
        }
    }
}

/// Makes the files of a folder appear in another one as well.
fn link_all(from: &Path, to: &Path) -> Result<(), UnpackError> {
    remove(to)?;
    make_folder(to)?;
    for entry in entries(from)? {
        let target = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            link_all(&entry, &target)?;
        } else {
            std::fs::hard_link(&entry, &target).map_err(|source| UnpackError::of("link", &target, source))?;
        }
    }
    Ok(())
}

/// A file that cannot be read is one thing, a folder that cannot be written another.
enum Trouble {
    Reading(Box<FileFailure>),
    Writing(UnpackError),
}

fn write_file(
    file: &DeliveredFile,
    target: &Path,
    layout: &Layout,
    keys: Option<&SecretKeys>,
    options: &UnpackOptions,
) -> Result<u64, Trouble> {
    let reading = |failure| Trouble::Reading(Box::new(failure));
    if file.file.failed {
        // What edX sent in its place is an error text of its own job.
        let message = "edX could not produce it and sent the error of its own job instead";
        return Err(reading(FileFailure::new(file, "file.not_produced", message, None)));
    }
    let mut clear = ClearFile::open(file, keys, &options.reading).map_err(reading)?.stream;
    if let Some(parent) = target.parent() {
        make_folder(parent).map_err(Trouble::Writing)?;
    }
    if file.file.kind == FileKind::CourseArchive {
        return write_archive(file, clear, &without_tar(target), layout);
    }
    copy(file, &mut clear, target)
}

/// Copies a stream into a new file, told apart which of the two failed.
fn copy(file: &DeliveredFile, from: &mut impl Read, target: &Path) -> Result<u64, Trouble> {
    let writing = |source| Trouble::Writing(UnpackError::of("write", target, source));
    let mut to = BufWriter::with_capacity(1 << 18, File::create(target).map_err(writing)?);
    let mut buffer = vec![0; 1 << 17];
    let mut n_bytes = 0;
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // What came before the damage must not pass for the whole.
                let _ = std::fs::remove_file(target);
                return Err(Trouble::Reading(Box::new(FileFailure::of_stream(file, &error))));
            }
        };
        to.write_all(&buffer[..n]).map_err(writing)?;
        n_bytes += n as u64;
    }
    to.into_inner().map_err(|error| writing(error.into_error()))?.sync_all().map_err(writing)?;
    Ok(n_bytes)
}

/// Writes the files of a tar. Links and devices are left out: a course has none, and they could lead elsewhere. Of an archive that turns out
/// to be damaged nothing stays: a part must not pass for the whole.
fn write_archive(file: &DeliveredFile, clear: impl Read, folder: &Path, layout: &Layout) -> Result<u64, Trouble> {
    make_folder(folder).map_err(Trouble::Writing)?;
    let (mut places, mut n_bytes, mut trouble) = (Places::new(folder), 0, None);
    let walked = walk(clear, |entry, mut content| {
        if entry.unreadable.is_some() {
            return Ok(());
        }
        let target = places.of(&entry.name, layout);
        let parent = target.parent().unwrap_or(folder);
        if target.is_dir() || parent.ancestors().take_while(|place| *place != folder).any(Path::is_file) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "archive has a file and a folder of one name"));
        }
        let written = make_folder(parent).map_err(Trouble::Writing).and_then(|()| copy(file, &mut content, &target));
        n_bytes += written.map_err(|told| {
            trouble = Some(told);
            io::Error::other("a member is not written")
        })?;
        Ok(())
    });
    let Err(error) = walked else { return Ok(n_bytes) };
    remove(folder).map_err(Trouble::Writing)?;
    Err(trouble.unwrap_or_else(|| Trouble::Reading(Box::new(FileFailure::of_stream(file, &error)))))
}
