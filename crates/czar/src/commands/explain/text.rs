//! An explanation as text for people. It asks nothing.

use std::fmt::Write as _;

use super::about::{About, ColumnAbout};
use super::value::{EvidenceFound, Explained, Line};
use crate::words;

pub(super) fn write(about: &About, explained: Option<&Explained>) -> String {
    let mut text = String::new();
    match about.columns.first().filter(|_| about.is_of_column) {
        Some(column) => of_column(&mut text, about, column),
        None => of_table(&mut text, about),
    }
    if let Some(explained) = explained {
        value(&mut text, about, explained);
        way(&mut text, explained);
        for evidence in &explained.evidence {
            lines(&mut text, evidence);
        }
    }
    if !about.defining_lines.is_empty() {
        text.push_str("\nDefined in\n");
        let rows = about.defining_lines.iter().map(|line| vec![format!("{}:{}", line.file, line.line), line.sql.clone()]);
        aligned(&mut text, rows.collect());
    }
    if let Some(sql) = &about.sql {
        let _ = write!(text, "\nDefinition: {}\n\n{sql}\n", about.definition_file);
    }
    text
}

fn of_column(text: &mut String, about: &About, column: &ColumnAbout) {
    let _ = writeln!(text, "{}.{}: {}", about.table, column.name, column.meaning);
    let unit = column.unit.as_ref().map(|unit| format!(" ({unit})")).unwrap_or_default();
    let _ = writeln!(text, "  {}{unit}; personal: {}", column.kind, personal(&column.personal));
    if let Some(source) = &column.source {
        let _ = writeln!(text, "  comes from: {source}");
    }
    let _ = writeln!(text, "  {} has one row per {}; key: {}", about.table, about.grain, about.key.join(", "));
}

fn of_table(text: &mut String, about: &About) {
    let _ = writeln!(text, "{}: {}, one row per {}", about.table, about.kind, about.grain);
    let _ = writeln!(text, "  key: {}", about.key.join(", "));
    let _ = writeln!(text, "  made from: {}", about.made_from.join(", "));
    text.push_str("\nColumns\n");
    let row = |column: &ColumnAbout| {
        let unit = column.unit.clone().unwrap_or_default();
        vec![column.name.clone(), column.kind.clone(), unit, personal(&column.personal).to_owned(), column.meaning.clone()]
    };
    let header = ["column", "type", "unit", "personal", "meaning"].map(str::to_owned).to_vec();
    aligned(text, std::iter::once(header).chain(about.columns.iter().map(row)).collect());
}

fn personal(code: &str) -> &str {
    match code {
        "none" => "no",
        "quasi" => "in combination",
        "free_text" => "free text",
        other => other,
    }
}

fn value(text: &mut String, about: &About, explained: &Explained) {
    let key: Vec<String> = explained.key.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let of = if key.is_empty() { String::new() } else { format!(" of {}", key.join(" ")) };
    let _ = write!(text, "\nValue{of}\n  ");
    match (explained.n_rows, &explained.value) {
        (None, _) => {
            let _ = writeln!(text, "not known: {} is not built; `czar build` makes it", about.table);
        }
        (Some(0), _) => text.push_str("no row has this key\n"),
        (Some(1), Some(value)) => {
            let _ = writeln!(text, "{value}");
        }
        (Some(1), None) => text.push_str("null\n"),
        (Some(n), _) => {
            let missing: Vec<&str> = about.key.iter().filter(|name| !explained.key.contains_key(*name)).map(String::as_str).collect();
            let _ = writeln!(text, "{} have this key; for one value give also {}", words::count(n, "row"), missing.join(", "));
        }
    }
    if !explained.is_up_to_date && explained.n_rows.is_some() {
        let _ =
            writeln!(text, "  {} is out of date: the lines below are newer than the value; `czar build` brings it up to date", about.table);
    }
}

fn way(text: &mut String, explained: &Explained) {
    text.push_str("\nMade from\n");
    let rows = explained.way.iter().map(|step| {
        let column = step.column.as_ref().map(|column| format!(".{column}")).unwrap_or_default();
        let n_rows = step.n_rows.map(|n| words::count(n, "row")).unwrap_or_default();
        let left_out = if step.key_left_out.is_empty() { String::new() } else { format!("whatever {}", step.key_left_out.join(", ")) };
        vec![format!("{}{}{column}", "  ".repeat(step.depth), step.name), step.kind.to_owned(), n_rows, left_out]
    });
    aligned(text, rows.collect());
}

fn lines(text: &mut String, evidence: &EvidenceFound) {
    let adds_up = match evidence.adds_up {
        None => "",
        Some(true) => ", as many as the value says",
        Some(false) => ", and the value says otherwise",
    };
    let _ = writeln!(text, "\nLines of {}: {}{adds_up}", evidence.table, words::number(evidence.n_lines));
    match evidence.condition.as_deref() {
        None => text.push_str("  all rows of the key\n"),
        Some("true") => text.push_str("  all rows of the key count\n"),
        Some(condition) => {
            let _ = writeln!(text, "  where {condition}");
        }
    }
    if !evidence.key_left_out.is_empty() {
        let _ = writeln!(
            text,
            "  {} does not have {}: these are more lines than the value's own",
            evidence.table,
            evidence.key_left_out.join(", ")
        );
    }
    let row = |line: &Line| {
        let place = line.line.map_or_else(|| line.file.clone(), |number| format!("{}:{number}", line.file));
        let load = line.load_id.as_ref().map(|load| format!("load {load}")).unwrap_or_default();
        [vec![place, load], line.what.clone()].concat()
    };
    aligned(text, evidence.lines.iter().map(row).collect());
    let n_more = evidence.n_lines.saturating_sub(evidence.lines.len() as u64);
    if n_more > 0 {
        let _ = writeln!(text, "  and {} more; --lines shows more", words::number(n_more));
    }
}

/// Rows in columns of equal width.
fn aligned(text: &mut String, rows: Vec<Vec<String>>) {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    for row in &rows {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            let _ = write!(line, " {cell:width$} ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}
