//! Writes the pages of docs/reference from what the program knows of itself. A page here is never edited by hand.

mod checks;
mod commands;
mod marts;
mod rejects;
mod tables;

use crate::config::annotated;

/// On top of each page.
const WRITTEN: &str = "<!-- Written by `czar reference`. Do not edit. -->\n";

/// File name and text of each page.
pub(crate) fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("commands.md", commands::page()),
        ("configuration.md", annotated::reference()),
        ("tables.md", tables::page()),
        ("marts.md", marts::page()),
        ("rejects.md", rejects::page()),
        ("checks.md", checks::page()),
    ]
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A sentence from a phrase.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if phrase.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
