//! `czar bench`: what each stage of the work costs on this machine, with a synthetic delivery or with one's own. It changes no lake, and
//! nothing of what it makes stays.

mod load;
mod rows;
mod stages;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueHint};

use super::ingest;
use crate::config::Flag;
use crate::exit::Outcome;
use crate::output::OutputOptions;
use crate::printer::Trouble;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "One row for each stage. `mb_per_sec` counts clear megabytes (millions of bytes), `cpu_ratio` is processor time against that\n\
    of decrypting and inflating alone. On a machine that does other work besides, only `cpu_secs` and `cpu_ratio` mean something.\n\
    An interrupted run leaves its temporary folder, which it named at the start."
)]
pub(crate) struct Arguments {
    /// Measure with deliveries of your own, in place of a synthetic one; they are read, and nothing in them is changed
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with_all = ["learners", "days"])]
    data: Option<PathBuf>,

    /// With --data: take the newest event files and packages, each up to so many megabytes as delivered
    #[arg(long, value_name = "N", default_value_t = 50)]
    at_most_mb: u64,

    /// Learners of the synthetic delivery
    #[arg(long, value_name = "N", default_value_t = 600)]
    learners: u32,

    /// Days of events of the synthetic delivery
    #[arg(long, value_name = "N", default_value_t = 14)]
    days: u32,

    /// Folder in which the temporary folder is made [default: the system's own]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    scratch: Option<PathBuf>,

    /// Threads that read records, in place of the setting `ingest.workers`
    #[arg(long, value_name = "N")]
    workers: Option<u32>,

    /// File with the secret key, in place of the setting `keys.secret_key_file`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    secret_key_file: Option<PathBuf>,

    #[command(flatten)]
    output: OutputOptions,
}

impl Arguments {
    /// The arguments that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        ingest::flags(self.workers, self.secret_key_file.as_deref())
    }
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let printer = workplace.printer;
    arguments.output.check(printer)?;
    let place = arguments.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let scratch = tempfile::Builder::new()
        .prefix("czar-bench-")
        .tempdir_in(&place)
        .with_context(|| format!("could not make a folder in `{}`", place.display()))?;
    printer.say(&format!("Working in `{}`, which is removed at the end", scratch.path().display()));
    let load = match &arguments.data {
        Some(folder) => load::of_folder(folder, arguments.at_most_mb.saturating_mul(1_000_000), workplace)?,
        None => load::synthetic(arguments.learners, arguments.days, scratch.path(), workplace)?,
    };
    let measured = stages::measure_all(&load, scratch.path(), workplace)?;
    arguments.output.write_rows(&rows::batch(&measured.stages)?, printer)?;
    printer.say(&format!(
        "Measured with {} and {} of packages, {}, {} and {} ({})",
        words::count_of(&load.event_files(), "event file"),
        words::count(load.packages.n_files() as u64, "file"),
        words::count(measured.n_events, "event"),
        words::count(stages::n_processors() as u64, "processor"),
        words::count(workplace.ingest_options().workers as u64, "worker"),
        words::duration(workplace.elapsed()),
    ));
    let trouble = |failure: &czar_pipeline::ingest::FileFailure| Trouble {
        message: format!("could not read `{}`, which is left out: {}", failure.path, failure.message),
        hint: failure.hint.clone(),
    };
    printer.troubles(&measured.failures.iter().map(trouble).collect::<Vec<_>>());
    Ok(Outcome::with_trouble_if(!measured.failures.is_empty()))
}
