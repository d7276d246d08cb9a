//! What fuzz targets share: a key pair, and messages sealed for it. The key is made anew in each process and opens nothing else.

use std::sync::LazyLock;

use czar_vault::{PassPhrase, SecretKeys};
use pgp::composed::{ArmorOptions, EncryptionCaps, KeyType, RawSessionKey, SecretKeyParamsBuilder, SignedPublicKey, SubkeyParamsBuilder};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{PacketTrait, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData};
use rand_core::OsRng;

/// A partner's key pair.
pub struct Partner {
    /// As the vault opens it.
    pub keys: SecretKeys,
    public: SignedPublicKey,
    /// The packet that tells the partner the session key.
    head: Vec<u8>,
}

const SESSION_KEY: [u8; 32] = [7; 32];

/// The partner all targets write to.
pub static PARTNER: LazyLock<Partner> = LazyLock::new(|| {
    let subkey = SubkeyParamsBuilder::default().key_type(KeyType::Rsa(2048)).can_encrypt(EncryptionCaps::All).build().unwrap();
    let key = SecretKeyParamsBuilder::default()
        .key_type(KeyType::Rsa(2048))
        .can_certify(true)
        .primary_user_id("Fuzz <fuzz@example.org>".into())
        .subkey(subkey)
        .build()
        .unwrap()
        .generate(OsRng)
        .unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    key.to_armored_writer(&mut file.as_file(), ArmorOptions::default()).unwrap();
    let keys = SecretKeys::from_file(file.path(), &PassPhrase::none()).unwrap();
    let public = key.to_public_key();
    let mut head = Vec::new();
    PublicKeyEncryptedSessionKey::from_session_key_v3(
        OsRng,
        &RawSessionKey::from(&SESSION_KEY[..]),
        SymmetricKeyAlgorithm::AES256,
        &public.public_subkeys[0],
    )
    .unwrap()
    .to_writer_with_header(&mut head)
    .unwrap();
    Partner { keys, public, head }
});

impl Partner {
    /// An intact message whose content is any bytes.
    pub fn seal(&self, packets: &[u8]) -> Vec<u8> {
        let mut bytes = self.head.clone();
        SymEncryptedProtectedData::encrypt_seipdv1(OsRng, SymmetricKeyAlgorithm::AES256, &SESSION_KEY, packets)
            .unwrap()
            .to_writer_with_header(&mut bytes)
            .unwrap();
        bytes
    }

    /// A message whose session key is right and whose encrypted part is any bytes.
    pub fn address(&self, bytes: &[u8]) -> Vec<u8> {
        [&self.head, bytes].concat()
    }

    /// The public key.
    pub fn public(&self) -> &SignedPublicKey {
        &self.public
    }
}
