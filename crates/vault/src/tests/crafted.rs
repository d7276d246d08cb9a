//! Messages no honest sender makes: packets put together by hand inside an intact encrypted part, and forms that this `gpg` cannot write.

use super::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use pgp::composed::{Deserializable, MessageBuilder, RawSessionKey, SignedPublicKey};
use pgp::crypto::aead::{AeadAlgorithm, ChunkSize};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{PacketTrait, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData};
use rand_core::OsRng;

const LITERAL: u8 = 11;
const COMPRESSED: u8 = 8;
const MARKER: u8 = 10;

/// A packet in the new format with a five-byte length.
fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[0xc0 | tag, 0xff], &u32::try_from(body.len()).unwrap().to_be_bytes()[..], body].concat()
}

fn literal(clear: &[u8]) -> Vec<u8> {
    packet(LITERAL, &[b"b\0\0\0\0\0", clear].concat())
}

fn zlib(packets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(vec![2], Compression::fast());
    encoder.write_all(packets).unwrap();
    packet(COMPRESSED, &encoder.finish().unwrap())
}

fn partner_public() -> SignedPublicKey {
    SignedPublicKey::from_bytes(&world().partner.public[..]).unwrap()
}

fn head(session_key: &[u8], algorithm: SymmetricKeyAlgorithm) -> Vec<u8> {
    let mut bytes = Vec::new();
    PublicKeyEncryptedSessionKey::from_session_key_v3(
        OsRng,
        &RawSessionKey::from(session_key),
        algorithm,
        &partner_public().public_subkeys[0],
    )
    .unwrap()
    .to_writer_with_header(&mut bytes)
    .unwrap();
    bytes
}

/// Seals any bytes as the content of an intact message to the partner.
fn seal(packets: &[u8]) -> Vec<u8> {
    let session_key = [7; 32];
    let mut bytes = head(&session_key, SymmetricKeyAlgorithm::AES256);
    SymEncryptedProtectedData::encrypt_seipdv1(OsRng, SymmetricKeyAlgorithm::AES256, &session_key, packets)
        .unwrap()
        .to_writer_with_header(&mut bytes)
        .unwrap();
    bytes
}

fn read_sealed(packets: &[u8]) -> Result<Vec<u8>, VaultError> {
    read_all(&seal(packets), &world().partner.keys())
}

#[test]
fn layers_of_compression_are_counted() {
    assert_eq!(read_sealed(&literal(b"clear")).unwrap(), b"clear");
    assert_eq!(read_sealed(&zlib(&zlib(&literal(b"clear")))).unwrap(), b"clear");
    let error = read_sealed(&zlib(&zlib(&zlib(&literal(b"clear"))))).unwrap_err();
    assert!(error.to_string().contains("compressed too many times"), "{error}");
}

#[test]
fn a_bomb_is_stopped_at_the_callers_limit() {
    let bomb = seal(&zlib(&literal(&vec![0; 64 << 20])));
    assert!(bomb.len() < 1 << 20);
    let options = DecryptOptions { max_clear_bytes: Some(1 << 20) };
    let error = read_with(&bomb, &world().partner.keys(), options).unwrap_err();
    assert_eq!(error.to_string(), "message holds more than 1048576 bytes of clear text");
    let exact = DecryptOptions { max_clear_bytes: Some(5) };
    assert_eq!(read_with(&seal(&literal(b"clear")), &world().partner.keys(), exact).unwrap(), b"clear");
}

#[test]
fn a_second_literal_packet_is_not_lost_in_silence() {
    let two = [literal(b"one"), literal(b"two")].concat();
    for packets in [two.clone(), zlib(&two), [zlib(&literal(b"one")), literal(b"two")].concat()] {
        let error = read_sealed(&packets).unwrap_err();
        assert!(error.to_string().contains("something follows the data"), "{error}");
    }
}

#[test]
fn markers_and_padding_are_passed_over_up_to_a_number() {
    let marker = packet(MARKER, b"PGP");
    let around = [marker.clone(), literal(b"clear"), packet(21, &noise(100))].concat();
    assert_eq!(read_sealed(&around).unwrap(), b"clear");
    let error = read_sealed(&[marker.repeat(100), literal(b"clear")].concat()).unwrap_err();
    assert!(error.to_string().contains("too many packets"), "{error}");
    let error = read_sealed(&[packet(21, &noise(100_000)), literal(b"clear")].concat()).unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}

#[test]
fn content_that_ends_too_early_is_the_senders_mistake_not_damage() {
    let whole = literal(&log_like(5000));
    let mut deflated = DeflateEncoder::new(vec![1], Compression::fast());
    deflated.write_all(&whole).unwrap();
    let mut deflated = deflated.finish().unwrap();
    deflated.truncate(deflated.len() - 20);
    for packets in
        [Vec::new(), whole[..whole.len() - 1].to_vec(), packet(COMPRESSED, &deflated), packet(COMPRESSED, b""), packet(LITERAL, b"b")]
    {
        let error = read_sealed(&packets).unwrap_err();
        assert!(matches!(error, VaultError::Malformed { .. }), "{error}");
    }
}

#[test]
fn encryption_inside_encryption_is_named() {
    let error = read_sealed(&seal(&literal(b"clear"))).unwrap_err();
    assert_eq!(error.to_string(), "message uses encryption inside encryption, which is not supported");
}

#[test]
fn random_content_is_an_error_and_never_a_panic() {
    let keys = world().partner.keys();
    let random = noise(40_000);
    for (n, chunk) in random.chunks(40).enumerate() {
        // Half of them start like a packet that would be read on.
        let start = [&[][..], &[0xcb], &[0xc8, 0xff, 0, 0, 0, 30, 2], &[0xa3, 1]][n % 4];
        let result = read_all(&seal(&[start, chunk].concat()), &keys);
        assert!(!matches!(result, Err(VaultError::Damaged)), "{n}");
    }
}

#[test]
fn random_bytes_after_a_good_head_are_an_error_and_never_a_panic() {
    let keys = world().partner.keys();
    let head = head(&[7; 32], SymmetricKeyAlgorithm::AES256);
    for (n, chunk) in noise(60_000).chunks(300).enumerate() {
        let start = [&[][..], &[0xd2, 0xea], &[0xd2, 0xff, 0, 0, 1, 44, 2, 9, 2, 6], &[0xd4, 0xff, 0, 0, 1, 44, 1, 9, 2, 16]][n % 4];
        assert!(read_all(&[&head, start, chunk].concat(), &keys).is_err());
    }
}

#[test]
fn an_empty_session_key_does_not_take_the_process_down() {
    // The one input found that makes the OpenPGP library panic.
    let key = &partner_public().public_subkeys[0];
    let values = pgp::types::EncryptionKey::encrypt(&key, OsRng, b"", pgp::types::EskType::V3_4).unwrap();
    let mut bytes = head(&[7; 32], SymmetricKeyAlgorithm::AES256);
    let pgp::types::PkeskBytes::Rsa { mpi } = values else { panic!("an RSA key") };
    let n_bytes = mpi.as_ref().len();
    let start = bytes.len() - n_bytes;
    bytes[start..].copy_from_slice(mpi.as_ref());
    bytes.extend(seal(&literal(b"clear")).split_off(start + n_bytes));
    assert!(matches!(read_all(&bytes, &world().partner.keys()), Err(VaultError::Damaged)));
}

#[test]
fn the_old_packet_without_integrity_is_refused() {
    let bytes = [head(&[7; 32], SymmetricKeyAlgorithm::AES256), packet(9, &noise(500))].concat();
    let error = read_all(&bytes, &world().partner.keys()).unwrap_err();
    assert!(matches!(error, VaultError::Unprotected), "{error}");
}

#[test]
fn aead_messages_of_rfc_9580_are_opened_and_checked() {
    let (clear, keys) = (log_like(50_000), world().partner.keys());
    let mut builder =
        MessageBuilder::from_bytes("", clear.clone()).seipd_v2(OsRng, SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Ocb, ChunkSize::C4KiB);
    builder.encrypt_to_key(OsRng, &partner_public().public_subkeys[0]).unwrap();
    let message = builder.to_vec(OsRng).unwrap();
    assert!(read_all(&message, &keys).unwrap() == clear);
    for end in (message.len() - 9000..message.len()).step_by(37) {
        assert!(matches!(read_all(&message[..end], &keys), Err(VaultError::Damaged)), "{end}");
        let mut flipped = message.clone();
        flipped[end] ^= 1;
        assert!(matches!(read_all(&flipped, &keys), Err(VaultError::Damaged)), "{end}");
    }
}

#[test]
fn gnupgs_own_ocb_packet_is_opened_and_checked() {
    // Session key and packet of the example in draft-koch-librepgp, "Complete OCB encrypted packet sequence".
    let session_key = hex::decode("d1f01ba30e130aa7d2582c16e050ae44").unwrap();
    let packet = hex::decode(
        "d4490107020e5ed2bc1e470abe8f1d644c7a6c8a567b0f7701196611a154ba9c2574cd056284a8ef68035c623d93cc708a43211bb6eaf2b27f7c18d571bcd83b\
         20add3a08b73af15b9a098",
    )
    .unwrap();
    let keys = world().partner.keys();
    let message = [head(&session_key, SymmetricKeyAlgorithm::AES128), packet.clone()].concat();
    assert_eq!(read_all(&message, &keys).unwrap(), b"Hello, world!\n");
    for position in message.len() - packet.len() + 2..message.len() {
        let mut flipped = message.clone();
        flipped[position] ^= 16;
        assert!(matches!(read_all(&flipped, &keys), Err(VaultError::Damaged)), "{position}");
    }
}
