//! Percent-encoding of paths (RFC 3986, 2.1). It refuses what does not decode to text.

use std::fmt::Write as _;

/// A path as it stands in an address: all but letters, digits, `-._~` and the slashes between its parts is encoded. The same bytes are
/// signed for S3, which knows no other way to write them.
#[must_use]
pub fn encode_path(path: &str) -> String {
    encode(path, |byte| byte == b'/')
}

/// A value as it stands in a query.
#[must_use]
pub(crate) fn encode_value(value: &str) -> String {
    encode(value, |_| false)
}

fn encode(text: &str, is_also_plain: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || is_also_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The text that was encoded; `None` when it is no UTF-8 or an escape is not whole.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (high, low) = (hex_digit(bytes.next()?)?, hex_digit(bytes.next()?)?);
        decoded.push(high << 4 | low);
    }
    String::from_utf8(decoded).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(text in "\\PC*") {
            prop_assert_eq!(decode(&encode_path(&text)), Some(text.clone()));
            prop_assert_eq!(decode(&encode_value(&text)), Some(text));
        }

        #[test]
        fn any_text_is_decoded_or_refused(text in "[%0-9a-fG/]*") {
            let _ = decode(&text);
        }
    }

    #[test]
    fn slashes_of_a_path_stay_and_those_of_a_value_do_not() {
        assert_eq!(encode_path("a b/c+d"), "a%20b/c%2Bd");
        assert_eq!(encode_value("a/b"), "a%2Fb");
    }

    #[test]
    fn an_escape_that_is_not_whole_is_refused() {
        for text in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
