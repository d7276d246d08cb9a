//! `\\d`: what can be queried, and the columns of one table. It works at the prompt and as `czar query '\\d'`.

use czar_pipeline::engine::{Engine, TableFacts, TableKind};
use czar_pipeline::lake::schema::history_name;
use czar_pipeline::marts::models;

use crate::failure::refusal_with_hint;
use crate::printer::Printer;

/// Answers a command that begins with a backslash.
pub(super) fn describe(engine: &Engine, command: &str, printer: &Printer) -> anyhow::Result<()> {
    let text = match command.split_once(char::is_whitespace).map(|(command, name)| (command, name.trim())) {
        None if command == "\\d" => list(engine.tables().into_iter().map(|table| (table.name.clone(), in_words(&table, engine)))),
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

fn in_words(table: &TableFacts, engine: &Engine) -> String {
    let model = models().iter().find(|model| model.name == table.name);
    let is_of = |ending: &str| table.name.strip_suffix(ending).is_some_and(|name| engine.has_table(&history_name(name)));
    let kind = match table.kind {
        TableKind::Lake if is_of("_history") => "table: all packages",
        TableKind::Lake => "table",
        TableKind::View if is_of("_cumulative") => "view: every row ever seen, as it was last",
        TableKind::View if is_of("") => "view: the newest package of each course run",
        TableKind::View => "view",
        TableKind::Mart => "research table",
    };
    model.map_or_else(|| kind.to_owned(), |model| format!("{kind}: one row per {}", model.grain))
}

fn list(pairs: impl Iterator<Item = (String, String)>) -> String {
    let pairs: Vec<_> = pairs.collect();
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    pairs.into_iter().map(|(name, what)| format!("{name:width$}  {what}\n")).collect()
}
