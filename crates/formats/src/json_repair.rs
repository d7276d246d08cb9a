//! Mends text that is almost JSON: what Python's JSON writer, old log shippers and broken disks leave in a line.
//!
//! It adds no quote and no bracket: a record that ends too early stays broken.

/// The text with raw NULs dropped, other raw control characters in strings escaped, `NaN` and infinities as `null`, halves of surrogate
/// pairs as U+FFFD, and unknown escapes kept as the two characters they are.
pub(crate) fn repaired(text: &str) -> String {
    let mut mended = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let taken = match (in_string, first) {
            (_, '\0') => 1,
            (true, '\\') => escape(rest, &mut mended),
            (true, '\u{1}'..='\u{1f}') => {
                mended.push_str(match first {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    _ => "\\ufffd",
                });
                1
            }
            (false, 'N' | 'I' | '-') => {
                let token = ["NaN", "Infinity", "-Infinity"].into_iter().find(|token| rest.starts_with(token));
                mended.push_str(if token.is_some() { "null" } else { &rest[..1] });
                token.map_or(1, str::len)
            }
            _ => {
                in_string ^= first == '"';
                mended.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    mended
}

/// Copies the escape at the start of `rest`, mended; returns how many bytes it took.
fn escape(rest: &str, mended: &mut String) -> usize {
    match rest.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
            mended.push_str(&rest[..2]);
            2
        }
        Some(b'u') => match code_unit(rest) {
            Some(0xD800..=0xDBFF) if matches!(rest.get(6..).and_then(code_unit), Some(0xDC00..=0xDFFF)) => {
                mended.push_str(&rest[..12]);
                12
            }
            Some(0xD800..=0xDFFF) => {
                mended.push_str("\\ufffd");
                6
            }
            Some(_) => {
                mended.push_str(&rest[..6]);
                6
            }
            None => {
                mended.push_str("\\\\");
                1
            }
        },
        Some(_) => {
            mended.push_str("\\\\");
            1
        }
        None => {
            mended.push('\\');
            1
        }
    }
}

/// The number of a `\uXXXX` at the start of `text`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Whether `text`, which is JSON, holds half a surrogate pair: grammatical, yet refused by most readers.
pub(crate) fn has_half_surrogate(text: &str) -> bool {
    let bytes = text.as_bytes();
    // JSON inside JSON has a backslash every few bytes, and hardly ever one before a `u`.
    let Some(first) = memchr::memchr(b'\\', bytes) else { return false };
    let mut n_done = first;
    for at in memchr::memmem::find_iter(&bytes[first..], b"\\u").map(|at| first + at) {
        let n_escaping = bytes[n_done.min(at)..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
        if at < n_done || n_escaping % 2 == 1 {
            continue;
        }
        n_done = match code_unit(&text[at..]) {
            Some(0xD800..=0xDBFF) if matches!(text.get(at + 6..).and_then(code_unit), Some(0xDC00..=0xDFFF)) => at + 12,
            Some(0xD800..=0xDFFF) => return true,
            _ => at + 2,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_json_comes_back_as_it_was() {
        for text in [r#"{"a": [1, -2.5e3, null, true, "N \" \\ \u00e9 \ud83d\ude00 é"]}"#, "", "[]"] {
            assert_eq!(repaired(text), text);
        }
    }

    #[test]
    fn not_a_number_is_null_outside_strings_only() {
        assert_eq!(repaired(r#"{"a": NaN, "b": [-Infinity,Infinity], "c": "NaN"}"#), r#"{"a": null, "b": [null,null], "c": "NaN"}"#);
    }

    #[test]
    fn raw_control_characters_are_escaped_and_nul_is_dropped() {
        assert_eq!(repaired("\0{\"a\": \"x\ty\0\nz\u{7}\"}\0"), r#"{"a": "x\ty\nz\ufffd"}"#);
    }

    #[test]
    fn unknown_escapes_are_kept_as_characters() {
        assert_eq!(repaired(r#""\x41 \' \u12""#), r#""\\x41 \\' \\u12""#);
    }

    #[test]
    fn half_surrogates_are_told_from_pairs_and_from_escaped_backslashes() {
        assert!(has_half_surrogate(r#""\ud83d""#));
        assert!(has_half_surrogate(r#""\ude00\ud83d""#));
        assert!(!has_half_surrogate(r#""\ud83d\ude00""#));
        assert!(!has_half_surrogate(r#""\\ud83d""#));
        assert!(has_half_surrogate(r#""\\\ud83d""#));
        assert!(has_half_surrogate(r#""\ud83d\ude00\ud83d\\ude00""#));
        assert_eq!(repaired(r#""\ud83d\ude00 \uDE00""#), r#""\ud83d\ude00 \ufffd""#);
    }
}
