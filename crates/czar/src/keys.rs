//! Opens the secret keys that the settings name, asking for the pass-phrase when there is someone to ask. It keeps no secret itself.

use anyhow::Context as _;
use czar_pipeline::vault::{PassPhrase, PassPhraseSource, SecretKeys, VaultError};

use crate::config::KeySettings;
use crate::printer::Printer;

/// How often a mistyped pass-phrase may be typed again.
const MAX_TRIES: usize = 3;

/// Opens the keys; `None` when the settings name none.
pub(crate) fn open(settings: &KeySettings, printer: &Printer) -> anyhow::Result<Option<SecretKeys>> {
    let source = pass_phrase_source(settings);
    let open_with = |pass_phrase: &PassPhrase| match (&settings.secret_key_file, &settings.gnupg_home) {
        (Some(file), _) => Some(SecretKeys::from_file(file, pass_phrase)),
        (None, Some(home)) => Some(SecretKeys::from_gnupg_home(home, pass_phrase)),
        (None, None) => None,
    };
    if source == PassPhraseSource::None && printer.can_ask() {
        return open_and_ask(open_with);
    }
    let Some(opened) = open_with(&source.read()?) else { return Ok(None) };
    Ok(Some(opened?))
}

/// Asks only when a key turns out to be protected.
fn open_and_ask(open_with: impl Fn(&PassPhrase) -> Option<Result<SecretKeys, VaultError>>) -> anyhow::Result<Option<SecretKeys>> {
    let Some(mut opened) = open_with(&PassPhrase::none()) else { return Ok(None) };
    for _ in 0..MAX_TRIES {
        let key = match opened {
            Err(VaultError::PassPhraseNeeded { ref key }) => key.clone(),
            Err(VaultError::WrongPassPhrase { ref key }) => key.clone(),
            other => return Ok(Some(other?)),
        };
        let pass_phrase = ask(&format!("Pass-phrase for secret key {key}: "))?;
        match open_with(&pass_phrase) {
            Some(next) => opened = next,
            None => return Ok(None),
        }
    }
    Ok(Some(opened?))
}

/// Asks for a pass-phrase without showing it.
pub(crate) fn ask(question: &str) -> anyhow::Result<PassPhrase> {
    Ok(PassPhrase::new(rpassword::prompt_password(question).context("could not ask for the pass-phrase")?))
}

fn pass_phrase_source(settings: &KeySettings) -> PassPhraseSource {
    if let Some(name) = &settings.pass_phrase_environment {
        PassPhraseSource::Environment(name.clone())
    } else if let Some(file) = &settings.pass_phrase_file {
        PassPhraseSource::File(file.clone())
    } else if let Some(number) = settings.pass_phrase_descriptor {
        PassPhraseSource::FileDescriptor(number)
    } else {
        PassPhraseSource::None
    }
}
