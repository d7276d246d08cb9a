//! The czar's secret keys: read from a file or a GnuPG home, unlocked once, used for every message.
//!
//! Unlocking takes a good part of a second for each key (that is its purpose), so it is done here and not for each of a thousand files.
//! The keys cannot be printed or taken out; expired and revoked ones open old messages like any other.

use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use pgp::composed::{PlainSessionKey, PublicOrSecret, SignedSecretKey};
use pgp::packet::{PublicKeyEncryptedSessionKey, SecretKey, SecretSubkey};
use pgp::types::{DecryptionKey, EskType, KeyDetails, Password, S2kParams, SecretParams, StringToKey};

use super::error::VaultError;
use super::fast_key::FastKey;
use super::gnupg_home;
use super::key_facts::{KeyFacts, can_decrypt};
use super::pass_phrase::PassPhrase;
use super::secret_bytes::SecretBytes;

const ARMOR_START: &[u8] = b"-----BEGIN PGP ";

/// Unlocked secret keys. `{:?}` prints fingerprints only.
pub struct SecretKeys {
    facts: Vec<KeyFacts>,
    open: Vec<OpenKey>,
    /// Those that the pass-phrase did not open: kept so that a message for one is explained.
    locked: Vec<KeyPart>,
    has_pass_phrase: bool,
}

/// An unlocked key, and its fast form if there is one.
pub(super) struct OpenKey {
    part: KeyPart,
    fast: Option<FastKey>,
}

/// A primary key or subkey that can open session keys; once unlocked in clear in memory, where the OpenPGP library overwrites it on drop.
pub(super) enum KeyPart {
    Primary(Box<SecretKey>),
    Subkey(Box<SecretSubkey>),
}

impl SecretKeys {
    /// Reads a file with one or more secret keys, armoured (one block or several) or binary. Public keys beside them are passed over.
    ///
    /// A key with another pass-phrase does not spoil the file as long as one opens; [`VaultError::WrongPassPhrase`] then comes with the
    /// first message encrypted to it.
    ///
    /// # Errors
    ///
    /// File unreadable, no secret key in it, none that the pass-phrase opens, or none with its secret part.
    pub fn from_file(path: &Path, pass_phrase: &PassPhrase) -> Result<Self, VaultError> {
        let bytes = fs::read(path).map_err(|source| VaultError::KeyFile { path: path.to_owned(), source: Arc::new(source) })?;
        Self::from_bytes(&SecretBytes::new(bytes), &format!("`{}`", path.display()), pass_phrase)
    }

    /// Reads all secret keys of a GnuPG home (`~/.gnupg`) by running `gpg`; the export stays in memory.
    ///
    /// # Errors
    ///
    /// No `gpg`, it refuses, or as for a file.
    pub fn from_gnupg_home(home: &Path, pass_phrase: &PassPhrase) -> Result<Self, VaultError> {
        let export = gnupg_home::export_secret_keys("gpg", home, pass_phrase)?;
        Self::from_bytes(&export, &format!("the GnuPG home `{}`", home.display()), pass_phrase)
    }

    /// The public facts of each key, in the order of the file.
    pub fn list(&self) -> &[KeyFacts] {
        &self.facts
    }

    pub(super) fn from_bytes(bytes: &SecretBytes, place: &str, pass_phrase: &PassPhrase) -> Result<Self, VaultError> {
        let password = Password::from(pass_phrase.reveal());
        let mut keys = Self { facts: Vec::new(), open: Vec::new(), locked: Vec::new(), has_pass_phrase: !pass_phrase.is_none() };
        let mut has_public_key = false;
        let mut elsewhere = None;
        for block in blocks(bytes.reveal()) {
            let Ok((found, _)) = PublicOrSecret::from_reader_many_buf(block) else { continue };
            // The parser does not promise to get beyond an error.
            for key in found.map_while(Result::ok) {
                match key {
                    PublicOrSecret::Public(_) => has_public_key = true,
                    PublicOrSecret::Secret(key) => keys.add(key, &password, &mut elsewhere),
                }
            }
        }
        if keys.facts.is_empty() {
            return Err(VaultError::NoSecretKey { place: place.to_owned(), has_public_key });
        }
        match (keys.open.is_empty(), keys.locked.first(), elsewhere) {
            (true, Some(locked), _) => Err(keys.locked_error(locked)),
            (true, None, Some(key)) => Err(VaultError::SecretPartElsewhere { key }),
            _ => Ok(keys),
        }
    }

    fn add(&mut self, key: SignedSecretKey, password: &Password, elsewhere: &mut Option<String>) {
        self.facts.push(KeyFacts::of(&key));
        let subkeys = key.secret_subkeys.into_iter().map(|subkey| KeyPart::Subkey(Box::new(subkey.key)));
        // Subkeys first: messages are for them, and a hidden recipient is tried with each key in turn.
        for mut part in subkeys.chain([KeyPart::Primary(Box::new(key.primary_key))]) {
            if !can_decrypt(part.details().algorithm()) {
                continue;
            }
            if is_elsewhere(part.secret_params()) {
                elsewhere.get_or_insert_with(|| part.fingerprint());
            } else if self.unlock(&mut part, password) {
                let fast = FastKey::of(part.details().public_params(), part.secret_params());
                self.open.push(OpenKey { part, fast });
            } else {
                self.locked.push(part);
            }
        }
    }

    fn unlock(&self, part: &mut KeyPart, password: &Password) -> bool {
        if !part.secret_params().is_encrypted() {
            return true;
        }
        self.has_pass_phrase
            && match part {
                KeyPart::Primary(key) => key.remove_password(password),
                KeyPart::Subkey(key) => key.remove_password(password),
            }
            .is_ok()
    }

    /// Our open keys that this recipient may mean; for a hidden one, all.
    pub(super) fn matching<'a>(&'a self, recipient: &'a PublicKeyEncryptedSessionKey) -> impl Iterator<Item = &'a OpenKey> {
        self.open.iter().filter(|key| key.part.is_meant_by(recipient))
    }

    pub(super) fn locked_match(&self, recipient: &PublicKeyEncryptedSessionKey) -> Option<&KeyPart> {
        self.locked.iter().find(|key| key.is_meant_by(recipient))
    }

    pub(super) fn locked_error(&self, locked: &KeyPart) -> VaultError {
        let key = locked.fingerprint();
        if self.has_pass_phrase { VaultError::WrongPassPhrase { key } } else { VaultError::PassPhraseNeeded { key } }
    }

    /// Key ids as messages name them: those that senders use, or all that could decrypt if no key says which.
    pub(super) fn decryption_key_ids(&self) -> Vec<String> {
        let for_senders: Vec<String> = self.facts.iter().flat_map(|key| &key.encryption_keys).map(|key| key.key_id.clone()).collect();
        if !for_senders.is_empty() {
            return for_senders;
        }
        self.open.iter().map(|key| hex::encode_upper(key.part.details().legacy_key_id().as_ref())).collect()
    }
}

impl OpenKey {
    /// Opens the session key. `None` if it is not for this key or damaged.
    pub(super) fn open(&self, recipient: &PublicKeyEncryptedSessionKey, session_key_type: EskType) -> Option<PlainSessionKey> {
        let values = recipient.values().ok()?;
        // rPGP 0.21 indexes into the decrypted session key without looking at its length; a crafted empty one would take the process down.
        catch_unwind(AssertUnwindSafe(|| match (&self.fast, &self.part) {
            (Some(fast), part) => fast.open(values, part.details(), session_key_type),
            (None, KeyPart::Primary(key)) => key.decrypt(&Password::empty(), values, session_key_type).ok()?.ok(),
            (None, KeyPart::Subkey(key)) => key.decrypt(&Password::empty(), values, session_key_type).ok()?.ok(),
        }))
        .ok()?
    }
}

impl KeyPart {
    fn is_meant_by(&self, recipient: &PublicKeyEncryptedSessionKey) -> bool {
        match self {
            Self::Primary(key) => recipient.match_identity(&**key),
            Self::Subkey(key) => recipient.match_identity(&**key),
        }
    }

    fn details(&self) -> &dyn KeyDetails {
        match self {
            Self::Primary(key) => &**key,
            Self::Subkey(key) => &**key,
        }
    }

    fn fingerprint(&self) -> String {
        hex::encode_upper(self.details().fingerprint().as_bytes())
    }

    fn secret_params(&self) -> &SecretParams {
        match self {
            Self::Primary(key) => key.secret_params(),
            Self::Subkey(key) => key.secret_params(),
        }
    }
}

/// GnuPG writes a key whose secret part it does not hold with a private "string to key" number (101).
fn is_elsewhere(params: &SecretParams) -> bool {
    let SecretParams::Encrypted(params) = params else { return false };
    matches!(
        params.string_to_key_params(),
        S2kParams::Cfb { s2k: StringToKey::Private { .. }, .. } | S2kParams::MalleableCfb { s2k: StringToKey::Private { .. }, .. }
    )
}

/// The armoured blocks of a file, each with what follows it, or the whole if it is binary: the library reads only the first block.
pub(super) fn blocks(bytes: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> =
        bytes.windows(ARMOR_START.len()).enumerate().filter(|(_, window)| *window == ARMOR_START).map(|(at, _)| at).collect();
    if bytes.first().is_none_or(|first| first & 0x80 != 0) || starts.is_empty() {
        return if bytes.is_empty() { Vec::new() } else { vec![bytes] };
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).map(|(start, end)| &bytes[*start..end]).collect()
}

impl fmt::Debug for SecretKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprints = self.facts.iter().map(|key| &key.fingerprint);
        formatter.write_str("SecretKeys ")?;
        formatter.debug_list().entries(fingerprints).finish()
    }
}
