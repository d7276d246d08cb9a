//! Looks into the tar archives of a delivery: those that are new or changed are listed in one pass, and their members join the delivery as
//! files of its own; those that are known are not opened. It loads nothing (docs/decisions/0007-archives.md).

use std::collections::{HashSet, VecDeque};

use super::books::Books;
use super::clear::ClearFile;
use super::contain::contain;
use super::known::{self, OutOfArchive, Standing};
use super::load_record::{LoadRecord, LoadState};
use super::{FileFailure, Work};
use crate::package::{self, Archive, Batch, BatchContent, Delivery, Place};

/// What came of the archives.
#[derive(Default)]
pub struct Archives {
    /// The delivery with the members of the archives in it; absent when nothing was opened.
    pub delivery: Option<Delivery>,
    /// The archives that were opened, for `loads`: to be committed when all their members are.
    pub listed: Vec<(Batch, LoadRecord)>,
    n_notes_before: usize,
    not_understood: Vec<String>,
}

impl Archives {
    /// Remarks on members.
    pub fn notes(&self) -> Vec<String> {
        let of_members = self.delivery.iter().flat_map(|delivery| delivery.notes.iter().skip(self.n_notes_before).cloned());
        let unknown = self.not_understood.first().map(|first| {
            let more = if self.not_understood.len() > 1 { format!(" and {} more", self.not_understood.len() - 1) } else { String::new() };
            format!("`{first}`{more}: in an archive, with a name that says nothing to us")
        });
        of_members.chain(unknown).collect()
    }
}

/// Lists the archives that are new or changed.
pub fn expand(work: &Work<'_>, delivery: &Delivery, books: &mut Books<'_>) -> Archives {
    let mut archives = Archives { n_notes_before: delivery.notes.len(), ..Archives::default() };
    if delivery.archives.is_empty() {
        return archives;
    }
    let (mut wanted, mut passed) = (VecDeque::new(), Vec::new());
    let loose: HashSet<&str> = delivery.batches.iter().map(|batch| batch.key.as_str()).collect();
    let known = books.known.out_of_archives();
    for archive in &delivery.archives {
        let batch = Batch { key: archive.file.file.file_key.clone(), content: BatchContent::Archive(archive.file.clone()) };
        let stamp = batch.stamp();
        let name = archive.file.display_path();
        let out = known.get(known::name_of(&name));
        // Whether a package is whole is told from all of its files: those that lie beside the archive and those in it.
        let shares = archive.package_key().is_some_and(|key| loose.contains(key))
            || out.is_some_and(|out| out.batches.iter().any(|batch| loose.contains(batch)));
        let is_new = matches!(books.known.standing(&batch, &stamp), Ok(Standing::New) | Err(_));
        let is_unchanged = !is_new && out.is_none_or(|out| out.is_settled);
        if let Some(only) = &work.options.only_batches {
            if out.is_some_and(|out| out.batches.iter().any(|batch| only.contains(*batch))) {
                wanted.push_back((archive, batch, stamp));
            }
        } else if work.options.again || shares || !is_unchanged {
            wanted.push_back((archive, batch, stamp));
        } else {
            passed.push((archive, batch, stamp, out));
        }
    }
    if !wanted.is_empty() {
        archives.delivery = Some(delivery.clone());
        work.progress.begin("archives", wanted.len(), wanted.iter().map(|(archive, ..)| archive.file.n_bytes).sum());
    }
    while let Some((archive, batch, stamp)) = wanted.pop_front() {
        work.progress.file(&batch.key);
        let load = LoadRecord::begin(&archive.file, &batch, &stamp, (work.clock)());
        match contain(&archive.file, || list(work, archive, load.clone())).flatten() {
            Ok((members, load)) => {
                archives.not_understood.extend(members.not_understood.iter().cloned());
                // Which of several copies of a file counts is told from all of them, whatever run they came in.
                let opened: HashSet<&str> = members.batches.iter().map(|batch| batch.key.as_str()).collect();
                let shares = |out: Option<&OutOfArchive<'_>>| out.is_some_and(|out| !out.batches.is_disjoint(&opened));
                for (archive, batch, stamp, _) in passed.extract_if(.., |(.., out)| shares(*out)) {
                    wanted.push_back((archive, batch, stamp));
                }
                if let Some(all) = &mut archives.delivery {
                    all.merge(members);
                }
                archives.listed.push((batch, load));
            }
            Err(failure) => {
                // A damaged copy is no reason to forget the sound archive that its members came from.
                if books.known.files_of(&batch).is_empty() || books.known.failure_of(&batch.key).is_some() {
                    archives.listed.push((batch, LoadRecord { failure_code: Some(failure.code.to_owned()), ..load }));
                }
                books.summary.failures.push(failure);
            }
        }
        work.progress.file_done();
    }
    if archives.delivery.is_some() {
        work.progress.end();
    }
    for (archive, batch, _, out) in passed {
        match books.known.failure_of(&batch.key) {
            Some(code) => books.summary.failures.push(FileFailure::known(&archive.file, code)),
            None => {
                let failures = out.map(|out| out.failures.as_slice()).unwrap_or_default();
                books.summary.failures.extend(failures.iter().map(|(key, path, code)| FileFailure::known_at(key, path, code)));
                books.summary.n_unchanged += out.map_or(0, |out| out.n_files - failures.len() as u64);
            }
        }
    }
    archives
}

/// Reads an archive to its end: only then is it whole, and only then are its members believed.
fn list(work: &Work<'_>, archive: &Archive, mut load: LoadRecord) -> Result<(Delivery, LoadRecord), FileFailure> {
    let file = &archive.file;
    let clear = ClearFile::open(file, work.keys, work.options)?;
    let counts = clear.counts();
    let is_plain = !file.file.wrapping.encrypted && !starts_compressed(file);
    let members = package::list(archive, is_plain, clear.stream).map_err(|error| FileFailure::of_stream(file, &error))?;
    load.state = LoadState::Listed;
    load.n_clear_bytes = counts.n_clear_bytes();
    load.digest = Some(counts.digest());
    load.duration_secs = super::seconds_since(load.loaded_at, (work.clock)());
    Ok((members, load))
}

fn starts_compressed(file: &package::DeliveredFile) -> bool {
    matches!(file.place, Place::File(_)) && package::layers::is_compressed(&package::ends_of(file))
}
