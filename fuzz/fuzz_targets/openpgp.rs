//! Any bytes as a message, as its encrypted part and as its content: clear bytes within the limit, or an error.

#![no_main]

use std::io::Read as _;

use arbitrary::Arbitrary;
use czar_fuzz::PARTNER;
use czar_vault::{DecryptOptions, decrypt};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Input<'a> {
    /// All of the message.
    Message(&'a [u8]),
    /// What follows a good head.
    EncryptedPart(&'a [u8]),
    /// What an intact encrypted part holds.
    Content(&'a [u8]),
}

const MOST_CLEAR_BYTES: u64 = 1 << 20;

// Making the key takes longer than a target may.
fuzz_target!(init: std::sync::LazyLock::force(&PARTNER), |input: Input<'_>| {
    let message = match input {
        Input::Message(bytes) => bytes.to_vec(),
        Input::EncryptedPart(bytes) => PARTNER.address(bytes),
        Input::Content(bytes) => PARTNER.seal(bytes),
    };
    let options = DecryptOptions { max_clear_bytes: Some(MOST_CLEAR_BYTES) };
    let Ok(mut decrypted) = decrypt(&message[..], &PARTNER.keys, options) else { return };
    let mut clear = Vec::new();
    let result = decrypted.read_to_end(&mut clear);
    assert!(clear.len() as u64 <= MOST_CLEAR_BYTES, "the limit holds");
    if matches!(input, Input::EncryptedPart(_)) {
        assert!(result.is_err(), "bytes nobody encrypted prove no integrity");
    }
});
