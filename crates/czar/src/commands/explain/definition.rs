//! Finds the lines of SQL that define a column, along the way down to the lines of files. It reads words, not grammar.

use czar_pipeline::explain::walk;
use czar_pipeline::marts::{Model, models};
use serde::Serialize;

/// A line of a model's SQL that names a column.
#[derive(Debug, Serialize)]
pub(super) struct DefiningLine {
    /// The file, in the source code.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: usize,
    pub(super) sql: String,
}

/// Where the SQL of a model stands in the source code.
pub(super) fn definition_file(model: &Model) -> String {
    format!("models/{}/{}.sql", model.topic, model.name)
}

/// The lines that name the column, model by model.
pub(super) fn defining_lines(model: &Model, column: &str) -> Vec<DefiningLine> {
    let mut found = Vec::new();
    for step in walk(model, Some(column)).steps {
        let (Some(below), Some(name)) = (models().iter().find(|below| below.name == step.name), &step.column) else { continue };
        for (at, sql) in below.sql.lines().enumerate() {
            if names(sql, name) {
                found.push(DefiningLine { file: definition_file(below), line: at + 1, sql: sql.trim().to_owned() });
            }
        }
    }
    found
}

/// Whether a line of SQL has the name as a word, outside a comment.
fn names(line: &str, name: &str) -> bool {
    let code = line.split("--").next().unwrap_or_default();
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_as_a_word_and_not_in_a_comment() {
        assert!(names("    sum(nvideo) as nvideo,", "nvideo"));
        assert!(!names("    sum(nvideos_watched_sec) as x,", "nvideos"));
        assert!(!names("    x, -- nvideo is told below", "nvideo"));
    }
}
