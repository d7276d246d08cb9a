//! `czar sync`: fetches what is new from edX's buckets, or from wherever a copy of them is. It deletes nothing, there or here.

mod access;
mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use clap::builder::PossibleValuesParser;
use czar_pipeline::control::Control;
use czar_pipeline::error::ErrorKind;
use czar_pipeline::remote::s3::BucketAddress;
use czar_pipeline::remote::{Http, HttpOptions};
use czar_pipeline::sync::{
    ContentKind, Opener, Organisation, Pattern, Place, Plan, Selection, SyncError, SyncOptions, SyncSummary, prepare, sync,
};

use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::output::OutputOptions;
use crate::words::nearest;
use crate::workplace::Workplace;

pub(crate) use text::{closing_line, tell};

/// Arguments of `czar sync`.
#[derive(Debug, Args)]
#[command(
    after_help = "Where files come from and by which access keys: section [sync] of czar.toml, or the AWS_ variables of the environment.\n\
    A run that was killed is gone on with where it stopped. Nothing is deleted, there or here."
)]
pub(crate) struct Arguments {
    /// List what would be fetched, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Only files of this day and later
    #[arg(long, value_name = "DATE")]
    since: Option<NaiveDate>,

    /// Only this kind of file; may be given several times
    #[arg(long, value_name = "KIND", value_parser = kind_parser())]
    only: Vec<String>,

    /// Fetch files again whose key or name fits, `*` and `?` as in a shell, and nothing else; may be given several times
    #[arg(long, value_name = "KEY")]
    again: Vec<String>,

    #[command(flatten)]
    output: OutputOptions,
}

fn kind_parser() -> PossibleValuesParser {
    ContentKind::ALL.map(ContentKind::name).into()
}

/// Whether all is there that a sync needs: someone's files, and keys if a bucket is to be asked.
pub(crate) fn is_set_up(workplace: &Workplace<'_>) -> anyhow::Result<bool> {
    let settings = &workplace.settings().sync;
    if settings.kinds.is_empty() || organisations(workplace).is_err() {
        return Ok(false);
    }
    let places = grouped(workplace, &kinds(workplace, &[])?);
    if !places.iter().any(|(address, _)| BucketAddress::is_one(address)) {
        return Ok(true);
    }
    Ok(access::open(workplace, &http(workplace)?)?.is_some())
}

/// Fetches all that is new, or what is selected of it.
///
/// # Errors
/// No place can be listed, or what arrives cannot be kept. The failure of one place or object is in the summary.
pub(crate) fn load(workplace: &Workplace<'_>, selection: Selection) -> anyhow::Result<SyncSummary> {
    let (places, options) = open(workplace, selection)?;
    let control = Control::open(&workplace.settings().data_folder).map_err(SyncError::from)?;
    let bars = workplace.bars();
    let plan = prepare(&places, &options, Some(&control), &bars)?;
    Ok(sync(&places, plan, &options, &control, workplace.clock, &bars)?)
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    arguments.output.check(workplace.printer)?;
    if !arguments.dry_run && !arguments.output.is_default() {
        return Err(refusal_with_hint("there are no rows to write", "--format and --output go with --dry-run"));
    }
    let selection = Selection {
        since: arguments.since,
        only: arguments.only.iter().filter_map(|name| name.parse().ok()).collect(),
        again: arguments.again.iter().map(|text| Pattern::new(text)).collect(),
    };
    if arguments.dry_run {
        return dry_run(arguments, workplace, selection);
    }
    let summary = load(workplace, selection)?;
    tell(workplace, &summary);
    outcome(summary)
}

/// How a run ended.
pub(crate) fn outcome(mut summary: SyncSummary) -> anyhow::Result<Outcome> {
    match first_failure(&summary.place_failures) {
        Some(index) => Err(summary.place_failures.swap_remove(index).into()),
        None => Ok(Outcome::with_trouble_if(!summary.failures.is_empty() || !summary.refused.is_empty())),
    }
}

/// Of places that could not be listed, the one by which the command ends: one that could not be reached before all others.
fn first_failure(errors: &[SyncError]) -> Option<usize> {
    let unreachable = errors.iter().position(|error| error.kind() == ErrorKind::Remote);
    unreachable.or(if errors.is_empty() { None } else { Some(0) })
}

fn dry_run(arguments: &Arguments, workplace: &Workplace<'_>, selection: Selection) -> anyhow::Result<Outcome> {
    let (places, options) = open(workplace, selection)?;
    let data_folder = &workplace.settings().data_folder;
    let control = if Control::exists(data_folder) { Some(Control::open(data_folder).map_err(SyncError::from)?) } else { None };
    let plan: Plan = prepare(&places, &options, control.as_ref(), &workplace.bars())?;
    arguments.output.write_rows(&text::rows(&plan, &places)?, workplace.printer)?;
    text::tell_plan(workplace, &plan, &arguments.output.place());
    outcome(plan.summary)
}

/// The places and options that the settings name.
fn open(workplace: &Workplace<'_>, selection: Selection) -> anyhow::Result<(Vec<Place>, SyncOptions)> {
    let settings = &workplace.settings().sync;
    let organisations = organisations(workplace)?;
    let kinds = kinds(workplace, &selection.only)?;
    let http = http(workplace)?;
    let addresses = grouped(workplace, &kinds);
    let has_bucket = addresses.iter().any(|(address, _)| BucketAddress::is_one(address));
    let s3 = if has_bucket { access::open(workplace, &http)? } else { None };
    if has_bucket && s3.is_none() {
        return Err(refusal_with_hint(
            "there are no access keys for S3",
            "set `sync.credentials_file` in czar.toml to the credentials.csv.gpg that edX sent, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ));
    }
    let opener = Opener { http: &http, s3: s3.as_ref(), at_once: settings.parallel };
    let places = addresses.into_iter().map(|(address, kinds)| opener.open(&address, kinds)).collect::<Result<Vec<_>, _>>()?;
    refuse_entangled(&places, &workplace.settings().delivery_folder)?;
    let options = SyncOptions {
        organisations,
        delivery_folder: workplace.settings().delivery_folder.clone(),
        selection,
        parallel: settings.parallel,
        tries: settings.tries,
        keep_free_bytes: settings.keep_free_bytes,
        max_bytes: (settings.max_bytes > 0).then_some(settings.max_bytes),
    };
    Ok((places, options))
}

fn http(workplace: &Workplace<'_>) -> anyhow::Result<Http> {
    let settings = &workplace.settings().sync;
    Ok(Http::new(HttpOptions { timeout: Duration::from_secs(settings.timeout_secs), tries: settings.tries })?)
}

fn organisations(workplace: &Workplace<'_>) -> anyhow::Result<Vec<Organisation>> {
    let settings = workplace.settings();
    let names: Vec<&String> = match settings.sync.organisations.as_slice() {
        [] => settings.organisation.name.iter().collect(),
        names => names.iter().collect(),
    };
    if names.is_empty() {
        return Err(refusal_with_hint(
            "no organisation is named, and the buckets of edX hold the files of many",
            "set `organisation.name` in czar.toml to the name in your course run keys",
        ));
    }
    let known = |name: &&String| {
        Organisation::new(name).ok_or_else(|| {
            refusal_with_hint(
                format!("`{}` is not the name of an organisation", name.escape_debug()),
                "it is the first part of a course run key",
            )
        })
    };
    names.iter().map(known).collect()
}

/// The kinds to fetch: those of the settings, or those asked for.
fn kinds(workplace: &Workplace<'_>, only: &[ContentKind]) -> anyhow::Result<Vec<ContentKind>> {
    if !only.is_empty() {
        return Ok(only.to_vec());
    }
    let known = |name: &String| {
        name.parse::<ContentKind>().map_err(|()| {
            let nearest = nearest(name, ContentKind::ALL.map(ContentKind::name));
            let hint = nearest.map_or_else(|| "see docs/reference/configuration.md".to_owned(), |name| format!("did you mean `{name}`?"));
            refusal_with_hint(format!("`{name}` in `sync.kinds` is no kind of file"), hint)
        })
    };
    workplace.settings().sync.kinds.iter().map(known).collect()
}

/// Each place once, with all kinds that are fetched from it.
fn grouped(workplace: &Workplace<'_>, kinds: &[ContentKind]) -> Vec<(String, Vec<ContentKind>)> {
    let settings = &workplace.settings().sync;
    let mut places: Vec<(String, Vec<ContentKind>)> = Vec::new();
    for kind in kinds {
        let address = match kind {
            ContentKind::Events => &settings.events,
            ContentKind::Packages => &settings.packages,
            ContentKind::EmailOptIn => &settings.email_opt_in,
            ContentKind::ResearchExchange => &settings.research_exchange,
            ContentKind::ProgramReports => &settings.program_reports,
        };
        let address = from_file(address.trim_end_matches('/'), workplace);
        match places.iter_mut().find(|(other, _)| *other == address) {
            Some((_, kinds)) if kinds.contains(kind) => {}
            Some((_, kinds)) => kinds.push(*kind),
            None => places.push((address, vec![*kind])),
        }
    }
    places
}

/// A folder is relative to the file in which it is named, like all paths there.
fn from_file(address: &str, workplace: &Workplace<'_>) -> String {
    let base = workplace.configuration.file.as_deref().and_then(Path::parent).filter(|_| !address.contains("://"));
    base.map_or_else(|| address.to_owned(), |base| base.join(address).to_string_lossy().into_owned())
}

/// Refuses places whose files would get into each other's way.
fn refuse_entangled(places: &[Place], delivery_folder: &Path) -> anyhow::Result<()> {
    for (index, place) in places.iter().enumerate() {
        if let Some(other) = places.iter().take(index).find(|other| other.folder == place.folder && other.identity != place.identity) {
            return Err(refusal_with_hint(
                format!("`{}` and `{}` would both be kept in the folder `{}`", other.address, place.address, place.folder),
                "give one of the places another last folder, for example by a symbolic link",
            ));
        }
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let (source, delivery): (PathBuf, PathBuf) = (real(Path::new(&place.identity)), real(delivery_folder));
        if Path::new(&place.identity).is_absolute() && (source.starts_with(&delivery) || delivery.starts_with(&source)) {
            return Err(refusal_with_hint(
                format!("files of `{}` cannot be fetched into `{}`: one is within the other", place.address, delivery_folder.display()),
                "what lies in the delivery folder already needs no sync: `czar ingest` reads it",
            ));
        }
    }
    Ok(())
}

/// The counts of a run, for its record.
pub(crate) fn facts(summary: &SyncSummary) -> serde_json::Value {
    serde_json::json!({
        "n_listed": summary.n_listed, "n_fetched": summary.n_fetched, "n_bytes": summary.n_bytes, "n_known": summary.n_known,
        "n_changed": summary.n_changed, "n_adopted": summary.n_adopted, "n_vanished": summary.n_vanished, "n_foreign": summary.n_foreign,
        "n_left": summary.n_left, "n_refused": summary.refused.len(), "n_failed": summary.failures.len(),
        "n_places_failed": summary.place_failures.len(),
    })
}
