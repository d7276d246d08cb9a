//! What a run has to tell people: how its steps ended, what is new, what is missing, which key expires, which reports are there. It sends
//! nothing itself, and nothing in it fails a run: what cannot be found out is left out.

use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::control::RunOutcome;
use czar_pipeline::inventory::{self, Options};
use czar_pipeline::notify::{self, Facts, Notice};
use czar_pipeline::vault::KeyFacts;

use super::{Run, Step};
use crate::keys;
use crate::workplace::Workplace;

/// Gaps that are older were there before anybody asked to be told, and will hardly be filled.
const GAP_DAYS: i64 = 60;

/// Days after which an event file is expected to be there: edX puts a day's file up the day after, now and then later.
const LATE_DAYS: i64 = 3;

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
        notices.extend(gaps(run, workplace, now).map(Notice::from));
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
    let settings = &workplace.settings().keys;
    if let Some(file) = &settings.secret_key_file {
        return notify::key_expiring(&KeyFacts::from_file(file).ok()?, now);
    }
    // Nobody is to be asked for a pass-phrase a second time.
    let keys = if workplace.printer.can_ask() { None } else { keys::open(settings, workplace.printer).ok().flatten() };
    notify::key_expiring(keys?.list(), now)
}

fn gaps(run: &Run<'_>, workplace: &Workplace<'_>, now: DateTime<Utc>) -> Option<Facts> {
    let folder = &workplace.settings().delivery_folder;
    let organisations = workplace.settings().organisation.name.iter().cloned().collect();
    // What is not there a moment after a sync is missing; without one nobody knows when files were last fetched.
    let is_fresh = run.ended.iter().any(|(step, end)| *step == Step::Sync && end.outcome == RunOutcome::Done);
    let until = is_fresh.then(|| now.date_naive() - TimeDelta::days(LATE_DAYS));
    let options = Options { organisations, until, is_deep: false, own_keys: Vec::new(), now };
    let inventory = inventory::take(&[folder.display().to_string()], &options).ok()?;
    notify::gaps(&inventory, Some(now.date_naive() - TimeDelta::days(GAP_DAYS)))
}
