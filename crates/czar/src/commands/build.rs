//! `czar build`: builds the research tables whose inputs have changed. It loads nothing.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use czar_pipeline::marts::{self, BuildSummary, Model};

use crate::config::Flag;
use crate::exit::Outcome;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar build`.
#[derive(Debug, Args)]
#[command(after_help = "Tables that are up to date are left alone. What each one means: docs/reference/marts.md.")]
pub(crate) struct Arguments {
    /// Tables to build, with what they are made from [default: all]
    #[arg(value_name = "MODEL", value_parser = model_parser(), hide_possible_values = true)]
    models: Vec<String>,

    /// List the tables and what one row of each is, and build nothing
    #[arg(long, conflicts_with = "models")]
    list: bool,

    /// Memory that sorting, joining and grouping may take, in bytes, in place of the setting `query.memory_bytes`
    #[arg(long, value_name = "BYTES")]
    memory_bytes: Option<u64>,
}

impl Arguments {
    /// The arguments that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        memory_flag(self.memory_bytes)
    }
}

/// The setting that `--memory-bytes` stands for.
pub(crate) fn memory_flag(memory_bytes: Option<u64>) -> Vec<Flag> {
    let value = memory_bytes.map(|n| toml::Value::Integer(i64::try_from(n).unwrap_or(i64::MAX)));
    value.map(|value| Flag { name: "--memory-bytes", key: "query.memory_bytes", value }).into_iter().collect()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    if arguments.list {
        workplace.printer.write_data(&list())?;
        return Ok(Outcome::Done);
    }
    let lake = workplace.existing_lake()?;
    super::courses::store(&lake, workplace)?;
    let bars = workplace.bars();
    let summary = marts::build(&lake, &workplace.engine_options(), &arguments.models, &workplace.attempt(), &bars)?;
    tell(workplace, &summary);
    Ok(Outcome::Done)
}

fn model_parser() -> PossibleValuesParser {
    marts::models()
        .iter()
        .map(|model| PossibleValue::new(model.name.as_str()).help(format!("One row per {}", model.grain)))
        .collect::<Vec<_>>()
        .into()
}

fn list() -> String {
    let width = marts::models().iter().map(|model| model.name.len()).max().unwrap_or_default();
    let line = |model: &Model| format!("{:width$}  one row per {}\n", model.name, model.grain);
    marts::models().iter().map(line).collect()
}

/// Says what was built.
pub(crate) fn tell(workplace: &Workplace<'_>, summary: &BuildSummary) {
    let printer = workplace.printer;
    let width = summary.built.iter().map(|model| model.name.len()).max().unwrap_or_default();
    for model in &summary.built {
        let took = words::duration(std::time::Duration::try_from_secs_f64(model.duration_secs).unwrap_or_default());
        printer.say(&format!("  {:width$}  {} ({took})", model.name, words::count(model.n_rows, "row")));
    }
    printer.say(&closing_line(summary, &words::duration(workplace.elapsed())));
}

/// What was built, on one line.
pub(crate) fn closing_line(summary: &BuildSummary, duration: &str) -> String {
    if summary.built.is_empty() {
        return format!("Nothing to build: {} up to date ({duration})", words::count_of(&summary.unchanged, "table"));
    }
    let rows = words::count(summary.built.iter().map(|model| model.n_rows).sum(), "row");
    let unchanged = if summary.unchanged.is_empty() { String::new() } else { format!(", {} up to date", summary.unchanged.len()) };
    format!("Built {}: {rows}{unchanged} ({duration})", words::count_of(&summary.built, "table"))
}
