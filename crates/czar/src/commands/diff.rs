//! `czar diff`: rows that came, went or changed from one weekly package to another. It only reads.

use chrono::NaiveDate;
use clap::Args;
use czar_pipeline::difference::{Comparison, CountsBy, package_days};
use czar_pipeline::engine::Engine;
use czar_pipeline::lake::schema::{history_name, snapshot_key};

use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::output::OutputOptions;
use crate::words::{self, nearest};
use crate::workplace::Workplace;

/// Arguments of `czar diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without TABLE: counts for each table. With TABLE: the rows, with `change` (added, removed, changed), the names of the\n\
    columns that changed, and their values before. A row that is gone was not necessarily deleted: edX leaves rows out for reasons\n\
    of its own. The view TABLE_cumulative has every row ever seen."
)]
pub(crate) struct Arguments {
    /// Show the rows of this table [default: counts of all tables]
    #[arg(value_name = "TABLE")]
    table: Option<String>,

    /// Day of the earlier package [default: the package before the later one]
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,

    /// Day of the later package [default: the newest package]
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,

    /// Only this course run
    #[arg(long, value_name = "KEY")]
    course: Option<String>,

    /// Count for each course run separately
    #[arg(long, conflicts_with = "table")]
    by_course: bool,

    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let printer = workplace.printer;
    arguments.output.check(printer)?;
    let lake = workplace.existing_lake()?;
    let engine = workplace.engine(&lake)?;
    let comparison = comparison(arguments, &engine)?;
    let statements = match &arguments.table {
        Some(table) => vec![comparison.rows_sql(&engine, known_table(&engine, table)?)?],
        None => counts(arguments, &comparison, &engine)?,
    };
    let n_rows = arguments.output.write(&engine, &statements, printer)?;
    if let Some(table) = &arguments.table
        && snapshot_key(table).is_none()
    {
        printer.say(&format!("`{table}` has no known key: a row that changed is told as one removed and one added"));
    }
    if arguments.course.is_none() {
        let (gone, new) = comparison.course_runs_of_one(&engine)?;
        for (runs, day) in [(gone, comparison.from), (new, comparison.to)] {
            if !runs.is_empty() {
                printer.say(&format!("Only in the package of {day}: {} ({})", words::count_of(&runs, "course run"), runs.join(", ")));
            }
        }
    }
    let noun = if arguments.table.is_some() {
        "row"
    } else if arguments.by_course {
        "line"
    } else {
        "table"
    };
    let (from, to) = (comparison.from, comparison.to);
    let place = arguments.output.place();
    printer.say(&format!("{from} to {to}: {}{place} ({})", words::count(n_rows, noun), words::duration(workplace.elapsed())));
    Ok(Outcome::Done)
}

fn counts(arguments: &Arguments, comparison: &Comparison, engine: &Engine) -> anyhow::Result<Vec<String>> {
    let by = if arguments.by_course { CountsBy::CourseRun } else { CountsBy::Table };
    let tables = comparison.tables(engine)?;
    if let (Some(run), true) = (&arguments.course, tables.is_empty()) {
        let runs = engine.texts("select distinct course_run_key from loads where course_run_key <> ''")?;
        return Err(refusal_with_hint(format!("neither package has a file of the course run `{run}`"), did_you_mean(run, &runs)));
    }
    Ok(tables.iter().map(|table| comparison.counts_sql(engine, table, by)).collect::<Result<_, _>>()?)
}

/// The two packages: as asked for, else the newest and the one before.
fn comparison(arguments: &Arguments, engine: &Engine) -> anyhow::Result<Comparison> {
    let days = package_days(engine, arguments.table.as_deref())?;
    let known = |day: NaiveDate| {
        if days.contains(&day) {
            return Ok(day);
        }
        let listed: Vec<String> = days.iter().rev().take(6).map(ToString::to_string).collect();
        let hint =
            if listed.is_empty() { "load one with `czar ingest`".to_owned() } else { format!("the newest are of {}", listed.join(", ")) };
        Err(refusal_with_hint(format!("there is no package of {day} in the lake"), hint))
    };
    let to = match arguments.to {
        Some(day) => known(day)?,
        None => *days.last().ok_or_else(|| refusal_with_hint("there is no data package in the lake", "load one with `czar ingest`"))?,
    };
    let from = match arguments.from {
        Some(day) => known(day)?,
        None => *days.iter().rfind(|day| **day < to).ok_or_else(|| {
            refusal_with_hint(format!("there is no package before {to} to compare with"), "load an earlier one with `czar ingest`")
        })?,
    };
    Ok(Comparison { from, to, course_run_key: arguments.course.clone() })
}

fn known_table<'a>(engine: &Engine, table: &'a str) -> anyhow::Result<&'a str> {
    if engine.has_table(&history_name(table)) {
        return Ok(table);
    }
    let names: Vec<String> =
        engine.tables().iter().filter_map(|known| known.name.strip_suffix("_history").map(ToOwned::to_owned)).collect();
    Err(refusal_with_hint(format!("no table of the data packages is named `{table}`"), did_you_mean(table, &names)))
}

fn did_you_mean(name: &str, known: &[String]) -> String {
    nearest(name, known.iter().map(String::as_str))
        .map_or_else(|| "`czar query '\\d'` lists the tables".to_owned(), |name| format!("did you mean `{name}`?"))
}
