//! `czar query`: one SQL query from the command line, a file or stdin; without one, an interactive prompt. It only reads.

mod completion;
mod describe;
mod keywords;
mod prompt;

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::{Args, ValueHint};

use super::build::memory_flag;
use crate::config::Flag;
use crate::exit::Outcome;
use crate::failure::refusal;
use crate::output::OutputOptions;
use crate::printer::Printer;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar query`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    czar query \"select site, course_run_key, count(*) from person_course group by 1, 2\"\n  \
    czar query --file report.sql --output report.csv\n  \
    czar query --as-of 2015-03-08 \"select count(*) from person_course where certified\"\n  \
    czar query                 opens a prompt; \\? helps there\n\n\
    All tables and columns: docs/reference/tables.md and marts.md, or \\d at the prompt.")]
pub(crate) struct Arguments {
    /// The query [default: stdin, or a prompt if stdin is a terminal]
    #[arg(value_name = "SQL", conflicts_with = "file")]
    sql: Option<String>,

    /// Read the query from a file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,

    /// Answer as of this day: as if nothing had been delivered after it. Research tables are computed for the answer then
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,

    #[command(flatten)]
    output: OutputOptions,

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

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let printer = workplace.printer;
    arguments.output.check(printer)?;
    let sql = sql(arguments, printer)?;
    let lake = workplace.existing_lake()?;
    let engine = workplace.engine_as_of(&lake, arguments.as_of)?;
    match sql {
        Some(command) if command.starts_with('\\') => describe::describe(&engine, &command, printer)?,
        Some(sql) => {
            let n_rows = arguments.output.write(&engine, &[sql], printer)?;
            let place = arguments.output.place();
            printer.say(&format!("{}{place} ({})", words::count(n_rows, "row"), words::duration(workplace.elapsed())));
        }
        None => prompt::run(&engine, &workplace.settings().data_folder.join("query_history.txt"), printer)?,
    }
    Ok(Outcome::Done)
}

/// The query that was given; `None` when it is to be asked for at a prompt.
fn sql(arguments: &Arguments, printer: &Printer) -> anyhow::Result<Option<String>> {
    let text = if let Some(sql) = &arguments.sql {
        sql.clone()
    } else if let Some(file) = &arguments.file {
        std::fs::read_to_string(file).with_context(|| format!("could not read `{}`", file.display()))?
    } else if printer.is_interactive() && arguments.output.is_default() {
        return Ok(None);
    } else {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("could not read the query from stdin")?;
        text
    };
    let text = text.trim().trim_end_matches(';').trim_end();
    if text.is_empty() {
        return Err(refusal("the query is empty"));
    }
    Ok(Some(text.to_owned()))
}
