//! Session keys, taken the fast way from keys of each kind that `gpg` makes, and by rPGP from the others.

use super::*;
use crate::fast_key::FastKey;
use pgp::composed::{Deserializable, PlainSessionKey, SignedSecretKey};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::SecretSubkey;
use pgp::types::{EncryptionKey, EskType, KeyDetails, PkeskBytes};
use rand_core::OsRng;

/// Makes a key with a subkey of the kind that these lines of parameters name.
fn make_key_with(home: &Home, name: &str, subkey: &str) -> Vec<u8> {
    let parameters = format!(
        "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\n{subkey}\nSubkey-Usage: encrypt\nName-Email: {name}\n%no-protection\n%commit\n"
    );
    home.gpg(&["--generate-key"], parameters.as_bytes());
    home.gpg(&["--export-secret-keys", name], b"")
}

fn subkey_of(secret: &[u8]) -> SecretSubkey {
    SignedSecretKey::from_bytes(secret).unwrap().secret_subkeys.remove(0).key
}

fn fast(subkey: &SecretSubkey) -> Option<FastKey> {
    FastKey::of(subkey.public_params(), subkey.secret_params())
}

#[test]
fn each_kind_of_key_opens_its_messages_and_those_of_today_the_fast_way() {
    let home = Home::new();
    for (name, subkey, is_fast) in [
        ("rsa-1024@x.test", "Subkey-Type: RSA\nSubkey-Length: 1024", false),
        ("rsa-2048@x.test", "Subkey-Type: RSA\nSubkey-Length: 2048", true),
        ("rsa-3072@x.test", "Subkey-Type: RSA\nSubkey-Length: 3072", true),
        ("rsa-4096@x.test", "Subkey-Type: RSA\nSubkey-Length: 4096", true),
        ("curve-25519@x.test", "Subkey-Type: ECDH\nSubkey-Curve: cv25519", true),
        ("p-256@x.test", "Subkey-Type: ECDH\nSubkey-Curve: nistp256", true),
        ("p-384@x.test", "Subkey-Type: ECDH\nSubkey-Curve: nistp384", true),
        ("p-521@x.test", "Subkey-Type: ECDH\nSubkey-Curve: nistp521", true),
    ] {
        let secret = make_key_with(&home, name, subkey);
        assert_eq!(fast(&subkey_of(&secret)).is_some(), is_fast, "{name}");
        let keys = open_keys(&secret, "").unwrap();
        for arguments in [["--cipher-algo", "AES128"], ["--cipher-algo", "AES256"], ["--throw-keyids", "--no-armor"]] {
            let message = home.gpg(&[&arguments[..], &["--recipient", name, "--encrypt"]].concat(), b"clear");
            assert_eq!(read_all(&message, &keys).unwrap(), b"clear", "{name} {arguments:?}");
        }
        let error = read_all(&encrypt(b"clear", &[&world().edx], &["--throw-keyids"]), &keys).unwrap_err();
        assert!(matches!(error, VaultError::OtherRecipients { .. }), "{name}: {error}");
    }
}

#[test]
fn an_encrypted_number_with_leading_zeroes_is_opened() {
    let subkey = subkey_of(&world().partner.secret);
    // AES-128, a key of 16 bytes, their sum. One number in 256 is shorter than the modulus.
    let session_key = [&[7][..], &[1; 16], &[0, 16]].concat();
    let short = std::iter::repeat_with(|| EncryptionKey::encrypt(subkey.public_key(), OsRng, &session_key, EskType::V3_4).unwrap())
        .find(|values| matches!(values, PkeskBytes::Rsa { mpi } if mpi.len() < 256))
        .unwrap();
    let expected = PlainSessionKey::V3_4 { sym_alg: SymmetricKeyAlgorithm::AES128, key: vec![1; 16].into() };
    assert!(fast(&subkey).unwrap().open(&short, &subkey, EskType::V3_4) == Some(expected));
}

#[test]
fn what_is_no_session_key_is_refused() {
    let subkey = subkey_of(&world().partner.secret);
    let fast = fast(&subkey).unwrap();
    for (what, bytes) in [
        ("nothing", vec![]),
        ("one byte", vec![7]),
        ("a cipher alone", vec![7, 0, 0]),
        ("a wrong sum", [&[7][..], &[1; 16], &[0, 17]].concat()),
        ("a key too short for its cipher", [&[9][..], &[1; 16], &[0, 16]].concat()),
        ("no cipher", vec![0, 0, 0]),
        ("an unknown cipher", [&[99][..], &[1; 16], &[0, 16]].concat()),
    ] {
        let values = EncryptionKey::encrypt(subkey.public_key(), OsRng, &bytes, EskType::V3_4).unwrap();
        assert!(fast.open(&values, &subkey, EskType::V3_4).is_none(), "{what}");
    }
}
