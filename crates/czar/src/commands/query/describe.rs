//! `\\d`: what can be queried, and the columns of one table. It works at the prompt and as `czar query '\\d'`.

use czar_pipeline::engine::{Engine, TableKind};

use crate::failure::refusal_with_hint;
use crate::printer::Printer;

/// Answers a command that begins with a backslash.
pub(super) fn describe(engine: &Engine, command: &str, printer: &Printer) -> anyhow::Result<()> {
    let text = match command.split_once(char::is_whitespace).map(|(command, name)| (command, name.trim())) {
        None if command == "\\d" => list(engine.tables().into_iter().map(|table| (table.name, in_words(table.kind).to_owned()))),
        Some(("\\d", name)) => list(engine.columns(name)?.into_iter()),
        _ => {
            return Err(refusal_with_hint(
                format!("there is no command `{command}`"),
                "`\\d` lists the tables, `\\d TABLE` the columns of one",
            ));
        }
    };
    Ok(printer.write_data(&text)?)
}

fn in_words(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Lake => "table",
        TableKind::View => "view",
        TableKind::Mart => "research table",
    }
}

fn list(pairs: impl Iterator<Item = (String, String)>) -> String {
    let pairs: Vec<_> = pairs.collect();
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    pairs.into_iter().map(|(name, what)| format!("{name:width$}  {what}\n")).collect()
}
