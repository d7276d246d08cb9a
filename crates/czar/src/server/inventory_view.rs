//! What the delivery folder holds and lacks, looked at again only when a run has ended since or ten minutes have passed. It keeps nothing
//! on the disk.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::inventory::{self, Inventory, Options};

use super::service::Service;

const KEEP: TimeDelta = TimeDelta::minutes(10);

/// The last look.
#[derive(Default)]
pub(super) struct InventoryView {
    last: Mutex<Option<Look>>,
}

struct Look {
    taken_at: DateTime<Utc>,
    after_run: Option<i64>,
    inventory: Arc<Inventory>,
}

impl InventoryView {
    /// The inventory of the delivery folder, perhaps from some minutes ago.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub(super) fn get(&self, service: &Service) -> anyhow::Result<Arc<Inventory>> {
        let newest = service.control.runs(1)?.first().filter(|run| run.finished_at.is_some()).map(|run| run.run_id);
        let now = service.now();
        // Held while looking: who asks meanwhile waits for the same look.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(look) = last.as_ref().filter(|look| look.after_run == newest && now - look.taken_at < KEEP) {
            return Ok(Arc::clone(&look.inventory));
        }
        let folder = service.settings().delivery_folder.display().to_string();
        let options = Options { organisations: Vec::new(), until: None, is_deep: false, own_keys: Vec::new(), now };
        let inventory = Arc::new(inventory::take(&[folder], &options)?);
        *last = Some(Look { taken_at: now, after_run: newest, inventory: Arc::clone(&inventory) });
        Ok(inventory)
    }
}
