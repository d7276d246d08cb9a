//! `czar synth`: writes a synthetic delivery with its truth file. It never mixes one into a folder that holds something else.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::{Args, ValueHint};
use czar_pipeline::progress::Progress as _;
use czar_synth::DeliveryPlan;

use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::printer::Printer;
use crate::progress::Bars;
use crate::{log, words};

/// Arguments of `czar synth`.
#[derive(Debug, Args)]
#[command(after_help = "The clear content depends on the options alone: the same seed gives the same bytes, encryption aside.\n\
    All people, courses and keys in it are made up. Expected numbers are in OUT/truth.")]
pub(crate) struct Arguments {
    /// Folder to write; it must be empty or not exist
    #[arg(value_name = "OUT", value_hint = ValueHint::DirPath)]
    out: PathBuf,

    #[command(flatten)]
    pub(crate) size: Size,

    /// Environment variable with the pass-phrase that is to protect the secret key [default: not protected]
    #[arg(long, value_name = "NAME")]
    pass_phrase_environment: Option<String>,
}

/// How large the delivery is, and which.
#[derive(Debug, Args)]
pub(crate) struct Size {
    /// Name of the institution, as in course run keys
    #[arg(long, value_name = "NAME", default_value = "UniversityX")]
    pub(crate) org: String,
    /// Number of course runs
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) courses: u32,
    /// Number of learners
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) learners: u32,
    /// Number of days of events
    #[arg(long, value_name = "N", default_value_t = 28)]
    pub(crate) days: u32,
    /// First day of events [default: 2018-03-04]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) first_date: Option<NaiveDate>,
    /// Another seed, another world
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
    /// Share of records that have one of the faults of real deliveries, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub(crate) mess: f64,
}

impl Size {
    /// The plan of the delivery.
    pub(crate) fn plan(&self) -> DeliveryPlan {
        let plan = DeliveryPlan::default();
        DeliveryPlan {
            org: self.org.clone(),
            n_courses: self.courses,
            n_learners: self.learners,
            n_days: self.days,
            seed: self.seed,
            mess_rate: self.mess,
            first_date: self.first_date.unwrap_or(plan.first_date),
            ..plan
        }
    }
}

pub(crate) fn run(arguments: &Arguments, verbose: bool, printer: &Printer) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let mut plan = arguments.size.plan();
    plan.check()?;
    if let Some(name) = &arguments.pass_phrase_environment {
        let pass_phrase = std::env::var(name).ok().filter(|text| !text.is_empty());
        plan.pass_phrase = Some(pass_phrase.ok_or_else(|| refusal(format!("environment variable `{name}` holds no pass-phrase")))?);
    }
    refuse_full_folder(&arguments.out)?;
    let bars = Bars::new(printer, log::is_on(verbose), None);
    let delivery = write(&plan, &arguments.out, &bars)?;
    printer.say(&format!("{delivery} into `{}` ({})", arguments.out.display(), words::duration(begun.elapsed())));
    Ok(Outcome::Done)
}

/// Writes the delivery and says what is in it.
pub(crate) fn write(plan: &DeliveryPlan, out: &Path, bars: &Bars) -> anyhow::Result<String> {
    let has_begun = Cell::new(false);
    let written = czar_synth::write_delivery(plan, out, &|progress| {
        if !has_begun.replace(true) {
            bars.begin("synth", progress.n_total, 0);
        }
        bars.file(&progress.file);
        bars.file_done();
    });
    bars.end();
    let summary = written?;
    Ok(format!(
        "Wrote {} with {} and {} with {}",
        words::count(summary.n_event_files as u64, "event file"),
        words::count(summary.n_events, "event"),
        words::count(summary.n_packages as u64, "data package"),
        words::count(summary.n_table_rows, "row"),
    ))
}

fn refuse_full_folder(folder: &Path) -> anyhow::Result<()> {
    let n_entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries.count(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error).with_context(|| format!("could not look into `{}`", folder.display())),
    };
    if n_entries == 0 {
        return Ok(());
    }
    Err(refusal_with_hint(format!("folder `{}` is not empty", folder.display()), "name a folder that does not exist yet"))
}
