//! For whom files are encrypted, told from the heads of messages. It needs no key and decrypts nothing.
//!
//! Of a long series the first file of each month and the last file are read; where two neighbours differ, the files between them are
//! searched for the day of the change. A change that was taken back within a month may be overlooked.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use super::members::Head;
use super::parallel;
use super::place::Place;
use super::sorted::{Found, MOST_NAMES, Sorted};
use super::value::{RecipientPeriod, RecipientSeries, Unreadable};
use crate::vault::{Recipients, VaultError, recipients_of};

/// Ten recipients with RSA keys of 2048 bits have 2.7 KiB.
pub(super) const HEAD_BYTES: u64 = 4096;
/// Of a series not longer than this, each file is read.
const READ_ALL: usize = 100;

/// What a head says; `None` when it could not be read or is no message.
type Answer = Option<Recipients>;

/// The series of event files.
pub(super) fn of_event_files(places: &[Place], sorted: &Sorted<'_>) -> Vec<RecipientSeries> {
    let mut all = Vec::new();
    for ((org, site), days) in &sorted.events {
        let is_readable = |found: &&Found<'_>| {
            found.file.wrapping.encrypted && found.entry.n_bytes > 0 && places.get(found.place).is_some_and(Place::is_deep)
        };
        let files: Vec<&Found<'_>> = days.values().filter_map(|files| files.iter().find(is_readable)).collect();
        if files.is_empty() {
            continue;
        }
        let mut series = Reading { places, files: &files, answers: BTreeMap::new(), not_messages: Vec::new() };
        series.read(&first_sample(&files));
        series.bisect();
        all.push(RecipientSeries {
            org: org.clone(),
            site: Some(site.to_string()),
            n_files: files.len() as u64,
            n_read: series.answers.len() as u64,
            periods: series.periods(),
            not_messages: series.not_messages,
        });
    }
    all
}

/// The series of packages, from the head of one member of each.
pub(super) fn of_packages(heads: Vec<Head>) -> Vec<RecipientSeries> {
    let mut by_org: BTreeMap<String, Vec<Head>> = BTreeMap::new();
    for head in heads {
        by_org.entry(head.org.clone()).or_default().push(head);
    }
    let mut all = Vec::new();
    for (org, mut heads) in by_org {
        heads.sort_by(|a, b| (a.date, &a.place).cmp(&(b.date, &b.place)));
        let n_files = heads.len() as u64;
        let mut periods = Vec::new();
        let mut not_messages = Vec::new();
        for head in heads {
            match read_head(&head.bytes) {
                Ok(recipients) => extend(&mut periods, head.date, recipients),
                Err(error) => not_messages.push(Unreadable { place: head.place, reason: error.to_string() }),
            }
        }
        not_messages.truncate(MOST_NAMES);
        all.push(RecipientSeries { org, site: None, n_files, n_read: n_files, periods, not_messages });
    }
    all
}

struct Reading<'r, 'a> {
    places: &'r [Place],
    files: &'r [&'r Found<'a>],
    answers: BTreeMap<usize, Answer>,
    not_messages: Vec<Unreadable>,
}

impl Reading<'_, '_> {
    fn read(&mut self, indices: &[usize]) {
        let answers = parallel::map(indices, |index| {
            let found = self.files.get(*index)?;
            let bytes = self.places.get(found.place)?.head(found.entry, HEAD_BYTES).ok()?;
            Some((found.entry.key.clone(), read_head(&bytes)))
        });
        for (index, answer) in indices.iter().zip(answers) {
            let recipients = match answer {
                Some((_, Ok(recipients))) => Some(recipients),
                Some((place, Err(error))) => {
                    if self.not_messages.len() < MOST_NAMES {
                        self.not_messages.push(Unreadable { place, reason: error.to_string() });
                    }
                    None
                }
                None => None,
            };
            self.answers.insert(*index, recipients);
        }
    }

    /// Halves each span whose ends differ until they are neighbours. Heads without an answer do not count as ends.
    fn bisect(&mut self) {
        loop {
            let known: Vec<(usize, &Recipients)> =
                self.answers.iter().filter_map(|(index, answer)| Some((*index, answer.as_ref()?))).collect();
            let mut next = Vec::new();
            for pair in known.windows(2) {
                let ((low, before), (high, after)) = (pair[0], pair[1]);
                if before != after
                    && let Some(middle) = self.unread_between(low, high)
                {
                    next.push(middle);
                }
            }
            if next.is_empty() {
                return;
            }
            self.read(&next);
        }
    }

    /// The unread file nearest to the middle.
    fn unread_between(&self, low: usize, high: usize) -> Option<usize> {
        let middle = low.midpoint(high);
        (low + 1..high).filter(|index| !self.answers.contains_key(index)).min_by_key(|index| index.abs_diff(middle))
    }

    fn periods(&self) -> Vec<RecipientPeriod> {
        let mut periods = Vec::new();
        for (index, answer) in &self.answers {
            if let (Some(recipients), Some(date)) = (answer, self.files.get(*index).and_then(|found| found.file.date)) {
                extend(&mut periods, date, recipients.clone());
            }
        }
        periods
    }
}

fn first_sample(files: &[&Found<'_>]) -> Vec<usize> {
    if files.len() <= READ_ALL {
        return (0..files.len()).collect();
    }
    let month = |found: &Found<'_>| found.file.date.map(|date| (date.year(), date.month()));
    let is_first = |index: &usize| *index == 0 || *index + 1 == files.len() || month(files[*index]) != month(files[*index - 1]);
    (0..files.len()).filter(is_first).collect()
}

/// The order of the packets means nothing.
fn read_head(bytes: &[u8]) -> Result<Recipients, VaultError> {
    let mut recipients = recipients_of(bytes)?;
    recipients.key_ids.sort();
    Ok(recipients)
}

fn extend(periods: &mut Vec<RecipientPeriod>, date: NaiveDate, recipients: Recipients) {
    let Recipients { key_ids, n_hidden } = recipients;
    match periods.last_mut().filter(|period| period.key_ids == key_ids && period.n_hidden == n_hidden) {
        Some(period) => period.last_date = date,
        None => periods.push(RecipientPeriod { first_date: date, last_date: date, key_ids, n_hidden }),
    }
}
