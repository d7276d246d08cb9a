//! `czar unpack`: lays deliveries out as clear files for tools that expect those. It is off until a folder is named.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use czar_pipeline::package::{self, Delivery};
use czar_pipeline::unpack::{self, Latest, UnpackOptions, UnpackSummary};
use glob::Pattern;

use super::ingest;
use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar unpack`.
#[derive(Debug, Args)]
#[command(after_help = "Clear text is written only into the folder of the setting `unpack.folder`:\n\n  \
    FOLDER/database_state/latest/{package}/   the newest data package\n  \
    FOLDER/database_state/{package}/          earlier ones\n  \
    FOLDER/clickstream_logs/latest/           event files\n  \
    FOLDER/decrypted/                         the same, event files still compressed, if `unpack.decrypted` is set\n\n\
    What is there and has not changed is not written again.")]
pub(crate) struct Arguments {
    /// Folders or files of a delivery [default: the setting `delivery_folder`]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Delete all clear files that were laid out, and write none
    #[arg(long, conflicts_with = "paths")]
    purge: bool,
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let Some(options) = options(workplace)? else {
        return Err(refusal_with_hint(
            "no folder for clear files is named",
            "set `unpack.folder` in czar.toml, to a place whose disk is encrypted and that few can read",
        ));
    };
    if arguments.purge {
        let n_purged = unpack::purge_all(&options.folder)?;
        let took = words::duration(workplace.elapsed());
        workplace.printer.say(&format!(
            "Deleted the clear files of {} packages and event files in `{}` ({took})",
            words::number(n_purged),
            options.folder.display()
        ));
        return Ok(Outcome::Done);
    }
    let default = [workplace.settings().delivery_folder.clone()];
    let paths = if arguments.paths.is_empty() { default.as_slice() } else { &arguments.paths };
    let mut delivery = Delivery::default();
    for path in paths {
        delivery.merge(package::find(path)?);
    }
    let summary = unpack_delivery(workplace, &delivery, &options)?;
    Ok(Outcome::with_trouble_if(!summary.failures.is_empty()))
}

/// What the settings ask for; none when no folder is named.
///
/// # Errors
/// A setting has a value that cannot be.
pub(crate) fn options(workplace: &Workplace<'_>) -> anyhow::Result<Option<UnpackOptions>> {
    let settings = &workplace.settings().unpack;
    let Some(folder) = settings.folder.clone() else { return Ok(None) };
    let patterns = |texts: &[String], name: &str| -> anyhow::Result<Vec<Pattern>> {
        let pattern = |text: &String| {
            Pattern::new(text).map_err(|error| {
                refusal_with_hint(
                    format!("the setting `unpack.{name}` has `{text}`, which is no pattern: {}", error.msg),
                    "`*` stands for anything, `?` for one letter: `*Sandbox*`, `*/ora/*`",
                )
            })
        };
        texts.iter().map(pattern).collect()
    };
    let latest = match settings.latest.as_str() {
        "folder" => Latest::Folder,
        "link" => Latest::Link,
        other => return Err(refusal_with_hint(format!("the setting `unpack.latest` is `{other}`"), "it must be `folder` or `link`")),
    };
    let some = |n: usize| (n > 0).then_some(n);
    Ok(Some(UnpackOptions {
        folder,
        select: patterns(&settings.select, "select")?,
        ignore: patterns(&settings.ignore, "ignore")?,
        replaces_dots: settings.replace_dots,
        latest,
        keep_packages: some(settings.keep_packages),
        keep_days: some(settings.keep_days),
        has_decrypted: settings.decrypted,
        reading: workplace.ingest_options(),
    }))
}

/// Unpacks a delivery and says what came of it.
pub(crate) fn unpack_delivery(workplace: &Workplace<'_>, delivery: &Delivery, options: &UnpackOptions) -> anyhow::Result<UnpackSummary> {
    let keys = ingest::keys_for(workplace, delivery)?;
    let summary = unpack::unpack(delivery, keys.as_ref(), options, &workplace.bars())?;
    workplace.printer.say(&closing_line(&summary, &words::duration(workplace.elapsed())));
    workplace.printer.troubles(&summary.failures.iter().map(ingest::trouble).collect::<Vec<_>>());
    Ok(summary)
}

/// What was unpacked, on one line.
pub(crate) fn closing_line(summary: &UnpackSummary, duration: &str) -> String {
    let n_written = summary.n_packages + summary.n_event_files;
    if n_written + summary.n_purged == 0 && summary.failures.is_empty() {
        return format!("Nothing to unpack: {} unchanged ({duration})", words::number(summary.n_unchanged));
    }
    let mut parts = Vec::new();
    if summary.n_unchanged > 0 {
        parts.push(format!("{} unchanged", words::number(summary.n_unchanged)));
    }
    if summary.n_purged > 0 {
        parts.push(format!("{} deleted as older than is kept", words::number(summary.n_purged)));
    }
    if !summary.failures.is_empty() {
        parts.push(format!("{} failed", words::count_of(&summary.failures, "file")));
    }
    let parts = parts.iter().map(|part| format!(", {part}")).collect::<String>();
    let (packages, days) = (words::count(summary.n_packages, "package"), words::count(summary.n_event_files, "event file"));
    format!("Unpacked {packages} and {days}: {} bytes of clear text{parts} ({duration})", words::number(summary.n_clear_bytes))
}
