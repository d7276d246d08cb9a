//! Settles who owns the lines of the files that are loaded together: their rows, and rows of files loaded before, change places between
//! `tracking_events` and `tracking_event_copies`. It commits nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use deltalake_core::arrow::array::{BooleanArray, RecordBatch};
use deltalake_core::arrow::compute::{filter_record_batch, not};
use rustc_hash::FxHashSet;

use super::books::Books;
use super::duplicates::{LineKey, line_keys};
use super::event_file::{self, StagedEvents};
use super::known::KnownFile;
use super::ownership::{EventTables, Holder, Moves, find_moves};
use super::shared::take_out;
use super::staging::SortedPart;
use super::whereabouts::{Rows, Whereabouts};
use super::{IngestError, Work};
use crate::lake::{Change, FinishedPart, LakeError, LakeTable};

/// What settling changes beside the staged files.
#[derive(Default)]
pub struct Settled {
    /// The change of `tracking_events`, without the staged files' own rows.
    pub events: Change,
    /// The change of `tracking_event_copies`, without the staged files' own copies.
    pub copies: Change,
    /// Rows that files loaded before have won, or lost, by file key.
    pub n_rows_won: BTreeMap<String, i64>,
}

/// A file of the site that is settled: its place in the order of owners, and where its rows are.
struct Party<'a> {
    log_date: Option<NaiveDate>,
    file_key: &'a str,
    event_days: &'a BTreeMap<i32, u64>,
    events: Rows,
    copies: Vec<String>,
    /// Its place among the staged files, when it is one of them.
    staged: Option<usize>,
}

/// Settles the staged files with each other and with those that are loaded.
///
/// # Errors
/// The lake cannot be read or written.
pub fn settle(work: &Work<'_>, tables: &mut EventTables, staged: &mut [StagedEvents], books: &Books<'_>) -> Result<Settled, IngestError> {
    let mut settled = Settled::default();
    let sites: BTreeSet<Option<String>> = staged.iter().map(|events| events.load.site.clone()).collect();
    for site in sites {
        settle_site(work, tables, site.as_deref(), staged, books, &mut settled)?;
    }
    Ok(settled)
}

fn settle_site(
    work: &Work<'_>,
    tables: &mut EventTables,
    site: Option<&str>,
    staged: &mut [StagedEvents],
    books: &Books<'_>,
    settled: &mut Settled,
) -> Result<(), IngestError> {
    let of_site = |events: &&StagedEvents| events.load.site.as_deref() == site;
    let replaced_days: BTreeSet<i32> = staged
        .iter()
        .filter(of_site)
        .filter_map(|events| books.known.file(&events.load.file_key))
        .flat_map(|file| file.event_days.keys().copied())
        .collect();
    let days: BTreeSet<i32> = staged
        .iter()
        .filter(of_site)
        .flat_map(|events| events.load.event_days.keys().copied())
        .chain(replaced_days.iter().copied())
        .collect();
    let is_staged: HashSet<&str> = staged.iter().map(|events| events.load.file_key.as_str()).collect();
    let neighbours: Vec<_> = books.known.with_events_on(site, &days).filter(|(file_key, _)| !is_staged.contains(file_key)).collect();
    let mut parties: Vec<Party<'_>> = Vec::new();
    if !neighbours.is_empty() {
        let (events, copies) = (Whereabouts::of(&tables.events)?, Whereabouts::of(&tables.copies)?);
        for (file_key, file) in neighbours {
            parties.push(Party {
                log_date: file.log_date,
                file_key,
                event_days: &file.event_days,
                events: events.rows_of(file_key, site, file.log_date),
                // Copies of a month are never put together: files have few, and queries do not read them.
                copies: copies.rows_of(file_key, site, file.log_date).paths,
                staged: None,
            });
        }
    }
    parties.extend(staged.iter().enumerate().filter(|(_, events)| of_site(events)).map(|(at, events)| Party {
        log_date: events.load.log_date,
        file_key: &events.load.file_key,
        event_days: &events.load.event_days,
        events: Rows { paths: events.part.paths().map(ToOwned::to_owned).collect(), is_shared: false },
        copies: Vec::new(),
        staged: Some(at),
    }));
    parties.sort_by_key(|party| (party.log_date, is_patch(party.file_key), party.file_key));
    let holders: Vec<Holder<'_>> = parties
        .iter()
        .map(|party| Holder {
            file_key: party.file_key,
            event_days: party.event_days,
            events: &party.events,
            copies: &party.copies,
            is_new: party.staged.is_some(),
        })
        .collect();
    let moves = find_moves(work.lake, tables, &holders, &replaced_days)?;
    give_data_files_of_their_own(work, tables, site, &mut parties, &moves, books)?;
    let mut rewritten = Vec::new();
    let (event_rows, copy_rows) = (tables.events.rows_of_data_files()?, tables.copies.rows_of_data_files()?);
    for (place, moves) in &moves {
        let party = &parties[*place];
        let new = rewrite(work, tables, site, party, moves)?;
        let n_events = match party.staged {
            Some(at) => staged[at].part.n_rows(),
            None => n_rows_of(&party.events.paths, &event_rows),
        };
        let n_before = if moves.to_copies.is_empty() { 0 } else { n_events };
        let n_copies_before = if moves.to_events.is_empty() { 0 } else { n_rows_of(&party.copies, &copy_rows) };
        tables.events.check_rows(n_before + n_copies_before, new.events.n_rows() + new.copies.n_rows())?;
        match party.staged {
            Some(at) => rewritten.push((at, new)),
            None => {
                if !moves.to_copies.is_empty() {
                    settled.events.removes_paths.extend(party.events.paths.iter().cloned());
                }
                if !moves.to_events.is_empty() {
                    settled.copies.removes_paths.extend(party.copies.iter().cloned());
                }
                settled.events.adds.extend(new.events);
                settled.copies.adds.extend(new.copies);
                settled.n_rows_won.insert(party.file_key.to_owned(), new.n_rows_won);
            }
        }
    }
    for (at, new) in rewritten {
        let events = &mut staged[at];
        std::mem::replace(&mut events.part, new.events).discard(&tables.events, work.lake.runtime())?;
        events.copies = new.copies;
        // A new file has no copies that it could win back.
        let n_lost = new.n_rows_won.unsigned_abs();
        events.load.n_rows -= n_lost;
        events.load.n_duplicates += n_lost;
    }
    Ok(())
}

fn n_rows_of(paths: &[String], rows: &HashMap<String, u64>) -> u64 {
    paths.iter().filter_map(|path| rows.get(path)).sum()
}

/// Whether a file corrects a day that was sent before: the day's own file owns what both hold.
pub fn is_patch(file_key: &str) -> bool {
    file_key.starts_with("patches/")
}

/// Sees to it that files whose lines change places have data files of their own, which can be written anew without those of others.
fn give_data_files_of_their_own(
    work: &Work<'_>,
    tables: &mut EventTables,
    site: Option<&str>,
    parties: &mut [Party<'_>],
    moves: &BTreeMap<usize, Moves>,
    books: &Books<'_>,
) -> Result<(), IngestError> {
    let shared: Vec<&mut Party<'_>> = parties
        .iter_mut()
        .enumerate()
        .filter(|(place, party)| party.events.is_shared && moves.contains_key(place))
        .map(|(_, party)| party)
        .collect();
    if shared.is_empty() {
        return Ok(());
    }
    let files: Vec<(&str, &KnownFile)> =
        shared.iter().filter_map(|party| Some((party.file_key, books.known.file(party.file_key)?))).collect();
    let change = take_out(work, &tables.events, &files)?;
    // The same rows in other data files: a commit of its own, and a kill after it does no harm.
    books.commit_layout(&mut tables.events, change)?;
    let events = Whereabouts::of(&tables.events)?;
    for party in shared {
        // A file that had no row among those of others still has none.
        party.events = Some(events.rows_of(party.file_key, site, party.log_date)).filter(|rows| !rows.is_shared).unwrap_or_default();
    }
    Ok(())
}

/// New data files of a file whose lines change places.
struct Rewritten {
    events: FinishedPart,
    copies: FinishedPart,
    n_rows_won: i64,
}

/// Writes new data files in place of those that lose lines, with the lines that come from the other table.
fn rewrite(work: &Work<'_>, tables: &EventTables, site: Option<&str>, party: &Party<'_>, moves: &Moves) -> Result<Rewritten, IngestError> {
    let open = |table| event_file::open_part(work, table, party.file_key, site, party.log_date, work.options.workers);
    let (mut events, mut copies) = (open(&tables.events)?, open(&tables.copies)?);
    let mut n_rows_won = 0;
    if !moves.to_copies.is_empty() {
        n_rows_won -= split(work, &tables.events, &party.events.paths, &moves.to_copies, &mut events, &mut copies)?;
    }
    if !moves.to_events.is_empty() {
        n_rows_won += split(work, &tables.copies, &party.copies, &moves.to_events, &mut copies, &mut events)?;
    }
    Ok(Rewritten { events: events.finish()?, copies: copies.finish()?, n_rows_won })
}

/// Writes the rows of some data files: the named lines to one part, all others to the other. Tells how many rows were named.
fn split(
    work: &Work<'_>,
    table: &LakeTable,
    paths: &[String],
    named: &FxHashSet<LineKey>,
    stay: &mut SortedPart,
    go: &mut SortedPart,
) -> Result<i64, LakeError> {
    let fail = |source| table.columns_error(source);
    let mut n_gone = 0;
    for path in paths {
        for rows in work.lake.read_data_file(table, path, None)? {
            let rows: RecordBatch = rows?;
            let goes: BooleanArray = line_keys(&rows).map_err(fail)?.map(|key| Some(named.contains(&key))).collect();
            n_gone += i64::try_from(goes.true_count()).unwrap_or(i64::MAX);
            if goes.true_count() == 0 {
                stay.write(&rows)?;
                continue;
            }
            stay.write(&filter_record_batch(&rows, &not(&goes).map_err(fail)?).map_err(fail)?)?;
            go.write(&filter_record_batch(&rows, &goes).map_err(fail)?)?;
        }
    }
    Ok(n_gone)
}
