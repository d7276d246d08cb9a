//! One record of a database file as a row of typed values.
//! It refuses to shift values: a record with another number of fields than the header is set aside whole.

use std::borrow::Cow;

use memchr::memchr;

use super::clean_text::clean_text;
use super::records::is_escaped;
use super::value::parse_value;
use super::{Dialect, Header, Value};
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

/// Reads one record, without its line end. A blank record is `None`, never an error.
pub fn parse_row<'a>(header: &Header, record: &'a [u8]) -> Result<Option<Row<'a>>, Reject> {
    let record = if header.ends_lines_with_carriage_return() { record.strip_suffix(b"\r").unwrap_or(record) } else { record };
    if is_blank(record) {
        return Ok(None);
    }
    let columns = header.columns();
    let sound = sound_text(record);
    let mut row = Row { values: Vec::with_capacity(columns.len()), unparsed: Vec::new() };
    let mut rest = Some(record);
    for column in columns {
        let Some(bytes) = rest else {
            return Err(Reject::new(RejectCode::DatabaseFileWrongNumberOfFields));
        };
        let start = record.len() - bytes.len();
        let (field, after) = split_field(bytes, header.dialect());
        rest = after;
        let text = match sound.and_then(|text| text.get(start..start + field.len())) {
            Some(text) => Cow::Borrowed(text),
            None => clean_text(field),
        };
        let value = parse_value(text, column.kind, header.dialect()).unwrap_or_else(|text| {
            row.unparsed.push((row.values.len(), text));
            Value::Null
        });
        row.values.push(value);
    }
    match rest {
        None => Ok(Some(row)),
        Some(surplus) => Err(Reject::at(RejectCode::DatabaseFileWrongNumberOfFields, record.len() - surplus.len() + 1)),
    }
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
fn split_field(bytes: &[u8], dialect: Dialect) -> (&[u8], Option<&[u8]>) {
    let mut from = 0;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr(b'\t', rest)) {
        let tab = from + found;
        if dialect == Dialect::Escaped || !is_escaped(bytes, tab) {
            return (bytes.get(..tab).unwrap_or_default(), bytes.get(tab + 1..));
        }
        from = tab + 1;
    }
    (bytes, None)
}
