//! Takes session keys with `aws-lc-rs`, several times faster than rPGP does with the big integers of `rsa`, and in a time that tells nothing
//! about the key (RUSTSEC-2023-0071).
//!
//! It decides nothing about messages. Keys it cannot take (RSA below 2,048 bits or with an exponent beyond 33, curves other than those
//! below) stay with rPGP.

use aws_lc_rs::agreement::{self, UnparsedPublicKey};
use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use pgp::composed::PlainSessionKey;
use pgp::crypto::ecdh;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::types::{EcdhPublicParams, EskType, KeyDetails, Mpi, PkeskBytes, PlainSecretParams, PublicParams, SecretParams};
use rsa::pkcs8::EncodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

/// An unlocked secret key in the form that `aws-lc-rs` works with. It frees, and by that overwrites, what it holds.
pub(super) enum FastKey {
    Rsa(Pkcs1PrivateDecryptingKey),
    Curve(agreement::PrivateKey),
}

impl FastKey {
    /// The fast form of an unlocked key, or `None` for a key to be left to rPGP.
    pub(super) fn of(public: &PublicParams, secret: &SecretParams) -> Option<Self> {
        let SecretParams::Plain(secret) = secret else { return None };
        match (public, secret) {
            (PublicParams::RSA(public), PlainSecretParams::RSA(secret)) => rsa_key(&public.key, secret).map(Self::Rsa),
            (PublicParams::ECDH(public), PlainSecretParams::ECDH(secret)) => {
                let bytes = Zeroizing::new(secret.to_bytes());
                agreement::PrivateKey::from_private_key(algorithm(public)?, &bytes).ok().map(Self::Curve)
            }
            _ => None,
        }
    }

    /// Opens the session key in `values`, which were encrypted to the key of these `details`. `None` if it is for another key or damaged.
    pub(super) fn open(&self, values: &PkeskBytes, details: &dyn KeyDetails, session_key_type: EskType) -> Option<PlainSessionKey> {
        let decrypted = match (self, values) {
            (Self::Rsa(key), PkeskBytes::Rsa { mpi }) => decrypt_rsa(key, mpi)?,
            (Self::Curve(key), PkeskBytes::Ecdh { public_point, encrypted_session_key }) => {
                let PublicParams::ECDH(public) = details.public_params() else { return None };
                let (hash, cipher) = derivation(public)?;
                let peer = UnparsedPublicKey::new(algorithm(public)?, point(public, public_point.as_ref())?);
                agreement::agree(key, peer, (), |shared| {
                    let n_bytes = encrypted_session_key.len();
                    let fingerprint = details.fingerprint();
                    ecdh::derive_session_key(shared, encrypted_session_key, n_bytes, public.curve(), hash, cipher, fingerprint.as_bytes())
                        .map_err(drop)
                })
                .ok()?
            }
            _ => return None,
        };
        session_key(&decrypted, session_key_type)
    }
}

fn rsa_key(public: &RsaPublicKey, secret: &pgp::crypto::rsa::SecretKey) -> Option<Pkcs1PrivateDecryptingKey> {
    let (d, p, q, inverse) = secret.to_bytes();
    let [d, p, q, _] = [d, p, q, inverse].map(Zeroizing::new);
    let primes = [&p, &q].map(|prime| BigUint::from_bytes_be(prime)).to_vec();
    let key = RsaPrivateKey::from_components(public.n().clone(), public.e().clone(), BigUint::from_bytes_be(&d), primes).ok()?;
    let der = key.to_pkcs8_der().ok()?;
    Pkcs1PrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(der.as_bytes()).ok()?).ok()
}

fn decrypt_rsa(key: &Pkcs1PrivateDecryptingKey, number: &Mpi) -> Option<Zeroizing<Vec<u8>>> {
    // OpenPGP writes numbers without leading zeroes; RSA takes blocks of the size of the key.
    let mut block = vec![0; key.key_size_bytes()];
    let start = block.len().checked_sub(number.len())?;
    block[start..].copy_from_slice(number.as_ref());
    let mut clear = Zeroizing::new(vec![0; key.min_output_size()]);
    let n_bytes = key.decrypt(&block, &mut clear).ok()?.len();
    clear.truncate(n_bytes);
    Some(clear)
}

fn algorithm(public: &EcdhPublicParams) -> Option<&'static agreement::Algorithm> {
    match public {
        EcdhPublicParams::Curve25519Legacy { .. } => Some(&agreement::X25519),
        EcdhPublicParams::P256 { .. } => Some(&agreement::ECDH_P256),
        EcdhPublicParams::P384 { .. } => Some(&agreement::ECDH_P384),
        EcdhPublicParams::P521 { .. } => Some(&agreement::ECDH_P521),
        _ => None,
    }
}

/// The digest and the cipher by which the session key is wrapped.
fn derivation(public: &EcdhPublicParams) -> Option<(HashAlgorithm, SymmetricKeyAlgorithm)> {
    match public {
        EcdhPublicParams::Curve25519Legacy { hash, alg_sym, .. }
        | EcdhPublicParams::P256 { hash, alg_sym, .. }
        | EcdhPublicParams::P384 { hash, alg_sym, .. }
        | EcdhPublicParams::P521 { hash, alg_sym, .. } => Some((*hash, *alg_sym)),
        _ => None,
    }
}

/// The sender's point as the curve has it: OpenPGP puts 0x40 before the bytes of Curve25519 (RFC 9580, 11.2.1).
fn point<'a>(public: &EcdhPublicParams, bytes: &'a [u8]) -> Option<&'a [u8]> {
    match public {
        EcdhPublicParams::Curve25519Legacy { .. } => bytes.strip_prefix(&[0x40]),
        _ => Some(bytes),
    }
}

/// Takes the session key out of what was encrypted: the cipher (unless the message names it), the key, and the sum of its bytes (RFC 9580,
/// 5.1.3).
fn session_key(decrypted: &[u8], session_key_type: EskType) -> Option<PlainSessionKey> {
    let (body, sum) = decrypted.split_last_chunk::<2>()?;
    let sum_of = |key: &[u8]| key.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let (cipher, key) = match session_key_type {
        EskType::V3_4 => body.split_first().map(|(cipher, key)| (Some(SymmetricKeyAlgorithm::from(*cipher)), key))?,
        EskType::V6 => (None, body),
    };
    if sum_of(key) != u16::from_be_bytes(*sum) {
        return None;
    }
    match cipher {
        None => Some(PlainSessionKey::V6 { key: key.into() }),
        Some(cipher) if cipher != SymmetricKeyAlgorithm::Plaintext && key.len() == cipher.key_size() => {
            Some(PlainSessionKey::V3_4 { sym_alg: cipher, key: key.into() })
        }
        Some(_) => None,
    }
}
