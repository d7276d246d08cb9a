//! Any bytes as a file of an unknown kind: what was told from a part stands when more is seen, and every line is a record or a blank.

#![no_main]

use czar_formats::other_file::{HEAD_BYTES, OneValue, is_binary, one_value, record_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, u16)| {
    let (bytes, cut) = input;
    let part = bytes.get(..usize::from(cut)).unwrap_or(&bytes);
    let whole = one_value(&bytes, true);
    assert!(whole != OneValue::Undecided, "there is no more to come");
    let told = one_value(part, part.len() == bytes.len());
    assert!(told == OneValue::Undecided || told == whole);
    if whole == OneValue::Yes {
        assert!(bytes.iter().filter(|&&byte| byte == b'\n').count() > 0, "a value of one line is a line");
    }
    assert_eq!(is_binary(&bytes), is_binary(&bytes[..bytes.len().min(HEAD_BYTES)]));
    for line in bytes.split(|&byte| byte == b'\n') {
        match record_text(line) {
            Some(text) => assert!(!text.contains('\0') && !text.trim_ascii().is_empty()),
            None => assert!(line.iter().all(|&byte| byte == 0 || byte.is_ascii_whitespace()), "only white space is blank"),
        }
    }
});
