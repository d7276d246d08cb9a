//! The status page: the same facts as the API, for people. It is whole without its script, which only keeps it fresh.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use chrono::{DateTime, Utc};
use czar_pipeline::control::{Role, TokenRecord};
use maud::{DOCTYPE, Markup, html};

use super::answer::{Answer, look};
use super::api::status;
use super::wire::{Moment, Run, RunStep, Status, StepStatus};
use crate::commands::status::facts::{EventFiles, FailedFile, TableAccount};
use crate::server::lake_view::RejectCount;
use crate::server::service::Service;
use crate::words;

const STYLE: &str = include_str!("page/page.css");
const ICON: &str = include_str!("page/icon.svg");
const SCRIPT: &str = include_str!("page/page.js");

/// The page shows so many runs, and so many of other things.
const N_RUNS: usize = 12;
const MAX_ROWS: usize = 20;

pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

pub(super) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

pub(super) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml")], ICON)
}

pub(super) async fn page(State(service): State<Arc<Service>>, Extension(token): Extension<TokenRecord>) -> Answer<Html<String>> {
    let facts = look(&service, Facts::collect).await?;
    Ok(Html(write(&facts, token.role >= Role::Operator).into_string()))
}

/// What the page tells.
struct Facts {
    status: Status,
    runs: Vec<Run>,
    lake: Result<Option<LakeFacts>, ()>,
}

struct LakeFacts {
    tables: Vec<TableAccount>,
    event_files: Vec<EventFiles>,
    failed_files: Vec<FailedFile>,
    rejects: Vec<RejectCount>,
    n_files: u64,
}

impl Facts {
    fn collect(service: &Service) -> anyhow::Result<Self> {
        // The rest of the page is most wanted when the lake cannot be read.
        let lake = service.lake.get(service).map_err(|error| service.printer.error(&error)).map(|lake| {
            let lake = lake?;
            Some(LakeFacts {
                tables: lake.facts.tables.clone(),
                event_files: lake.facts.event_files.clone(),
                failed_files: lake.facts.failed_files.clone(),
                rejects: lake.rejects.clone(),
                n_files: lake.files.iter().map(|(_, n)| n).sum(),
            })
        });
        Ok(Self { status: status::status(service)?, runs: service.control.runs(N_RUNS)?.iter().map(Run::from).collect(), lake })
    }
}

fn write(facts: &Facts, may_run: bool) -> Markup {
    let status = &facts.status;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "czar: " (headline(status)) }
                link rel="icon" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/page.js" defer {}
            }
            body data-revision=(status.revision) {
                header {
                    h1 { "Data Czar" }
                    p.faint { "Release " (status.version) ", started " (moment(status.started_at)) }
                    p #lost .alarm role="alert" hidden { "The server does not answer. What you see is from before." }
                }
                main {
                    section aria-labelledby="now" {
                        div.line {
                            h2 #now { "Now" }
                            @if may_run { button #run type="button" { "Run now" } }
                        }
                        p #headline aria-live="polite" { (headline(status)) }
                        p #answer .faint aria-live="polite" {}
                        (steps(&status.steps))
                    }
                    div #records {
                        (coming(status))
                        (runs(&facts.runs))
                        (lake(&facts.lake))
                    }
                }
                footer { p.faint { "Times are UTC. The same in JSON: " a href="/api/v1/openapi.json" { "the API" } ", " a href="/metrics" { "metrics" } "." } }
            }
        }
    }
}

/// What goes on, in a line. The script writes the same words.
fn headline(status: &Status) -> String {
    match &status.run {
        Some(run) => match &run.step {
            Some(step) => format!("Run {}: {step}", run.run_id),
            None => format!("Run {} begins", run.run_id),
        },
        None if status.is_stopping => "Stopping".to_owned(),
        None => "Nothing runs".to_owned(),
    }
}

fn steps(steps: &[StepStatus]) -> Markup {
    html! {
        ol.steps {
            @for step in steps {
                li data-step=(step.step) data-state=(step.state) {
                    div.line {
                        b { (step.step) }
                        span.state { (step.state) }
                    }
                    progress max="1000" value=(share(step)) aria-label={ "Progress of " (step.step) } hidden[step.state != "running"] {}
                    p.doing.faint { (doing(step)) }
                }
            }
        }
    }
}

/// Thousandths of the present activity.
fn share(step: &StepStatus) -> u64 {
    let (done, all) = if step.n_bytes > 0 { (step.n_bytes_done, step.n_bytes) } else { (step.n_files_done, step.n_files) };
    done.saturating_mul(1000).checked_div(all).unwrap_or(0)
}

fn doing(step: &StepStatus) -> String {
    if step.state == "running" {
        let files = if step.n_files > 0 {
            format!("{} of {}", words::number(step.n_files_done), words::count(step.n_files, "file"))
        } else {
            String::new()
        };
        let parts = [step.activity.clone().unwrap_or_default(), files, step.file.clone().unwrap_or_default()];
        return parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    }
    match (&step.last_outcome, step.last_finished_at) {
        (Some(outcome), Some(finished_at)) => format!("last: {}, {}", in_words(outcome), short(finished_at.0)),
        (Some(outcome), None) => format!("last: {}", in_words(outcome)),
        (None, _) => String::new(),
    }
}

fn coming(status: &Status) -> Markup {
    html! {
        section aria-labelledby="next" {
            h2 #next { "Next" }
            @if status.queue.is_empty() && status.schedule.is_empty() && status.watched_folder.is_none() {
                p { "Nothing waits and nothing is scheduled: runs start when somebody asks." }
            }
            ul {
                @for request in &status.queue {
                    li { "Waiting since " (moment(request.requested_at)) ": " (request.steps.join(", ")) " (" (in_words(&request.cause))
                        @if let Some(by) = &request.requested_by { " by " (by) } ")" }
                }
                @for time in &status.schedule { li { (moment(time.next_at)) " by " code { (time.entry) } } }
                @if let Some(folder) = &status.watched_folder { li { "When files change in " code { (folder) } } }
            }
        }
    }
}

fn runs(runs: &[Run]) -> Markup {
    html! {
        section aria-labelledby="runs" {
            h2 #runs { "Last runs" }
            @if runs.is_empty() { p { "There was none." } }
            @for run in runs { (run_card(run)) }
        }
    }
}

/// What failed is open; what went well is a line.
fn run_card(run: &Run) -> Markup {
    let outcome = run.outcome.as_deref().unwrap_or("running");
    let is_ill = outcome == "failed" || outcome == "with_trouble";
    html! {
        details.run data-run=(run.run_id) data-outcome=(outcome) open[is_ill] {
            summary {
                b { "Run " (run.run_id) } " "
                span.outcome { (in_words(outcome)) } " "
                span.faint { (moment(run.started_at)) @if let Some(took) = took(run.started_at, run.finished_at) { ", " (took) } ", " (in_words(&run.cause)) }
            }
            div.wide {
                table {
                    thead { tr { th scope="col" { "Step" } th scope="col" { "Outcome" } th scope="col" { "What it tells" } } }
                    tbody { @for step in &run.steps { (run_step(step)) } }
                }
            }
        }
    }
}

fn run_step(step: &RunStep) -> Markup {
    let outcome = step.outcome.as_deref().unwrap_or("running");
    html! {
        tr data-outcome=(outcome) {
            th scope="row" { (step.step) }
            td { span.outcome { (in_words(outcome)) } }
            td {
                @if let Some(summary) = &step.summary { p { (summary) } }
                @if let Some(error) = &step.error { p.error { (error) } }
                @if let Some(hint) = &step.hint { p.hint { (hint) } }
            }
        }
    }
}

fn lake(lake: &Result<Option<LakeFacts>, ()>) -> Markup {
    let lake = match lake {
        Err(()) => {
            return html! { section { h2 { "Loaded" } p.alarm role="alert" { "The lake cannot be read; the log of the server tells why." } } };
        }
        Ok(None) => return html! { section { h2 { "Loaded" } p { "Nothing has been loaded yet." } } },
        Ok(Some(lake)) => lake,
    };
    html! {
        section aria-labelledby="loaded" {
            h2 #loaded { "Loaded" }
            p { (words::count(lake.n_files, "file")) " in all." }
            @for files in &lake.event_files { (event_files(files)) }
            @if !lake.failed_files.is_empty() {
                h3 { "Files that failed" }
                ul.paths { @for file in lake.failed_files.iter().take(MAX_ROWS) { li { code { (file.file_key) } ": " (file.failure_code) } } }
                (more(lake.failed_files.len()))
            }
            div.wide {
                table {
                    caption { "Records by table" }
                    thead { tr { th scope="col" { "Table" } th.number scope="col" { "Files" } th.number scope="col" { "Rows" } th.number scope="col" { "Rejects" } } }
                    tbody {
                        @for table in &lake.tables {
                            tr {
                                th scope="row" { (table.table_name) }
                                td.number { (words::number(table.n_files)) }
                                td.number { (words::number(table.n_rows)) }
                                td.number { (words::number(table.n_rejects)) }
                            }
                        }
                    }
                }
            }
            @if !lake.rejects.is_empty() {
                div.wide {
                    table {
                        caption { "Records that were set aside" }
                        thead { tr { th scope="col" { "Reason" } th scope="col" { "Table" } th.number scope="col" { "Records" } } }
                        tbody {
                            @for count in lake.rejects.iter().take(MAX_ROWS) {
                                tr {
                                    th scope="row" { code { (count.code) } }
                                    td { (count.table_name.as_deref().unwrap_or("-")) }
                                    td.number { (words::number(count.n_records)) }
                                }
                            }
                        }
                    }
                }
                (more(lake.rejects.len()))
            }
        }
    }
}

fn event_files(files: &EventFiles) -> Markup {
    let n_missing: u64 = files.missing.iter().map(|span| span.n_days).sum();
    let span = |span: &crate::commands::status::facts::DaySpan| match span.n_days {
        1 => span.first_date.to_string(),
        _ => format!("{} to {}", span.first_date, span.last_date),
    };
    html! {
        p {
            "Events of " (files.org) " on " (files.site) ": " (words::count(files.n_days, "day")) " from " (files.first_date) " to " (files.last_date)
            @if n_missing == 0 { ", none missing." }
            @else {
                ", " span.alarm { (words::count(n_missing, "day")) " missing" } ": "
                (files.missing.iter().take(MAX_ROWS).map(span).collect::<Vec<_>>().join(", "))
                @if files.missing.len() > MAX_ROWS { " and more" } "."
            }
        }
    }
}

fn more(n: usize) -> Markup {
    html! { @if n > MAX_ROWS { p.faint { (n - MAX_ROWS) " more are in the API." } } }
}

fn in_words(name: &str) -> String {
    name.replace('_', " ")
}

fn moment(moment: Moment) -> Markup {
    let Moment(moment) = moment;
    html! { time datetime=(moment.to_rfc3339()) { (short(moment)) } }
}

fn short(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M").to_string()
}

fn took(started_at: Moment, finished_at: Option<Moment>) -> Option<String> {
    (finished_at?.0 - started_at.0).to_std().ok().map(words::duration)
}
