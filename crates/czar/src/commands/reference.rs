//! `czar reference`: writes the pages of docs/reference, or tells which of them are stale. It is for those who work on czar.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueHint};
use czar_pipeline::atomic_file;

use crate::exit::Outcome;
use crate::printer::{Printer, Trouble};
use crate::{reference, words};

/// Arguments of `czar reference`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folder of the pages
    #[arg(value_name = "DIR", default_value = "docs/reference", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Write nothing; end with exit code 1 when a page is stale
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let folder = &arguments.folder;
    let pages = reference::pages();
    let is_stale = |name: &str, text: &str| std::fs::read_to_string(folder.join(name)).ok().as_deref() != Some(text);
    let stale: Vec<_> = pages.iter().filter(|(name, text)| is_stale(name, text)).collect();
    if stale.is_empty() {
        printer.say(&format!("All {} are up to date", words::count_of(&pages, "page")));
        return Ok(Outcome::Done);
    }
    let names: Vec<String> = stale.iter().map(|(name, _)| format!("`{}`", folder.join(name).display())).collect();
    if arguments.check {
        let hint = Some(format!("run `czar reference {}` and commit what it writes", folder.display()));
        printer.trouble(&Trouble { message: format!("not what this program would write: {}", names.join(", ")), hint });
        return Ok(Outcome::WithTrouble);
    }
    std::fs::create_dir_all(folder).with_context(|| format!("could not make folder `{}`", folder.display()))?;
    for (name, text) in &stale {
        atomic_file::write(&folder.join(name), text.as_bytes())
            .with_context(|| format!("could not write `{}`", folder.join(name).display()))?;
    }
    printer.say(&format!("Wrote {}", names.join(", ")));
    Ok(Outcome::Done)
}
