//! `czar ingest`: loads what is new in one or more folders. A bad file is named and the run goes on.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use czar_pipeline::ingest::{FileFailure, IngestOptions, IngestSummary, READER_VERSION, ingest};
use czar_pipeline::lake::Lake;
use czar_pipeline::package::{self, Delivery};
use czar_pipeline::vault::SecretKeys;

use crate::config::Flag;
use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::printer::Trouble;
use crate::words::listed;
use crate::workplace::Workplace;
use crate::{keys, words};

/// Arguments of `czar ingest`.
#[derive(Debug, Args)]
#[command(after_help = "Files are taken in any shape they are kept in: as on S3, all in one folder, decrypted, unpacked. What is loaded\n\
    already is passed over; a file that came again with new content replaces its own rows.")]
pub(crate) struct Arguments {
    /// Folders or files of a delivery [default: the setting `delivery_folder`]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Load files again that are loaded already: all, or only those with rejects, or only those that an older version of the readers read
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    again: Option<Again>,

    /// Threads that read records, in place of the setting `ingest.workers`
    #[arg(long, value_name = "N")]
    workers: Option<u32>,

    /// File with the secret key, in place of the setting `keys.secret_key_file`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    secret_key_file: Option<PathBuf>,
}

/// Which files are loaded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Again {
    /// Every file of the delivery
    All,
    /// Files with records that were set aside, and nothing else
    Rejects,
    /// Files that an older version of the readers read, and nothing else
    Outdated,
}

impl Again {
    /// Which loads these are, as SQL.
    fn condition(self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Rejects => Some("n_rejects > 0".to_owned()),
            Self::Outdated => Some(format!("reader_version < {READER_VERSION}")),
        }
    }
}

impl Arguments {
    /// The arguments that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        flags(self.workers, self.secret_key_file.as_deref())
    }
}

/// The settings that `--workers` and `--secret-key-file` stand for.
pub(crate) fn flags(workers: Option<u32>, secret_key_file: Option<&Path>) -> Vec<Flag> {
    let workers = workers.map(|n| Flag { name: "--workers", key: "ingest.workers", value: toml::Value::Integer(n.into()) });
    let key = secret_key_file.map(|path| Flag {
        name: "--secret-key-file",
        key: "keys.secret_key_file",
        value: toml::Value::String(path.to_string_lossy().into_owned()),
    });
    workers.into_iter().chain(key).collect()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let default = [workplace.settings().delivery_folder.clone()];
    let paths = if arguments.paths.is_empty() { default.as_slice() } else { &arguments.paths };
    let mut delivery = Delivery::default();
    for path in paths {
        delivery.merge(package::find(path)?);
    }
    if delivery.n_files() == 0 && delivery.unreadable.is_empty() {
        let searched: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(refusal_with_hint(
            format!("there is no file of a delivery in {}", searched.join(", ")),
            "event files are named like `universityx-edx-events-2015-03-01.log.gz.gpg`, data packages like `universityx-2015-03-01.zip`",
        ));
    }
    let lake = workplace.lake()?;
    let mut only_batches = None;
    if let Some(condition) = arguments.again.and_then(Again::condition) {
        let engine = workplace.engine(&lake)?;
        let batches: HashSet<String> = engine.texts(&format!("select distinct batch from loads where {condition}"))?.into_iter().collect();
        // The members of a package are replaced together.
        delivery.batches.retain(|batch| batches.contains(&batch.key));
        if delivery.batches.is_empty() && (delivery.archives.is_empty() || batches.is_empty()) {
            return Ok(nothing_to_read_again(workplace));
        }
        only_batches = Some(batches);
    }
    let is_narrowed = only_batches.is_some();
    let summary = load(workplace, &lake, &delivery, arguments.again.is_some(), only_batches)?;
    if is_narrowed && summary.n_files == 0 && summary.failures.is_empty() {
        return Ok(nothing_to_read_again(workplace));
    }
    tell(workplace, &delivery, &summary);
    Ok(Outcome::with_trouble_if(!summary.failures.is_empty()))
}

fn nothing_to_read_again(workplace: &Workplace<'_>) -> Outcome {
    workplace.printer.say("Nothing to ingest: no file of the delivery is one of those that were to be read again");
    Outcome::Done
}

/// Loads a delivery, or only some batches of it, opening the keys first if anything in it is encrypted.
pub(crate) fn load(
    workplace: &Workplace<'_>,
    lake: &Lake,
    delivery: &Delivery,
    again: bool,
    only_batches: Option<HashSet<String>>,
) -> anyhow::Result<IngestSummary> {
    let keys = keys_for(workplace, delivery)?;
    let options = IngestOptions { again, only_batches, ..workplace.ingest_options() };
    let bars = workplace.bars();
    Ok(ingest(lake, delivery, keys.as_ref(), &options, workplace.clock, &workplace.attempt(), &bars)?)
}

/// The keys, if anything in a delivery may need them.
///
/// # Errors
/// Something is encrypted and no key is named, or the key cannot be opened.
pub(crate) fn keys_for(workplace: &Workplace<'_>, delivery: &Delivery) -> anyhow::Result<Option<SecretKeys>> {
    let settings = workplace.settings();
    let archives = delivery.archives.iter().map(|archive| &archive.file);
    let files = delivery.batches.iter().flat_map(|batch| batch.files()).chain(archives);
    let n_encrypted = files.filter(|file| file.file.wrapping.encrypted).count();
    // What is in an archive may be encrypted.
    let may_need_keys = n_encrypted > 0 || !delivery.archives.is_empty();
    let keys = if may_need_keys { keys::open(&settings.keys, workplace.printer)? } else { None };
    if n_encrypted > 0 && keys.is_none() {
        return Err(refusal_with_hint(
            format!("{n_encrypted} of {} are encrypted, and no secret key is named", words::count(delivery.n_files() as u64, "file")),
            "set `keys.secret_key_file` or `keys.gnupg_home` in czar.toml, or give --secret-key-file",
        ));
    }
    Ok(keys)
}

/// Says what came of it.
pub(crate) fn tell(workplace: &Workplace<'_>, delivery: &Delivery, summary: &IngestSummary) {
    let printer = workplace.printer;
    printer.say(&closing_line(summary, &words::duration(workplace.elapsed())));
    if summary.n_merged > 0 {
        let n_small = words::count(summary.n_merged, "small data file");
        printer.say(&format!("Merged {n_small} of past months into {}", words::number(summary.n_merged_into)));
    }
    if !summary.not_produced.is_empty() {
        let n = words::count_of(&summary.not_produced, "file");
        printer.warn(&format!("edX could not produce {n} and sent the error of its own job instead: {}", listed(&summary.not_produced)));
    }
    if !summary.read_as_text.is_empty() {
        let n = words::count_of(&summary.read_as_text, "file");
        printer.say(&format!("Read as text into `other_records`, of no kind we know: {n} ({})", listed(&summary.read_as_text)));
    }
    if !summary.not_read.is_empty() {
        let n = words::count_of(&summary.not_read, "file");
        printer.say(&format!("Left alone, since they are no text: {n} ({})", listed(&summary.not_read)));
    }
    for note in delivery.notes.iter().chain(&summary.notes) {
        printer.say(&format!("Note: {note}"));
    }
    if !delivery.not_understood.is_empty() {
        let n = words::count_of(&delivery.not_understood, "file");
        printer.say(&format!("Left alone, with names that say nothing to us: {n} ({})", listed(&delivery.not_understood)));
    }
    if !delivery.other_versions.is_empty() {
        let paths: Vec<String> = delivery.other_versions.iter().map(|other| other.path.clone()).collect();
        let n = words::count_of(&paths, "file");
        printer.warn(&format!("passed over {n} with other content than a newer one of the same name: {}", listed(&paths)));
    }
    let is_version = |path: &String| delivery.other_versions.iter().any(|other| other.path == *path);
    let copies: Vec<String> = delivery.other_shapes.iter().filter(|path| !is_version(path)).cloned().collect();
    if !copies.is_empty() {
        let n = words::count_of(&copies, "file");
        printer.say(&format!("Passed over as another copy of a file that is read: {n} ({})", listed(&copies)));
    }
    if summary.n_rejects > 0 {
        printer.hint("`czar rejects` tells which records were set aside and why");
    }
    printer.troubles(&summary.failures.iter().map(trouble).collect::<Vec<_>>());
}

/// What was loaded, on one line.
pub(crate) fn closing_line(summary: &IngestSummary, duration: &str) -> String {
    if summary.n_files == 0 && summary.failures.is_empty() {
        let unchanged = words::count(summary.n_unchanged, "file");
        return format!("Nothing to ingest: {unchanged} unchanged since the last time ({duration})");
    }
    let mut parts = vec![words::count(summary.n_rows, "row")];
    for (n, noun) in [(summary.n_duplicates, "duplicate"), (summary.n_blanks, "blank")] {
        if n > 0 {
            parts.push(words::count(n, noun));
        }
    }
    parts.push(words::count(summary.n_rejects, "reject"));
    if summary.n_unchanged > 0 {
        parts.push(format!("{} unchanged", words::count(summary.n_unchanged, "file")));
    }
    if !summary.failures.is_empty() {
        parts.push(format!("{} failed", words::count_of(&summary.failures, "file")));
    }
    format!("Ingested {}: {} ({duration})", words::count(summary.n_files, "file"), parts.join(", "))
}

/// A file that could not be read, in words.
pub(crate) fn trouble(failure: &FileFailure) -> Trouble {
    Trouble { message: format!("could not read `{}`: {}", failure.path, failure.message), hint: failure.hint.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_counts_what_there_is() {
        let failure = FileFailure { file_key: String::new(), path: String::new(), code: "file.empty", message: String::new(), hint: None };
        let summary = IngestSummary { n_files: 31, n_rows: 4_120_332, n_rejects: 12, failures: vec![failure], ..IngestSummary::default() };
        assert_eq!(closing_line(&summary, "2m 10s"), "Ingested 31 files: 4,120,332 rows, 12 rejects, 1 file failed (2m 10s)");
    }

    #[test]
    fn a_second_run_says_that_there_was_nothing_to_do() {
        let summary = IngestSummary { n_unchanged: 31, ..IngestSummary::default() };
        assert_eq!(closing_line(&summary, "0.10s"), "Nothing to ingest: 31 files unchanged since the last time (0.10s)");
    }
}
