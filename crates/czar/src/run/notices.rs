//! What a run has to tell people: how its steps ended, what is new, what is missing, which key expires, which reports are there. It sends
//! nothing itself, and nothing in it fails a run: what cannot be found out is left out.

use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::control::RunOutcome;
use czar_pipeline::inventory::{self, Options};
use czar_pipeline::notify::{self, Facts, Notice};

use super::{Run, Step};
use crate::keys;
use crate::workplace::Workplace;

/// Gaps that are older were there before anybody asked to be told, and will hardly be filled.
const GAP_DAYS: i64 = 60;

/// All that the run so far may deserve to be told. Who was told before is not known here.
pub(super) fn of_run(run: &Run<'_>, workplace: &Workplace<'_>) -> Vec<Notice> {
    let now = (workplace.clock)();
    let mut notices: Vec<Notice> =
        run.ended.iter().filter_map(|(step, end)| notify::step_ended(step.name(), end)).map(Notice::from).collect();
    notices.extend(new_data(run, workplace).map(Notice::from));
    for report in &run.reports {
        let facts = notify::report(&report.name, &now.date_naive().to_string(), std::slice::from_ref(&report.path), Some(report.n_rows));
        notices.push(Notice { facts, attachments: vec![report.path.clone()] });
    }
    notices.extend(expiring_keys(workplace, now).map(Notice::from));
    if run.ended.iter().any(|(step, end)| *step == Step::Sync || (*step == Step::Ingest && end.outcome != RunOutcome::PassedOver)) {
        notices.extend(gaps(workplace, now).map(Notice::from));
    }
    notices
}

fn new_data(run: &Run<'_>, workplace: &Workplace<'_>) -> Option<Facts> {
    let summary = run.ingested.as_ref()?;
    let since = run.started_at.timestamp_micros();
    let sql = format!(
        "select file_key from loads where state = 'loaded' and loaded_at >= to_timestamp_micros({since}) order by file_key limit 100"
    );
    let names = workplace.existing_lake().and_then(|lake| Ok(workplace.engine(&lake)?.texts(&sql)?));
    notify::new_data(&run.run_id.to_string(), summary, &names.unwrap_or_default())
}

fn expiring_keys(workplace: &Workplace<'_>, now: DateTime<Utc>) -> Option<Facts> {
    let keys = keys::open(&workplace.settings().keys, workplace.printer).ok().flatten()?;
    notify::key_expiring(keys.list(), now)
}

fn gaps(workplace: &Workplace<'_>, now: DateTime<Utc>) -> Option<Facts> {
    let folder = &workplace.settings().delivery_folder;
    let organisations = workplace.settings().organisation.name.iter().cloned().collect();
    let options = Options { organisations, until: None, is_deep: false, own_keys: Vec::new(), now };
    let inventory = inventory::take(&[folder.display().to_string()], &options).ok()?;
    notify::gaps(&inventory, Some(now.date_naive() - TimeDelta::days(GAP_DAYS)))
}
