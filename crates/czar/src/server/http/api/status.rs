//! How the server is, put together from the present run, the record of past ones, the queue and the schedule.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use czar_pipeline::control::{Request, RequestState, StepRecord};

use crate::run::{LiveRun, Step};
use crate::server::http::wire::{CurrentRun, Moment, QueuedRun, ScheduledTime, Status, StepStatus};
use crate::server::service::Service;

/// How the server is.
pub(in crate::server::http) fn status(service: &Service) -> anyhow::Result<Status> {
    let live = service.live.now();
    let requests = service.control.open_requests()?;
    let last_steps = service.control.last_steps()?;
    let newest = service.control.runs(1)?;
    let last_of = |step: Step| last_steps.iter().find(|(_, record)| record.step == step.name());
    let steps = Step::ALL.into_iter().map(|step| step_status(service, step, live.as_ref(), last_of(step))).collect();
    let mut revision = DefaultHasher::new();
    for request in &requests {
        (request.request_id, request.state.name()).hash(&mut revision);
    }
    for run in &newest {
        (run.run_id, run.finished_at.is_some(), run.steps.iter().filter(|step| step.outcome.is_some()).count()).hash(&mut revision);
    }
    (live.as_ref().map(|run| run.run_id), service.is_stopping()).hash(&mut revision);
    let serve = &service.settings().serve;
    Ok(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now: Moment(service.now()),
        started_at: Moment(service.started_at),
        is_stopping: service.is_stopping(),
        revision: format!("{:016x}", revision.finish()),
        run: live.as_ref().map(current_run),
        steps,
        queue: waiting(&requests).map(QueuedRun::from).collect(),
        schedule: service
            .next_times()
            .into_iter()
            .map(|(entry, next_at)| ScheduledTime { entry: entry.to_owned(), next_at: Moment(next_at) })
            .collect(),
        watched_folder: serve.watch_folder.then(|| service.settings().delivery_folder.display().to_string()),
    })
}

fn waiting(requests: &[Request]) -> impl Iterator<Item = &Request> {
    requests.iter().filter(|request| request.state == RequestState::Waiting)
}

fn current_run(run: &LiveRun) -> CurrentRun {
    CurrentRun {
        run_id: run.run_id,
        cause: run.cause.name().to_owned(),
        started_at: Moment(run.started_at),
        steps: run.steps.iter().map(|step| step.name().to_owned()).collect(),
        step: run.step.map(|(step, _)| step.name().to_owned()),
    }
}

fn step_status(service: &Service, step: Step, live: Option<&LiveRun>, last: Option<&(i64, StepRecord)>) -> StepStatus {
    let running = live.filter(|run| run.step.is_some_and(|(running, _)| running == step));
    let comes = |run: &LiveRun| {
        let position = |of: Step| Step::ALL.iter().position(|step| *step == of);
        run.steps.contains(&step) && run.step.is_none_or(|(running, _)| position(running) < position(step))
    };
    let state = if running.is_some() {
        "running"
    } else if live.is_some_and(comes) {
        "waiting"
    } else if service.steps.contains(&step) {
        "sleeping"
    } else {
        "stopped"
    };
    let count = |of: fn(&LiveRun) -> u64| running.map_or(0, of);
    let told = |of: fn(&StepRecord) -> Option<String>| last.and_then(|(_, record)| of(record));
    StepStatus {
        step: step.name().to_owned(),
        state: state.to_owned(),
        activity: running.and_then(|run| run.activity.clone()),
        file: running.and_then(|run| run.file.clone()),
        n_files: count(|run| run.n_files),
        n_files_done: count(|run| run.n_files_done),
        n_files_left: count(|run| run.n_files.saturating_sub(run.n_files_done)),
        n_bytes: count(|run| run.n_bytes),
        n_bytes_done: count(|run| run.n_bytes_done),
        n_bytes_left: count(|run| run.n_bytes.saturating_sub(run.n_bytes_done)),
        started_at: running.and_then(|run| run.step).map(|(_, started_at)| Moment(started_at)),
        last_run_id: last.map(|(run_id, _)| *run_id),
        last_finished_at: last.and_then(|(_, record)| record.finished_at).map(Moment),
        last_outcome: told(|record| record.outcome.map(|outcome| outcome.name().to_owned())),
        last_summary: told(|record| record.summary.clone()),
        last_error: told(|record| record.error.clone()),
        last_hint: told(|record| record.hint.clone()),
    }
}
