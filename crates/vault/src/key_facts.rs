//! What may be told about a key: names, ages and ids, as `status` and `check` show them.
//!
//! It holds nothing secret and asks for no pass-phrase. It believes the key file: the self-signatures are the user's own and are not verified.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use pgp::composed::{PublicOrSecret, SignedKeyDetails, SignedPublicKey, SignedPublicSubKey, SignedSecretKey};
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{KeyFlags, Signature, SignatureType};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, PublicParams, Timestamp};

use super::error::VaultError;
use super::secret_keys::blocks;

/// The public facts of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Fingerprint of the primary key, upper-case hexadecimal.
    pub fingerprint: String,
    /// As `Name <address>`, in the order of the key.
    pub user_ids: Vec<String>,
    /// As "RSA 3072".
    pub algorithm: String,
    /// When the key was made.
    pub created_at: DateTime<Utc>,
    /// From when on edX will not encrypt to it. It decrypts older files for ever.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the owner has revoked it.
    pub is_revoked: bool,
    /// The parts senders encrypt to. A key without one is of no use here.
    pub encryption_keys: Vec<EncryptionKeyFacts>,
}

/// The public facts of the part of a key that senders encrypt to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionKeyFacts {
    /// Its fingerprint, upper-case hexadecimal.
    pub fingerprint: String,
    /// The id by which a message names it: for keys of version 4 the last 16 digits of the fingerprint.
    pub key_id: String,
    /// As "RSA 3072".
    pub algorithm: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its own expiry; the primary key's counts as well.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether the owner has revoked it.
    pub is_revoked: bool,
}

impl KeyFacts {
    /// Reads the facts of all keys in a file, public or secret, armoured or binary.
    ///
    /// # Errors
    ///
    /// File unreadable, or no key in it.
    pub fn from_file(path: &Path) -> Result<Vec<Self>, VaultError> {
        let bytes = fs::read(path).map_err(|source| VaultError::PublicKeyFile { path: path.to_owned(), source: Arc::new(source) })?;
        let mut facts = Vec::new();
        for block in blocks(&bytes) {
            let Ok((found, _)) = PublicOrSecret::from_reader_many_buf(block) else { continue };
            facts.extend(found.map_while(Result::ok).map(|key| match key {
                PublicOrSecret::Public(key) => Self::of_public(&key),
                PublicOrSecret::Secret(key) => Self::of(&key),
            }));
        }
        if facts.is_empty() { Err(VaultError::NoKey { path: path.to_owned() }) } else { Ok(facts) }
    }

    pub(super) fn of(key: &SignedSecretKey) -> Self {
        Self::of_public(&key.to_public_key())
    }

    fn of_public(key: &SignedPublicKey) -> Self {
        let primary = &key.primary_key;
        let self_signature = newest(certifications(&key.details, primary));
        let mut encryption_keys = Vec::new();
        let expires_at = self_signature.and_then(|signature| expiry(primary.created_at(), signature));
        let is_revoked = !key.details.revocation_signatures.is_empty();
        if can_decrypt(primary.algorithm()) && is_for_encryption(self_signature.map(Signature::key_flags)) {
            encryption_keys.push(encryption_key(primary, expires_at, is_revoked));
        }
        for subkey in &key.public_subkeys {
            encryption_keys.extend(Self::of_subkey(subkey));
        }
        Self {
            fingerprint: hex::encode_upper(primary.fingerprint().as_bytes()),
            user_ids: key.details.users.iter().map(|user| String::from_utf8_lossy(user.id.id()).into_owned()).collect(),
            algorithm: algorithm(primary.algorithm(), primary.public_params()),
            created_at: moment(primary.created_at()),
            expires_at,
            is_revoked,
            encryption_keys,
        }
    }

    fn of_subkey(subkey: &SignedPublicSubKey) -> Option<EncryptionKeyFacts> {
        let binding = newest(subkey.signatures.iter().filter(|signature| signature.typ() == Some(SignatureType::SubkeyBinding)));
        if !can_decrypt(subkey.key.algorithm()) || !is_for_encryption(binding.map(Signature::key_flags)) {
            return None;
        }
        let expires_at = binding.and_then(|signature| expiry(subkey.key.created_at(), signature));
        let is_revoked = subkey.signatures.iter().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation));
        Some(encryption_key(&subkey.key, expires_at, is_revoked))
    }
}

/// Whether keys of this algorithm can open a session key at all. Flags are for senders; an old message may go against them.
pub(super) fn can_decrypt(algorithm: PublicKeyAlgorithm) -> bool {
    use PublicKeyAlgorithm::{ECDH, RSA, RSAEncrypt, X448, X25519};
    matches!(algorithm, RSA | RSAEncrypt | ECDH | X25519 | X448)
}

fn encryption_key(key: &impl KeyDetails, expires_at: Option<DateTime<Utc>>, is_revoked: bool) -> EncryptionKeyFacts {
    EncryptionKeyFacts {
        fingerprint: hex::encode_upper(key.fingerprint().as_bytes()),
        key_id: hex::encode_upper(key.legacy_key_id().as_ref()),
        algorithm: algorithm(key.algorithm(), key.public_params()),
        created_at: moment(key.created_at()),
        expires_at,
        is_revoked,
    }
}

/// The owner's own signatures that carry flags and expiry; other people's do not count.
fn certifications<'a>(details: &'a SignedKeyDetails, primary: &impl KeyDetails) -> impl Iterator<Item = &'a Signature> {
    let owner = primary.legacy_key_id();
    let on_users = details.users.iter().flat_map(|user| &user.signatures);
    details
        .direct_signatures
        .iter()
        .chain(on_users)
        .filter(|signature| signature.typ() != Some(SignatureType::CertRevocation))
        .filter(move |signature| signature.issuer_key_id().iter().all(|id| **id == owner))
}

fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.created())
}

/// A key without flags may be used for anything its algorithm can do.
fn is_for_encryption(flags: Option<KeyFlags>) -> bool {
    flags.is_none_or(|flags| flags == KeyFlags::default() || flags.encrypt_comms() || flags.encrypt_storage())
}

fn expiry(created_at: Timestamp, signature: &Signature) -> Option<DateTime<Utc>> {
    let seconds = signature.key_expiration_time()?.as_secs();
    // RFC 9580, 5.2.3.13: zero means never.
    if seconds == 0 { None } else { moment(created_at).checked_add_signed(TimeDelta::seconds(i64::from(seconds))) }
}

fn moment(timestamp: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(i64::from(timestamp.as_secs()), 0).unwrap_or_default()
}

fn algorithm(algorithm: PublicKeyAlgorithm, params: &PublicParams) -> String {
    if !matches!(params, PublicParams::RSA(_)) {
        return format!("{algorithm:?}");
    }
    let mut bytes = Vec::new();
    // An RSA key starts with the modulus, and that with its length in bits (RFC 9580, 3.2 and 5.5.5.1).
    match (params.to_writer(&mut bytes), bytes.as_slice()) {
        (Ok(()), [high, low, ..]) => format!("RSA {}", u16::from_be_bytes([*high, *low])),
        _ => "RSA".to_owned(),
    }
}
