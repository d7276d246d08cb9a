//! `czar inventory`: what a folder or bucket of deliveries holds and what it lacks. It writes nothing but the report that was asked for.

mod html;
mod text;
mod wording;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::{Args, ValueHint};
use czar_pipeline::atomic_file;
use czar_pipeline::clock::Clock;
use czar_pipeline::inventory::{self, Gravity, Inventory, Options};
use czar_pipeline::vault::KeyFacts;

use crate::cli::GeneralOptions;
use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::output::{Destination, ReportFormat};
use crate::printer::Printer;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar inventory`.
#[derive(Debug, Args)]
#[command(after_help = "Nothing is decrypted and nothing needs to be set up. A bucket is listed with the credentials of the environment: \
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and AWS_ENDPOINT_URL for servers other than Amazon's.\n\n\
    Ends with exit code 1 when data is missing, empty or could not be produced.")]
pub(crate) struct Arguments {
    /// Folders, files, or buckets as s3://bucket/prefix [default: the delivery folder of czar.toml, else the current folder]
    #[arg(value_name = "PLACE", value_hint = ValueHint::AnyPath)]
    places: Vec<String>,

    /// Only files of this organisation, as in their names; may be given several times
    #[arg(long = "org", value_name = "NAME")]
    organisations: Vec<String>,

    /// Expect event files up to this day, also when the last one is older
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<NaiveDate>,

    /// Also read lists of members and heads of messages from buckets: some small requests for each archive
    #[arg(long)]
    deep: bool,

    /// Your key, public or secret: tells its expiry, and whether files are encrypted to it [default: the one czar.toml names]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    public_key: Option<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,

    /// Write the report into a file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

    /// Write a calendar for the browser into a file as well
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    html: Option<PathBuf>,
}

/// What czar.toml may add.
#[derive(Default)]
struct Defaults {
    place: Option<PathBuf>,
    key_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, general: &GeneralOptions, printer: &Printer, clock: Clock) -> anyhow::Result<Outcome> {
    let begun = std::time::Instant::now();
    let defaults = defaults(general, printer, clock)?;
    let mut places = arguments.places.clone();
    if places.is_empty() {
        places.push(defaults.place.unwrap_or_else(|| PathBuf::from(".")).display().to_string());
    }
    let options = Options {
        organisations: arguments.organisations.clone(),
        until: arguments.until,
        is_deep: arguments.deep,
        own_keys: own_keys(arguments.public_key.as_deref(), defaults.key_file.as_deref(), printer)?,
        now: clock(),
    };
    let inventory = inventory::take(&places, &options)?;
    if inventory.events.is_empty() && inventory.packages.is_empty() && inventory.unreadable.is_empty() {
        let searched: Vec<String> = places.iter().map(|place| format!("`{place}`")).collect();
        return Err(refusal_with_hint(
            format!("there is no file of a delivery in {}", searched.join(", ")),
            "event files are named like `universityx-edx-events-2015-03-01.log.gz.gpg`, data packages like `universityx-2015-03-01.zip`",
        ));
    }
    let report = match arguments.format {
        ReportFormat::Text => text::write(&inventory),
        ReportFormat::Json => format!("{}\n", serde_json::to_string_pretty(&inventory)?),
    };
    let mut destination = Destination::open(arguments.output.as_deref(), printer)?;
    destination.write_all(report.as_bytes())?;
    destination.close()?;
    if let Some(path) = &arguments.html {
        let page = html::page(&inventory);
        atomic_file::write(path, page.as_bytes()).with_context(|| format!("could not write `{}`", path.display()))?;
    }
    close(&inventory, printer, begun.elapsed());
    Ok(Outcome::with_trouble_if(n_grave(&inventory) > 0))
}

fn close(inventory: &Inventory, printer: &Printer, elapsed: std::time::Duration) {
    let files = words::count(inventory.places.iter().map(|place| place.n_files).sum(), "file");
    let n_notices = inventory.findings.len() as u64 - n_grave(inventory);
    let grave = words::count(n_grave(inventory), "grave finding");
    printer.say(&format!("Looked at {files}: {grave}, {} ({})", words::count(n_notices, "notice"), words::duration(elapsed)));
}

fn n_grave(inventory: &Inventory) -> u64 {
    inventory.findings.iter().filter(|finding| finding.gravity == Gravity::Grave).count() as u64
}

/// Settings help where there are some. A czar.toml that is broken must not stand in the way of a look, unless it was asked for.
fn defaults(general: &GeneralOptions, printer: &Printer, clock: Clock) -> anyhow::Result<Defaults> {
    if general.config.is_none() && !Path::new("czar.toml").is_file() {
        return Ok(Defaults::default());
    }
    match Workplace::open(general, Vec::new(), printer, clock) {
        Ok(workplace) => {
            let settings = workplace.settings();
            Ok(Defaults { place: Some(settings.delivery_folder.clone()), key_file: settings.keys.secret_key_file.clone() })
        }
        Err(error) if general.config.is_some() => Err(error),
        Err(error) => {
            printer.warn(&format!("czar.toml is passed over: {error}"));
            Ok(Defaults::default())
        }
    }
}

/// The key that was named must be there; the one of the settings only adds to the report.
fn own_keys(named: Option<&Path>, of_settings: Option<&Path>, printer: &Printer) -> anyhow::Result<Vec<KeyFacts>> {
    if let Some(path) = named {
        return Ok(KeyFacts::from_file(path)?);
    }
    let Some(path) = of_settings else { return Ok(Vec::new()) };
    Ok(KeyFacts::from_file(path).unwrap_or_else(|error| {
        printer.warn(&format!("nothing is said of your key: {error}"));
        Vec::new()
    }))
}
