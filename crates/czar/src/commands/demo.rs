//! `czar demo`: a synthetic delivery taken all the way to the research tables, with every number checked. It touches nothing but its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueHint};
use czar_pipeline::atomic_file;
use czar_pipeline::clock::Clock;
use czar_pipeline::engine::Engine;
use czar_pipeline::marts;
use czar_pipeline::package;

use super::{build, ingest, synth};
use crate::cli::GeneralOptions;
use crate::config::{FILE_NAME, annotated};
use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::output::{Format, RowWriter};
use crate::printer::{Printer, Trouble};
use crate::truth::{self, TruthReport};
use crate::workplace::Workplace;
use crate::{log, words};

const DELIVERY: &str = "delivery";
/// Says what the delivery was made with, so that another demo is not taken for this one.
const PLAN_FILE: &str = "plan.txt";

/// The learners who did most, in columns that fit on a screen.
const FIRST_ROWS: &str = "select course_run_key, user_id, mode, viewed, certified, round(grade, 2) as grade, ndays_act as days, nevents as events, \
    nplay_video as plays, nproblem_check as answers from person_course order by nevents desc nulls last, site, course_run_key, user_id limit 10";

/// Arguments of `czar demo`.
#[derive(Debug, Args)]
#[command(after_help = "Everything is made up and stays in the folder; delete it to start over. Running the demo again changes nothing.")]
pub(crate) struct Arguments {
    /// Folder of the demo
    #[arg(long, value_name = "FOLDER", default_value = "demo", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    #[command(flatten)]
    size: synth::Size,
}

pub(crate) fn run(arguments: &Arguments, general: &GeneralOptions, printer: &Printer, clock: Clock) -> anyhow::Result<Outcome> {
    if general.config.is_some() || general.data_folder.is_some() {
        return Err(refusal("the demo has a configuration and a data folder of its own: --config and --data-folder mean nothing here"));
    }
    let is_new = make_delivery(arguments, general.verbose, printer)?;
    let workplace = Workplace::open_alone(&arguments.folder.join(FILE_NAME), general.verbose, printer, clock)?;
    let lake = workplace.lake()?;
    let delivery = package::find(&workplace.settings().delivery_folder)?;
    let ingested = ingest::load(&workplace, &lake, &delivery, false, None)?;
    ingest::tell(&workplace, &delivery, &ingested);
    workplace.begin_step();
    let bars = workplace.bars();
    let built = marts::build(&lake, &workplace.engine_options(), &[], &workplace.attempt(), &bars)?;
    build::tell(&workplace, &built);
    workplace.begin_step();
    let engine = workplace.engine(&lake)?;
    let report = truth::check(&workplace.settings().delivery_folder.join("truth"), &engine)?;
    tell_check(&report, &workplace);
    if !is_new && ingested.n_files == 0 && built.built.is_empty() {
        printer.say(&format!("The demo in `{}` was complete: nothing was made, loaded or built", arguments.folder.display()));
    }
    show_first_rows(&engine, printer)?;
    tell_what_next(&arguments.folder, printer);
    Ok(Outcome::with_trouble_if(report.n_different() > 0 || !ingested.failures.is_empty()))
}

/// Makes the delivery and its configuration, unless they are there. Tells whether it did.
fn make_delivery(arguments: &Arguments, verbose: bool, printer: &Printer) -> anyhow::Result<bool> {
    let folder = &arguments.folder;
    let plan = arguments.size.plan();
    plan.check()?;
    let size = &arguments.size;
    let described = format!(
        "org {}, courses {}, learners {}, days {} from {}, seed {}, mess {}\n",
        size.org, size.courses, size.learners, size.days, plan.first_date, size.seed, size.mess
    );
    let plan_file = folder.join(PLAN_FILE);
    let delivery = folder.join(DELIVERY);
    if delivery.is_dir() {
        return match std::fs::read_to_string(&plan_file) {
            Ok(there) if there == described => Ok(false),
            _ => Err(refusal_with_hint(
                format!("`{}` holds something else than the demo that was asked for", folder.display()),
                "give the same options as before, or another --folder",
            )),
        };
    }
    // Written beside and renamed when whole: a demo that was killed starts over and is not taken for a delivery.
    let beside = folder.join("delivery.part");
    let started = std::time::Instant::now();
    let make = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        if beside.exists() { std::fs::remove_dir_all(&beside) } else { Ok(()) }
    };
    make().with_context(|| format!("could not make folder `{}`", folder.display()))?;
    let made = synth::write(&plan, &beside, &crate::progress::Bars::new(printer, log::is_on(verbose), None))?;
    let settings = BTreeMap::from([
        ("delivery_folder", DELIVERY.to_owned()),
        ("organisation.name", size.org.clone()),
        ("keys.secret_key_file", format!("{DELIVERY}/keys/czar-secret.asc")),
    ]);
    let settings = settings.into_iter().map(|(key, value)| (key, toml::Value::String(value))).collect();
    let finish = || -> std::io::Result<()> {
        atomic_file::write(&folder.join(FILE_NAME), annotated::file(&settings).as_bytes())?;
        atomic_file::write(&plan_file, described.as_bytes())?;
        #[expect(clippy::disallowed_methods, reason = "a whole folder appears at once; its files are on the disk or are made again")]
        std::fs::rename(&beside, &delivery)
    };
    finish().with_context(|| format!("could not write into `{}`", folder.display()))?;
    printer.say(&format!("{made} into `{}` ({})", delivery.display(), words::duration(started.elapsed())));
    Ok(true)
}

fn tell_check(report: &TruthReport, workplace: &Workplace<'_>) {
    let printer = workplace.printer;
    let values = words::count(report.n_values(), "value");
    let duration = words::duration(workplace.elapsed());
    if report.n_different() == 0 {
        printer.say(&format!("Checked {values} against the expected numbers: all equal ({duration})"));
        return;
    }
    printer.say(&format!("Checked {values} against the expected numbers: {} differ ({duration})", words::number(report.n_different())));
    for file in report.files.iter().filter(|file| file.n_different > 0) {
        printer.say(&format!("  {}: {} of {}", file.name, words::number(file.n_different), words::count(file.n_values, "value")));
    }
    for difference in &report.differences {
        let message = format!(
            "{} {}: {} should be {}, is {}",
            difference.file, difference.key, difference.column, difference.expected, difference.found
        );
        printer.trouble(&Trouble { message, hint: None });
    }
}

fn show_first_rows(engine: &Engine, printer: &Printer) -> anyhow::Result<()> {
    let result = engine.sql(FIRST_ROWS)?;
    let mut writer = RowWriter::begin(Format::Table, &result.schema, printer.data(), printer.screen_width())?;
    for batch in &result.batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    Ok(())
}

fn tell_what_next(folder: &Path, printer: &Printer) {
    let config = format!("--config {}", folder.join(FILE_NAME).display());
    printer.say("\nTry next:");
    for (command, what) in [
        (format!("czar {config} status"), "what is loaded"),
        (format!("czar {config} query"), "a prompt; \\d lists the tables"),
        (format!("czar {config} query \"select * from person_course\" --output person_course.csv"), "for a spreadsheet"),
        ("czar init --help".to_owned(), "set up a folder for your own deliveries"),
    ] {
        printer.say(&format!("  {command}\n      {what}"));
    }
}
