//! `czar rejects`: the records that were set aside: how many by reason, or one by one by place. Only `--raw` shows what a record
//! says, for those who have the original and its key.

use clap::Args;
use czar_formats::reject::RejectCode;
use czar_pipeline::engine::Engine;
use czar_pipeline::originals::{Original, RecordPlace};
use czar_pipeline::sql;

use crate::config::Flag;
use crate::exit::Outcome;
use crate::output::{Format, OutputOptions, text_rows};
use crate::raw_records::{self, RawOptions, WantedRecord};
use crate::words;
use crate::workplace::Workplace;

/// On a screen or in a text no more than this many are listed unless asked for.
const DEFAULT_LIMIT: u64 = 100;

/// Arguments of `czar rejects`.
#[derive(Debug, Args)]
#[command(after_help = "Without an option: counts by reason, with their meaning. With --list, --code or --file: the records by place.\n\
    Of a line of an event file the list also says what can still be told: time, source, event and course run.\n\
    With --raw: their bytes, read again from the original. `czar ingest --again=rejects` reads the files again after an upgrade.\n\
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

    /// Show the records themselves, read again from where they were delivered: learner data, on stdout only
    #[arg(long, conflicts_with_all = ["format", "output"])]
    raw: bool,

    #[command(flatten)]
    raw_options: RawOptions,

    #[command(flatten)]
    output: OutputOptions,
}

impl Arguments {
    /// The arguments that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        self.raw_options.flags()
    }
}

fn code_parser() -> clap::builder::PossibleValuesParser {
    RejectCode::ALL.iter().map(|code| clap::builder::PossibleValue::new(code.id()).help(code.meaning())).collect::<Vec<_>>().into()
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    arguments.output.check(workplace.printer)?;
    let lake = workplace.existing_lake()?;
    let engine = workplace.engine(&lake)?;
    let is_list = arguments.list || arguments.code.is_some() || arguments.file.is_some();
    let n_all = total(&engine, &conditions(arguments))?;
    if arguments.raw {
        return show_raw(&engine, arguments, n_all, workplace);
    }
    let sql = if is_list { list_sql(arguments) } else { counts_sql() };
    let n_shown = arguments.output.write(&engine, &[sql], workplace.printer)?;
    let rejects = words::count(n_all, "reject");
    if is_list && n_shown < n_all {
        workplace.printer.say(&format!("{rejects}, first {n_shown} shown; --limit shows more"));
    } else {
        workplace.printer.say(&rejects);
    }
    Ok(Outcome::Done)
}

/// Reads the records again, each original once, and writes them to stdout; what they are is said on stderr.
fn show_raw(engine: &Engine, arguments: &Arguments, n_all: u64, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT);
    let sql = format!(
        "select source_file, source_line, source_offset, n_bytes, code, set_aside.load_id, source_path, reader_version from \
         (select load_id, source_path, reader_version from loads) as known join \
         (select source_file, source_line, source_offset, n_bytes, code, load_id from rejects {}) as set_aside \
         on known.load_id = set_aside.load_id order by source_file, source_line, source_offset limit {limit}",
        conditions(arguments)
    );
    let mut wanted = Vec::new();
    for row in text_rows(engine, &sql)? {
        let text = |column: usize| row.get(column).cloned().flatten().unwrap_or_default();
        let number = |column: usize| text(column).parse::<u64>().unwrap_or_default();
        let place = RecordPlace::Bytes { offset: number(2), n_bytes: number(3) };
        let label = format!("{}:{} {} (reader version {})", text(0), text(1), text(4), text(7));
        let original = Original { source_path: text(6), file_key: text(0), load_id: text(5) };
        wanted.push(WantedRecord { original, place, label });
    }
    let outcome = raw_records::show(&wanted, &arguments.raw_options, workplace)?;
    let rejects = words::count(n_all, "reject");
    let n_shown = wanted.len() as u64;
    let more = if n_shown < n_all { format!(", first {n_shown} shown; --limit shows more") } else { String::new() };
    workplace.printer.say(&format!("{rejects}{more}"));
    Ok(outcome)
}

fn total(engine: &Engine, conditions: &str) -> anyhow::Result<u64> {
    let rows = text_rows(engine, &format!("select count(*) from rejects {conditions}"))?;
    Ok(rows.first().and_then(|row| row.first()).cloned().flatten().and_then(|text| text.parse().ok()).unwrap_or_default())
}

fn counts_sql() -> String {
    let meanings: Vec<String> =
        RejectCode::ALL.iter().map(|code| format!("({}, {})", sql::text(code.id()), sql::text(code.meaning()))).collect();
    format!(
        "select rejects.code, count(*) as n, count(distinct rejects.source_file) as n_files, meanings.meaning \
         from rejects left join (values {}) as meanings(code, meaning) on meanings.code = rejects.code \
         group by rejects.code, meanings.meaning order by n desc, code",
        meanings.join(", ")
    )
}

fn list_sql(arguments: &Arguments) -> String {
    let limit = arguments.limit.or((arguments.output.format() == Format::Table).then_some(DEFAULT_LIMIT));
    let limit = limit.map(|limit| format!("limit {limit}")).unwrap_or_default();
    format!(
        "select source_file, source_line, source_offset, n_bytes, code, \"column\", time, event_source, event_name, course_run_key \
         from rejects {} \
         order by source_file, source_line, source_offset {limit}",
        conditions(arguments)
    )
}

fn conditions(arguments: &Arguments) -> String {
    let code = arguments.code.as_ref().map(|code| format!("code = {}", sql::text(code)));
    let file = arguments.file.as_ref().map(|text| format!("strpos(source_file, {}) > 0", sql::text(text)));
    let all: Vec<String> = code.into_iter().chain(file).collect();
    if all.is_empty() { String::new() } else { format!("where {}", all.join(" and ")) }
}
