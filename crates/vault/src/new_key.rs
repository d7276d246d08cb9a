//! Makes the key pair a new czar needs: RSA, because edX takes nothing else, with a subkey that edX encrypts to.
//!
//! It draws its randomness from the operating system and from nowhere else: a key made of repeatable numbers would be no secret.

use chrono::{DateTime, Utc};
use pgp::composed::{ArmorOptions, EncryptionCaps, KeyType, SecretKeyParamsBuilder, SignedSecretKey, SubkeyParamsBuilder};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{SecretKey, SecretSubkey};
use pgp::types::{CompressionAlgorithm, KeyDetails, PlainSecretParams, SecretParams, Timestamp};
use rand_core::OsRng;
use rsa::{BigUint, RsaPrivateKey};
use zeroize::Zeroizing;

use super::error::VaultError;
use super::pass_phrase::PassPhrase;
use super::secret_bytes::SecretBytes;

/// NIST SP 800-57 holds 3072 bits good beyond 2030.
const RSA_BITS: u32 = 3072;
/// The exponent of every RSA key that rPGP makes.
const PUBLIC_EXPONENT: u32 = 65_537;

/// A fresh key pair.
#[derive(Debug)]
pub struct NewKey {
    /// Armoured secret key. To be stored where only its owner reads.
    pub secret: SecretBytes,
    /// Armoured public key: the `.asc` file edX asks for.
    pub public: String,
    /// Fingerprint of the primary key, upper-case hexadecimal.
    pub fingerprint: String,
}

/// Makes a key pair for `identity` (`Name <address>`, with the institution's address), protected by the pass-phrase unless that is
/// [`PassPhrase::none`]. Takes some seconds. The key never expires: edX leaves files out without a word when a key has.
///
/// # Errors
///
/// [`VaultError::Generate`] for an empty identity, a moment that OpenPGP cannot write (it counts seconds from 1970 to 2106), or a library error.
pub fn generate(identity: &str, pass_phrase: &PassPhrase, created_at: DateTime<Utc>) -> Result<NewKey, VaultError> {
    let failed = |reason: &str| VaultError::Generate { reason: reason.to_owned() };
    if identity.trim().is_empty() || identity.contains(['\n', '\r', '\0']) {
        return Err(failed("the identity must be one line, as in `Name <name@example.edu>`"));
    }
    let seconds = u32::try_from(created_at.timestamp()).map_err(|_| failed("the clock is outside 1970 to 2106"))?;
    let created_at = Timestamp::from_secs(seconds);
    let protection = match std::str::from_utf8(pass_phrase.reveal()) {
        Ok("") => None,
        Ok(text) => Some(text),
        Err(_) => return Err(failed("the pass-phrase is not UTF-8")),
    };
    let subkey = SubkeyParamsBuilder::default()
        .key_type(KeyType::Rsa(RSA_BITS))
        .can_encrypt(EncryptionCaps::All)
        .created_at(created_at)
        .build()
        .map_err(|error| failed(&error.to_string()))?;
    let mut key = SecretKeyParamsBuilder::default()
        .key_type(KeyType::Rsa(RSA_BITS))
        .can_certify(true)
        .can_sign(true)
        .created_at(created_at)
        .primary_user_id(identity.trim().to_owned())
        .preferred_symmetric_algorithms(
            [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES192, SymmetricKeyAlgorithm::AES128].into_iter().collect(),
        )
        .preferred_hash_algorithms([HashAlgorithm::Sha512, HashAlgorithm::Sha384, HashAlgorithm::Sha256].into_iter().collect())
        .preferred_compression_algorithms([CompressionAlgorithm::ZLIB, CompressionAlgorithm::ZIP].into_iter().collect())
        .subkey(subkey)
        .build()
        .map_err(|error| failed(&error.to_string()))?
        .generate(OsRng)
        .map_err(|error| failed(&error.to_string()))?;
    finish(&mut key, protection).map_err(|error| failed(&error.to_string()))?;
    let armored = ArmorOptions::default;
    Ok(NewKey {
        fingerprint: hex::encode_upper(key.fingerprint().as_bytes()),
        secret: key.to_armored_bytes(armored()).map(SecretBytes::new).map_err(|error| failed(&error.to_string()))?,
        public: key.to_public_key().to_armored_string(armored()).map_err(|error| failed(&error.to_string()))?,
    })
}

/// Puts the primes of the key and its subkey in order, and protects both.
fn finish(key: &mut SignedSecretKey, protection: Option<&str>) -> pgp::errors::Result<()> {
    key.primary_key = SecretKey::new(key.primary_key.public_key().clone(), smaller_prime_first(key.primary_key.secret_params())?)?;
    for subkey in &mut key.secret_subkeys {
        subkey.key = SecretSubkey::new(subkey.key.public_key().clone(), smaller_prime_first(subkey.key.secret_params())?)?;
    }
    if let Some(protection) = protection {
        key.primary_key.set_password(OsRng, &protection.into())?;
        for subkey in &mut key.secret_subkeys {
            subkey.key.set_password(OsRng, &protection.into())?;
        }
    }
    Ok(())
}

/// The same numbers with p below q, as OpenPGP asks (RFC 4880, section 5.5.3); with the other order `gpg` fails to decrypt about one file
/// in fifty, and says that there is no secret key.
fn smaller_prime_first(parameters: &SecretParams) -> pgp::errors::Result<SecretParams> {
    let SecretParams::Plain(PlainSecretParams::RSA(key)) = parameters else { return Ok(parameters.clone()) };
    let (d, p, q, inverse) = key.to_bytes();
    let [d, p, q, _] = [d, p, q, inverse].map(Zeroizing::new);
    let (d, p, q) = (BigUint::from_bytes_be(&d), BigUint::from_bytes_be(&p), BigUint::from_bytes_be(&q));
    let (p, q) = if p < q { (p, q) } else { (q, p) };
    let ordered = RsaPrivateKey::from_components(&p * &q, BigUint::from(PUBLIC_EXPONENT), d, vec![p, q])?;
    Ok(SecretParams::Plain(PlainSecretParams::RSA(ordered.into())))
}
