//! Damaged, cut, foreign and empty files: each is one clear error, and none is ever taken for whole.

use super::*;
use std::io::{self, BufReader};

/// Where the encrypted part starts: behind the two recipients, packets with a two-byte length.
fn start_of_sealed_part(message: &[u8]) -> usize {
    let mut start = 0;
    for _ in 0..2 {
        assert_eq!(message[start], 0x85);
        start += 3 + usize::from(u16::from_be_bytes([message[start + 1], message[start + 2]]));
    }
    assert_eq!(message[start], 0xd2);
    start
}

/// All positions of the head and the tail, and some two hundred between.
fn positions(n_bytes: usize) -> impl Iterator<Item = usize> {
    (0..n_bytes).filter(move |at| *at < 40 || *at + 60 > n_bytes || at % (n_bytes / 200) == 0)
}

fn messages() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let clear = log_like(60_000);
    ["none", "zip", "zlib"]
        .map(|compression| {
            (compression, encrypt(&clear, &[&world().edx, &world().partner], &["--compress-algo", compression]), clear.clone())
        })
        .into()
}

#[test]
fn a_message_cut_anywhere_is_an_error() {
    let keys = world().partner.keys();
    for (compression, message, _) in messages() {
        let sealed = start_of_sealed_part(&message);
        for end in positions(message.len()).chain(sealed - 3..sealed + 40) {
            match read_all(&message[..end], &keys) {
                Err(VaultError::EmptyFile) if end == 0 => {}
                Err(VaultError::Damaged) => {}
                other => panic!("{compression} cut at {end} of {}: {:?}", message.len(), other.map(|clear| clear.len())),
            }
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_is_an_error_or_harms_nothing() {
    let keys = world().partner.keys();
    for (compression, message, clear) in messages() {
        let sealed = start_of_sealed_part(&message);
        for (n, position) in positions(message.len()).chain(sealed..sealed + 40).enumerate() {
            let mut flipped = message.clone();
            flipped[position] ^= 1 << (n % 8);
            match read_all(&flipped, &keys) {
                // Nothing protects the other recipient's part of the head, and we do not need it.
                Ok(read) => assert!(position < sealed / 2 && read == clear, "{compression} {position}"),
                Err(VaultError::Damaged) => {}
                Err(error) => assert!(position < sealed + 40, "{compression} {position} of {}: {error}", message.len()),
            }
        }
    }
}

#[test]
fn an_armoured_message_that_is_cut_is_an_error() {
    let keys = world().partner.keys();
    let message = encrypt(&log_like(20_000), &[&world().partner], &["--armor", "--compress-algo", "none"]);
    // The last byte is a line end.
    for end in positions(message.len() - 1).filter(|end| *end > 0) {
        assert!(matches!(read_all(&message[..end], &keys), Err(VaultError::Damaged)), "{end} of {}", message.len());
    }
}

#[test]
fn swapped_repeated_or_missing_blocks_are_an_error() {
    let keys = world().partner.keys();
    let message = encrypt(&noise(100_000), &[&world().partner], &["--compress-algo", "none"]);
    let (a, b) = (20_000, 28_192);
    let repeated = [&message[..b], &message[a..]].concat();
    let missing = [&message[..a], &message[b..]].concat();
    let swapped = [&message[..a], &message[b..b + 8192], &message[a..b], &message[b + 8192..]].concat();
    for bytes in [repeated, missing, swapped] {
        assert!(matches!(read_all(&bytes, &keys), Err(VaultError::Damaged)));
    }
}

#[test]
fn bytes_after_the_message_are_an_error() {
    let keys = world().partner.keys();
    let message = as_edx(&log_like(30_000));
    for tail in [&b"\n"[..], b"\0", b"junk", &message] {
        let error = read_all(&[&message, tail].concat(), &keys).unwrap_err();
        assert!(matches!(error, VaultError::TrailingData), "{error}");
    }
}

#[test]
fn an_empty_file_is_named() {
    let error = read_all(b"", &world().partner.keys()).unwrap_err();
    assert_eq!(error.to_string(), "file is empty (zero bytes)");
    assert!(error.hint().unwrap().contains("expired"));
}

#[test]
fn a_message_for_others_names_them_and_us() {
    let world = world();
    let id = |pair: &KeyPair| pair.keys().list()[0].encryption_keys[0].key_id.clone();
    let message = encrypt(b"clear", &[&world.edx, &world.stranger], &[]);
    let error = read_all(&message, &world.partner.keys()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("message is encrypted to other keys: for {}, {}, we hold {}", id(&world.edx), id(&world.stranger), id(&world.partner))
    );
    let hidden = encrypt(b"clear", &[&world.edx, &world.stranger], &["--throw-keyids"]);
    let error = read_all(&hidden, &world.partner.keys()).unwrap_err();
    assert!(error.to_string().contains("for 2 hidden recipients, we hold"), "{error}");
}

#[test]
fn a_key_without_an_encryption_part_says_so() {
    let error = read_all(&as_edx(b"clear"), &world().sign_only.keys()).unwrap_err();
    assert!(error.to_string().ends_with("we hold no key that decrypts"), "{error}");
}

#[test]
fn what_is_not_openpgp_is_guessed() {
    let keys = world().partner.keys();
    for (bytes, expected) in [
        (&b"\x1f\x8b\x08\0\0"[..], "not an OpenPGP message, it looks like gzip"),
        (b"PK\x03\x04", "not an OpenPGP message, it looks like a zip archive"),
        (b"{\"username\": 1}", "not an OpenPGP message, it looks like JSON"),
        (b"<html>", "not an OpenPGP message, it looks like HTML or XML"),
        (b"id\tname\n", "not an OpenPGP message, it looks like text"),
        (b"\0\0\0\0", "not an OpenPGP message, it looks like text"),
        (b"\xef\xbb\xbfid", "not an OpenPGP message"),
        (&world().partner.public, "OpenPGP data that is not an encrypted message (it starts with a key)"),
        (&world().partner.armored_secret, "OpenPGP data that is not an encrypted message (it starts with a key)"),
    ] {
        assert_eq!(read_all(bytes, &keys).unwrap_err().to_string(), expected);
    }
}

/// A reader that is interrupted every other time, gives few bytes, and may fail.
struct Unsteady<'a> {
    bytes: &'a [u8],
    fails_at: Option<usize>,
    n_calls: usize,
}

impl Read for Unsteady<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.n_calls += 1;
        if self.n_calls.is_multiple_of(2) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.fails_at.is_some_and(|left| self.bytes.len() < left) {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the disk is tired"));
        }
        let n_bytes = buffer.len().min(997).min(self.bytes.len());
        buffer[..n_bytes].copy_from_slice(&self.bytes[..n_bytes]);
        self.bytes = &self.bytes[n_bytes..];
        Ok(n_bytes)
    }
}

#[test]
fn an_interrupted_read_is_repeated() {
    let (clear, keys) = (noise(50_000), world().partner.keys());
    let message = as_edx(&clear);
    let delivery = BufReader::with_capacity(1500, Unsteady { bytes: &message, fails_at: None, n_calls: 0 });
    let mut read = Vec::new();
    decrypt(delivery, &keys, DecryptOptions::default()).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == clear);
}

#[test]
fn a_failing_disk_is_not_called_damage() {
    let keys = world().partner.keys();
    let message = as_edx(&noise(50_000));
    // Remaining bytes at which it fails: in the first packet, the second, the encrypted part, and before its last block.
    for left in [message.len() - 5, message.len() - 400, message.len() - 20_000, 2000] {
        let delivery = BufReader::with_capacity(64, Unsteady { bytes: &message, fails_at: Some(left), n_calls: 0 });
        let result = decrypt(delivery, &keys, DecryptOptions::default())
            .map_err(io::Error::from)
            .and_then(|mut reader| reader.read_to_end(&mut Vec::new()));
        let error = result.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "could not read the encrypted bytes: the disk is tired");
    }
}
