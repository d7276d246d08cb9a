//! Which file owns a line that stands in several: the least by day and key, whatever came first. It moves nothing; it says what has to move.
//!
//! The file that owns a line has its row in `tracking_events`; each other file that holds it has its row in `tracking_event_copies`. So the
//! answer is a function of the files that are loaded, and can be found again, without the files, when one of them is replaced.
//!
//! Only files with events on the same days are compared, and of those only three columns. For each day the lines of all files but the one
//! with most lines on that day are held, about seventy bytes each: in a usual delivery the strays of the neighbouring days, at worst, where
//! files repeat each other whole, the lines of the files that are loaded now.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::duplicates::{LineKey, day_of, line_keys};
use super::shared::source_files;
use super::whereabouts::Rows;
use crate::lake::schema::FINGERPRINT;
use crate::lake::{Lake, LakeError, LakeTable};

/// A file that may hold a line in common with others.
pub struct Holder<'a> {
    /// Its key.
    pub file_key: &'a str,
    /// Lines by day of the event.
    pub event_days: &'a BTreeMap<i32, u64>,
    /// Where its rows lie, committed or not.
    pub events: &'a Rows,
    /// Its data files of copies.
    pub copies: &'a [String],
    /// Whether it is being loaded: all its lines are among its rows, and wait for a decision.
    pub is_new: bool,
}

/// The lines of one file that change places.
#[derive(Default)]
pub struct Moves {
    /// Rows that another file owns.
    pub to_copies: FxHashSet<LineKey>,
    /// Copies that the file owns.
    pub to_events: FxHashSet<LineKey>,
}

/// The two tables in which lines lie.
pub struct EventTables {
    /// `tracking_events`.
    pub events: LakeTable,
    /// `tracking_event_copies`.
    pub copies: LakeTable,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Events,
    Copies,
}

/// Says which lines change places when the new ones among the holders join the others. Holders are files of one site, the least first;
/// `replaced_days` are the days of events that are being replaced and may be gone. Gives moves by place of the holder.
///
/// # Errors
/// A data file cannot be read.
pub fn find_moves(
    lake: &Lake,
    tables: &EventTables,
    holders: &[Holder<'_>],
    replaced_days: &BTreeSet<i32>,
) -> Result<BTreeMap<usize, Moves>, LakeError> {
    let mut shared = SharedLines::default();
    let reading = Reading::plan(holders, replaced_days);
    for (place, holder) in holders.iter().enumerate() {
        for path in holder.copies {
            for rows in lake.read_data_file(&tables.copies, path, Some(&LINE_COLUMNS))? {
                for key in line_keys(&rows?).map_err(|source| tables.copies.columns_error(source))? {
                    if reading.days.contains(&day_of(key.0)) {
                        shared.put_copy(key, place);
                    }
                }
            }
        }
    }
    each_row(lake, &tables.events, holders, &reading.held, |key, place| shared.hold(key, place))?;
    if shared.held.is_empty() {
        return Ok(BTreeMap::new());
    }
    each_row(lake, &tables.events, holders, &reading.compared, |key, place| shared.compare(key, place))?;
    Ok(shared.into_moves())
}

const LINE_COLUMNS: [&str; 3] = ["time", FINGERPRINT[0], FINGERPRINT[1]];

/// Reads the rows of some holders, by place, of some days each. A data file that several share is read once.
fn each_row(
    lake: &Lake,
    table: &LakeTable,
    holders: &[Holder<'_>],
    wanted: &BTreeMap<usize, BTreeSet<i32>>,
    mut take: impl FnMut(LineKey, usize),
) -> Result<(), LakeError> {
    let mut in_shared: BTreeMap<&str, HashMap<&str, (usize, &BTreeSet<i32>)>> = BTreeMap::new();
    for (&place, days) in wanted {
        let Holder { file_key, events, .. } = holders[place];
        for path in &events.paths {
            if events.is_shared {
                in_shared.entry(path).or_default().insert(file_key, (place, days));
                continue;
            }
            for rows in lake.read_data_file(table, path, Some(&LINE_COLUMNS))? {
                let rows = rows?;
                let keys = line_keys(&rows).map_err(|source| table.columns_error(source))?;
                keys.filter(|key| days.contains(&day_of(key.0))).for_each(|key| take(key, place));
            }
        }
    }
    for (path, files) in in_shared {
        for rows in lake.read_data_file(table, path, Some(&[LINE_COLUMNS[0], LINE_COLUMNS[1], LINE_COLUMNS[2], "_source_file"]))? {
            let rows = rows?;
            let keys = line_keys(&rows).map_err(|source| table.columns_error(source))?;
            let of_files = source_files(&rows).map_err(|source| table.columns_error(source))?;
            for (key, file_key) in keys.zip(of_files) {
                let Some((place, days)) = file_key.and_then(|file_key| files.get(file_key)) else { continue };
                if days.contains(&day_of(key.0)) {
                    take(key, *place);
                }
            }
        }
    }
    Ok(())
}

/// Which lines of which holder are held, and which are compared with those.
#[derive(Default)]
struct Reading {
    days: BTreeSet<i32>,
    held: BTreeMap<usize, BTreeSet<i32>>,
    compared: BTreeMap<usize, BTreeSet<i32>>,
}

impl Reading {
    fn plan(holders: &[Holder<'_>], replaced_days: &BTreeSet<i32>) -> Self {
        let new_days: BTreeSet<i32> =
            holders.iter().filter(|holder| holder.is_new).flat_map(|holder| holder.event_days.keys().copied()).collect();
        let mut plan = Self { days: new_days.union(replaced_days).copied().collect(), ..Self::default() };
        for &day in &plan.days {
            let on_day: Vec<(usize, u64)> =
                holders.iter().enumerate().filter_map(|(place, holder)| Some((place, *holder.event_days.get(&day)?))).collect();
            let Some(&(most, _)) = on_day.iter().max_by_key(|(_, n_lines)| *n_lines) else { continue };
            let alone = on_day.len() == 1 && holders[most].copies.is_empty();
            for (place, _) in on_day.into_iter().filter(|_| !alone) {
                // Where nothing new is, rows are compared with copies only.
                let reading = if place == most || !new_days.contains(&day) { &mut plan.compared } else { &mut plan.held };
                reading.entry(place).or_default().insert(day);
            }
        }
        plan
    }
}

/// Lines that may stand in several files.
#[derive(Default)]
struct SharedLines {
    /// Lines that are held, with the first holder met, or [`LISTED`] when they are in `found`.
    held: HashMap<LineKey, u32, FxBuildHasher>,
    /// Lines of which a copy exists or two holders were met, with each holder.
    found: Vec<(LineKey, u32, Side)>,
}

const LISTED: u32 = u32::MAX;

impl SharedLines {
    fn put_copy(&mut self, key: LineKey, place: usize) {
        self.held.insert(key, LISTED);
        self.found.push((key, number(place), Side::Copies));
    }

    fn hold(&mut self, key: LineKey, place: usize) {
        match self.held.entry(key) {
            Entry::Vacant(place_of) => {
                place_of.insert(number(place));
            }
            Entry::Occupied(_) => self.compare(key, place),
        }
    }

    fn compare(&mut self, key: LineKey, place: usize) {
        let Some(first) = self.held.get_mut(&key) else { return };
        if *first != LISTED {
            self.found.push((key, *first, Side::Events));
            *first = LISTED;
        }
        self.found.push((key, number(place), Side::Events));
    }

    fn into_moves(mut self) -> BTreeMap<usize, Moves> {
        drop(self.held);
        self.found.sort_unstable();
        let mut moves: BTreeMap<usize, Moves> = BTreeMap::new();
        for line in self.found.chunk_by(|a, b| a.0 == b.0) {
            for (at, &(key, place, side)) in line.iter().enumerate() {
                // The least holder comes first, and owns the line.
                match (at == 0, side) {
                    (true, Side::Copies) => moves.entry(place as usize).or_default().to_events.insert(key),
                    (false, Side::Events) => moves.entry(place as usize).or_default().to_copies.insert(key),
                    _ => false,
                };
            }
        }
        moves
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(LISTED - 1)
}
