//! `czar runs`: what past runs did, and how far the present one is. It changes nothing.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use clap::Args;
use czar_pipeline::control::{Control, RunOutcome, RunRecord, StepRecord};

use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::output::ReportFormat;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar runs`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Number of a run, to see its steps [default: list the newest]
    #[arg(value_name = "RUN")]
    run_id: Option<i64>,

    /// How many runs to list
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "run_id")]
    last: usize,

    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let data_folder = &workplace.settings().data_folder;
    if !Control::exists(data_folder) {
        return Err(refusal_with_hint(format!("there was no run in `{}`", data_folder.display()), "start one with `czar run`"));
    }
    let control = Control::open(data_folder)?;
    let text = match (arguments.run_id, arguments.format) {
        (None, format) => {
            let runs = control.runs(arguments.last)?;
            if format == ReportFormat::Json { json(&runs)? } else { runs.iter().map(line).collect() }
        }
        (Some(run_id), format) => {
            let run = control.run(run_id)?.ok_or_else(|| refusal(format!("there is no run {run_id}")))?;
            if format == ReportFormat::Json { json(&run)? } else { detail(&run) }
        }
    };
    workplace.printer.write_data(&text)?;
    Ok(Outcome::Done)
}

fn json(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// `12  2026-11-20 02:00 UTC  done  2m 10s  schedule`
fn line(run: &RunRecord) -> String {
    let cause = run.cause.name().replace('_', " ");
    let current = run.steps.iter().find(|step| step.outcome.is_none()).map(|step| format!(", now {}", step.step)).unwrap_or_default();
    let failed: Vec<&str> =
        run.steps.iter().filter(|step| step.outcome == Some(RunOutcome::Failed)).map(|step| step.step.as_str()).collect();
    let failed = if failed.is_empty() { String::new() } else { format!(": {}", failed.join(", ")) };
    let took = took(run.started_at, run.finished_at).map(|took| format!(", {took}")).unwrap_or_default();
    format!("{:>5}  {}  {}{current}{failed}{took}  ({cause})\n", run.run_id, moment(run.started_at), in_words(run.outcome))
}

fn detail(run: &RunRecord) -> String {
    let mut text = line(run);
    for step in &run.steps {
        let _ = write!(text, "       {:9}  {}", step.step, step_line(step));
    }
    text
}

fn step_line(step: &StepRecord) -> String {
    let mut text = format!("{}\n", step.summary.clone().unwrap_or_else(|| in_words(step.outcome).to_owned()));
    for (word, told) in [("error", &step.error), ("hint", &step.hint)] {
        if let Some(told) = told {
            let _ = writeln!(text, "                  {word}: {told}");
        }
    }
    text
}

fn in_words(outcome: Option<RunOutcome>) -> &'static str {
    match outcome {
        None => "running",
        Some(RunOutcome::Done) => "done",
        Some(RunOutcome::WithTrouble) => "done with trouble",
        Some(RunOutcome::Failed) => "failed",
        Some(RunOutcome::Interrupted) => "interrupted",
        Some(RunOutcome::PassedOver) => "passed over",
    }
}

fn moment(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn took(started_at: DateTime<Utc>, finished_at: Option<DateTime<Utc>>) -> Option<String> {
    let span = (finished_at? - started_at).to_std().ok()?;
    Some(words::duration(span))
}
