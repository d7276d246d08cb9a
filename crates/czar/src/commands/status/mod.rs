//! `czar status`: what is loaded, what is missing, what failed, and whether the research tables are up to date. It only looks.

pub(crate) mod facts;
mod text;

use clap::Args;

use crate::exit::Outcome;
use crate::output::ReportFormat;
use crate::workplace::Workplace;

/// Arguments of `czar status`.
#[derive(Debug, Args)]
#[command(after_help = "Ends with exit code 1 when a file failed.")]
pub(crate) struct Arguments {
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let lake = workplace.existing_lake()?;
    let facts = facts::collect(&lake, &workplace.engine(&lake)?, &workplace.lake_folder())?;
    let text = match arguments.format {
        ReportFormat::Text => text::write(&facts),
        ReportFormat::Json => format!("{}\n", serde_json::to_string_pretty(&facts)?),
    };
    workplace.printer.write_data(&text)?;
    Ok(Outcome::with_trouble_if(!facts.failed_files.is_empty()))
}
