//! The key pairs of a synthetic delivery: the data czar's own and edX's.
//!
//! They are drawn from the seed and therefore worthless as secrets: nothing real may ever be encrypted to them.

use std::path::PathBuf;

use pgp::composed::{ArmorOptions, EncryptionCaps, KeyType, SecretKeyParamsBuilder, SignedPublicKey, SignedSecretKey, SubkeyParamsBuilder};
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{SecretKey, SecretSubkey};
use pgp::types::{CompressionAlgorithm, PlainSecretParams, SecretParams, Timestamp};
use rsa::{BigUint, RsaPrivateKey};

use crate::error::SynthError;
use crate::random::Dice;

/// 2017-01-01: before any delivery that names these keys as recipients needs them.
const CREATED_AT_SECS: u32 = 1_483_228_800;

/// A key pair.
pub(crate) struct KeyPair {
    pub(crate) secret: SignedSecretKey,
    pub(crate) public: SignedPublicKey,
}

fn failed(name: &str) -> impl Fn(pgp::errors::Error) -> SynthError + '_ {
    move |source| SynthError::Encrypt { path: PathBuf::from(name), source: Box::new(source) }
}

/// Makes an RSA key pair: a primary key that certifies and signs, a subkey that encrypts, as `gpg` makes them.
pub(crate) fn make(seed: u64, user_id: &str, bits: u32, pass_phrase: Option<&str>) -> Result<KeyPair, SynthError> {
    let odd_plan = |_| SynthError::Bug { rule: "the parameters of a key are complete" };
    let created_at = Timestamp::from_secs(CREATED_AT_SECS);
    let subkey = SubkeyParamsBuilder::default()
        .key_type(KeyType::Rsa(bits))
        .can_encrypt(EncryptionCaps::All)
        .created_at(created_at)
        .build()
        .map_err(|_| SynthError::Bug { rule: "the parameters of a subkey are complete" })?;
    let parameters = SecretKeyParamsBuilder::default()
        .key_type(KeyType::Rsa(bits))
        .can_certify(true)
        .can_sign(true)
        .created_at(created_at)
        .primary_user_id(user_id.to_owned())
        .preferred_symmetric_algorithms([SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES128].into_iter().collect())
        .preferred_hash_algorithms([HashAlgorithm::Sha256, HashAlgorithm::Sha512].into_iter().collect())
        .preferred_compression_algorithms([CompressionAlgorithm::ZLIB, CompressionAlgorithm::ZIP].into_iter().collect())
        .subkeys(vec![subkey])
        .build()
        .map_err(odd_plan)?;
    let mut dice = Dice::new(seed, user_id, &[u64::from(bits)]);
    let secret = parameters.generate(&mut dice).and_then(|key| finish(key, &mut dice, pass_phrase)).map_err(failed(user_id))?;
    let public = SignedPublicKey::from(secret.clone());
    Ok(KeyPair { secret, public })
}

/// Puts the primes of the key and its subkey in order, and protects both.
fn finish(mut key: SignedSecretKey, dice: &mut Dice, pass_phrase: Option<&str>) -> pgp::errors::Result<SignedSecretKey> {
    let ordered = smaller_prime_first(key.primary_key.secret_params())?;
    key.primary_key = SecretKey::new(key.primary_key.public_key().clone(), ordered)?;
    for subkey in &mut key.secret_subkeys {
        let ordered = smaller_prime_first(subkey.key.secret_params())?;
        subkey.key = SecretSubkey::new(subkey.key.public_key().clone(), ordered)?;
    }
    if let Some(pass_phrase) = pass_phrase {
        key.primary_key.set_password(&mut *dice, &pass_phrase.into())?;
        for subkey in &mut key.secret_subkeys {
            subkey.key.set_password(&mut *dice, &pass_phrase.into())?;
        }
    }
    Ok(key)
}

/// The same numbers with p below q. OpenPGP asks for that order; with the other, `gpg` fails to decrypt about one file in fifty,
/// and says that there is no secret key.
fn smaller_prime_first(parameters: &SecretParams) -> pgp::errors::Result<SecretParams> {
    let SecretParams::Plain(PlainSecretParams::RSA(key)) = parameters else { return Ok(parameters.clone()) };
    let (d, p, q, _) = key.to_bytes();
    let (d, p, q) = (BigUint::from_bytes_be(&d), BigUint::from_bytes_be(&p), BigUint::from_bytes_be(&q));
    let (p, q) = if p < q { (p, q) } else { (q, p) };
    let ordered = RsaPrivateKey::from_components(&p * &q, BigUint::from(PUBLIC_EXPONENT), d, vec![p, q])?;
    Ok(SecretParams::Plain(PlainSecretParams::RSA(ordered.into())))
}

/// The exponent of every RSA key that rPGP makes.
const PUBLIC_EXPONENT: u32 = 65_537;

/// The secret key in ASCII armour.
pub(crate) fn secret_armour(pair: &KeyPair) -> Result<Vec<u8>, SynthError> {
    pair.secret.to_armored_bytes(ArmorOptions::default()).map_err(failed("czar-secret.asc"))
}

/// The public key in ASCII armour.
pub(crate) fn public_armour(pair: &KeyPair) -> Result<Vec<u8>, SynthError> {
    pair.public.to_armored_bytes(ArmorOptions::default()).map_err(failed("czar-public.asc"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
    use super::*;

    #[test]
    fn the_smaller_prime_comes_first() {
        for seed in 0..3 {
            let pair = make(seed, "Tester <tester@example.org>", 2048, None).unwrap();
            let SecretParams::Plain(PlainSecretParams::RSA(key)) = pair.secret.primary_key.secret_params() else { panic!("not RSA") };
            let (_, p, q, _) = key.to_bytes();
            assert!(p < q);
        }
    }
}
