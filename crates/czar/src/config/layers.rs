//! Puts the settings together: default, then file, then environment, then flag. It reads no environment itself; it is handed in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::catalogue::{ENVIRONMENT_PREFIX, Kind, Setting};
use super::{ConfigError, FILE_NAME, Settings, catalogue, file};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Environment(String),
    Flag(&'static str),
}

/// A value given on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) value: toml::Value,
}

/// All places that settings may come from.
pub(crate) struct Sources {
    /// The file that was asked for; without one, `czar.toml` in the current folder counts if it is there.
    pub(crate) file: Option<PathBuf>,
    /// The current folder.
    pub(crate) folder: PathBuf,
    /// The environment.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// The flags that set something.
    pub(crate) flags: Vec<Flag>,
}

/// The settings in force.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(crate) settings: Settings,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
    entries: Vec<Entry>,
}

/// One setting with its value and where that came from.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) setting: Setting,
    pub(crate) value: Option<toml::Value>,
    pub(crate) origin: Origin,
}

impl Configuration {
    /// All settings with their values, in the order of the file.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn origin(&self, key: &str) -> String {
        self.entries.iter().find(|entry| entry.setting.key == key).map_or_else(String::new, |entry| entry.origin.to_string())
    }

    /// Refuses two places for the same thing.
    fn refuse_both(&self, keys: &[(&'static str, bool)]) -> Result<(), ConfigError> {
        let mut set = keys.iter().filter(|(_, is_set)| *is_set);
        match (set.next(), set.next()) {
            (Some((first, _)), Some((second, _))) => {
                Err(ConfigError::Both { first, first_origin: self.origin(first), second, second_origin: self.origin(second) })
            }
            _ => Ok(()),
        }
    }
}

/// Puts the settings together.
///
/// # Errors
/// A place cannot be read, names a setting that does not exist, or gives a value that cannot be.
pub(crate) fn load(sources: &Sources) -> Result<Configuration, ConfigError> {
    let settings = catalogue::settings();
    let (path, text) = read_file(sources)?;
    let base = path.as_deref().and_then(Path::parent).filter(|parent| !parent.as_os_str().is_empty()).map(Path::to_owned);
    let mut values: BTreeMap<String, (toml::Value, Origin)> = BTreeMap::new();
    for setting in &settings {
        if let Some(default) = &setting.default {
            let value = based(default.clone(), setting.kind, base.as_deref());
            values.insert(setting.key.clone(), (value, Origin::Default));
        }
    }
    if let Some(path) = &path {
        for found in file::read(&text, path, &settings)? {
            let kind = settings.iter().find(|setting| setting.key == found.key).map_or(Kind::Text, |setting| setting.kind);
            let origin = Origin::File { path: path.clone(), line: found.line };
            values.insert(found.key, (based(found.value, kind, base.as_deref()), origin));
        }
    }
    for (name, value) in &sources.environment {
        if let Some((key, value)) = from_environment(&name.to_string_lossy(), value, &settings)? {
            values.insert(key, (value, Origin::Environment(name.to_string_lossy().into_owned())));
        }
    }
    for flag in &sources.flags {
        match settings.iter().find(|setting| setting.key == flag.key) {
            Some(setting) if file::fits(&flag.value, setting.kind) => {}
            Some(setting) => return Err(file::wrong(setting, flag.name)),
            None => return Err(file::unknown(flag.key, flag.name, &settings)),
        }
        values.insert(flag.key.to_owned(), (flag.value.clone(), Origin::Flag(flag.name)));
    }
    assemble(settings, values, path)
}

fn read_file(sources: &Sources) -> Result<(Option<PathBuf>, String), ConfigError> {
    let (path, is_wanted) = match &sources.file {
        Some(path) => (path.clone(), true),
        None => (sources.folder.join(FILE_NAME), false),
    };
    match std::fs::read_to_string(&path) {
        // The plain name is shorter in messages than the whole path, and the relative paths in it mean the same.
        Ok(text) => Ok((Some(if is_wanted { path } else { PathBuf::from(FILE_NAME) }), text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_wanted => Ok((None, String::new())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ConfigError::Missing { path }),
        Err(source) => Err(ConfigError::Unreadable { path, source }),
    }
}

/// Makes a relative path relative to the configuration file's folder.
fn based(value: toml::Value, kind: Kind, base: Option<&Path>) -> toml::Value {
    match (kind, base, &value) {
        (Kind::Path, Some(base), toml::Value::String(path)) => toml::Value::String(base.join(path).to_string_lossy().into_owned()),
        _ => value,
    }
}

/// Reads one variable; `None` when it is none of ours, or empty.
fn from_environment(name: &str, value: &OsString, settings: &[Setting]) -> Result<Option<(String, toml::Value)>, ConfigError> {
    let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX) else { return Ok(None) };
    let key = key.to_ascii_lowercase().replace("__", ".");
    let place = format!("environment variable `{name}`");
    let Some(setting) = settings.iter().find(|setting| setting.key == key) else {
        return Err(file::unknown(&key, &place, settings));
    };
    let Some(text) = value.to_str() else { return Err(file::wrong(setting, &place)) };
    if text.is_empty() {
        return Ok(None);
    }
    let value = match setting.kind {
        Kind::Text | Kind::Path => Some(toml::Value::String(text.to_owned())),
        Kind::Integer { .. } => text.trim().replace('_', "").parse().ok().map(toml::Value::Integer),
        Kind::Truth => text.trim().parse().ok().map(toml::Value::Boolean),
        Kind::Texts => {
            let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
            Some(toml::Value::Array(texts.map(|text| toml::Value::String(text.to_owned())).collect()))
        }
    };
    match value.filter(|value| file::fits(value, setting.kind)) {
        Some(value) => Ok(Some((key, value))),
        None => Err(file::wrong(setting, &place)),
    }
}

fn assemble(
    settings: Vec<Setting>,
    mut values: BTreeMap<String, (toml::Value, Origin)>,
    file: Option<PathBuf>,
) -> Result<Configuration, ConfigError> {
    let mut table = toml::Table::new();
    let mut entries = Vec::new();
    for setting in settings {
        let Some((value, origin)) = values.remove(&setting.key) else {
            entries.push(Entry { setting, value: None, origin: Origin::Default });
            continue;
        };
        match setting.key.split_once('.') {
            None => {
                table.insert(setting.key.clone(), value.clone());
            }
            Some((section, name)) => {
                let section = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
                if let toml::Value::Table(section) = section {
                    section.insert(name.to_owned(), value.clone());
                }
            }
        }
        entries.push(Entry { setting, value: Some(value), origin });
    }
    let settings: Settings = table.try_into().map_err(ConfigError::Assembly)?;
    let configuration = Configuration { settings, file, entries };
    let keys = &configuration.settings.keys;
    configuration
        .refuse_both(&[("keys.secret_key_file", keys.secret_key_file.is_some()), ("keys.gnupg_home", keys.gnupg_home.is_some())])?;
    configuration.refuse_both(&[
        ("keys.pass_phrase_environment", keys.pass_phrase_environment.is_some()),
        ("keys.pass_phrase_file", keys.pass_phrase_file.is_some()),
        ("keys.pass_phrase_descriptor", keys.pass_phrase_descriptor.is_some()),
    ])?;
    let mail = &configuration.settings.mail;
    configuration.refuse_both(&[
        ("mail.password_environment", mail.password_environment.is_some()),
        ("mail.password_file", mail.password_file.is_some()),
    ])?;
    let webhooks = &configuration.settings.webhooks;
    configuration.refuse_both(&[
        ("webhooks.secret_environment", webhooks.secret_environment.is_some()),
        ("webhooks.secret_file", webhooks.secret_file.is_some()),
    ])?;
    let sync = &configuration.settings.sync;
    configuration.refuse_both(&[
        ("sync.credentials_file", sync.credentials_file.is_some()),
        ("sync.profile", sync.profile.is_some()),
        ("sync.access_key_id_file", sync.access_key_id_file.is_some()),
    ])?;
    Ok(configuration)
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
            Self::Flag(name) => write!(formatter, "flag {name}"),
        }
    }
}
