//! The first line of a database file: the columns, by the names and kinds we know them under.
//! It refuses a line that cannot be a header, because the names in it would be learners' data.

use thiserror::Error;

use super::quoted::{fields, halve_quotes, inside};
use super::schema::{self, ColumnKind};
use super::{Dialect, Layout};

/// One column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name of the column in the lake.
    pub name: String,
    /// How its values are read.
    pub kind: ColumnKind,
}

/// What the first line tells about the records after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    columns: Vec<Column>,
    dialect: Dialect,
    ends_lines_with_carriage_return: bool,
    is_quoted: bool,
    null_word: &'static str,
}

/// Why a file cannot be read at all. Places are counted from 1; no message repeats the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// The file is empty, or starts with an empty line.
    #[error("the file has no header line")]
    Missing,
    /// A name is empty.
    #[error("column {position} of the header has no name")]
    EmptyName {
        /// The column.
        position: usize,
    },
    /// Two columns have the same name.
    #[error("columns {first} and {second} of the header have the same name")]
    RepeatedName {
        /// The column that has the name first.
        first: usize,
        /// The column that has it again.
        second: usize,
    },
    /// The words are no column names, or none of them is a column of the table.
    #[error("the first line is not a header of this table: column {position} has no name we could use")]
    NotAHeader {
        /// The first column whose name cannot be one.
        position: usize,
    },
}

impl HeaderError {
    /// The stable name that stands as `failure_code` in the lake's `loads` table.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "database_file.no_header",
            Self::EmptyName { .. } => "database_file.empty_column_name",
            Self::RepeatedName { .. } => "database_file.repeated_column_name",
            Self::NotAHeader { .. } => "database_file.not_a_header",
        }
    }
}

/// Names the lake gives to its own columns.
const RESERVED: &[&str] = &["_site", "_load_id", "_source_file", "_source_line", "_package_date", "_course_run_key", "_unparsed"];

impl Header {
    /// Reads the first line of a `.sql` file of `table`, without its line end. Columns of known tables are typed, all others are text. A
    /// carriage return at the end is taken off here and at every record. Names are in lower case, so that two files of a table whose
    /// headers differ in nothing else have the same columns.
    pub fn parse(table: &str, line: &[u8]) -> Result<Self, HeaderError> {
        let (names, is_quoted) = database_names(line)?;
        Self::of_names(table, names, Dialect::of_table(table), is_quoted, line.ends_with(b"\r"))
    }

    /// As [`Self::parse`], for the first line of a CSV file. Its names are words with spaces, which become underscores.
    pub fn parse_csv(table: &str, line: &[u8]) -> Result<Self, HeaderError> {
        let (names, is_quoted) = csv_names(line)?;
        Self::of_names(table, names, Dialect::Csv, is_quoted, line.ends_with(b"\r"))
    }

    /// The known table that the first line of a `.sql` file is the header of, for a file whose name does not tell.
    pub fn recognize(line: &[u8]) -> Option<&'static str> {
        let (names, _) = database_names(line).ok()?;
        schema::recognize(&names.iter().map(String::as_str).collect::<Vec<_>>()).map(|table| table.name)
    }

    /// As [`Self::recognize`], for a CSV file.
    pub fn recognize_csv(line: &[u8]) -> Option<&'static str> {
        let (names, _) = csv_names(line).ok()?;
        schema::recognize_csv(&names.iter().map(String::as_str).collect::<Vec<_>>()).map(|table| table.name)
    }

    fn of_names(
        table: &str,
        names: Vec<String>,
        dialect: Dialect,
        is_quoted: bool,
        ends_lines_with_carriage_return: bool,
    ) -> Result<Self, HeaderError> {
        let schema = schema::table(table);
        let mut columns: Vec<Column> = Vec::with_capacity(names.len());
        for name in &names {
            let current = schema::current_name(table, name).filter(|current| !names.iter().any(|name| name == current));
            let name = current.unwrap_or(name);
            if let Some(first) = columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)) {
                return Err(HeaderError::RepeatedName { first: first + 1, second: columns.len() + 1 });
            }
            let kind = schema.and_then(|schema| schema.kind(name)).unwrap_or(ColumnKind::Text);
            columns.push(Column { name: name.to_owned(), kind });
        }
        if let Some(schema) = schema
            && !columns.iter().any(|column| schema.kind(&column.name).is_some())
        {
            return Err(HeaderError::NotAHeader { position: 1 });
        }
        let is_report = matches!(table, schema::PROGRAM_LEARNER_REPORT | schema::PROGRAM_ENTITLEMENT_REPORT);
        let null_word = if is_report { "null" } else { "NULL" };
        Ok(Self { columns, dialect, ends_lines_with_carriage_return, is_quoted, null_word })
    }

    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How the records of the file are cut and read, judged by the bytes that follow the header: [`super::SAMPLE_BYTES`] of them, or all
    /// there are.
    pub fn layout(&self, sample: &[u8]) -> Layout {
        let layout = Layout::new(self.dialect, self.columns.len()).decided_by(sample, self.is_quoted);
        Layout { null_word: self.null_word, ..layout }
    }

    /// Where a column stands, counted from 0.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(super) fn ends_lines_with_carriage_return(&self) -> bool {
        self.ends_lines_with_carriage_return
    }
}

/// The names of a tab-separated header in lower case, and whether they are quoted.
fn database_names(line: &[u8]) -> Result<(Vec<String>, bool), HeaderError> {
    checked_names(line, b'\t', usable_name)
}

/// The names of a comma-separated header as words joined by underscores, and whether they are quoted.
fn csv_names(line: &[u8]) -> Result<(Vec<String>, bool), HeaderError> {
    checked_names(line, b',', |name| {
        let name = std::str::from_utf8(name).ok()?;
        // An address, a date or a number in the first line is a learner's, and the file has no header.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-/().?".contains(&byte)) {
            return None;
        }
        let words: Vec<&str> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        usable_name(words.join("_").as_bytes())
    })
}

fn checked_names(line: &[u8], separator: u8, check: impl Fn(&[u8]) -> Option<String>) -> Result<(Vec<String>, bool), HeaderError> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line: Vec<u8> = line.iter().copied().filter(|&byte| byte != 0).collect();
    let line = trimmed_end(&line);
    if line.is_empty() {
        return Err(HeaderError::Missing);
    }
    let mut names = Vec::new();
    let mut is_quoted = true;
    for (index, field) in fields(line, separator).enumerate() {
        let position = index + 1;
        let name = inside(field);
        is_quoted &= name.is_some();
        let name = halve_quotes(String::from_utf8_lossy(name.unwrap_or(field)));
        let name = name.trim_ascii();
        if name.is_empty() {
            return Err(HeaderError::EmptyName { position });
        }
        names.push(check(name.as_bytes()).ok_or(HeaderError::NotAHeader { position })?);
    }
    Ok((names, is_quoted))
}

/// A name of letters, digits and underscores that starts with no digit and is not one of ours, in lower case. Every column edX ever
/// shipped is such a name; the values of a file that lost its header are not.
fn usable_name(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && (1..=64).contains(&name.len());
    (well_formed && !RESERVED.contains(&name.as_str())).then_some(name)
}

/// Without the line end and spaces before it. A tab there is a column without a name and stays.
fn trimmed_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\r' | b'\n')).map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}
