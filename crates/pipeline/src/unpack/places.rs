//! Where the files of a package or of a course archive are written: below one folder, whatever their names say, and no two in one place. It
//! makes nothing.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::layout::Layout;

/// The places below a folder that are taken.
pub(super) struct Places {
    folder: PathBuf,
    /// The name that each place was given to. The same name again is the same file, of which the last counts.
    taken: HashMap<PathBuf, String>,
}

impl Places {
    /// Nothing is taken yet.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), taken: HashMap::new() }
    }

    /// The place for a name from outside. Where `-` in place of `.` makes two names one, the later keeps its dots, or gets a number.
    pub(super) fn of(&mut self, name: &str, layout: &Layout) -> PathBuf {
        let usual = self.below(name, |part| layout.name(part));
        let as_delivered = self.below(name, str::to_owned);
        let mut place = if self.is_free(&usual, name) { usual.clone() } else { as_delivered };
        let mut number = 1;
        while !self.is_free(&place, name) {
            number += 1;
            place = numbered(&usual, number);
        }
        self.taken.insert(place.clone(), name.to_owned());
        place
    }

    fn is_free(&self, place: &Path, name: &str) -> bool {
        self.taken.get(place).is_none_or(|known| known == name)
    }

    /// Only the plain parts of a name count.
    fn below(&self, name: &str, write: impl Fn(&str) -> String) -> PathBuf {
        let parts = Path::new(name).components().filter_map(|part| match part {
            Component::Normal(part) => Some(write(&part.to_string_lossy().replace(|letter: char| letter.is_control(), "_"))),
            _ => None,
        });
        let mut place = self.folder.clone();
        place.extend(parts.filter(|part| !part.is_empty()));
        // A name of nothing but `..` is no name.
        if place == self.folder { place.join("unnamed") } else { place }
    }
}

fn numbered(place: &Path, number: u32) -> PathBuf {
    let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}~{number}.{ending}"),
        None => format!("{name}~{number}"),
    };
    place.with_file_name(name)
}

/// The folder of a course archive: its name without `.tar.gz` and the like.
pub(super) fn without_tar(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ends = [".tar.gz", "-tar.gz", "-tar-gz", ".tgz", "-tgz", ".xml.tar", ".tar", "-tar"];
    let stem = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    path.with_file_name(if stem.is_empty() { "course" } else { stem })
}
