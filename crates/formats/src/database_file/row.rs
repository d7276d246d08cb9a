//! One record of a database file as a row of typed values.
//! It refuses to shift values: a record with another number of fields than the header is set aside whole.

use std::borrow::Cow;

use memchr::memchr;

use super::clean_text::clean_text;
use super::layout::is_escaped;
use super::quoted::{certain_inside, fields, halve_quotes, inside};
use super::value::parse_value;
use super::{ColumnKind, Dialect, Header, Layout, Quotes, Record, Value};
use crate::reject::{Reject, RejectCode};

/// The values of one record, in the order of the header.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// One value for each column of the header.
    pub values: Vec<Value<'a>>,
    /// Index of a column, and the text that did not fit its kind; its value is null.
    pub unparsed: Vec<(usize, Cow<'a, str>)>,
}

impl Row<'_> {
    /// The texts that did not fit, as a JSON object from column to text; `None` if all did.
    pub fn unparsed_json(&self, header: &Header) -> Option<String> {
        if self.unparsed.is_empty() {
            return None;
        }
        let members = self.unparsed.iter().filter_map(|(index, text)| {
            let column = header.columns().get(*index)?;
            Some((column.name.clone(), serde_json::Value::String(text.to_string())))
        });
        Some(serde_json::Value::Object(members.collect()).to_string())
    }

    /// The text of a column, if it holds text.
    pub fn text(&self, index: usize) -> Option<&str> {
        match self.values.get(index) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Reads one record. A blank record is `None`, never an error.
pub fn parse_row<'a>(header: &Header, layout: &Layout, record: &Record<'a>) -> Result<Option<Row<'a>>, Reject> {
    if record.is_quoted { parse_quoted(header, layout, record.bytes) } else { parse_plain(header, layout, record.bytes) }
}

fn parse_plain<'a>(header: &Header, layout: &Layout, record: &'a [u8]) -> Result<Option<Row<'a>>, Reject> {
    let record = if header.ends_lines_with_carriage_return() { record.strip_suffix(b"\r").unwrap_or(record) } else { record };
    if is_blank(record) {
        return Ok(None);
    }
    let columns = header.columns();
    let sound = sound_text(record);
    // A record without quotes in a file of quoted fields was un-escaped together with the others, or not at all.
    let escapes = Some(layout.dialect).filter(|_| !layout.has_raw_backslashes);
    let mut row = Row { values: Vec::with_capacity(columns.len()), unparsed: Vec::new() };
    let mut rest = Some(record);
    for column in columns {
        let Some(bytes) = rest else {
            return Err(Reject::new(RejectCode::DatabaseFileWrongNumberOfFields));
        };
        let start = record.len() - bytes.len();
        let (field, after) = split_field(bytes, layout);
        rest = after;
        if layout.quotes == Quotes::Undecided
            && let Some(inside) = certain_inside(field)
        {
            row.push_quoted(inside, column.kind, layout);
            continue;
        }
        let text = match sound.and_then(|text| text.get(start..start + field.len())) {
            Some(text) => Cow::Borrowed(text),
            None => clean_text(field),
        };
        row.push(text, column.kind, escapes, layout.null_word);
    }
    match rest {
        None => Ok(Some(row)),
        Some(surplus) => Err(Reject::at(RejectCode::DatabaseFileWrongNumberOfFields, record.len() - surplus.len() + 1)),
    }
}

/// A record whose fields were found whole, quotes and all.
fn parse_quoted<'a>(header: &Header, layout: &Layout, record: &'a [u8]) -> Result<Option<Row<'a>>, Reject> {
    let record = if header.ends_lines_with_carriage_return() { record.strip_suffix(b"\r").unwrap_or(record) } else { record };
    let escapes = Some(layout.dialect).filter(|_| !layout.has_raw_backslashes);
    let mut row = Row { values: Vec::with_capacity(header.columns().len()), unparsed: Vec::new() };
    let mut columns = header.columns().iter();
    for field in fields(record, layout.separator) {
        let Some(column) = columns.next() else {
            return Err(Reject::new(RejectCode::DatabaseFileWrongNumberOfFields));
        };
        match inside(field) {
            Some(inside) => row.push_quoted(inside, column.kind, layout),
            None => row.push(clean_text(field), column.kind, escapes, layout.null_word),
        }
    }
    if row.values.len() == header.columns().len() {
        return Ok(Some(row));
    }
    Err(Reject::new(RejectCode::DatabaseFileWrongNumberOfFields))
}

impl<'a> Row<'a> {
    fn push(&mut self, text: Cow<'a, str>, kind: ColumnKind, escapes: Option<Dialect>, null_word: &str) {
        let value = if text == null_word { Ok(Value::Null) } else { parse_value(text, kind, escapes) };
        let value = value.unwrap_or_else(|text| {
            self.unparsed.push((self.values.len(), text));
            Value::Null
        });
        self.values.push(value);
    }

    fn push_quoted(&mut self, inside: &'a [u8], kind: ColumnKind, layout: &Layout) {
        let text = halve_quotes(clean_text(inside));
        let escapes = escapes_of_quoted(&text, layout);
        self.push(text, kind, escapes, layout.null_word);
    }
}

/// Which escapes the text of a quoted field has. The writer of tables leaves no raw tab or line end in a field, so a field that holds
/// one was read and un-escaped before it was quoted. JSON shows by itself whether it was. All else is as the file's head shows.
fn escapes_of_quoted(text: &str, layout: &Layout) -> Option<Dialect> {
    if layout.dialect == Dialect::Csv || !text.contains('\\') || text.contains(['\t', '\r', '\n']) {
        return None;
    }
    let by_head = Some(layout.dialect).filter(|_| !layout.has_raw_backslashes);
    if !text.starts_with(['{', '[']) {
        return by_head;
    }
    match (is_json(text), is_json(&layout.dialect.unescape(Cow::Borrowed(text)))) {
        (true, false) => None,
        (false, true) => Some(layout.dialect),
        _ => by_head,
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The record as text if it is sound as a whole, so that its fields need no check of their own.
fn sound_text(record: &[u8]) -> Option<&str> {
    if memchr(0, record).is_some() { None } else { std::str::from_utf8(record).ok() }
}

/// A record without a value: a table of one column cannot tell an empty text from a blank line, and edX has no such table.
fn is_blank(record: &[u8]) -> bool {
    record.iter().all(|byte| matches!(byte, b' ' | b'\r' | b'\n' | 0))
}

/// The bytes up to the next separator, and those behind it; `None` behind the last field.
fn split_field<'a>(bytes: &'a [u8], layout: &Layout) -> (&'a [u8], Option<&'a [u8]>) {
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr(layout.separator, rest)) {
        let tab = from + found;
        if !layout.has_escaped_ends() || !is_escaped(bytes, tab) {
            return (bytes.get(..tab).unwrap_or_default(), bytes.get(tab + 1..));
        }
        from = tab + 1;
    }
    (bytes, None)
}
