//! What each step of a run does: it calls the command of its name and takes down what that tells. It decides no order.

use std::path::Path;

use anyhow::Context as _;
use czar_pipeline::control::{RunOutcome, StepEnd};
use czar_pipeline::ingest::FileFailure;
use czar_pipeline::marts;
use czar_pipeline::notify;
use czar_pipeline::package;
use czar_pipeline::sync::Selection;
use serde_json::{Value as Json, json};

use super::{Run, Step, WrittenReport, notices};
use crate::commands::{build, courses, ingest, sync, unpack};
use crate::failure::refusal_with_hint;
use crate::outbox;
use crate::output::{Format, OutputOptions};
use crate::user_command;
use crate::words;
use crate::workplace::Workplace;

/// Does a step.
pub(super) fn take(step: Step, run: &mut Run<'_>, workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    match step {
        Step::Unpack => take_unpack(workplace),
        Step::Ingest => take_ingest(run, workplace),
        Step::Build => take_build(workplace),
        Step::Reports => take_reports(run, workplace),
        Step::Retention => take_retention(workplace),
        Step::Sync => take_sync(workplace),
        Step::Notify => take_notify(run, workplace),
    }
}

/// The end of a step that was not begun.
pub(super) fn passed_over(summary: String) -> StepEnd {
    StepEnd { outcome: RunOutcome::PassedOver, summary: Some(summary), facts: Json::Null, error: None, hint: None }
}

fn done(summary: String, facts: Json) -> StepEnd {
    StepEnd { outcome: RunOutcome::Done, summary: Some(summary), facts, error: None, hint: None }
}

/// Fetches what is new.
fn take_sync(workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    if !sync::is_set_up(workplace)? {
        return Ok(passed_over("Passed over sync: it is not set up".to_owned()));
    }
    let summary = sync::load(workplace, Selection::default())?;
    sync::tell(workplace, &summary);
    let facts = sync::facts(&summary);
    let mut end = done(sync::closing_line(&summary, &words::duration(workplace.elapsed())), facts);
    if let Some(first) = summary.failures.first() {
        end.outcome = RunOutcome::WithTrouble;
        end.error = Some(format!("could not fetch `{}`: {}", first.key, first.message));
        end.hint.clone_from(&first.hint);
    }
    // A place that could not be listed counts for more than an object: the whole step is told as not done.
    sync::outcome(summary)?;
    Ok(end)
}

/// Tells people how the run went so far, each once.
fn take_notify(run: &Run<'_>, workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    let Some(outbox) = run.outbox.as_ref().filter(|outbox| outbox.has_targets()) else {
        return Ok(passed_over("Passed over notify: nobody is to be told".to_owned()));
    };
    let summary = notify::deliver(run.control, outbox, notices::of_run(run, workplace), workplace.clock)?;
    let words = outbox::in_words(&summary);
    workplace.printer.say(&words);
    outbox::tell_troubles(&summary, workplace.printer);
    let facts = json!({
        "n_sent": summary.n_sent, "n_told_before": summary.n_held, "n_waiting": summary.n_waiting, "n_refused": summary.n_refused,
        "n_given_up": summary.n_given_up,
    });
    let mut end = done(words, facts);
    if let Some(first) = summary.troubles.first() {
        end.outcome = RunOutcome::WithTrouble;
        end.error = Some(first.message.clone());
        end.hint.clone_from(&first.hint);
    }
    Ok(end)
}

/// Lays clear files out, for tools that expect those.
fn take_unpack(workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    let Some(options) = unpack::options(workplace)? else {
        return Ok(passed_over("Passed over unpack: no folder for clear files is named".to_owned()));
    };
    let summary = unpack::unpack_delivery(workplace, &package::find(&workplace.settings().delivery_folder)?, &options)?;
    let facts = json!({
        "n_packages": summary.n_packages, "n_event_files": summary.n_event_files, "n_unchanged": summary.n_unchanged, "n_purged": summary.n_purged,
        "n_clear_bytes": summary.n_clear_bytes, "n_failed": summary.failures.len(),
    });
    let end = done(unpack::closing_line(&summary, &words::duration(workplace.elapsed())), facts);
    Ok(with_failures(end, &summary.failures))
}

fn take_ingest(run: &mut Run<'_>, workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    let folder = &workplace.settings().delivery_folder;
    let delivery = if folder.is_dir() { package::find(folder)? } else { package::Delivery::default() };
    if delivery.n_files() == 0 && delivery.unreadable.is_empty() {
        let summary = format!("Passed over ingest: there is no file of a delivery in `{}`", folder.display());
        workplace.printer.say(&summary);
        return Ok(passed_over(summary));
    }
    let summary = ingest::load(workplace, &workplace.lake()?, &delivery, false, None)?;
    ingest::tell(workplace, &delivery, &summary);
    let facts = json!({
        "n_files": summary.n_files, "n_unchanged": summary.n_unchanged, "n_failed": summary.failures.len(),
        "n_rows": summary.n_rows, "n_duplicates": summary.n_duplicates, "n_blanks": summary.n_blanks, "n_rejects": summary.n_rejects,
        "n_not_produced": summary.not_produced.len(),
    });
    let end = done(ingest::closing_line(&summary, &words::duration(workplace.elapsed())), facts);
    let end = with_failures(end, &summary.failures);
    run.ingested = Some(summary);
    Ok(end)
}

/// A step that could not read some files.
fn with_failures(mut end: StepEnd, failures: &[FileFailure]) -> StepEnd {
    if let Some(first) = failures.first() {
        end.outcome = RunOutcome::WithTrouble;
        let more = if failures.len() > 1 { format!(" (and {} more)", failures.len() - 1) } else { String::new() };
        end.error = Some(format!("could not read `{}`: {}{more}", first.path, first.message));
        end.hint.clone_from(&first.hint);
    }
    end
}

fn take_build(workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    if !workplace.has_lake() {
        let summary = "Passed over build: there is nothing in the lake".to_owned();
        workplace.printer.say(&summary);
        return Ok(passed_over(summary));
    }
    let lake = workplace.lake()?;
    courses::store(&lake, workplace)?;
    let summary = marts::build(&lake, &workplace.engine_options(), &[], &workplace.attempt(), &workplace.bars())?;
    build::tell(workplace, &summary);
    let n_rows: u64 = summary.built.iter().map(|model| model.n_rows).sum();
    let facts = json!({ "n_built": summary.built.len(), "n_unchanged": summary.unchanged.len(), "n_rows": n_rows });
    Ok(done(build::closing_line(&summary, &words::duration(workplace.elapsed())), facts))
}

/// Runs the user commands of the setting `run.reports`, each into a file of its own.
fn take_reports(run: &mut Run<'_>, workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    let settings = &workplace.settings().run;
    if settings.reports.is_empty() || !workplace.has_lake() {
        return Ok(passed_over("Passed over reports: none is set up".to_owned()));
    }
    let format = format_of(&settings.report_format)?;
    let commands: Vec<_> =
        settings.reports.iter().map(|name| user_command::find(&workplace.settings().commands.folder, name)).collect::<Result<_, _>>()?;
    let folder = &settings.report_folder;
    std::fs::create_dir_all(folder).with_context(|| format!("could not make the folder `{}`", folder.display()))?;
    let mut engine = workplace.engine(&workplace.lake()?)?;
    let mut files = Vec::new();
    let mut n_rows = 0;
    for command in &commands {
        engine.bind(command.bind(&std::collections::BTreeMap::new())?);
        let path = report_path(folder, &command.name, format);
        let output = OutputOptions::into_file(&path, format);
        let rows = output.write(&engine, std::slice::from_ref(&command.sql), workplace.printer);
        let rows = rows.with_context(|| format!("could not make the report `{}`", command.name))?;
        n_rows += rows;
        files.push(path.display().to_string());
        run.reports.push(WrittenReport { name: command.name.clone(), path, n_rows: rows });
    }
    let rows = words::count(n_rows, "row");
    let summary = format!("Wrote {}: {rows} ({})", words::count_of(&files, "report"), words::duration(workplace.elapsed()));
    workplace.printer.say(&summary);
    Ok(done(summary, json!({ "files": files, "n_rows": n_rows })))
}

/// Where a report is written.
fn report_path(folder: &Path, name: &str, format: Format) -> std::path::PathBuf {
    folder.join(format!("{name}.{}", format.extension()))
}

fn format_of(name: &str) -> anyhow::Result<Format> {
    let formats = [Format::Csv, Format::Json, Format::Parquet];
    formats
        .into_iter()
        .find(|format| format.extension() == name)
        .ok_or_else(|| refusal_with_hint(format!("the setting `run.report_format` is `{name}`"), "it must be one of csv, json, parquet"))
}

/// Deletes data files of the lake whose rows were replaced long ago. What came from edX is never deleted.
fn take_retention(workplace: &Workplace<'_>) -> anyhow::Result<StepEnd> {
    if !workplace.has_lake() {
        return Ok(passed_over("Passed over retention: there is nothing in the lake".to_owned()));
    }
    let lake = workplace.lake()?;
    let attempt = lake.begin_attempt(&workplace.attempt())?;
    let n_deleted = attempt.vacuum((workplace.clock)(), workplace.settings().ingest.keep_replaced_days)?;
    attempt.end()?;
    let files = words::count(n_deleted as u64, "replaced data file");
    let summary = format!("Deleted {files} ({})", words::duration(workplace.elapsed()));
    if n_deleted > 0 {
        workplace.printer.say(&summary);
    }
    Ok(done(summary, json!({ "n_deleted": n_deleted })))
}
