//! `czar config show`: each setting, its value and where that came from. It changes nothing.
//!
//! Settings name places of secrets and hold none, so there is nothing to hide; a value that smells of a secret is masked all the same.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::config::Origin;
use crate::exit::Outcome;
use crate::output::ReportFormat;
use crate::workplace::Workplace;

/// Arguments of `czar config`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Print each setting with its value and where the value came from
    Show {
        /// How to print it
        #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
        format: ReportFormat,
    },
}

pub(crate) fn run(arguments: &Arguments, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let Subcommands::Show { format } = arguments.command;
    let text = match format {
        ReportFormat::Text => text(workplace),
        ReportFormat::Json => format!("{:#}\n", json(workplace)),
    };
    workplace.printer.write_data(&text)?;
    Ok(Outcome::Done)
}

fn text(workplace: &Workplace<'_>) -> String {
    let entries = workplace.configuration.entries();
    let lines: Vec<(String, String)> = entries
        .iter()
        .map(|entry| {
            let value = entry.value.as_ref().map_or_else(|| "(not set)".to_owned(), |value| masked(&entry.setting.key, value).to_string());
            (format!("{} = {value}", entry.setting.key), entry.origin.to_string())
        })
        .collect();
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (line, origin) in lines {
        let _ = writeln!(text, "{line:width$}  # {origin}");
    }
    text
}

fn json(workplace: &Workplace<'_>) -> Value {
    let mut settings = Map::new();
    for entry in workplace.configuration.entries() {
        let value = entry.value.as_ref().map(|value| masked(&entry.setting.key, value)).map_or(Value::Null, |value| match value {
            toml::Value::Integer(number) => json!(number),
            toml::Value::Boolean(truth) => json!(truth),
            toml::Value::String(text) => json!(text),
            other => json!(other.to_string()),
        });
        let origin = match &entry.origin {
            Origin::Default => json!({"from": "default"}),
            Origin::File { path, line } => json!({"from": "file", "path": path.display().to_string(), "line": line}),
            Origin::Environment(name) => json!({"from": "environment", "variable": name}),
            Origin::Flag(name) => json!({"from": "flag", "flag": name}),
        };
        settings.insert(entry.setting.key.clone(), json!({"value": value, "origin": origin}));
    }
    json!({"file": workplace.configuration.file.as_ref().map(|path| path.display().to_string()), "settings": settings})
}

/// Hides the user information of a URL, a value that is a key itself where a path to one should be, and all of a webhook's address but its
/// host.
fn masked(key: &str, value: &toml::Value) -> toml::Value {
    if let toml::Value::Array(values) = value {
        return values.iter().map(|value| masked(key, value)).collect::<Vec<_>>().into();
    }
    let toml::Value::String(text) = value else { return value.clone() };
    if let ("webhooks.urls", Some((scheme, rest))) = (key, text.split_once("://")) {
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        return toml::Value::String(format!("{scheme}://{host}/***"));
    }
    if text.contains("-----BEGIN") {
        return toml::Value::String("***".to_owned());
    }
    match (text.find("://"), text.find('@')) {
        (Some(scheme), Some(at)) if scheme < at => toml::Value::String(format!("{}***{}", &text[..scheme + 3], &text[at..])),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls_and_whole_keys_are_masked() {
        for (text, shown) in [
            ("s3://me:hunter2@host/bucket", "s3://***@host/bucket"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "***"),
            ("/keys/a@b.asc", "/keys/a@b.asc"),
        ] {
            assert_eq!(masked("delivery_folder", &toml::Value::String(text.to_owned())).as_str(), Some(shown));
        }
        let urls = vec![toml::Value::String("https://hooks.example.org/services/T0/hunter2".to_owned())];
        assert_eq!(masked("webhooks.urls", &urls.into()).to_string(), "[\"https://hooks.example.org/***\"]");
    }
}
