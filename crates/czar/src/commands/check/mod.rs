//! `czar check`: the package doctor. It looks at configuration, keys, disk, loads, packages, days and learners, and changes nothing.

mod list;
mod surroundings;
mod text;

use chrono::NaiveDate;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use czar_pipeline::checks::{self, Check, Facts, Group, Report, Selection};
use serde::Serialize;

use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::output::{Destination, Format, RowWriter};
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar check`.
#[derive(Debug, Args)]
#[command(after_help = "Ends with exit code 1 when something is wrong; notes do not count. All checks: `czar check --list`, or\n\
    docs/reference/checks.md.")]
pub(crate) struct Arguments {
    /// Only this group of checks, or this check; may be given several times
    #[arg(long, value_name = "NAME", value_parser = name_parser(), hide_possible_values = true)]
    only: Vec<String>,

    /// Only what concerns the data package of this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    package: Option<NaiveDate>,

    /// Leave out what concerns earlier days and packages
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<NaiveDate>,

    /// List row by row what one check finds; this may name learners by their user id
    #[arg(long, value_name = "ID", value_parser = id_parser(), hide_possible_values = true, conflicts_with_all = ["only", "package", "since"])]
    detail: Option<String>,

    /// List all checks with what should hold
    #[arg(long, conflicts_with_all = ["only", "package", "since", "detail"])]
    list: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

/// How the answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people
    Text,
    /// One object, or with --detail one array
    Json,
    /// Comma-separated values, with --detail
    Csv,
}

/// The report as JSON.
#[derive(Serialize)]
struct Told<'a> {
    lake: String,
    #[serde(flatten)]
    report: &'a Report,
}

fn name_parser() -> clap::builder::PossibleValuesParser {
    let groups = Group::ALL.iter().map(|group| PossibleValue::new(group.id()));
    groups.chain(checks::all().map(|check| PossibleValue::new(check.id))).collect::<Vec<_>>().into()
}

fn id_parser() -> clap::builder::PossibleValuesParser {
    checks::all().map(|check| PossibleValue::new(check.id)).collect::<Vec<_>>().into()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    if arguments.format == CheckFormat::Csv && arguments.detail.is_none() {
        return Err(refusal_with_hint("only rows can be CSV", "give `--detail ID` with it, or use `--format json`"));
    }
    if arguments.list {
        return list::run(arguments.format == CheckFormat::Json, workplace.printer);
    }
    match arguments.detail.as_deref().and_then(checks::by_id) {
        Some(check) => detail(check, arguments.format, workplace),
        None => report(arguments, workplace),
    }
}

fn report(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let facts = facts(workplace)?;
    let selection = Selection { only: arguments.only.clone(), package: arguments.package, since: arguments.since };
    let around = surroundings::look(workplace, facts.as_ref())?;
    let report = checks::run(facts.as_ref(), &around, &selection)?;
    let lake = workplace.lake_folder().display().to_string();
    let text = match arguments.format {
        CheckFormat::Json => format!("{}\n", serde_json::to_string_pretty(&Told { lake, report: &report })?),
        CheckFormat::Text | CheckFormat::Csv => text::write(&lake, facts.is_some(), &report, &words::duration(workplace.elapsed())),
    };
    workplace.printer.write_data(&text)?;
    Ok(Outcome::with_trouble_if(report.has_trouble()))
}

/// `None` when nothing was ever loaded: looking makes nothing.
fn facts(workplace: &Workplace<'_>) -> anyhow::Result<Option<Facts>> {
    if !workplace.has_lake() {
        return Ok(None);
    }
    let lake = workplace.lake()?;
    let engine = workplace.engine(&lake)?;
    Ok(Some(Facts::gather(&lake, engine)?))
}

fn detail(check: &Check, format: CheckFormat, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    if !check.has_detail() {
        return Err(refusal(format!("`{}` has no rows to list: `czar check --only {}` tells all it finds", check.id, check.id)));
    }
    workplace.existing_lake()?;
    let Some(facts) = facts(workplace)? else { return Ok(Outcome::Done) };
    let around = surroundings::without_a_look(workplace);
    let Some(sql) = checks::detail_sql(&facts, &around, check) else { return Ok(Outcome::Done) };
    let engine = facts.engine();
    let format = match format {
        CheckFormat::Text => Format::Table,
        CheckFormat::Json => Format::Json,
        CheckFormat::Csv => Format::Csv,
    };
    let destination = Destination::open(None, workplace.printer)?;
    let mut writer = RowWriter::begin(format, &engine.schema_of(&sql)?, destination, workplace.printer.screen_width())?;
    let mut n_rows = 0;
    engine.stream(&sql, |batch| {
        writer.write(&batch)?;
        n_rows += batch.num_rows() as u64;
        anyhow::Ok(())
    })?;
    writer.finish()?.close()?;
    workplace.printer.say(&format!("{}: {} ({})", check.id, words::count(n_rows, "row"), words::duration(workplace.elapsed())));
    Ok(Outcome::Done)
}
