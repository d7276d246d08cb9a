//! Encrypts a stream as edX does: binary, to edX's own key and the partner's, with an integrity check, compressed, in partial lengths.
//!
//! It holds one chunk at a time, whatever the size of the file.

use std::io::{Read, Write};
use std::path::PathBuf;

use pgp::composed::{MessageBuilder, SignedPublicKey};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::types::CompressionAlgorithm;

use crate::error::SynthError;
use crate::random::Dice;

/// The keys that every file of a delivery is encrypted to, in the order of edX: its own first, the partner's second.
pub(crate) struct Recipients {
    pub(crate) edx: SignedPublicKey,
    pub(crate) czar: SignedPublicKey,
}

/// How a message is compressed inside its encryption.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    Zip,
    Zlib,
}

/// Reads the clear text to its end and writes the encrypted message. The name is that of the file, wherever the delivery lies.
pub(crate) fn encrypt(
    recipients: &Recipients,
    seed: u64,
    name: &str,
    packing: Packing,
    clear: impl Read,
    out: impl Write,
) -> Result<(), SynthError> {
    let mut dice = Dice::new(seed, "encrypt", &[crate::random::hash_text(name)]);
    let run = || -> pgp::errors::Result<()> {
        let mut builder = MessageBuilder::from_reader("", clear).seipd_v1(&mut dice, SymmetricKeyAlgorithm::AES256);
        builder.compression(match packing {
            Packing::Zip => CompressionAlgorithm::ZIP,
            Packing::Zlib => CompressionAlgorithm::ZLIB,
        });
        builder.partial_chunk_size(64 * 1024)?;
        for key in [&recipients.edx, &recipients.czar] {
            let subkey =
                key.public_subkeys.first().ok_or_else(|| pgp::errors::Error::from("a recipient has no encryption subkey".to_owned()))?;
            builder.encrypt_to_key(&mut dice, subkey)?;
        }
        builder.to_writer(&mut dice, out)
    };
    run().map_err(|source| SynthError::Encrypt { path: PathBuf::from(name), source: Box::new(source) })
}
