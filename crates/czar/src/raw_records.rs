//! Shows records as they were delivered, for those who may: the original must be there, and the key that opens it. The bytes go to stdout
//! and nowhere else; what they are goes to stderr.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use czar_pipeline::ingest::IngestOptions;
use czar_pipeline::originals::{Original, RawRecord, RecordPlace, read_records};

use crate::config::Flag;
use crate::exit::Outcome;
use crate::keys;
use crate::workplace::Workplace;

/// How records are shown.
#[derive(Debug, Args)]
pub(crate) struct RawOptions {
    /// Of each record show so many bytes at most
    #[arg(long, value_name = "N", default_value_t = 65_536)]
    max_bytes: usize,

    /// File with the secret key, in place of the setting `keys.secret_key_file`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    secret_key_file: Option<PathBuf>,
}

impl RawOptions {
    /// The options that are settings.
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let value = self.secret_key_file.as_ref().map(|path| toml::Value::String(path.to_string_lossy().into_owned()));
        value.map(|value| Flag { name: "--secret-key-file", key: "keys.secret_key_file", value }).into_iter().collect()
    }
}

/// A record to show.
pub(crate) struct WantedRecord {
    /// The file it is in.
    pub(crate) original: Original,
    /// Where in the file.
    pub(crate) place: RecordPlace,
    /// What it is, for people.
    pub(crate) label: String,
}

/// Reads each original once and shows its records. An original that cannot be read is told, and the others are shown.
pub(crate) fn show(wanted: &[WantedRecord], options: &RawOptions, workplace: &Workplace<'_>) -> anyhow::Result<Outcome> {
    let settings = workplace.settings();
    let is_encrypted = |record: &WantedRecord| record.original.source_path.to_ascii_lowercase().ends_with(".gpg");
    let keys = if wanted.iter().any(is_encrypted) { keys::open(&settings.keys, workplace.printer)? } else { None };
    let limits = &settings.ingest;
    let ingest =
        IngestOptions { max_record_bytes: limits.max_record_bytes, max_clear_bytes: limits.max_clear_bytes, ..IngestOptions::default() };
    let mut by_original: BTreeMap<&Original, Vec<&WantedRecord>> = BTreeMap::new();
    for record in wanted {
        by_original.entry(&record.original).or_default().push(record);
    }
    let mut has_trouble = false;
    for (original, records) in by_original {
        let places: Vec<RecordPlace> = records.iter().map(|record| record.place).collect();
        match read_records(original, &places, keys.as_ref(), &ingest, options.max_bytes) {
            Ok(found) => {
                for (record, raw) in records.iter().zip(&found) {
                    show_one(record, raw, workplace)?;
                }
            }
            Err(error) => {
                has_trouble = true;
                workplace.printer.error(&error.into());
            }
        }
    }
    Ok(Outcome::with_trouble_if(has_trouble))
}

fn show_one(record: &WantedRecord, raw: &RawRecord, workplace: &Workplace<'_>) -> anyhow::Result<()> {
    let printer = workplace.printer;
    let n_shown = raw.bytes.len() as u64;
    let extent = if n_shown < raw.n_bytes { format!("first {n_shown} of {} bytes", raw.n_bytes) } else { format!("{} bytes", raw.n_bytes) };
    printer.say(&format!("{}, {extent}", record.label));
    let bytes = raw.bytes.strip_suffix(b"\n").unwrap_or(&raw.bytes);
    let mut stdout = printer.data().lock();
    if printer.stdout_is_terminal() {
        stdout.write_all(visible(bytes).as_bytes())?;
    } else {
        stdout.write_all(bytes)?;
    }
    stdout.write_all(b"\n")?;
    Ok(stdout.flush()?)
}

/// Bytes that would steer a terminal, and those that are no text, as escapes.
fn visible(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && character != '\t' {
                text.extend(character.escape_default());
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_shown_as_it_is() {
        assert_eq!(visible(b"a\x1b[2Jb\xff\0\xc3\xa9"), "a\\u{1b}[2Jb\\xff\\u{0}\u{e9}");
    }
}
