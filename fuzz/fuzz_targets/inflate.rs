//! Any bytes as what stands inside a message: plain bytes pass as they are, gzip ends in its checksum or in an error, every time the same.

#![no_main]

use std::io::Read as _;

use libfuzzer_sys::fuzz_target;

const MOST_CLEAR_BYTES: u64 = 16 << 20;

fuzz_target!(|bytes: &[u8]| {
    let mut clear = Vec::new();
    let mut inflated = czar_vault::inflate(bytes).expect("a slice can be read").take(MOST_CLEAR_BYTES);
    let result = inflated.read_to_end(&mut clear);
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert!(result.is_ok() && clear == bytes[..bytes.len().min(clear.len())]);
        assert!(clear.len() == bytes.len() || clear.len() as u64 == MOST_CLEAR_BYTES);
    }
    let mut one_by_one = Vec::new();
    let again = czar_vault::inflate(bytes).expect("a slice can be read").take(1 << 12).bytes().try_for_each(|byte| {
        one_by_one.push(byte?);
        std::io::Result::Ok(())
    });
    let n_same = one_by_one.len().min(clear.len());
    assert_eq!(one_by_one[..n_same], clear[..n_same], "how much is read at once changes nothing");
    if result.is_ok() && clear.len() < 1 << 12 {
        assert!(again.is_ok());
    }
});
