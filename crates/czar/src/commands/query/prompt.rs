//! The interactive prompt: statements end with `;`, commands begin with `\`. An error is told and the prompt comes back.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use czar_pipeline::engine::Engine;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use super::completion::SqlHelper;
use super::describe::describe;
use crate::failure::is_broken_pipe;
use crate::output::{Format, RowWriter};
use crate::printer::Printer;
use crate::words;

/// More rows than this are not shown at the prompt: nobody reads them, and the answer scrolls away.
const MAX_ROWS: usize = 200;

const HELP: &str = "\
SELECT ... ;   run a query; it may take several lines and ends with ;
\\d             list tables, views and research tables
\\d NAME        list the columns of one
\\q             leave (also Ctrl-D)
\\?             this help
Tab completes names and SQL words; the arrow keys and Ctrl-R go back in the history.
Large results: czar query --output FILE.csv \"SELECT ...\"
";

pub(super) fn run(engine: &Engine, history_file: &Path, printer: &Printer) -> anyhow::Result<()> {
    let names = engine.tables().into_iter().map(|table| table.name).collect();
    let columns_of = |table: &str| engine.columns(table).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
    let config = Config::builder().max_history_size(2_000)?.auto_add_history(true).completion_type(CompletionType::List).build();
    let mut editor: Editor<SqlHelper<'_>, FileHistory> = Editor::with_config(config).context("could not open the prompt")?;
    editor.set_helper(Some(SqlHelper::new(names, Box::new(columns_of))));
    // Without a history, or with one that cannot be kept, the prompt is still of use.
    let _ = editor.load_history(history_file);
    printer.say("Type \\? for help, \\q to leave.");
    loop {
        match editor.readline("czar> ") {
            Ok(line) => match line.trim().trim_end_matches(';').trim_end() {
                "" => {}
                "\\q" | "quit" | "exit" => break,
                "\\?" | "help" => printer.write_data(HELP)?,
                command if command.starts_with('\\') => tell(describe(engine, command, printer), printer)?,
                sql => tell(show(engine, sql, printer), printer)?,
            },
            // Ctrl-C gives up the line, as in a shell.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error).context("could not read from the prompt"),
        }
    }
    let _ = editor.save_history(history_file);
    Ok(())
}

/// Tells an error, unless nobody listens any more.
fn tell(result: anyhow::Result<()>, printer: &Printer) -> anyhow::Result<()> {
    match result {
        Err(error) if is_broken_pipe(&error) => Err(error),
        Err(error) => {
            printer.error(&error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn show(engine: &Engine, sql: &str, printer: &Printer) -> anyhow::Result<()> {
    let begun = Instant::now();
    let result = engine.sql(sql)?;
    let mut writer = RowWriter::begin(Format::Table, &result.schema, printer.data(), printer.screen_width())?;
    let (mut n_rows, mut n_shown) = (0, 0);
    for batch in &result.batches {
        n_rows += batch.num_rows();
        let n_taken = batch.num_rows().min(MAX_ROWS - n_shown);
        if n_taken > 0 {
            writer.write(&batch.slice(0, n_taken))?;
            n_shown += n_taken;
        }
    }
    writer.finish()?;
    let first = if n_shown < n_rows { format!(", first {n_shown} shown") } else { String::new() };
    printer.say(&format!("{}{first} ({})", words::count(n_rows as u64, "row"), words::duration(begun.elapsed())));
    Ok(())
}
