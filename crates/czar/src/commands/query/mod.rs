//! `czar query`: one SQL query from the command line, a file or stdin; without one, an interactive prompt. It only reads.

mod completion;
mod describe;
mod keywords;
mod prompt;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueHint};
use czar_pipeline::engine::Engine;

use super::build::memory_flag;
use crate::config::Flag;
use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::output::{Destination, Format, RowWriter};
use crate::printer::Printer;
use crate::words;
use crate::workplace::Workplace;

/// Arguments of `czar query`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    czar query \"select site, course_run_key, count(*) from person_course group by 1, 2\"\n  \
    czar query --file report.sql --output report.csv\n  \
    czar query                 opens a prompt; \\? helps there\n\n\
    All tables and columns: docs/reference/tables.md and marts.md, or \\d at the prompt.")]
pub(crate) struct Arguments {
    /// The query [default: stdin, or a prompt if stdin is a terminal]
    #[arg(value_name = "SQL", conflicts_with = "file")]
    sql: Option<String>,

    /// Read the query from a file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,

    /// How to write the rows [default: as the name of the output file ends, else table]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write the rows into a file, which appears when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,

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
    let format = arguments.format.unwrap_or_else(|| format_of(arguments.output.as_deref()));
    if format == Format::Parquet && arguments.output.is_none() && printer.stdout_is_terminal() {
        return Err(refusal_with_hint("Parquet is not for a screen", "name a file with --output, or send stdout somewhere"));
    }
    let sql = sql(arguments, printer)?;
    let lake = workplace.existing_lake()?;
    let engine = workplace.engine(&lake)?;
    match sql {
        Some(command) if command.starts_with('\\') => describe::describe(&engine, &command, printer)?,
        Some(sql) => {
            let n_rows = answer(&engine, &sql, format, arguments.output.as_deref(), printer)?;
            let place = arguments.output.as_ref().map(|path| format!(" into `{}`", path.display())).unwrap_or_default();
            printer.say(&format!("{}{place} ({})", words::count(n_rows, "row"), words::duration(workplace.elapsed())));
        }
        None => prompt::run(&engine, &workplace.settings().data_folder.join("query_history.txt"), printer)?,
    }
    Ok(Outcome::Done)
}

/// Runs one query and writes its rows. Tells how many there were.
fn answer(engine: &Engine, sql: &str, format: Format, output: Option<&Path>, printer: &Printer) -> anyhow::Result<u64> {
    let schema = engine.schema_of(sql)?;
    let screen_width = if output.is_none() && printer.stdout_is_terminal() { printer.screen_width() } else { None };
    let destination = Destination::open(output, printer)?;
    let mut writer = RowWriter::begin(format, &schema, destination, screen_width)?;
    let mut n_rows = 0;
    engine.stream(sql, |batch| {
        writer.write(&batch)?;
        n_rows += batch.num_rows() as u64;
        anyhow::Ok(())
    })?;
    writer.finish()?.close()?;
    Ok(n_rows)
}

/// The query that was given; `None` when it is to be asked for at a prompt.
fn sql(arguments: &Arguments, printer: &Printer) -> anyhow::Result<Option<String>> {
    let text = if let Some(sql) = &arguments.sql {
        sql.clone()
    } else if let Some(file) = &arguments.file {
        std::fs::read_to_string(file).with_context(|| format!("could not read `{}`", file.display()))?
    } else if printer.is_interactive() && arguments.output.is_none() && arguments.format.is_none() {
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

fn format_of(output: Option<&Path>) -> Format {
    let extension = output.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv") => Format::Csv,
        Some("json") => Format::Json,
        Some("parquet") => Format::Parquet,
        _ => Format::Table,
    }
}
