//! A whole run: its steps one after the other, each told, each recorded in the control database. A step that fails stops only those that
//! need it.

mod live;
mod notices;
mod step;
mod steps;

use std::path::PathBuf;
use std::process;

use chrono::{DateTime, TimeDelta, Utc};
use czar_pipeline::control::{Cause, Control, RunLock, RunOutcome, StepEnd};
use czar_pipeline::error::ErrorKind;
use czar_pipeline::ingest::IngestSummary;
use czar_pipeline::notify::Outbox;

use crate::exit::Outcome;
use crate::failure;
use crate::outbox;
use crate::words;
use crate::workplace::Workplace;

pub(crate) use live::{Live, LiveRun};
pub(crate) use step::Step;

/// What is to be done, and for whom.
pub(crate) struct Order<'a> {
    pub(crate) cause: Cause,
    /// The request in the server's queue that is met by it.
    pub(crate) request_id: Option<i64>,
    pub(crate) steps: &'a [Step],
}

/// What has been done so far, for the steps that follow.
pub(crate) struct Run<'a> {
    pub(crate) run_id: i64,
    pub(crate) control: &'a Control,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended: Vec<(Step, StepEnd)>,
    /// What was loaded, if anything was tried.
    pub(crate) ingested: Option<IngestSummary>,
    pub(crate) reports: Vec<WrittenReport>,
    pub(crate) outbox: Option<Outbox>,
    /// Whether all that failed was out of our reach; none when nothing failed.
    is_remote: Option<bool>,
}

/// A report that the run wrote.
pub(crate) struct WrittenReport {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) n_rows: u64,
}

/// Does the given steps in their order.
///
/// # Errors
/// Another run is under way, or the control database cannot be used. What goes wrong in a step is told and recorded, not returned.
pub(crate) fn run(workplace: &Workplace<'_>, order: &Order<'_>) -> anyhow::Result<Outcome> {
    let now = workplace.clock;
    let data_folder = &workplace.settings().data_folder;
    // Wrong settings for messages are not to be found out after hours of work.
    let outbox = if order.steps.contains(&Step::Notify) { Some(outbox::open(workplace.settings())?) } else { None };
    let _lock = RunLock::take(data_folder, process::id(), now())?;
    let control = Control::open(data_folder)?;
    let n_interrupted = control.close_interrupted_runs()?;
    if n_interrupted > 0 {
        workplace.printer.say("The run before was interrupted; what it had done is kept");
    }
    let keep = TimeDelta::days(workplace.settings().run.keep_record_days.into());
    control.forget_runs(now() - keep)?;
    let started_at = now();
    let run_id = control.begin_run(order.cause, process::id(), started_at)?;
    if let Some(request_id) = order.request_id {
        control.note_run_of_request(request_id, run_id)?;
    }
    let live = workplace.live();
    live.run_begins(run_id, order, now());
    if let Some(request_id) = order.request_id {
        let names: Vec<&str> = order.steps.iter().map(|step| step.name()).collect();
        let cause = order.cause.name().replace('_', " ");
        workplace.printer.say(&format!("Run {run_id} begins ({cause}, request {request_id}): {}", names.join(", ")));
    }
    let begun = std::time::Instant::now();
    let (ended, reports) = (Vec::new(), Vec::new());
    let mut run = Run { run_id, control: &control, started_at, ended, ingested: None, reports, outbox, is_remote: None };
    for step in Step::ALL.into_iter().filter(|step| order.steps.contains(step)) {
        control.begin_step(run_id, step.name(), now())?;
        live.step_begins(step, now());
        let end = run.take(step, workplace);
        control.end_step(run_id, step.name(), &end, now())?;
        run.ended.push((step, end));
    }
    let (outcome, exit) = run.outcome();
    control.end_run(run_id, outcome, exit.code(), now())?;
    workplace.printer.say(&format!("{} ({})", run.closing_line(), words::duration(begun.elapsed())));
    Ok(exit)
}

impl Run<'_> {
    /// Does one step, unless a step that it needs has failed.
    fn take(&mut self, step: Step, workplace: &Workplace<'_>) -> StepEnd {
        let failed = |needed: &Step| self.ended.iter().any(|(ended, end)| ended == needed && end.outcome == RunOutcome::Failed);
        if let Some(needed) = step.needs().iter().find(|needed| failed(needed)) {
            let summary = format!("Passed over {}: {} failed", step.name(), needed.name());
            workplace.printer.say(&summary);
            return steps::passed_over(summary);
        }
        workplace.begin_step();
        match steps::take(step, self, workplace) {
            Ok(end) => end,
            Err(error) => {
                workplace.printer.error(&error);
                let is_remote = failure::kind(&error) == ErrorKind::Remote;
                self.is_remote = Some(self.is_remote.unwrap_or(true) && is_remote);
                StepEnd {
                    outcome: RunOutcome::Failed,
                    summary: None,
                    facts: serde_json::Value::Null,
                    error: Some(failure::one_line(&error)),
                    hint: failure::hint(&error),
                }
            }
        }
    }

    /// The outcome of the whole: that of its worst step.
    pub(crate) fn outcome(&self) -> (RunOutcome, Outcome) {
        let any = |outcome| self.ended.iter().any(|(_, end)| end.outcome == outcome);
        if any(RunOutcome::Failed) {
            let kind = if self.is_remote == Some(true) { ErrorKind::Remote } else { ErrorKind::Input };
            (RunOutcome::Failed, Outcome::NotDone(kind))
        } else if any(RunOutcome::WithTrouble) {
            (RunOutcome::WithTrouble, Outcome::WithTrouble)
        } else {
            (RunOutcome::Done, Outcome::Done)
        }
    }

    fn closing_line(&self) -> String {
        let names = |outcome| {
            let of_outcome = self.ended.iter().filter(|(_, end)| end.outcome == outcome);
            of_outcome.map(|(step, _)| step.name()).collect::<Vec<_>>().join(", ")
        };
        let parts: Vec<String> = [
            ("done", RunOutcome::Done),
            ("with trouble", RunOutcome::WithTrouble),
            ("failed", RunOutcome::Failed),
            ("passed over", RunOutcome::PassedOver),
        ]
        .into_iter()
        .map(|(word, outcome)| (word, names(outcome)))
        .filter(|(_, names)| !names.is_empty())
        .map(|(word, names)| format!("{word}: {names}"))
        .collect();
        format!("Run {}: {}", self.run_id, parts.join("; "))
    }
}
