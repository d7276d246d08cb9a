//! The settings of a block: typed where we know them, as text for the rest.
//! It refuses to hand on secrets: passports, keys and tokens of outside services are taken out wherever they stand.

use serde_json::{Map, Value};

use crate::database_file::parse_timestamp;

/// Settings whose name holds one of these words are credentials: `lti_passports`, `annotation_token_secret`, `client_secret`,
/// `matlab_api_key`, `course_video_upload_token`, ... A name too many costs a setting; a name too few leaks a key.
const SECRET_WORDS: &[&str] =
    &["passport", "secret", "password", "passwd", "api_key", "apikey", "access_key", "private_key", "token", "credential", "xqa_key"];

/// The settings as JSON text, without credentials at any depth.
pub(crate) fn without_secrets(settings: Map<String, Value>) -> String {
    let mut settings = Value::Object(settings);
    let mut unchecked = vec![&mut settings];
    while let Some(value) = unchecked.pop() {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !is_secret(name));
                unchecked.extend(members.values_mut());
            }
            Value::Array(members) => unchecked.extend(members),
            _ => {}
        }
    }
    settings.to_string()
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

pub(crate) fn into_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Text without NUL characters, which no column could hold; a number gives its digits.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.replace('\0', "")),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A moment; some exports put the text in a second pair of quotes.
pub(crate) fn moment(value: &Value) -> Option<i64> {
    parse_timestamp(value.as_str()?.trim().trim_matches('"'))
}

pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(word) => word.trim().trim_matches('"').to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(digits) => digits.trim().trim_matches('"').parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}
