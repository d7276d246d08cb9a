//! The state of the server as Prometheus reads it, text format 0.0.4. Numbers and names of steps and tables; nothing of learners.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use czar_pipeline::control::{RequestState, RunOutcome};

use super::answer::{Answer, look};
use crate::run::Step;
use crate::server::service::Service;

const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(State(service): State<Arc<Service>>) -> Answer<impl IntoResponse> {
    let text = look(&service, write).await?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], text))
}

/// What the numbers of one name are.
#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

/// Gathers the text.
#[derive(Default)]
struct Page(String);

impl Page {
    /// All samples of one name; one without samples is left out.
    fn family(&mut self, name: &str, kind: Kind, help: &str, samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, f64)>) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let mut is_first = true;
        for (labels, value) in samples {
            if is_first {
                let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
                is_first = false;
            }
            let labels: Vec<String> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
            let braced = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(self.0, "{name}{braced} {value}");
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.family(name, Kind::Gauge, help, [(Vec::new(), value)]);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Milliseconds since 1970 are exact in floating point.
fn secs(moment: DateTime<Utc>) -> f64 {
    moment.timestamp_millis() as f64 / 1000.0
}

/// Prometheus counts in floating point.
fn number(n: u64) -> f64 {
    n as f64
}

/// Whole milliseconds, which floating point would blur when two great moments are subtracted.
fn span_secs(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    number((to - from).num_milliseconds().max(0).unsigned_abs()) / 1000.0
}

fn truth(is_so: bool) -> f64 {
    if is_so { 1.0 } else { 0.0 }
}

fn write(service: &Service) -> anyhow::Result<String> {
    let mut page = Page::default();
    let build = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    page.family("czar_build_info", Kind::Gauge, "Always 1; the label tells the release.", [(build, 1.0)]);
    page.gauge("czar_start_time_seconds", "When the server was started, since 1970.", secs(service.started_at));
    write_runs(service, &mut page)?;
    write_steps(service, &mut page)?;
    write_lake(service, &mut page);
    Ok(page.0)
}

fn write_runs(service: &Service, page: &mut Page) -> anyhow::Result<()> {
    let counts = service.control.counts_of_runs()?;
    // A run itself is never passed over.
    let outcomes = RunOutcome::ALL.into_iter().filter(|outcome| *outcome != RunOutcome::PassedOver);
    let of = |outcome: RunOutcome| counts.iter().find(|(counted, _)| *counted == outcome).map_or(0, |(_, n)| *n);
    let samples: Vec<_> = outcomes.clone().map(|outcome| (vec![("outcome", outcome.name().to_owned())], number(of(outcome)))).collect();
    page.family("czar_runs_total", Kind::Counter, "Recorded runs by how they ended.", samples);
    let runs = service.control.runs(50)?;
    if let Some(newest) = runs.first() {
        page.gauge("czar_last_run_start_timestamp_seconds", "When the newest run began.", secs(newest.started_at));
    }
    if let Some((ended, finished_at)) = runs.iter().find_map(|run| Some((run, run.finished_at?))) {
        page.gauge("czar_last_run_finish_timestamp_seconds", "When the last run that came to its end ended.", secs(finished_at));
        page.gauge("czar_last_run_duration_seconds", "How long that run took.", span_secs(ended.started_at, finished_at));
        let samples = outcomes.map(|outcome| (vec![("outcome", outcome.name().to_owned())], truth(ended.outcome == Some(outcome))));
        page.family("czar_last_run_outcome", Kind::Gauge, "1 for the way in which that run ended.", samples);
    }
    let succeeded = |outcome| matches!(outcome, Some(RunOutcome::Done | RunOutcome::WithTrouble));
    if let Some(finished_at) = runs.iter().find(|run| succeeded(run.outcome)).and_then(|run| run.finished_at) {
        page.gauge("czar_last_success_timestamp_seconds", "When the last run ended in which no step failed.", secs(finished_at));
    }
    let requests = service.control.open_requests()?;
    let n_waiting = requests.iter().filter(|request| request.state == RequestState::Waiting).count();
    page.gauge("czar_queue_requests", "Runs that wait.", number(n_waiting as u64));
    page.gauge("czar_run_active", "1 while a run is under way.", truth(service.live.now().is_some()));
    if let Some(next) = service.next_times().into_iter().map(|(_, next)| next).min() {
        page.gauge("czar_next_run_timestamp_seconds", "The next time of the schedule.", secs(next));
    }
    Ok(())
}

fn write_steps(service: &Service, page: &mut Page) -> anyhow::Result<()> {
    let last = service.control.last_steps()?;
    let step = |name: &str| vec![("step", name.to_owned())];
    let ended: Vec<_> = last.iter().filter_map(|(_, record)| Some((record, record.finished_at?))).collect();
    let samples = ended.iter().map(|(record, finished_at)| (step(&record.step), secs(*finished_at)));
    page.family("czar_step_last_finish_timestamp_seconds", Kind::Gauge, "When a step last ended.", samples);
    let samples = ended.iter().map(|(record, finished_at)| (step(&record.step), span_secs(record.started_at, *finished_at)));
    page.family("czar_step_last_duration_seconds", Kind::Gauge, "How long a step last took.", samples);
    let samples = last.iter().map(|(_, record)| (step(&record.step), truth(record.outcome == Some(RunOutcome::Failed))));
    page.family("czar_step_last_failed", Kind::Gauge, "1 if a step failed when it was last done.", samples);
    let live = service.live.now();
    let running = live.as_ref().and_then(|run| run.step).map(|(step, _)| step);
    let samples = Step::ALL.map(|of| (step(of.name()), truth(running == Some(of))));
    page.family("czar_step_active", Kind::Gauge, "1 while a step is under way.", samples);
    if let (Some(run), Some(running)) = (&live, running) {
        let name = step(running.name());
        let counted = [
            ("czar_step_files", "Files of what a step does just now.", run.n_files),
            ("czar_step_files_done", "How many of them are done.", run.n_files_done),
            ("czar_step_bytes", "Bytes of what a step does just now.", run.n_bytes),
            ("czar_step_done_bytes", "How many of them are done.", run.n_bytes_done),
        ];
        for (metric, help, n) in counted {
            page.family(metric, Kind::Gauge, help, [(name.clone(), number(n))]);
        }
    }
    Ok(())
}

/// A lake that cannot be read must not take the other numbers away.
fn write_lake(service: &Service, page: &mut Page) {
    let opened = service.lake.get(service);
    page.gauge("czar_lake_readable", "0 if the lake cannot be opened.", truth(opened.is_ok()));
    let Ok(Some(lake)) = opened else { return };
    let samples = lake.files.iter().map(|(state, n)| (vec![("state", state.clone())], number(*n)));
    page.family("czar_lake_files", Kind::Gauge, "Delivered files by what became of them.", samples);
    let tables = &lake.facts.tables;
    let of = |table: &str| vec![("table", table.to_owned())];
    let samples = tables.iter().map(|table| (of(&table.table_name), number(table.n_rows)));
    page.family("czar_lake_rows", Kind::Gauge, "Rows by table.", samples);
    let samples = tables.iter().map(|table| (of(&table.table_name), number(table.n_rejects)));
    page.family("czar_lake_rejects", Kind::Gauge, "Records that were set aside, by table.", samples);
    let samples = lake.rejects.iter().map(|count| {
        (vec![("code", count.code.clone()), ("table", count.table_name.clone().unwrap_or_default())], number(count.n_records))
    });
    page.family("czar_lake_rejects_by_code", Kind::Gauge, "Records that were set aside, by reason and table.", samples);
    let n_missing: u64 = lake.facts.event_files.iter().flat_map(|files| &files.missing).map(|span| span.n_days).sum();
    page.gauge("czar_lake_missing_days", "Days without an event file between the first and the last.", number(n_missing));
}
