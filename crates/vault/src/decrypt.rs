//! Decryption as a stream: encrypted bytes in, clear bytes out, in constant memory for a message of any size.
//!
//! Clear bytes come out BEFORE the message is known to be whole: the check stands at its end. So `Ok(0)` is the only proof of integrity;
//! whoever stops earlier knows nothing, and whoever gets an error must undo what it did with the bytes before.

use std::io::{self, BufRead, Read};

use pgp::types::Seipdv1ReadMode;

use super::error::VaultError;
use super::packets::{self, Literal, Packets};
use super::recipients::Envelope;
use super::seal::Seal;
use super::secret_keys::SecretKeys;
use super::source::{ReadFailure, Source};

/// Limits for one message.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecryptOptions {
    /// Refuse a message with more clear text than this, in bytes; no limit if absent. A compressed packet of a megabyte can hold a gigabyte.
    pub max_clear_bytes: Option<u64>,
}

/// The clear text of one message. Each error is a [`VaultError`] inside an [`io::Error`], and repeats when asked again.
pub struct Decrypted<'a> {
    /// Absent once the end has been reached or reading has failed: the library's readers panic when used after an error.
    literal: Option<Literal<'a>>,
    seal: Seal<'a>,
    failure: ReadFailure,
    outcome: Option<Result<(), VaultError>>,
    max_clear_bytes: u64,
    n_clear_bytes: u64,
}

/// Opens a message (binary or armoured, to any number of recipients, named or hidden) with whichever of `keys` fits.
///
/// Reads the head of the message at once, the rest as asked. Memory: some 100 KiB, for AEAD messages two chunks of the sender's choice
/// (at most 8 MiB). Text outside an armour is ignored, as the format has it; after a binary message nothing may follow.
///
/// # Errors
///
/// [`VaultError`]: empty, not a message, for other keys, damaged already in the head, or packed in a way we do not read.
pub fn decrypt<'a>(reader: impl BufRead + Send + 'a, keys: &SecretKeys, options: DecryptOptions) -> Result<Decrypted<'a>, VaultError> {
    let failure = ReadFailure::default();
    let source = Source::open(reader, &failure)?;
    let mut envelope = Envelope::read(source, &failure)?;
    let session_key = envelope.session_key(keys)?;
    // The other mode holds the whole message back until it is checked, in memory.
    if envelope.sealed.decrypt(&session_key, Seipdv1ReadMode::Streaming).is_err() {
        return Err(failure.seen().unwrap_or(VaultError::Damaged));
    }
    let mut seal = Seal::new(envelope.sealed, failure.clone());
    match Packets::new(seal.clone()).open_literal() {
        Ok(literal) => Ok(Decrypted {
            literal: Some(literal),
            seal,
            failure,
            outcome: None,
            max_clear_bytes: options.max_clear_bytes.unwrap_or(u64::MAX),
            n_clear_bytes: 0,
        }),
        Err(error) => Err(explain(&error, &mut seal, &failure)),
    }
}

impl Decrypted<'_> {
    /// Clear bytes handed out so far.
    pub fn n_clear_bytes(&self) -> u64 {
        self.n_clear_bytes
    }

    fn end_with(&mut self, outcome: Result<(), VaultError>) -> io::Result<usize> {
        self.literal = None;
        self.outcome = Some(outcome.clone());
        outcome.map(|()| 0).map_err(io::Error::from)
    }
}

impl Read for Decrypted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(outcome) = self.outcome.clone() {
            return outcome.map(|()| 0).map_err(io::Error::from);
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let result = match self.literal.as_mut() {
            Some(literal) => literal.read(buffer),
            None => Ok(0),
        };
        match result {
            Ok(0) => {
                let closed = self.literal.take().map_or(Ok(()), packets::close);
                let outcome = closed.map_err(|error| explain(&error, &mut self.seal, &self.failure));
                self.end_with(outcome)
            }
            Ok(n_bytes) => {
                self.n_clear_bytes += n_bytes as u64;
                if self.n_clear_bytes > self.max_clear_bytes {
                    return self.end_with(Err(VaultError::TooLarge { max_clear_bytes: self.max_clear_bytes }));
                }
                Ok(n_bytes)
            }
            Err(error) => {
                let outcome = Err(explain(&error, &mut self.seal, &self.failure));
                self.end_with(outcome)
            }
        }
    }
}

/// Finds the reason behind an error in the decrypted packets. Damage comes first: what a damaged message decrypts to can look like anything,
/// "bzip2" included, so the rest is read for the verdict before the sender is blamed.
fn explain(error: &io::Error, seal: &mut Seal<'_>, failure: &ReadFailure) -> VaultError {
    if let Some(failed) = failure.seen() {
        return failed;
    }
    if let Err(verdict) = seal.verdict() {
        return verdict;
    }
    VaultError::find_in(error)
        .cloned()
        .unwrap_or(VaultError::Malformed { what: "its packets or its compressed data end too early or make no sense" })
}
