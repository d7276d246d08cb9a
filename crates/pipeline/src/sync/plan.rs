//! Compares what a place holds with what was fetched from it before. It asks nobody and touches no file.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::kind::ContentKind;
use super::pattern::Pattern;
use crate::control::Receipt;
use crate::package::listing::Entry;

/// An object of ours, as a place lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Key, size, time and ETag.
    pub entry: Entry,
    /// What it is.
    pub kind: ContentKind,
    /// Whose, in lower case.
    pub organisation: String,
    /// The day in its name.
    pub date: Option<NaiveDate>,
}

impl Object {
    /// What tells this version of an object from another: the ETag, without one the time; and the size.
    #[must_use]
    pub fn version(&self) -> String {
        match &self.entry.etag {
            Some(etag) => format!("{etag} {}", self.entry.n_bytes),
            None => format!("{} {}", self.entry.modified_at, self.entry.n_bytes),
        }
    }
}

/// Why an object is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was not there before.
    New,
    /// Its ETag or size is another one.
    Changed,
    /// It was asked for, or the file here is not as it was fetched.
    Again,
}

impl Why {
    /// In one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Again => "again",
        }
    }
}

/// What the user wants of all that is there.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only objects of this day and later, and those without a day.
    pub since: Option<NaiveDate>,
    /// Only these kinds; all when empty.
    pub only: Vec<ContentKind>,
    /// Only objects that fit one of these, also when they are known.
    pub again: Vec<Pattern>,
}

/// What comes of a comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// To be fetched, by place in the list.
    pub wanted: Vec<(usize, Why)>,
    /// Known, with the same version.
    pub known: Vec<usize>,
    /// Keys that are no longer there, and were the last time.
    pub vanished: Vec<String>,
}

/// Compares. `receipts` are those of the place, by key.
#[must_use]
pub fn compare(objects: &[Object], receipts: &BTreeMap<String, Receipt>, selection: &Selection, kinds: &[ContentKind]) -> Comparison {
    let mut comparison = Comparison::default();
    for (index, object) in objects.iter().enumerate() {
        let receipt = receipts.get(&object.entry.key);
        let is_same = receipt.is_some_and(|receipt| receipt.version == object.version());
        if !selection.again.is_empty() {
            if selection.again.iter().any(|pattern| pattern.fits(&object.entry.key)) {
                comparison.wanted.push((index, if receipt.is_none() { Why::New } else { Why::Again }));
            }
        } else if is_same {
            comparison.known.push(index);
        } else if selection.since.is_none_or(|since| object.date.is_none_or(|date| date >= since)) {
            comparison.wanted.push((index, if receipt.is_some() { Why::Changed } else { Why::New }));
        }
    }
    // What of a kind or an organisation was not listed has not vanished.
    let organisations: HashSet<&str> = objects.iter().map(|object| object.organisation.as_str()).collect();
    let there: HashSet<&str> = objects.iter().map(|object| object.entry.key.as_str()).collect();
    comparison.vanished = receipts
        .iter()
        .filter(|(key, receipt)| {
            !receipt.has_vanished
                && !there.contains(key.as_str())
                && kinds.iter().any(|kind| kind.name() == receipt.kind)
                && organisations.contains(receipt.organisation.as_str())
        })
        .map(|(key, _)| key.clone())
        .collect();
    comparison
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot write its own date should stop")]

    use super::*;

    fn object(day: &str, etag: &str) -> Object {
        let entry = Entry { key: format!("universityx-{day}.zip"), n_bytes: 7, modified_at: 0, etag: Some(etag.to_owned()) };
        Object { entry, kind: ContentKind::Packages, organisation: "universityx".to_owned(), date: Some(day.parse().unwrap()) }
    }

    fn receipts(objects: &[Object]) -> BTreeMap<String, Receipt> {
        let receipt = |object: &Object| Receipt {
            kind: object.kind.name().to_owned(),
            organisation: object.organisation.clone(),
            path: String::new(),
            n_bytes: object.entry.n_bytes,
            version: object.version(),
            has_vanished: false,
        };
        objects.iter().map(|object| (object.entry.key.clone(), receipt(object))).collect()
    }

    fn compared(objects: &[Object], before: &[Object], selection: &Selection) -> Comparison {
        compare(objects, &receipts(before), selection, &[ContentKind::Packages])
    }

    #[test]
    fn new_changed_known_and_vanished_objects_are_told_apart() {
        let before = [object("2018-03-04", "a"), object("2018-03-11", "b"), object("2018-03-18", "c")];
        let now = [object("2018-03-11", "b"), object("2018-03-18", "other"), object("2018-03-25", "d")];
        let comparison = compared(&now, &before, &Selection::default());
        assert_eq!(comparison.wanted, [(1, Why::Changed), (2, Why::New)]);
        assert_eq!(comparison.known, [0]);
        assert_eq!(comparison.vanished, ["universityx-2018-03-04.zip"]);
    }

    #[test]
    fn an_object_of_another_size_has_changed_though_its_etag_has_not() {
        let mut now = [object("2018-03-11", "b")];
        now[0].entry.n_bytes = 8;
        assert_eq!(compared(&now, &[object("2018-03-11", "b")], &Selection::default()).wanted, [(0, Why::Changed)]);
    }

    #[test]
    fn only_later_days_are_wanted_when_a_day_is_given() {
        let now = [object("2018-03-11", "b"), object("2018-03-18", "c")];
        let selection = Selection { since: Some("2018-03-18".parse().unwrap()), ..Selection::default() };
        assert_eq!(compared(&now, &[], &selection).wanted, [(1, Why::New)]);
    }

    #[test]
    fn what_is_asked_for_again_is_fetched_and_nothing_else() {
        let now = [object("2018-03-11", "b"), object("2018-03-18", "c")];
        let selection = Selection { again: vec![Pattern::new("*-03-11.zip")], ..Selection::default() };
        assert_eq!(compared(&now, &now[..1], &selection).wanted, [(0, Why::Again)]);
    }

    #[test]
    fn an_organisation_of_which_nothing_is_listed_has_not_vanished() {
        // The name in the settings may be wrong, or the rights may be gone.
        assert_eq!(compared(&[], &[object("2018-03-11", "b")], &Selection::default()).vanished, Vec::<String>::new());
    }
}
