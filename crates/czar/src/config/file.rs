//! Reads the values of a configuration file, each with its line. It refuses what is not a setting and what has the wrong kind.

use std::ops::Range;
use std::path::Path;

use super::ConfigError;
use super::catalogue::{Kind, Setting};

/// A value from the file, by key, with the line it stands on.
pub(super) struct FileValue {
    pub(super) key: String,
    pub(super) value: toml::Value,
    pub(super) line: usize,
}

/// Reads the file's text. The path is for messages.
pub(super) fn read(text: &str, path: &Path, settings: &[Setting]) -> Result<Vec<FileValue>, ConfigError> {
    let place = |span: Range<usize>| format!("{}:{}", path.display(), line_of(text, span.start));
    let document = toml::de::DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: place(error.span().unwrap_or(0..0)),
        // The full display would repeat the line, and with it perhaps a secret.
        reason: error.message().to_owned(),
    })?;
    // Types and lines come from the spanned document, values from the plain one: they agree, being read from the same text.
    let values: toml::Table = toml::from_str(text)
        .map_err(|error| ConfigError::Syntax { place: place(error.span().unwrap_or(0..0)), reason: error.message().to_owned() })?;
    let mut found = Vec::new();
    for (name, spanned) in document.get_ref() {
        let key = name.get_ref().to_string();
        let is_section = settings.iter().any(|setting| setting.key.split_once('.').is_some_and(|(section, _)| section == key));
        if !is_section {
            let value = values.get(&key);
            found.push(checked(&key, value, &place(name.span()), line_of(text, name.span().start), settings)?);
            continue;
        }
        let Some(members) = spanned.get_ref().as_table() else {
            return Err(ConfigError::WrongValue { place: place(name.span()), key: key.clone(), expected: format!("a section: `[{key}]`") });
        };
        let section = values.get(&key).and_then(toml::Value::as_table);
        for member in members.keys() {
            let value = section.and_then(|section| section.get(member.get_ref().as_ref()));
            let key = format!("{key}.{}", member.get_ref());
            found.push(checked(&key, value, &place(member.span()), line_of(text, member.span().start), settings)?);
        }
    }
    Ok(found)
}

fn checked(key: &str, value: Option<&toml::Value>, place: &str, line: usize, settings: &[Setting]) -> Result<FileValue, ConfigError> {
    let Some(setting) = settings.iter().find(|setting| setting.key == key) else {
        return Err(unknown(key, place, settings));
    };
    match value.filter(|value| fits(value, setting.kind)) {
        Some(value) => Ok(FileValue { key: key.to_owned(), value: value.clone(), line }),
        None => Err(wrong(setting, place)),
    }
}

/// Whether a value is of the kind.
pub(super) fn fits(value: &toml::Value, kind: Kind) -> bool {
    match (kind, value) {
        (Kind::Text | Kind::Path, toml::Value::String(text)) => !text.is_empty(),
        (Kind::Integer { minimum }, toml::Value::Integer(number)) => minimum.is_none_or(|minimum| *number >= minimum),
        (Kind::Truth, toml::Value::Boolean(_)) => true,
        (Kind::Texts, toml::Value::Array(texts)) => texts.iter().all(|text| fits(text, Kind::Text)),
        _ => false,
    }
}

/// The error for a setting whose value does not fit.
pub(super) fn wrong(setting: &Setting, place: &str) -> ConfigError {
    ConfigError::WrongValue { place: place.to_owned(), key: setting.key.clone(), expected: setting.kind.in_words() }
}

/// The error for a key that is no setting, with the setting that was most likely meant.
pub(super) fn unknown(key: &str, place: &str, settings: &[Setting]) -> ConfigError {
    let name = |key: &str| key.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let likeness = |setting: &Setting| {
        let whole = strsim::jaro_winkler(&setting.key, &key.to_ascii_lowercase());
        // A right name under the wrong section, or under none.
        let member = 0.97 * strsim::jaro_winkler(&name(&setting.key), &name(key));
        whole.max(member)
    };
    let nearest = settings.iter().map(|setting| (likeness(setting), setting)).max_by(|a, b| a.0.total_cmp(&b.0));
    let nearest = nearest.filter(|(likeness, _)| *likeness > 0.8).map(|(_, setting)| setting.key.clone());
    ConfigError::UnknownKey { place: place.to_owned(), key: key.to_owned(), nearest }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
