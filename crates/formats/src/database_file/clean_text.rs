//! Bytes as text, for every reader of a weekly package.
//! It refuses to lose a record over a byte: what is not UTF-8 is marked, and the rest is read.

use std::borrow::Cow;

/// The bytes as text: NUL bytes are dropped, bytes that are not UTF-8 become U+FFFD. Borrows from sound bytes.
pub(crate) fn clean_text(bytes: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(0, bytes).is_none() {
        return String::from_utf8_lossy(bytes);
    }
    let bytes: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// As [`clean_text`], without a byte order mark in front and white space at both ends.
pub(crate) fn clean_json(bytes: &[u8]) -> Cow<'_, str> {
    match clean_text(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    }
}
