//! Checks of folders, research tables and room on the disk, from facts that the caller looked up. They touch no file.

use super::wording::bytes;
use super::{Check, Finding, Gravity, Group, Surroundings, Work};

/// edX: a file takes about twenty times its size when it is decrypted and unpacked (format reference, 1).
const UNPACKED_FACTOR: u64 = 20;
/// A lake that holds little says nothing about its size; Parquet then takes about as much as the encrypted files.
const ASSUMED_LAKE_SHARE: f64 = 1.5;
const BYTES_FOR_A_RULE: u64 = 10_000_000;

pub(super) const CONFIGURATION: &[Check] = &[
    Check {
        id: "configuration.data_folder",
        group: Group::Configuration,
        gravity: Gravity::Error,
        rule: "the data folder can be written",
        meaning: "The lake lies in the setting `data_folder`. A folder that is not there yet is made by the first ingest.",
        next_step: "give yourself the right to write there, or set `data_folder` in czar.toml",
        needs: &[],
        work: Work::Surroundings(data_folder),
    },
    Check {
        id: "configuration.private_data",
        group: Group::Configuration,
        gravity: Gravity::Warning,
        rule: "nobody but its owner may look into the data folder",
        meaning: "The lake holds what learners did. Files and folders that `czar` makes are open to their owner alone, whatever the mask of the \
                  user says; those that were there before stay as they are.",
        next_step: "take the rights of others away with `chmod -R go= DATA_FOLDER`",
        needs: &[],
        work: Work::Surroundings(private_data),
    },
    Check {
        id: "configuration.delivery_folder",
        group: Group::Configuration,
        gravity: Gravity::Warning,
        rule: "the delivery folder is there and can be read",
        meaning: "`czar ingest` without a path reads the setting `delivery_folder`. A folder that is not there is a note: deliveries may lie \
                  elsewhere.",
        next_step: "set `delivery_folder` in czar.toml to the folder into which edX's files are downloaded",
        needs: &[],
        work: Work::Surroundings(delivery_folder),
    },
    Check {
        id: "configuration.unfinished_run",
        group: Group::Configuration,
        gravity: Gravity::Note,
        rule: "no run was cut off",
        meaning: "A run that was killed leaves a note in the lake, and so does one that is under way. Queries read the state before it.",
        next_step: "run `czar ingest` again: it sets the lake right before it begins",
        needs: &[],
        work: Work::Surroundings(unfinished_run),
    },
    Check {
        id: "configuration.stale_marts",
        group: Group::Configuration,
        gravity: Gravity::Note,
        rule: "research tables that are built are up to date",
        meaning: "Each research table notes what it was built from. The checks below do not depend on it: they read the lake as it is now.",
        next_step: "run `czar build`",
        needs: &[],
        work: Work::Surroundings(stale_marts),
    },
];

pub(super) const DISK: &[Check] = &[
    Check {
        id: "disk.room_for_lake",
        group: Group::Disk,
        gravity: Gravity::Error,
        rule: "there is room in the lake for the files that are not loaded yet",
        meaning: "The lake grows as it has grown so far: its size for each byte delivered, or half as much again as the files when little is \
                  loaded.",
        next_step: "make room where `data_folder` is, or move it to a larger disk",
        needs: &[],
        work: Work::Surroundings(room_for_lake),
    },
    Check {
        id: "disk.room_to_unpack",
        group: Group::Disk,
        gravity: Gravity::Note,
        rule: "there is room to unpack the files that are not loaded yet",
        meaning: "Decrypted and unpacked, files take about twenty times their size. czar reads them as they are and needs no such room; other \
                  tools do.",
        next_step: "leave the files as they came: `czar ingest` needs no unpacking",
        needs: &[],
        work: Work::Surroundings(room_to_unpack),
    },
];

fn data_folder(around: &Surroundings) -> Vec<Finding> {
    let folder = &around.data_folder;
    if !folder.exists || folder.is_usable {
        return Vec::new();
    }
    vec![Finding::of_surroundings(Gravity::Error, format!("`{}` cannot be written", folder.path))]
}

fn private_data(around: &Surroundings) -> Vec<Finding> {
    let path = &around.data_folder.path;
    match around.n_open_to_others {
        0 => Vec::new(),
        1 => vec![Finding::of_surroundings(Gravity::Warning, format!("1 file or folder in `{path}` is open to others"))],
        n_open => vec![Finding::of_surroundings(Gravity::Warning, format!("{n_open} files and folders in `{path}` are open to others"))],
    }
}

fn delivery_folder(around: &Surroundings) -> Vec<Finding> {
    let folder = &around.delivery_folder;
    if !folder.exists {
        return vec![Finding::of_surroundings(Gravity::Note, format!("there is no folder `{}`", folder.path))];
    }
    if folder.is_usable {
        return Vec::new();
    }
    vec![Finding::of_surroundings(Gravity::Warning, format!("`{}` cannot be read", folder.path))]
}

fn unfinished_run(around: &Surroundings) -> Vec<Finding> {
    if !around.has_open_attempt {
        return Vec::new();
    }
    vec![Finding::of_surroundings(Gravity::Note, "a run was cut off, or is under way now".to_owned())]
}

fn stale_marts(around: &Surroundings) -> Vec<Finding> {
    if around.stale_marts.is_empty() {
        return Vec::new();
    }
    vec![Finding::of_surroundings(Gravity::Note, format!("older than what they are made from: {}", around.stale_marts.join(", ")))]
}

fn room_for_lake(around: &Surroundings) -> Vec<Finding> {
    let Some(disk) = &around.disk else { return Vec::new() };
    let share =
        if disk.n_loaded_bytes < BYTES_FOR_A_RULE { ASSUMED_LAKE_SHARE } else { disk.n_lake_bytes as f64 / disk.n_loaded_bytes as f64 };
    let n_needed = (disk.n_waiting_bytes as f64 * share) as u64;
    if n_needed <= disk.n_free_bytes {
        return Vec::new();
    }
    let message = format!(
        "{} files are not loaded yet and will take about {} in the lake; {} are free",
        disk.n_waiting_files,
        bytes(n_needed),
        bytes(disk.n_free_bytes)
    );
    vec![Finding::of_surroundings(Gravity::Error, message)]
}

fn room_to_unpack(around: &Surroundings) -> Vec<Finding> {
    let Some(disk) = &around.disk else { return Vec::new() };
    let n_needed = disk.n_waiting_bytes.saturating_mul(UNPACKED_FACTOR);
    if n_needed <= disk.n_free_bytes {
        return Vec::new();
    }
    let message = format!("unpacked, the waiting files would take about {}; {} are free", bytes(n_needed), bytes(disk.n_free_bytes));
    vec![Finding::of_surroundings(Gravity::Note, message)]
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::checks::{DiskFacts, FolderFacts, KeyState};

    fn around(disk: DiskFacts) -> Surroundings {
        let folder = FolderFacts { path: "data".to_owned(), exists: true, is_usable: true };
        Surroundings {
            now: DateTime::UNIX_EPOCH,
            data_folder: folder.clone(),
            n_open_to_others: 0,
            delivery_folder: folder,
            has_open_attempt: false,
            stale_marts: Vec::new(),
            keys: KeyState::None,
            newest_files: Vec::new(),
            disk: Some(disk),
        }
    }

    #[test]
    fn waiting_files_need_room_as_the_lake_has_grown_so_far() {
        let disk = DiskFacts {
            n_free_bytes: 900_000_000,
            n_waiting_files: 2,
            n_waiting_bytes: 1_000_000_000,
            n_loaded_bytes: 1_000_000_000,
            n_lake_bytes: 800_000_000,
        };
        assert_eq!(room_for_lake(&around(disk.clone())), Vec::new());
        assert_eq!(room_to_unpack(&around(disk.clone())).len(), 1, "twenty times as much is not there");
        let fuller = DiskFacts { n_free_bytes: 700_000_000, ..disk };
        assert_eq!(room_for_lake(&around(fuller))[0].gravity, Gravity::Error);
        let nothing_waits = DiskFacts::default();
        assert!(room_for_lake(&around(nothing_waits.clone())).is_empty() && room_to_unpack(&around(nothing_waits)).is_empty());
    }

    #[test]
    fn folders_runs_and_marts_are_told_when_they_are_not_as_they_should_be() {
        let sound = around(DiskFacts::default());
        let find = |around: &Surroundings| -> Vec<Gravity> {
            [data_folder, private_data, delivery_folder, unfinished_run, stale_marts]
                .iter()
                .flat_map(|check| check(around))
                .map(|finding| finding.gravity)
                .collect()
        };
        assert_eq!(find(&sound), []);
        let locked = FolderFacts { path: "x".to_owned(), exists: true, is_usable: false };
        let ill = Surroundings {
            data_folder: locked.clone(),
            n_open_to_others: 2,
            delivery_folder: locked,
            has_open_attempt: true,
            stale_marts: vec!["person_course".to_owned()],
            ..sound
        };
        assert_eq!(find(&ill), [Gravity::Error, Gravity::Warning, Gravity::Warning, Gravity::Note, Gravity::Note]);
        let missing = Surroundings { delivery_folder: FolderFacts::default(), ..around(DiskFacts::default()) };
        assert_eq!(find(&missing), [Gravity::Note]);
    }
}
