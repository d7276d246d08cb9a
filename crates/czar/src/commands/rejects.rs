//! `czar rejects`: the records that were set aside: how many by reason, or one by one by place. It never shows what a record says.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use czar_formats::reject::RejectCode;
use czar_pipeline::engine::Engine;

use crate::exit::Outcome;
use crate::failure::refusal_with_hint;
use crate::output::{Destination, Format, RowWriter};
use crate::words;
use crate::workplace::Workplace;

/// On a screen or in a text no more than this many are listed unless asked for.
const DEFAULT_LIMIT: u64 = 100;

/// Arguments of `czar rejects`.
#[derive(Debug, Args)]
#[command(after_help = "Without an option: counts by reason, with their meaning. With --list, --code or --file: the records by place.\n\
    What to do about each reason: docs/reference/rejects.md.")]
pub(crate) struct Arguments {
    /// List the records one by one
    #[arg(long)]
    list: bool,

    /// Only records set aside for this reason
    #[arg(long, value_name = "CODE", value_parser = code_parser())]
    code: Option<String>,

    /// Only records of files whose key holds this text
    #[arg(long, value_name = "TEXT")]
    file: Option<String>,

    /// List so many at most [default: 100 in a table, else all]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,

    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Write it into a file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
}

fn code_parser() -> clap::builder::PossibleValuesParser {
    RejectCode::ALL.iter().map(|code| clap::builder::PossibleValue::new(code.id()).help(code.meaning())).collect::<Vec<_>>().into()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    if arguments.format == Format::Parquet && arguments.output.is_none() && workplace.printer.stdout_is_terminal() {
        return Err(refusal_with_hint("Parquet is not for a screen", "name a file with --output, or send stdout somewhere"));
    }
    let lake = workplace.existing_lake()?;
    let engine = workplace.engine(&lake)?;
    let is_list = arguments.list || arguments.code.is_some() || arguments.file.is_some();
    let n_all = total(&engine, &conditions(arguments))?;
    let sql = if is_list { list_sql(arguments) } else { counts_sql() };
    let n_shown = write(&engine, &sql, arguments, workplace)?;
    let rejects = words::count(n_all, "reject");
    if is_list && n_shown < n_all {
        workplace.printer.say(&format!("{rejects}, first {n_shown} shown; --limit shows more"));
    } else {
        workplace.printer.say(&rejects);
    }
    Ok(Outcome::Done)
}

fn write(engine: &Engine, sql: &str, arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<u64> {
    let printer = workplace.printer;
    let screen_width = if arguments.output.is_none() { printer.screen_width() } else { None };
    let destination = Destination::open(arguments.output.as_deref(), printer)?;
    let mut writer = RowWriter::begin(arguments.format, &engine.schema_of(sql)?, destination, screen_width)?;
    let mut n_rows = 0;
    engine.stream(sql, |batch| {
        writer.write(&batch)?;
        n_rows += batch.num_rows() as u64;
        anyhow::Ok(())
    })?;
    writer.finish()?.close()?;
    Ok(n_rows)
}

fn total(engine: &Engine, conditions: &str) -> anyhow::Result<u64> {
    let rows = crate::output::text_rows(engine, &format!("select count(*) from rejects {conditions}"))?;
    Ok(rows.first().and_then(|row| row.first()).cloned().flatten().and_then(|text| text.parse().ok()).unwrap_or_default())
}

fn counts_sql() -> String {
    let meanings: Vec<String> = RejectCode::ALL.iter().map(|code| format!("({}, {})", quoted(code.id()), quoted(code.meaning()))).collect();
    format!(
        "select rejects.code, count(*) as n, count(distinct rejects.source_file) as n_files, meanings.meaning \
         from rejects left join (values {}) as meanings(code, meaning) on meanings.code = rejects.code \
         group by rejects.code, meanings.meaning order by n desc, code",
        meanings.join(", ")
    )
}

fn list_sql(arguments: &Arguments) -> String {
    let limit = arguments.limit.or((arguments.format == Format::Table).then_some(DEFAULT_LIMIT));
    let limit = limit.map(|limit| format!("limit {limit}")).unwrap_or_default();
    format!(
        "select source_file, source_line, source_offset, n_bytes, code, \"column\" from rejects {} \
         order by source_file, source_line, source_offset {limit}",
        conditions(arguments)
    )
}

fn conditions(arguments: &Arguments) -> String {
    let code = arguments.code.as_ref().map(|code| format!("code = {}", quoted(code)));
    let file = arguments.file.as_ref().map(|text| format!("strpos(source_file, {}) > 0", quoted(text)));
    let all: Vec<String> = code.into_iter().chain(file).collect();
    if all.is_empty() { String::new() } else { format!("where {}", all.join(" and ")) }
}

/// A text as SQL writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
