//! What the prompt offers when Tab is pressed, and when a line is a whole statement. It asks the engine nothing: names come from outside.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper, highlight::Highlighter, hint::Hinter};

use super::keywords::KEYWORDS;

/// Gives the columns of a table.
type ColumnsOf<'a> = Box<dyn Fn(&str) -> Vec<String> + 'a>;

/// Knows the names that can be completed.
pub(super) struct SqlHelper<'a> {
    tables: Vec<String>,
    /// Columns of the tables asked for so far.
    columns: RefCell<BTreeMap<String, Vec<String>>>,
    columns_of: ColumnsOf<'a>,
}

impl<'a> SqlHelper<'a> {
    pub(super) fn new(tables: Vec<String>, columns_of: ColumnsOf<'a>) -> Self {
        Self { tables, columns: RefCell::default(), columns_of }
    }

    /// What the word before the cursor may become, and where it starts.
    fn candidates(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        if before.starts_with('\\') {
            return self.commands(before);
        }
        let start = before.rfind(|c: char| !is_word(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let typed = &before[start..];
        let lower = typed.to_lowercase();
        let follows_from = last_word(&before[..start]).is_some_and(|word| ["from", "join"].contains(&word.to_lowercase().as_str()));
        let mut found: Vec<String> = Vec::new();
        if !follows_from {
            for table in self.tables.iter().filter(|table| mentions(line, table)) {
                found.extend(self.columns_of(table).into_iter().filter(|column| column.starts_with(&lower)));
            }
            // A single letter would offer half of SQL.
            if lower.len() > 1 {
                let in_upper_case = typed.chars().all(char::is_uppercase);
                let keywords = KEYWORDS.iter().filter(|keyword| keyword.starts_with(&lower));
                found.extend(keywords.map(|keyword| if in_upper_case { keyword.to_uppercase() } else { (*keyword).to_owned() }));
            }
        }
        found.extend(self.tables.iter().filter(|table| table.starts_with(&lower)).cloned());
        found.sort();
        found.dedup();
        (start, found)
    }

    fn commands(&self, before: &str) -> (usize, Vec<String>) {
        match before.split_once(' ') {
            Some((command, name)) if command == "\\d" => {
                (command.len() + 1, self.tables.iter().filter(|table| table.starts_with(name)).cloned().collect())
            }
            _ => (0, ["\\?", "\\d ", "\\q"].iter().filter(|command| command.starts_with(before)).map(ToString::to_string).collect()),
        }
    }

    fn columns_of(&self, table: &str) -> Vec<String> {
        self.columns.borrow_mut().entry(table.to_owned()).or_insert_with(|| (self.columns_of)(table)).clone()
    }
}

/// Whether a statement is over: it ends with `;`, or is a command of the prompt, or nothing at all.
pub(super) fn is_complete(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.starts_with('\\') || text.ends_with(';') || ["quit", "exit"].contains(&text)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn last_word(text: &str) -> Option<&str> {
    text.split(|c: char| !is_word(c)).rfind(|word| !word.is_empty())
}

fn mentions(line: &str, table: &str) -> bool {
    line.split(|c: char| !is_word(c)).any(|word| word == table)
}

impl Completer for SqlHelper<'_> {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _context: &Context<'_>) -> Result<(usize, Vec<Pair>), ReadlineError> {
        let (start, found) = self.candidates(line, cursor);
        Ok((start, found.into_iter().map(|text| Pair { display: text.clone(), replacement: text }).collect()))
    }
}

impl Validator for SqlHelper<'_> {
    fn validate(&self, context: &mut ValidationContext<'_>) -> Result<ValidationResult, ReadlineError> {
        Ok(if is_complete(context.input()) { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for SqlHelper<'_> {
    type Hint = String;
}

impl Highlighter for SqlHelper<'_> {}

impl Helper for SqlHelper<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> Vec<String> {
        let tables = vec!["person_course".to_owned(), "person_course_day".to_owned(), "loads".to_owned()];
        let helper = SqlHelper::new(tables, Box::new(|table| vec![format!("{table}_column"), "nevents".to_owned()]));
        let cursor = line.find('|').unwrap_or(line.len());
        helper.candidates(&line.replace('|', ""), cursor).1
    }

    #[test]
    fn tables_follow_from_and_join() {
        assert_eq!(offered("select * from per"), ["person_course", "person_course_day"]);
        assert_eq!(offered("select * from loads join lo"), ["loads"]);
    }

    #[test]
    fn columns_are_those_of_the_tables_on_the_line_even_when_they_stand_later() {
        assert_eq!(offered("select nev| from person_course"), ["nevents"]);
        assert_eq!(offered("select nev"), Vec::<String>::new());
    }

    #[test]
    fn keywords_keep_the_case_they_were_begun_in() {
        assert_eq!(offered("SEL"), ["SELECT"]);
        assert_eq!(offered("sel"), ["select"]);
    }

    #[test]
    fn commands_of_the_prompt_are_offered_and_take_tables() {
        assert_eq!(offered("\\"), ["\\?", "\\d ", "\\q"]);
        assert_eq!(offered("\\d lo"), ["loads"]);
    }

    #[test]
    fn a_statement_ends_with_a_semicolon_and_a_command_with_its_line() {
        for (text, complete) in [("select 1", false), ("select 1;  ", true), ("\\d", true), ("", true), ("quit", true)] {
            assert_eq!(is_complete(text), complete, "{text}");
        }
    }
}
