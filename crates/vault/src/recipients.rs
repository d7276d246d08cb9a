//! The head of an encrypted message: for whom it is, and the session key if one of them is us.
//!
//! It reads no encrypted data. Recipients it does not understand are other people's business and are passed over.

use std::io::{self, BufRead};

use pgp::composed::{PacketBodyReader, PlainSessionKey, SymEncryptedProtectedDataReader};
use pgp::packet::{PacketHeader, ProtectedDataConfig, PublicKeyEncryptedSessionKey, SymEncryptedProtectedDataConfig};
use pgp::types::{EskType, PacketLength, PkeskVersion, Tag};

use super::error::VaultError;
use super::secret_keys::SecretKeys;
use super::source::{ReadFailure, Source};

/// An RSA-16384 session key packet has 2 KiB.
const MAX_HEAD_PACKET_BYTES: u32 = 64 * 1024;
const MAX_HEAD_PACKETS: usize = 1024;

/// For whom a message is, in the order of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Key ids (of newer keys fingerprints), upper-case hexadecimal.
    pub key_ids: Vec<String>,
    /// Recipients whose key id the sender left out.
    pub n_hidden: usize,
}

/// Tells from the head of a message for whom it is. The first few KiB are enough; no key is needed and nothing is decrypted.
///
/// # Errors
///
/// [`VaultError`]: empty, not a message, or damaged in the head.
pub fn recipients_of(reader: impl BufRead + Send) -> Result<Recipients, VaultError> {
    let failure = ReadFailure::default();
    let envelope = Envelope::read(Source::open(reader, &failure)?, &failure)?;
    let (hidden, named): (Vec<_>, Vec<_>) = envelope.recipients.iter().partition(|one| is_hidden(one));
    Ok(Recipients { key_ids: named.into_iter().map(name_of).collect(), n_hidden: hidden.len() })
}

/// A message read up to its encrypted part.
pub(super) struct Envelope<'a> {
    recipients: Vec<PublicKeyEncryptedSessionKey>,
    pub(super) sealed: SymEncryptedProtectedDataReader<Source<'a>>,
}

impl<'a> Envelope<'a> {
    /// Reads up to the encrypted part.
    pub(super) fn read(mut source: Source<'a>, failure: &ReadFailure) -> Result<Self, VaultError> {
        let mut recipients = Vec::new();
        let is_armored = source.is_armored();
        for n_packets in 0..MAX_HEAD_PACKETS {
            // Garbage before the first packet is another kind of file; after it, a damaged message.
            let broken = |error: &io::Error| {
                let is_cut = error.kind() == io::ErrorKind::UnexpectedEof;
                let otherwise =
                    if n_packets > 0 || is_armored || is_cut { VaultError::Damaged } else { VaultError::NotOpenPgp { looks_like: None } };
                failure.seen().unwrap_or(otherwise)
            };
            let header = PacketHeader::try_from_reader(&mut source).map_err(|error| broken(&error))?;
            let tag = header.tag();
            match tag {
                Tag::SymEncryptedProtectedData | Tag::GnupgAeadData => {
                    let body = PacketBodyReader::new(header, source).map_err(|error| broken(&error))?;
                    let sealed = if tag == Tag::GnupgAeadData {
                        SymEncryptedProtectedDataReader::new_gnupg_aead(body)
                    } else {
                        SymEncryptedProtectedDataReader::new(body)
                    };
                    let sealed = sealed.map_err(|_| failure.seen().unwrap_or(VaultError::Damaged))?;
                    return Ok(Self { recipients, sealed });
                }
                Tag::SymEncryptedData => return Err(VaultError::Unprotected),
                Tag::PublicKeyEncryptedSessionKey | Tag::SymKeyEncryptedSessionKey | Tag::Marker | Tag::Padding => {}
                _ if n_packets > 0 => return Err(VaultError::Damaged),
                _ => return Err(not_encrypted(tag)),
            }
            if !matches!(header.packet_length(), PacketLength::Fixed(n_bytes) if n_bytes <= MAX_HEAD_PACKET_BYTES) {
                return Err(VaultError::Damaged);
            }
            let mut body = PacketBodyReader::new(header, source).map_err(|error| broken(&error))?;
            if tag == Tag::PublicKeyEncryptedSessionKey
                && let Ok(recipient) = PublicKeyEncryptedSessionKey::try_from_reader(header, &mut body)
            {
                recipients.push(recipient);
            }
            // The library leaves what it did not parse; `into_inner` would drop it and lose its place.
            io::copy(&mut body, &mut io::sink()).map_err(|_| failure.seen().unwrap_or(VaultError::Damaged))?;
            source = body.into_inner();
        }
        Err(VaultError::Damaged)
    }

    /// Finds the session key with our keys: first the recipients that name us, then the hidden ones with every key.
    pub(super) fn session_key(&self, keys: &SecretKeys) -> Result<PlainSessionKey, VaultError> {
        let (version, session_key_type) = match self.sealed.config() {
            ProtectedDataConfig::Seipd(SymEncryptedProtectedDataConfig::V2 { .. }) => (PkeskVersion::V6, EskType::V6),
            _ => (PkeskVersion::V3, EskType::V3_4),
        };
        // RFC 9580, 10.3.2.1: recipients of another version do not count.
        let (hidden, named): (Vec<_>, Vec<_>) =
            self.recipients.iter().filter(|one| one.version() == version).partition(|one| is_hidden(one));
        let mut is_ours = false;
        let mut locked = None;
        for recipient in named.iter().chain(&hidden) {
            for key in keys.matching(recipient) {
                is_ours |= !is_hidden(recipient);
                if let Some(session_key) = key.open(recipient, session_key_type) {
                    return Ok(session_key);
                }
            }
            locked = locked.or_else(|| keys.locked_match(recipient));
        }
        if is_ours {
            return Err(VaultError::Damaged);
        }
        if let Some(key) = locked {
            return Err(keys.locked_error(key));
        }
        Err(VaultError::OtherRecipients {
            recipients: named.iter().map(|one| name_of(one)).collect(),
            n_hidden: hidden.len(),
            ours: keys.decryption_key_ids(),
        })
    }
}

fn not_encrypted(tag: Tag) -> VaultError {
    let found = match tag {
        Tag::PublicKey | Tag::SecretKey | Tag::PublicSubkey | Tag::SecretSubkey => "a key",
        Tag::Signature | Tag::OnePassSignature => "a signature",
        Tag::CompressedData => "compressed data in clear",
        Tag::LiteralData => "data in clear",
        _ => return VaultError::NotOpenPgp { looks_like: None },
    };
    VaultError::NotEncrypted { found }
}

fn is_hidden(recipient: &PublicKeyEncryptedSessionKey) -> bool {
    match recipient {
        PublicKeyEncryptedSessionKey::V3 { id, .. } => id.is_wildcard(),
        PublicKeyEncryptedSessionKey::V6 { fingerprint, .. } => fingerprint.is_none(),
        PublicKeyEncryptedSessionKey::Other { .. } => false,
    }
}

fn name_of(recipient: &PublicKeyEncryptedSessionKey) -> String {
    match recipient {
        PublicKeyEncryptedSessionKey::V3 { id, .. } => hex::encode_upper(id.as_ref()),
        PublicKeyEncryptedSessionKey::V6 { fingerprint: Some(fingerprint), .. } => hex::encode_upper(fingerprint.as_bytes()),
        _ => "an unknown key".to_owned(),
    }
}
