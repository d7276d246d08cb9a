//! Fills the words of a check with the values of a row. It knows no check.

use serde_json::{Map, Value};

use crate::thousands::thousands;

/// Fills `{column}`, `{column|noun}` and `{column|one|many}`; a value that is missing becomes a dash.
pub(super) fn fill(words: &str, row: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(&filled(name, row));
        rest = behind;
    }
    text.push_str(rest);
    text
}

fn filled(name: &str, row: &Map<String, Value>) -> String {
    let mut parts = name.split('|');
    let column = parts.next().unwrap_or_default();
    let value = row.get(column).unwrap_or(&Value::Null);
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if column.starts_with("share") => format!("{:.1}%", number.as_f64().unwrap_or_default() * 100.0),
        Value::Number(number) => thousands(number.as_u64().unwrap_or_else(|| number.as_f64().unwrap_or_default().round() as u64)),
        other => other.to_string(),
    };
    match (parts.next(), parts.next()) {
        (None, _) => text,
        (Some(one), _) if value.as_u64() == Some(1) => format!("{text} {one}"),
        (Some(_), Some(many)) => format!("{text} {many}"),
        (Some(one), None) => format!("{text} {one}s"),
    }
}

/// A number of bytes in the unit people use for it.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_have_their_noun_and_shares_are_percent() {
        let row = json!({"n_files": 1, "n_rows": 1234.4, "share_of_users": 0.1234, "site": "edx"}).as_object().cloned().unwrap_or_default();
        assert_eq!(
            fill("{n_files|file} of {site}: {n_rows|row is|rows are} odd, {share_of_users}, {nothing}", &row),
            "1 file of edx: 1,234 rows are odd, 12.3%, -"
        );
    }

    #[test]
    fn bytes_are_told_in_their_unit() {
        assert_eq!((bytes(999).as_str(), bytes(1_500_000).as_str()), ("999 bytes", "1.5 MB"));
    }
}
