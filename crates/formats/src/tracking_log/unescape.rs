//! The text of a JSON string that has escapes, sixteen bytes at a time between them.
//!
//! It refuses halves of surrogate pairs and whatever is not JSON: those are for `serde_json` and [`json_repair`](crate::json_repair).

use super::scan::{N_TOGETHER, special_bytes_of};

/// The text between the quotes of a JSON string, without NUL, which databases refuse and no column needs.
pub(super) fn unescaped(inner: &str) -> Option<String> {
    let bytes = inner.as_bytes();
    // Text is never longer than its escaped form; whole blocks are copied over the end of what is known of them.
    let mut text = vec![0; bytes.len() + N_TOGETHER];
    let (mut from, mut to) = (0, 0);
    while let Some(block) = bytes.get(from..)?.first_chunk::<N_TOGETHER>() {
        *text.get_mut(to..)?.first_chunk_mut()? = *block;
        // The bit above those of the block ends the count.
        let n_plain = (special_bytes_of(block) | 1 << N_TOGETHER).trailing_zeros() as usize;
        from += n_plain;
        to += n_plain;
        if n_plain < N_TOGETHER {
            let (n_read, n_written) = unescape(&bytes[from..], &mut text[to..])?;
            from += n_read;
            to += n_written;
        }
    }
    while let Some(&byte) = bytes.get(from) {
        if matches!(byte, b'"' | b'\\' | ..b' ') {
            let (n_read, n_written) = unescape(&bytes[from..], &mut text[to..])?;
            from += n_read;
            to += n_written;
        } else {
            text[to] = byte;
            from += 1;
            to += 1;
        }
    }
    text.truncate(to);
    String::from_utf8(text).ok()
}

/// Writes the character of the escape that `bytes` begin with; how many bytes were read and written.
#[inline]
fn unescape(bytes: &[u8], text: &mut [u8]) -> Option<(usize, usize)> {
    let &[b'\\', kind, ..] = bytes else { return None };
    *text.first_mut()? = match kind {
        b'"' | b'\\' | b'/' => kind,
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'u' => return unescape_code(bytes, text),
        _ => return None,
    };
    Some((2, 1))
}

/// As [`unescape`], of `\uXXXX` and of pairs of them.
fn unescape_code(bytes: &[u8], text: &mut [u8]) -> Option<(usize, usize)> {
    let first = code_unit(bytes)?;
    let (code, n_read) = match first {
        0xD800..=0xDBFF => {
            let second = code_unit(&bytes[6..]).filter(|second| (0xDC00..=0xDFFF).contains(second))?;
            (0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
        }
        _ => (first, 6),
    };
    match char::from_u32(code)? {
        '\0' => Some((n_read, 0)),
        character => Some((n_read, character.encode_utf8(text.get_mut(..4)?).len())),
    }
}

fn code_unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |code, &digit| Some(code << 4 | char::from(digit).to_digit(16)?))
}
