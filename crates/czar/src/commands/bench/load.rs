//! What `czar bench` measures with: a synthetic delivery, or a part of one's own. It reads names and sizes only.

use std::cmp::Reverse;
use std::path::Path;

use czar_pipeline::package::{self, Batch, BatchContent, DeliveredFile, Delivery};
use czar_pipeline::vault::{PassPhrase, SecretKeys};
use czar_synth::DeliveryPlan;

use crate::commands::synth;
use crate::failure::refusal_with_hint;
use crate::keys;
use crate::workplace::Workplace;

/// What is measured with.
pub(super) struct Load {
    /// Batches of event files, and nothing else.
    pub(super) events: Delivery,
    /// Data packages, and nothing else.
    pub(super) packages: Delivery,
    pub(super) keys: Option<SecretKeys>,
    /// Whether it may be written to the disk in clear, to be measured in other shapes: never, where it is of real people.
    pub(super) is_synthetic: bool,
}

impl Load {
    pub(super) fn event_files(&self) -> Vec<&DeliveredFile> {
        self.events.batches.iter().flat_map(Batch::files).collect()
    }
}

/// Makes a delivery in the scratch folder.
pub(super) fn synthetic(n_learners: u32, n_days: u32, scratch: &Path, workplace: &Workplace<'_>) -> anyhow::Result<Load> {
    let folder = scratch.join("delivery");
    let plan = DeliveryPlan { n_learners, n_days, ..DeliveryPlan::default() };
    plan.check()?;
    let made = synth::write(&plan, &folder, &workplace.bars())?;
    workplace.printer.say(&made);
    let keys = SecretKeys::from_file(&folder.join("keys/czar-secret.asc"), &PassPhrase::none())?;
    let (events, packages) = split(package::find(&folder)?.batches);
    Ok(Load { events, packages, keys: Some(keys), is_synthetic: true })
}

/// Takes the newest files of a folder, event files and packages each up to a size, and at least one.
pub(super) fn of_folder(folder: &Path, most_bytes: u64, workplace: &Workplace<'_>) -> anyhow::Result<Load> {
    let (mut events, mut packages) = split(package::find(folder)?.batches);
    if events.batches.is_empty() {
        return Err(refusal_with_hint(
            format!("there is no event file in `{}` to measure with", folder.display()),
            "name a folder with files like `universityx-edx-events-2015-03-01.log.gz.gpg`, or leave out --data",
        ));
    }
    keep_newest(&mut events.batches, most_bytes);
    keep_newest(&mut packages.batches, most_bytes);
    let is_encrypted = |file: &DeliveredFile| file.file.wrapping.encrypted;
    let needs_keys = events.batches.iter().chain(&packages.batches).flat_map(Batch::files).any(is_encrypted);
    let keys = if needs_keys { keys::open(&workplace.settings().keys, workplace.printer)? } else { None };
    if needs_keys && keys.is_none() {
        return Err(refusal_with_hint(
            "files are encrypted, and no secret key is named",
            "set `keys.secret_key_file` or `keys.gnupg_home` in czar.toml, or give --secret-key-file",
        ));
    }
    Ok(Load { events, packages, keys, is_synthetic: false })
}

fn split(batches: Vec<Batch>) -> (Delivery, Delivery) {
    let (events, others): (Vec<Batch>, Vec<Batch>) =
        batches.into_iter().partition(|batch| matches!(batch.content, BatchContent::EventFile(_)));
    let packages = others.into_iter().filter(|batch| matches!(batch.content, BatchContent::Package { .. })).collect();
    (Delivery { batches: events, ..Delivery::default() }, Delivery { batches: packages, ..Delivery::default() })
}

/// Keeps the newest batches, in the order they have, and at least one.
fn keep_newest(batches: &mut Vec<Batch>, most_bytes: u64) {
    let day = |batch: &Batch| match &batch.content {
        BatchContent::Package { date, .. } => Some(*date),
        BatchContent::EventFile(file) | BatchContent::Archive(file) => file.file.date,
    };
    let mut newest_first: Vec<usize> = (0..batches.len()).collect();
    newest_first.sort_by_key(|&at| Reverse(batches.get(at).and_then(day)));
    let mut is_kept = vec![false; batches.len()];
    let mut n_bytes = 0;
    for (place, at) in newest_first.into_iter().enumerate() {
        n_bytes += batches.get(at).map_or(0, Batch::n_bytes);
        if place > 0 && n_bytes > most_bytes {
            break;
        }
        if let Some(kept) = is_kept.get_mut(at) {
            *kept = true;
        }
    }
    let mut kept = is_kept.into_iter();
    batches.retain(|_| kept.next().unwrap_or(false));
}
