//! Percent-encoding of paths and values (RFC 3986, 2.1). It decodes nothing: [`czar_formats::percent_decoded`] does.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const IN_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const IN_PATH: &AsciiSet = &IN_VALUE.remove(b'/');

/// A path as it stands in an address: all but letters, digits, `-._~` and the slashes between its parts is encoded. The same bytes are
/// signed for S3, which knows no other way to write them.
#[must_use]
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, IN_PATH).to_string()
}

/// A value as it stands in a query.
#[must_use]
pub(crate) fn encode_value(value: &str) -> String {
    utf8_percent_encode(value, IN_VALUE).to_string()
}

#[cfg(test)]
mod tests {
    use czar_formats::percent_decoded;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(text in "\\PC*") {
            prop_assert_eq!(percent_decoded(&encode_path(&text)), Some(text.clone()));
            prop_assert_eq!(percent_decoded(&encode_value(&text)), Some(text));
        }
    }

    #[test]
    fn slashes_of_a_path_stay_and_those_of_a_value_do_not() {
        assert_eq!(encode_path("a b/c+d~"), "a%20b/c%2Bd~");
        assert_eq!(encode_value("a/b"), "a%2Fb");
    }
}
