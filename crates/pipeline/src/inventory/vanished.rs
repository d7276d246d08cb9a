//! Watches courses and their tables from package to package, and keeps what was in one and not in the next. It keeps one package at a time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::packages::Seen;
use super::value::Vanished;

/// What the package before had, and what is gone.
#[derive(Default)]
pub(super) struct Watch {
    before: Option<(NaiveDate, Seen)>,
    gone: Vec<Vanished>,
    /// Indices into `gone` of what has not come back, by site, course and table; the table is empty for a whole course.
    away: BTreeMap<(String, String, String), usize>,
}

impl Watch {
    /// Takes the next package. What it lists must be sorted.
    pub(super) fn see(&mut self, date: NaiveDate, now: Seen) {
        let Some((last_package, before)) = self.before.take() else {
            self.before = Some((date, now));
            return;
        };
        // Most weeks nothing comes or goes.
        if before == now {
            self.before = Some((date, now));
            return;
        }
        let courses = |seen: &[(String, String, String)]| {
            seen.iter().map(|(site, course, _)| (site.clone(), course.clone())).collect::<BTreeSet<_>>()
        };
        let courses_now = courses(&now);
        if !self.away.is_empty() {
            self.welcome(date, &now, &courses_now);
        }
        for (site, course) in courses(&before).difference(&courses_now) {
            self.miss(date, last_package, (site.clone(), course.clone(), String::new()));
        }
        for (site, course, table) in before {
            let is_here = now.binary_search_by(|one| (&one.0, &one.1, &one.2).cmp(&(&site, &course, &table))).is_ok();
            let key = (site, course, table);
            if !is_here && courses_now.contains(&(key.0.clone(), key.1.clone())) {
                self.miss(date, last_package, key);
            }
        }
        self.before = Some((date, now));
    }

    /// All that was missed, in order.
    pub(super) fn vanished(mut self) -> Vec<Vanished> {
        self.gone.sort();
        self.gone
    }

    fn miss(&mut self, missing_from: NaiveDate, last_package: NaiveDate, key: (String, String, String)) {
        let (site, course, table) = key.clone();
        let table = Some(table).filter(|table| !table.is_empty());
        self.away.insert(key, self.gone.len());
        self.gone.push(Vanished { missing_from, site, table, course, last_package, returned_in: None });
    }

    fn welcome(&mut self, date: NaiveDate, now: &[(String, String, String)], courses: &BTreeSet<(String, String)>) {
        let whole = courses.iter().map(|(site, course)| (site.clone(), course.clone(), String::new()));
        for key in whole.chain(now.iter().cloned()) {
            if let Some(index) = self.away.remove(&key)
                && let Some(vanished) = self.gone.get_mut(index)
            {
                vanished.returned_in = Some(date);
            }
        }
    }
}
