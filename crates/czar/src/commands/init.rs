//! `czar init`: writes an annotated czar.toml and makes, imports or names the data czar's key. It never overwrites anything.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Args, ValueHint};
use czar_pipeline::atomic_file;
use czar_pipeline::clock::Clock;
use czar_pipeline::vault::{PassPhrase, PassPhraseSource, SecretKeys, generate};

use crate::config::{self, KeySettings, annotated};
use crate::exit::Outcome;
use crate::failure::{refusal, refusal_with_hint};
use crate::keys;
use crate::printer::Printer;

const SECRET_KEY_FILE: &str = "keys/czar-secret.asc";
const PUBLIC_KEY_FILE: &str = "keys/czar-public.asc";

/// Arguments of `czar init`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    czar init --identity \"Data Czar <czar@university.example>\"    makes a key and asks for its pass-phrase\n  \
    czar init --import-key old-secret.asc                       copies a key there is\n  \
    czar init --gnupg-home ~/.gnupg                             uses the keys of GnuPG where they are")]
pub(crate) struct Arguments {
    /// Folder to set up
    #[arg(value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Name of the institution, as in its course run keys
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,

    /// Make a key pair for this person, as `Name <address>`
    #[arg(long, value_name = "IDENTITY", conflicts_with_all = ["import_key", "gnupg_home"], required_unless_present_any = ["import_key", "gnupg_home"])]
    identity: Option<String>,

    /// Copy a secret key from this file instead
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "gnupg_home")]
    import_key: Option<PathBuf>,

    /// Use the keys of this GnuPG home where they are instead
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    gnupg_home: Option<PathBuf>,

    /// Where the pass-phrase of the key comes from: ask, none, environment:NAME, file:PATH or descriptor:N
    #[arg(long, value_name = "PLACE", default_value = "ask")]
    pass_phrase_from: PassPhrasePlace,
}

/// Where a pass-phrase comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PassPhrasePlace {
    Ask,
    Source(PassPhraseSource),
}

impl FromStr for PassPhrasePlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let source = match text.split_once(':') {
            None if text == "ask" => return Ok(Self::Ask),
            None if text == "none" => PassPhraseSource::None,
            Some(("environment", name)) if !name.is_empty() => PassPhraseSource::Environment(name.to_owned()),
            Some(("file", path)) if !path.is_empty() => PassPhraseSource::File(PathBuf::from(path)),
            Some(("descriptor", number)) => {
                PassPhraseSource::FileDescriptor(number.parse().map_err(|_| "a descriptor is a number".to_owned())?)
            }
            // The text is not repeated: it may be the pass-phrase itself.
            _ => return Err("it must be ask, none, environment:NAME, file:PATH or descriptor:N, never the pass-phrase itself".to_owned()),
        };
        Ok(Self::Source(source))
    }
}

pub(crate) fn run(arguments: &Arguments, printer: &Printer, clock: Clock) -> anyhow::Result<Outcome> {
    let folder = &arguments.folder;
    let config_file = folder.join(config::FILE_NAME);
    for path in [&config_file, &folder.join(SECRET_KEY_FILE), &folder.join(PUBLIC_KEY_FILE)] {
        refuse_existing(path)?;
    }
    let mut values: BTreeMap<&str, toml::Value> = BTreeMap::new();
    let mut set = |key, value: String| values.insert(key, toml::Value::String(value));
    if let Some(name) = &arguments.organisation {
        set("organisation.name", name.clone());
    }
    match &arguments.pass_phrase_from {
        PassPhrasePlace::Source(PassPhraseSource::Environment(name)) => drop(set("keys.pass_phrase_environment", name.clone())),
        PassPhrasePlace::Source(PassPhraseSource::File(path)) => drop(set("keys.pass_phrase_file", absolute(path)?)),
        _ => {}
    }
    let told = if let Some(home) = &arguments.gnupg_home {
        let names = key_names(&open_gnupg_home(home, &arguments.pass_phrase_from)?);
        set("keys.gnupg_home", absolute(home)?);
        format!("Uses {names} in the GnuPG home `{}`", home.display())
    } else {
        set("keys.secret_key_file", SECRET_KEY_FILE.to_owned());
        match (&arguments.import_key, &arguments.identity) {
            (Some(file), _) => import(file, folder, &arguments.pass_phrase_from, printer)?,
            (None, Some(identity)) => make(identity, folder, &arguments.pass_phrase_from, printer, clock)?,
            (None, None) => return Err(refusal("there is nobody to make a key for: give --identity")),
        }
    };
    fs::create_dir_all(folder).with_context(|| format!("could not make folder `{}`", folder.display()))?;
    atomic_file::write(&config_file, annotated::file(&values).as_bytes())
        .with_context(|| format!("could not write `{}`", config_file.display()))?;
    printer.say(&told);
    printer.say(&format!("Wrote `{}`", config_file.display()));
    let entered = if folder == Path::new(".") { String::new() } else { format!("cd {} && ", folder.display()) };
    printer.hint(&format!("put a delivery into a folder and load it: `{entered}czar ingest FOLDER`"));
    Ok(Outcome::Done)
}

fn make(identity: &str, folder: &Path, place: &PassPhrasePlace, printer: &Printer, clock: Clock) -> anyhow::Result<String> {
    let pass_phrase = match place {
        PassPhrasePlace::Source(source) => source.read()?,
        PassPhrasePlace::Ask if printer.can_ask() => ask_twice()?,
        PassPhrasePlace::Ask => {
            return Err(refusal_with_hint(
                "a new key needs a pass-phrase, and there is no terminal to ask for it",
                "give --pass-phrase-from environment:NAME, file:PATH or descriptor:N, or --pass-phrase-from none to leave the key unprotected",
            ));
        }
    };
    printer.say("Making an RSA key pair; this takes some seconds");
    let key = generate(identity, &pass_phrase, clock())?;
    write_private(&folder.join(SECRET_KEY_FILE), key.secret.reveal())?;
    let public_file = folder.join(PUBLIC_KEY_FILE);
    atomic_file::write(&public_file, key.public.as_bytes()).with_context(|| format!("could not write `{}`", public_file.display()))?;
    Ok(format!(
        "Made key {} in `{}`; give `{}` to edX, and keep a copy of the secret key and its pass-phrase in a safe place",
        key.fingerprint,
        folder.join(SECRET_KEY_FILE).display(),
        public_file.display()
    ))
}

fn import(file: &Path, folder: &Path, place: &PassPhrasePlace, printer: &Printer) -> anyhow::Result<String> {
    let settings = KeySettings { secret_key_file: Some(file.to_owned()), ..KeySettings::default() };
    let opened = match place {
        PassPhrasePlace::Ask => keys::open(&settings, printer)?,
        PassPhrasePlace::Source(source) => Some(SecretKeys::from_file(file, &source.read()?)?),
    };
    let bytes = fs::read(file).with_context(|| format!("could not read `{}`", file.display()))?;
    write_private(&folder.join(SECRET_KEY_FILE), &bytes)?;
    let names = opened.as_ref().map(key_names).unwrap_or_default();
    Ok(format!("Copied {names} to `{}`", folder.join(SECRET_KEY_FILE).display()))
}

fn open_gnupg_home(home: &Path, place: &PassPhrasePlace) -> anyhow::Result<SecretKeys> {
    let pass_phrase = match place {
        PassPhrasePlace::Source(source) => source.read()?,
        // The agent of GnuPG asks by itself.
        PassPhrasePlace::Ask => PassPhrase::none(),
    };
    Ok(SecretKeys::from_gnupg_home(home, &pass_phrase)?)
}

fn ask_twice() -> anyhow::Result<PassPhrase> {
    let first = keys::ask("Pass-phrase for the new key: ")?;
    if first.is_none() {
        return Err(refusal_with_hint("the pass-phrase is empty", "give --pass-phrase-from none to leave the key unprotected"));
    }
    if keys::ask("The same once more: ")? != first {
        return Err(refusal("the two pass-phrases differ"));
    }
    Ok(first)
}

fn key_names(keys: &SecretKeys) -> String {
    let names: Vec<String> = keys.list().iter().map(|key| format!("key {} ({})", key.fingerprint, key.algorithm)).collect();
    names.join(", ")
}

fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        return Err(refusal_with_hint(
            format!("`{}` is there already and is not overwritten", path.display()),
            "choose another folder, or move it away",
        ));
    }
    Ok(())
}

fn absolute(path: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(path).with_context(|| format!("could not find `{}`", path.display()))?;
    Ok(path.to_string_lossy().into_owned())
}

/// Writes a file that only its owner can read, in a folder that only its owner can enter.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
            restrict(folder, 0o700)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("could not write `{}`", path.display()))
}

#[cfg(unix)]
fn restrict(folder: &Path, mode: u32) -> std::io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_folder: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_phrase_in_place_of_its_place_is_refused_and_not_repeated() {
        for text in ["hunter2", "environment:", "file:", "pass:hunter2"] {
            let refused = text.parse::<PassPhrasePlace>();
            assert!(refused.as_ref().is_err_and(|message| !message.contains("hunter2")), "{refused:?}");
        }
        assert_eq!("descriptor:3".parse(), Ok(PassPhrasePlace::Source(PassPhraseSource::FileDescriptor(3))));
    }
}
