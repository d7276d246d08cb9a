//! Where an object comes to lie below the delivery folder: in the folder of its place, under its own key. It refuses every key that would
//! lie elsewhere, that no folder can hold, or that `czar ingest` would not look at.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::package::is_passed_over_name;

/// Longest name that leaves room for the mark of a file that is not whole yet (255 bytes are common to all file systems).
const MAX_NAME_BYTES: usize = 220;
/// Longest path below the delivery folder; S3 allows a key of 1,024 bytes.
const MAX_PATH_BYTES: usize = 1100;

/// The path below the delivery folder, with `/` between the parts; `None` when the key is refused.
#[must_use]
pub fn target(place_folder: &str, key: &str) -> Option<String> {
    let parts: Vec<&str> = key.split('/').collect();
    let (name, folders) = parts.split_last()?;
    let is_sound = |part: &str| {
        // `.`, `..` and hidden names all begin so.
        !part.is_empty()
            && !part.starts_with('.')
            && part.len() <= MAX_NAME_BYTES
            && !part.contains(['\\', '\u{fffd}'])
            && !part.contains(is_unseen)
    };
    let is_sound_folder = |part: &str| is_sound(part) && !is_passed_over_name(part);
    let is_accepted = is_sound(name) && folders.iter().all(|part| is_sound_folder(part)) && place_folder.len() + key.len() < MAX_PATH_BYTES;
    is_accepted.then(|| format!("{place_folder}/{key}"))
}

/// Characters that steer a terminal, or that make one name look like another.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A key for messages: on one line, with nothing that steers a terminal.
#[must_use]
pub fn shown(key: &str) -> String {
    let escaped = |c: char| if is_unseen(c) { c.escape_unicode().to_string() } else { c.to_string() };
    let text: String = key.chars().take(200).map(escaped).collect();
    if key.chars().nth(200).is_some() { format!("{text}...") } else { text }
}

/// Paths that are taken, as a file system sees them that knows no case. A path is refused when it is there already, when one of its folders
/// is a file there, or when it would be a file where others have a folder.
#[derive(Default)]
pub struct Taken {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Taken {
    /// Takes a path, if it is free.
    pub fn take(&mut self, path: &str) -> bool {
        let path = path.to_lowercase();
        let folders: Vec<&str> = path.match_indices('/').map(|(at, _)| &path[..at]).collect();
        if self.files.contains(&path) || self.folders.contains(&path) || folders.iter().any(|folder| self.files.contains(*folder)) {
            return false;
        }
        for folder in folders {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.to_owned());
            }
        }
        self.files.insert(path)
    }
}

/// The name under which a file is kept until it is whole: hidden, so that nobody reads it, and marked with the version of the object, so that
/// no two versions are ever mixed.
#[must_use]
pub fn part_path(target: &std::path::Path, version: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let mark = &blake3::hash(version.as_bytes()).to_hex()[..16];
    target.with_file_name(format!(".{name}.{mark}.part"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot make its own path has failed")]

    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_keeps_its_folders_below_that_of_its_place() {
        let key = "universityx/edx/events/2014/universityx-edx-events-2014-07-26.log.gz.gpg";
        assert_eq!(target("edx-course-data", key).unwrap(), format!("edx-course-data/{key}"));
    }

    #[test]
    fn hostile_keys_are_refused() {
        let long = "a".repeat(230);
        for key in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/./x",
            "a//x",
            "a/",
            "a\\..\\x",
            "a/\0",
            "a\n",
            "a\u{1b}[2J",
            ".hidden",
            "a/.git/x",
            "keys/x.zip",
            "a/truth/x.zip",
            "lake/x",
            "a/\u{202e}gpg.exe",
            &long,
        ] {
            assert_eq!(target("course-data", key), None, "{key:?}");
        }
        assert_eq!(target("b", &"a/".repeat(600)), None);
    }

    #[test]
    fn no_two_keys_share_a_path_on_any_file_system() {
        let mut taken = Taken::default();
        assert!(taken.take("b/x.zip"));
        assert!(!taken.take("b/X.zip"), "only case differs");
        assert!(!taken.take("b/x.zip/y"), "a file cannot be a folder");
        assert!(taken.take("b/c/y"));
        assert!(!taken.take("b/C"), "a folder cannot be a file");
        assert!(taken.take("b/c/z"));
    }

    #[test]
    fn a_part_is_hidden_beside_its_target_and_named_for_its_version() {
        let (one, other) = (part_path(Path::new("a/b.zip"), "1"), part_path(Path::new("a/b.zip"), "2"));
        assert_ne!(one, other);
        assert_eq!(one.parent(), Some(Path::new("a")));
        assert!(one.file_name().unwrap().to_str().unwrap().starts_with('.'));
    }

    #[test]
    fn what_is_shown_steers_no_terminal() {
        assert_eq!(shown("a\u{1b}[2J\n\u{202e}b"), "a\\u{1b}[2J\\u{a}\\u{202e}b");
        assert!(shown(&"x".repeat(5000)).len() < 300);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_lies_below_its_folder(key in "([.a-z\\\\/ ]|\\PC|\\pC){0,40}") {
            if let Some(path) = target("place", &key) {
                let path = Path::new(&path);
                prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert!(path.starts_with("place") && path.components().count() == key.split('/').count() + 1);
                prop_assert!(!key.chars().any(char::is_control));
            }
        }
    }
}
