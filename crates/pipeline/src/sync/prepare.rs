//! Finds out what is to be fetched: lists the places, compares with the receipts and with what lies here. It changes nothing anywhere.

use std::path::PathBuf;

use super::local::Local;
use super::place::Place;
use super::plan::{Object, Why, compare};
use super::target::{Taken, part_path, shown, target};
use super::{SyncError, SyncOptions, SyncSummary};
use crate::control::Control;
use crate::progress::Progress;

/// What is to be done.
#[derive(Debug, Default)]
pub struct Plan {
    /// What is to be fetched or adopted, the newest days first.
    pub wanted: Vec<Wanted>,
    /// Bytes that have to be written for that.
    pub needed_bytes: u64,
    /// What is known already of the summary.
    pub summary: SyncSummary,
    /// Keys that are no longer there, by place.
    pub(super) vanished: Vec<(usize, String)>,
    /// Keys that are there again.
    pub(super) back: Vec<(usize, String)>,
}

/// An object that is to be fetched or adopted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The place, by its position in the list.
    pub place: usize,
    /// The object.
    pub object: Object,
    /// Why.
    pub why: Why,
    /// Where it comes to lie, below the delivery folder.
    pub path: String,
    /// A file below the delivery folder that has its name and size and is probably the same.
    pub local: Option<PathBuf>,
    /// The version that was fetched before.
    pub(super) old_version: Option<String>,
}

impl Wanted {
    /// What is to be done, in one word.
    #[must_use]
    pub fn what(&self) -> &'static str {
        if self.local.is_some() { "adopt" } else { self.why.name() }
    }
}

/// Lists and compares. Without a control database everything is new. A place that cannot be listed is in the summary while another can.
///
/// # Errors
/// No place can be listed, nothing fits what was asked for, or the receipts cannot be read.
pub fn prepare(places: &[Place], options: &SyncOptions, control: Option<&Control>, progress: &dyn Progress) -> Result<Plan, SyncError> {
    let mut plan = Plan::default();
    let mut errors = Vec::new();
    let mut known = Vec::new();
    progress.begin("list", places.len(), 0);
    for (index, place) in places.iter().enumerate() {
        progress.file(&place.address);
        match look_at(index, place, options, control, &mut plan) {
            Ok(of_place) => known.extend(of_place),
            Err(error @ SyncError::Place { .. }) => errors.push(error),
            Err(error) => return Err(error),
        }
        progress.file_done();
    }
    progress.end();
    let n_errors = errors.len();
    let mut errors = SyncError::joined(errors);
    if n_errors == places.len() && !errors.is_empty() {
        return Err(errors.swap_remove(0));
    }
    plan.summary.place_failures = errors;
    if let Some(pattern) =
        options.selection.again.iter().find(|pattern| !plan.wanted.iter().any(|wanted| pattern.fits(&wanted.object.entry.key)))
        && plan.summary.place_failures.is_empty()
    {
        return Err(SyncError::NoSuchObject { pattern: pattern.text().to_owned() });
    }
    give_each_its_path(&mut plan, places, &known);
    adopt(&mut plan, options);
    limit(&mut plan, options);
    Ok(plan)
}

/// Adds what one place has; gives back the paths of what is known.
fn look_at(
    index: usize,
    place: &Place,
    options: &SyncOptions,
    control: Option<&Control>,
    plan: &mut Plan,
) -> Result<Vec<String>, SyncError> {
    let listed = place.list(&options.organisations, &options.selection)?;
    let receipts = control.map(|control| control.receipts(&place.identity)).transpose()?.unwrap_or_default();
    let comparison = compare(&listed.objects, &receipts, &options.selection, &place.kinds);
    let summary = &mut plan.summary;
    summary.n_listed += listed.objects.len() as u64;
    summary.n_foreign += listed.n_foreign;
    summary.n_other += listed.n_other;
    summary.refused.extend(listed.refused);
    summary.failures.extend(listed.unreadable.iter().map(|(key, reason)| super::ObjectFailure {
        place: place.address.clone(),
        key: shown(key),
        message: reason.clone(),
        hint: None,
    }));
    let mut paths = Vec::new();
    let mut want = |position: usize, why: Why| {
        let Some(object) = listed.objects.get(position) else { return };
        plan.wanted.push(Wanted {
            place: index,
            object: object.clone(),
            why,
            path: target(&place.folder, &object.entry.key).unwrap_or_default(),
            local: None,
            old_version: receipts.get(&object.entry.key).map(|receipt| receipt.version.clone()),
        });
    };
    for position in comparison.known {
        let Some((key, receipt)) = listed.objects.get(position).and_then(|object| receipts.get_key_value(&object.entry.key)) else {
            continue;
        };
        if receipt.has_vanished {
            plan.back.push((index, key.clone()));
        }
        match std::fs::metadata(options.delivery_folder.join(&receipt.path)) {
            // Cut short or overwritten by somebody.
            Ok(metadata) if metadata.len() != receipt.n_bytes => want(position, Why::Again),
            Ok(_) => summary.n_known += 1,
            Err(_) => {
                summary.n_known += 1;
                summary.n_gone_here += 1;
            }
        }
        paths.push(receipt.path.clone());
    }
    comparison.wanted.iter().for_each(|(position, why)| want(*position, *why));
    // What was not looked at has not vanished.
    if listed.unreadable.is_empty() && options.selection.since.is_none() {
        summary.n_vanished += comparison.vanished.len() as u64;
        summary.vanished.extend(comparison.vanished.iter().map(|key| shown(key)));
        plan.vanished.extend(comparison.vanished.into_iter().map(|key| (index, key)));
    }
    Ok(paths)
}

/// Refuses what would share a path with another object. What is here already keeps its own.
fn give_each_its_path(plan: &mut Plan, places: &[Place], known: &[String]) {
    let mut taken = Taken::default();
    let changed: Vec<String> = plan.wanted.iter().filter(|wanted| wanted.why != Why::New).map(|wanted| wanted.path.clone()).collect();
    for path in known.iter().filter(|path| !changed.contains(path)) {
        taken.take(path);
    }
    // Of two that differ in case alone, the one written as edX writes them.
    plan.wanted.sort_by_cached_key(|wanted| {
        let key = &wanted.object.entry.key;
        (wanted.why == Why::New, key.contains(char::is_uppercase), wanted.place, key.clone())
    });
    let refused = &mut plan.summary.refused;
    plan.wanted.retain(|wanted| {
        let is_free = taken.take(&wanted.path);
        if !is_free {
            let place = places.get(wanted.place).map(|place| place.address.as_str()).unwrap_or_default();
            refused.push(format!("{} in {place}", shown(&wanted.object.entry.key)));
        }
        is_free
    });
}

/// Finds files that lie here without a receipt.
fn adopt(plan: &mut Plan, options: &SyncOptions) {
    if !plan.wanted.iter().any(|wanted| wanted.why == Why::New) {
        return;
    }
    let local = Local::look(&options.delivery_folder);
    for wanted in plan.wanted.iter_mut().filter(|wanted| wanted.why == Why::New) {
        wanted.local = local.find(&wanted.object).map(ToOwned::to_owned);
    }
}

/// The newest first, and no more than is allowed; one object at least, since one that is larger than the limit would never come.
fn limit(plan: &mut Plan, options: &SyncOptions) {
    plan.wanted.sort_by(|a, b| (b.object.date, a.place, &a.object.entry.key).cmp(&(a.object.date, b.place, &b.object.entry.key)));
    let mut n_bytes = 0_u64;
    let mut n_left = 0;
    plan.wanted.retain(|wanted| {
        if wanted.local.is_some() {
            return true;
        }
        let with_this = n_bytes.saturating_add(wanted.object.entry.n_bytes);
        let is_within = n_bytes == 0 || options.max_bytes.is_none_or(|max_bytes| with_this <= max_bytes);
        if is_within {
            n_bytes = with_this;
        }
        n_left += u64::from(!is_within);
        is_within
    });
    plan.summary.n_left = n_left;
    let here = |wanted: &Wanted| {
        let part = part_path(&options.delivery_folder.join(&wanted.path), &wanted.object.version());
        std::fs::metadata(part).map_or(0, |metadata| metadata.len())
    };
    plan.needed_bytes = plan
        .wanted
        .iter()
        .filter(|wanted| wanted.local.is_none())
        .map(|wanted| wanted.object.entry.n_bytes.saturating_sub(here(wanted)))
        .sum();
}
