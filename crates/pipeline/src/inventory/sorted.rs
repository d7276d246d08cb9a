//! Sorts what places list into series: event files by organisation, site and day, packages by organisation and day. It opens nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use czar_formats::package_file::{FileKind, PackageFile, classify};
use czar_formats::site::Site;

use super::error::InventoryError;
use super::place::Place;
use super::value::{NotUnderstood, OtherOrganisations, PackageKind};
use crate::package::listing::Entry;

/// So many names of one list are told.
pub(super) const MOST_NAMES: usize = 20;
/// The file by which a synthetic delivery says what it is.
const NOTE: &str = "README.txt";

/// A file that was understood.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) file: PackageFile,
    pub(super) entry: &'a Entry,
    /// Index of its place.
    pub(super) place: usize,
}

/// The files of one package: archives, or members that lie about unpacked.
#[derive(Debug, Default)]
pub(super) struct PackageFiles<'a> {
    pub(super) archives: Vec<Found<'a>>,
    pub(super) members: Vec<Found<'a>>,
}

pub(super) type Days<'a> = BTreeMap<NaiveDate, Vec<Found<'a>>>;
pub(super) type Packages<'a> = BTreeMap<NaiveDate, PackageFiles<'a>>;

/// All files, sorted.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    pub(super) events: BTreeMap<(String, Site), Days<'a>>,
    pub(super) packages: BTreeMap<(String, PackageKind), Packages<'a>>,
    pub(super) not_understood: NotUnderstood,
    pub(super) other_organisations: OtherOrganisations,
    pub(super) n_files: u64,
    pub(super) n_bytes: u64,
}

impl<'a> Sorted<'a> {
    /// Sorts the files of the organisations that are ours: those named; else all of folders and, of a bucket, those of the folders or the
    /// only one there.
    pub(super) fn of(places: &'a [Place], organisations: &[String]) -> Result<Self, InventoryError> {
        let mut found: Vec<Vec<Found<'a>>> = Vec::new();
        for (place, listed) in places.iter().enumerate() {
            found.push(listed.entries().iter().map(|entry| Found { file: classify(&entry.key), entry, place }).collect());
        }
        let ours = ours(places, &found, organisations)?;
        let mut sorted = Self::default();
        let mut others = BTreeSet::new();
        for (place, files) in places.iter().zip(found) {
            for found in files {
                match &found.file.org {
                    Some(org) if !ours.contains(org) => {
                        others.insert(org.clone());
                        sorted.other_organisations.n_files += 1;
                    }
                    // In a bucket that is shared a name that says nothing may still say something about others.
                    None if place.is_bucket() && !is_below(&found.entry.key, &ours) => sorted.other_organisations.n_files += 1,
                    _ => sorted.take(found),
                }
            }
        }
        sorted.other_organisations.n_organisations = others.len() as u64;
        Ok(sorted)
    }

    fn take(&mut self, found: Found<'a>) {
        if found.entry.key.rsplit('/').next() == Some(NOTE) {
            return;
        }
        self.n_files += 1;
        self.n_bytes += found.entry.n_bytes;
        let PackageFile { kind, site, org, date, .. } = &found.file;
        let (Some(org), Some(date)) = (org.clone(), *date) else {
            // A member whose package nobody names has no day: the folder it lies in should say.
            self.not_understood.n_files += 1;
            if self.not_understood.first.len() < MOST_NAMES {
                self.not_understood.first.push(found.entry.key.clone());
            }
            return;
        };
        // They come on days of their own and tell nothing about packages.
        if matches!(kind, FileKind::ProgramReport | FileKind::LogArchive | FileKind::LooseLog | FileKind::ResearchExchangeArchive) {
            return;
        }
        if let (FileKind::TrackingLog, Some(site)) = (kind, site) {
            self.events.entry((org, site.clone())).or_default().entry(date).or_default().push(found);
            return;
        }
        let is_opt_in = matches!(kind, FileKind::EmailOptInArchive) || found.file.file_key.starts_with("email-opt-in-");
        let package_kind = if is_opt_in { PackageKind::EmailOptIn } else { PackageKind::DataPackage };
        let package = self.packages.entry((org, package_kind)).or_default().entry(date).or_default();
        match kind {
            FileKind::DatabaseArchive | FileKind::EmailOptInArchive => package.archives.push(found),
            _ => package.members.push(found),
        }
    }

    /// The days of all files.
    pub(super) fn dates(&self) -> impl Iterator<Item = NaiveDate> {
        self.events.values().flat_map(BTreeMap::keys).chain(self.packages.values().flat_map(BTreeMap::keys)).copied()
    }
}

fn ours(places: &[Place], found: &[Vec<Found<'_>>], named: &[String]) -> Result<BTreeSet<String>, InventoryError> {
    if !named.is_empty() {
        return Ok(named.iter().map(|org| org.to_ascii_lowercase()).collect());
    }
    let orgs_of = |files: &[Found<'_>]| files.iter().filter_map(|found| found.file.org.clone()).collect::<BTreeSet<String>>();
    let by_place: Vec<(&Place, BTreeSet<String>)> = places.iter().zip(found).map(|(place, files)| (place, orgs_of(files))).collect();
    let is_certain = |place: &Place, orgs: &BTreeSet<String>| !place.is_bucket() || orgs.len() == 1;
    let ours: BTreeSet<String> =
        by_place.iter().filter(|(place, orgs)| is_certain(place, orgs)).flat_map(|(_, orgs)| orgs.iter().cloned()).collect();
    match by_place.iter().find(|(_, orgs)| !orgs.is_empty() && orgs.is_disjoint(&ours)) {
        Some((place, orgs)) => Err(InventoryError::SeveralOrganisations { place: place.name().to_owned(), n_organisations: orgs.len() }),
        None => Ok(ours),
    }
}

/// Whether a key begins with the name of one of our organisations.
fn is_below(key: &str, ours: &BTreeSet<String>) -> bool {
    let first = key.split('/').next().unwrap_or_default().to_ascii_lowercase();
    ours.iter().any(|org| first.strip_prefix(org).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.'])))
}
