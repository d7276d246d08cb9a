//! Takes files one by one, wherever they lie, and makes a delivery of them: what each is, which day and site it is of. It opens only what
//! has to be looked into for that: the list of a zip, the head of a log without a day.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use czar_formats::package_file::{FileKind, PackageFile, classify, is_tar_name};

use super::loose_log::{self, Settled};
use super::undated::{self, Undated};
use super::{Archive, DeliveredFile, Delivery, Place, RawFile, batch, versions, zip_list};

/// Files that systems and pack programs add.
const PASSED_OVER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];
/// The file by which a synthetic delivery says what it is, in no package.
const SYNTHETIC_NOTE: &str = "README.txt";
/// What a research exchange says of itself.
const RESEARCH_EXCHANGE_NOTE: &str = "metadata_file.json";

/// What is known of a file before its content is.
pub(super) struct Found {
    /// Its path, with `/` between the parts; in an archive as if that were a folder.
    pub(super) relative_path: String,
    pub(super) place: Place,
    /// Size as kept.
    pub(super) n_bytes: u64,
    /// When the file, or the archive it lies in, was changed; microseconds since 1970.
    pub(super) modified_at: i64,
    /// When the content was, as far as an archive tells.
    pub(super) content_modified_at: i64,
}

/// Takes files.
#[derive(Default)]
pub(super) struct Gatherer {
    files: Vec<DeliveredFile>,
    undated: Vec<Undated>,
    /// What is to be said of files: the first of them, and how many.
    remarks: BTreeMap<String, (String, usize)>,
    pub(super) delivery: Delivery,
}

impl Gatherer {
    /// Takes a file of a folder. Says whether anything was made of it.
    pub(super) fn take_file(&mut self, path: &Path, relative_path: String, n_bytes: u64, modified_at: i64) -> bool {
        let name = relative_path.rsplit('/').next().unwrap_or_default();
        let file = classify(&relative_path);
        let found = |relative_path| Found {
            relative_path,
            place: Place::File(path.to_owned()),
            n_bytes,
            modified_at,
            content_modified_at: modified_at,
        };
        let is_archive = matches!(
            file.kind,
            FileKind::DatabaseArchive | FileKind::EmailOptInArchive | FileKind::LogArchive | FileKind::ResearchExchangeArchive
        );
        if (is_archive || file.kind == FileKind::Unknown) && is_tar_name(name) {
            let archive = Archive::new(file, found(relative_path));
            self.delivery.archives.push(archive);
            return true;
        }
        if is_archive || (file.kind == FileKind::Unknown && name.to_ascii_lowercase().ends_with(".zip") && !name.starts_with("._")) {
            let package_key = is_archive.then_some(file.file_key.as_str());
            return self.take_zip(path, &relative_path, package_key, modified_at);
        }
        self.take(file, found(relative_path), None)
    }

    /// Takes the members of a zip. One that is no package and holds nothing of ours is named as a whole.
    fn take_zip(&mut self, path: &Path, relative_path: &str, package_key: Option<&str>, modified_at: i64) -> bool {
        let listed = match zip_list::members(path) {
            Ok(listed) => listed,
            Err(reason) => {
                self.delivery.unreadable.push((path.display().to_string(), format!("not a whole zip archive: {reason}")));
                return true;
            }
        };
        let unreadable = listed.unreadable.into_iter().map(|(name, reason)| (format!("{}!{name}", path.display()), reason));
        self.delivery.unreadable.extend(unreadable);
        if let Some(note) = listed.note {
            self.delivery.notes.push(format!("`{}`: {note}", path.display()));
        }
        let prefix = relative_path.get(..relative_path.len() - ".zip".len()).unwrap_or(relative_path);
        let before = self.mark();
        for member in listed.members {
            let Place::Member { name, stored_bytes, .. } = &member else { continue };
            let (relative_path, n_bytes) = (format!("{prefix}/{name}"), *stored_bytes);
            let file = file_in(package_key, prefix, name);
            self.take(file, Found { relative_path, place: member, n_bytes, modified_at, content_modified_at: modified_at }, None);
        }
        self.name_as_a_whole_unless_understood(before, package_key, relative_path)
    }

    /// Where the lists stand, to tell later whether an archive gave anything.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.files.len() + self.undated.len(), self.delivery.not_understood.len())
    }

    /// Puts an archive that gave nothing in place of its members.
    pub(super) fn name_as_a_whole_unless_understood(&mut self, before: (usize, usize), package_key: Option<&str>, path: &str) -> bool {
        let (n_understood, _) = self.mark();
        if package_key.is_none() && n_understood == before.0 {
            self.delivery.not_understood.truncate(before.1);
            self.delivery.not_understood.push(path.to_owned());
            return false;
        }
        true
    }

    /// Takes a file that is no archive. `head` is the first bytes of a file that cannot be opened by itself yet.
    pub(super) fn take(&mut self, file: PackageFile, found: Found, head: Option<Vec<u8>>) -> bool {
        let Found { relative_path, place, n_bytes, modified_at, content_modified_at } = found;
        let name = relative_path.rsplit('/').next().unwrap_or_default();
        let is_junk = PASSED_OVER.contains(&name)
            || (name == SYNTHETIC_NOTE && file.date.is_none())
            || name.starts_with("._")
            || is_being_fetched(name)
            || relative_path.split('/').any(|part| part == "__MACOSX");
        if is_junk {
            return true;
        }
        let file = DeliveredFile { file, place, n_bytes, modified_at };
        match file.file.kind {
            FileKind::LooseLog => return self.take_log(file, relative_path, head),
            // Inside a package even a file that nobody knows is accounted for.
            FileKind::Unknown if file.file.date.is_some() => self.files.push(file),
            FileKind::Unknown if name == RESEARCH_EXCHANGE_NOTE => {
                self.remark(&file, "describes a research exchange and is not read".to_owned());
            }
            FileKind::Unknown
            | FileKind::DatabaseArchive
            | FileKind::EmailOptInArchive
            | FileKind::LogArchive
            | FileKind::ResearchExchangeArchive => {
                self.delivery.not_understood.push(relative_path);
                return false;
            }
            // A report on programmes whose name has no day is of the day on which it was written.
            FileKind::ProgramReport if file.file.date.is_none() => {
                let date = DateTime::from_timestamp_micros(content_modified_at).map(|moment| moment.date_naive());
                self.files.push(DeliveredFile { file: PackageFile { date, ..file.file }, ..file });
            }
            _ if file.file.date.is_none() => {
                self.undated.push(Undated { file, relative_path, modified_at: content_modified_at });
            }
            _ => self.files.push(file),
        }
        true
    }

    fn take_log(&mut self, file: DeliveredFile, relative_path: String, head: Option<Vec<u8>>) -> bool {
        if file.file.wrapping.encrypted {
            self.remark(&file, "encrypted, and the name does not say which day it is of".to_owned());
            self.delivery.not_understood.push(relative_path);
            return false;
        }
        let kept: Box<dyn std::io::Read + Send> = match head {
            Some(head) => Box::new(std::io::Cursor::new(head)),
            None => match RawFile::default().open(&file) {
                Ok(raw) => raw,
                Err(error) => {
                    self.delivery.unreadable.push((file.display_path(), error.to_string()));
                    return true;
                }
            },
        };
        let names_site = file.file.site.is_some();
        match loose_log::settle(file.file.clone(), &relative_path, kept) {
            Settled::EventFile(settled) => {
                if let (false, Some(site)) = (names_site, &settled.site) {
                    self.remark(&file, format!("no site in the name, taken as a log of `{site}`"));
                }
                self.files.push(DeliveredFile { file: settled, ..file });
            }
            Settled::Blank if names_site => self.remark(&file, "holds no event yet".to_owned()),
            Settled::Blank | Settled::NoEvent => match file.file.as_other_member() {
                Some(other) => self.files.push(DeliveredFile { file: other, ..file }),
                None => {
                    self.delivery.not_understood.push(relative_path);
                    return false;
                }
            },
        }
        true
    }

    fn remark(&mut self, file: &DeliveredFile, remark: String) {
        self.remarks.entry(remark).or_insert_with(|| (file.display_path(), 0)).1 += 1;
    }

    /// All that was taken, as a delivery.
    pub(super) fn finish(mut self) -> Delivery {
        let mut delivery = self.delivery;
        for (remark, (first, n)) in self.remarks {
            let more = if n > 1 { format!(" and {} more", n - 1) } else { String::new() };
            delivery.notes.push(format!("`{first}`{more}: {remark}"));
        }
        let (dated, lost) = undated::date_them(self.undated, &mut delivery.notes);
        self.files.extend(dated);
        delivery.not_understood.extend(lost);
        undated::assume_sites(&mut self.files, &mut delivery.notes);
        delivery.other_versions = versions::other_versions(&self.files);
        let (batches, other_shapes) = batch::into_batches(self.files);
        delivery.batches = batches;
        delivery.other_shapes.extend(other_shapes);
        delivery.not_understood.sort();
        delivery
    }
}

/// What a member of an archive is. That of a package is of this package, whatever folder it lies in; of other archives the folders count as
/// if the archive were one.
pub(super) fn file_in(package_key: Option<&str>, prefix: &str, name: &str) -> PackageFile {
    match package_key {
        Some(package_key) => member_of_package(package_key, name),
        None => classify(&format!("{prefix}/{}", name.trim_start_matches("./"))),
    }
}

/// What a member is, as if the archive were a folder of its name. The folder inside the archive usually has that name already; one with
/// another name does not make the member part of another package. Parent folders (`..`) mean nothing: no path of an archive is written to.
pub(crate) fn member_of_package(package_key: &str, name: &str) -> PackageFile {
    let inside = name.trim_start_matches("./");
    let file = match inside.split_once('/') {
        Some((top, _)) if top.eq_ignore_ascii_case(package_key) => classify(inside),
        _ => classify(&format!("{package_key}/{inside}")),
    };
    let is_of_package = file.file_key.strip_prefix(package_key).is_some_and(|rest| rest.starts_with('/'));
    let is_event_file = matches!(file.kind, FileKind::TrackingLog | FileKind::LooseLog);
    if is_of_package || is_event_file {
        file
    } else {
        classify(&format!("{package_key}/{}", inside.rsplit('/').next().unwrap_or_default()))
    }
}

/// Whether a file is one that `czar sync` has not fetched to its end.
pub(super) fn is_being_fetched(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".part")
}

/// A path as text, without loss, relative to a folder.
pub(super) fn relative_text(path: &Path, base: &Path) -> String {
    let relative: PathBuf = path.strip_prefix(base).unwrap_or(path).to_owned();
    #[cfg(unix)]
    let text = super::tar_walk::text(std::os::unix::ffi::OsStrExt::as_bytes(relative.as_os_str()));
    #[cfg(not(unix))]
    let text = relative.to_string_lossy().into_owned();
    text.replace('\\', "/")
}
