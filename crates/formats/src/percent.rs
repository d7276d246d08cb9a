//! Percent escapes of addresses (RFC 3986, 2.1), decoded strictly: a text that was cut, or is none, must not pass for another one. It encodes
//! nothing.

/// The text that was escaped; `None` if an escape is cut or is no hexadecimal number, or if the bytes are no UTF-8.
#[must_use]
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (hexadecimal(bytes.next()?)?, hexadecimal(bytes.next()?)?);
            decoded.push(high << 4 | low);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_decoded_or_refused(text in "[%0-9a-fG/]*") {
            let _ = percent_decoded(&text);
        }
    }

    #[test]
    fn an_escape_that_is_not_whole_is_refused() {
        assert_eq!(percent_decoded("a%20b%2fé").as_deref(), Some("a b/é"));
        for text in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(percent_decoded(text), None, "{text}");
        }
    }
}
