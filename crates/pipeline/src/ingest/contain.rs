//! Keeps a panic to the file it is about: a reader, ours or a library's, that fails on one file does not end the night. It looks at nothing of
//! what the panic says, since that may be a learner's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::FileFailure;
use crate::package::DeliveredFile;

/// Reads something of a file. What the reading left half done must not be used any more when this fails.
///
/// # Errors
/// The reading panicked: a bug, told as a failure of the file.
pub fn contain<T>(file: &DeliveredFile, read: impl FnOnce() -> T) -> Result<T, FileFailure> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| {
        let message = "a reader failed on this file, which is a bug of czar; no other file is touched by it";
        let hint = "please report the place in the code that was told, and the version of czar; the next version may read the file";
        FileFailure::new(file, "file.reader_bug", message, Some(hint))
    })
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::collections::BTreeSet;
    use std::path::Path;

    use chrono::DateTime;

    use crate::ingest::{IngestOptions, ingest};
    use crate::lake::Lake;
    use crate::package;
    use crate::progress::Silent;

    const TRAP: &[u8] = b"a reader of the tests panics here";

    /// What a reader does that panics on one file; only the tests have it.
    pub(crate) fn panic_at_the_trap(bytes: &[u8]) {
        assert!(!bytes.windows(TRAP.len()).any(|window| window == TRAP), "the name of a learner");
    }

    fn event(day: u32) -> String {
        format!(r#"{{"event_source": "server", "event_type": "x", "event": "{{}}", "time": "2014-05-{day:02}T10:00:00+00:00"}}"#)
    }

    fn lines(first: &str, n_lines: usize, is_trap: bool) -> Vec<u8> {
        let trap = if is_trap { String::from_utf8(TRAP.repeat(3)).unwrap() } else { String::new() };
        format!("{first}\n{}{trap}", "1\tada\n".repeat(n_lines)).into_bytes()
    }

    fn write(folder: &Path, name: &str, bytes: &[u8]) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::atomic_file::write(&path, bytes).unwrap();
    }

    fn tar_of(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(&mut gzip);
        for (name, bytes) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
        }
        tar.into_inner().unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn a_reader_that_panics_costs_its_file_and_no_other() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("delivery");
        // Small files are read beside each other, large ones on all cores.
        for (day, n_lines, is_trap) in [(1, 1, false), (2, 1, true), (3, 400_000, true), (4, 1, false)] {
            write(&folder, &format!("ux-edx-events-2014-05-0{day}.log"), &lines(&event(day), n_lines, is_trap));
        }
        for (name, n_lines, is_trap) in [("A", 1, false), ("B", 1, true), ("C", 400_000, true), ("D", 1, false)] {
            let name = format!("ux-2014-05-04/UX-{name}-T1-auth_user-prod-analytics.sql");
            write(&folder, &name, &lines("id\tusername", n_lines, is_trap));
        }
        let members =
            [("ux-edx-events-2014-05-11.log", lines(&event(11), 1, false)), ("ux-edx-events-2014-05-12.log", lines(&event(12), 1, true))];
        write(&folder, "logs.tar.gz", &tar_of(&members));

        let lake = Lake::open_folder(&place.path().join("lake")).unwrap();
        let clock = || DateTime::from_timestamp(1_400_000_000, 0).unwrap();
        let delivery = package::find(&folder).unwrap();
        let run = |attempt| ingest(&lake, &delivery, None, &IngestOptions::default(), clock, attempt, &Silent).unwrap();
        let summary = run("first");
        assert!(summary.failures.iter().all(|failure| failure.code == "file.reader_bug" && !failure.message.contains("learner")));
        let failed: BTreeSet<&str> = summary.failures.iter().map(|failure| failure.file_key.as_str()).collect();
        let expected = [
            "archive:delivery/logs.tar.gz",
            "ux-2014-05-04/UX-B-T1-auth_user-prod-analytics.sql",
            "ux-2014-05-04/UX-C-T1-auth_user-prod-analytics.sql",
            "ux-edx-events-2014-05-02",
            "ux-edx-events-2014-05-03",
        ];
        assert_eq!(failed, BTreeSet::from(expected));
        assert_eq!(summary.n_rows, 4, "two events, and an account of each of two courses");
        assert_eq!(run("second").failures.len(), expected.len(), "they are tried again");
    }
}
