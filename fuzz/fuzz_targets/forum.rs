//! Any bytes as one line of a forum export: a document, nothing, or a reason.

#![no_main]

use czar_formats::forum::parse_document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    match parse_document(line) {
        Ok(Some(_)) => assert!(line.contains(&b'{')),
        // A byte order mark alone is no text either.
        Ok(None) => assert!(
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).iter().all(|&byte| byte == 0 || byte.is_ascii_whitespace()),
            "only white space is a blank line"
        ),
        Err(reject) => assert!(reject.column.is_none_or(|column| column as usize <= line.len() + 1)),
    }
});
