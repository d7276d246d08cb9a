//! Finds the members of a JSON object in one pass over its bytes, sixteen at a time where they are text.
//!
//! It refuses whatever it is not sure of, without saying why: a fault, a name with an escape, nesting beyond the limit. What it refuses is
//! read again by `serde_json`, whose word counts; what it takes, `serde_json` would have taken with the same result.

use wide::u8x16;

use super::json::MAX_DEPTH;
use super::redact;

/// A place in JSON text. Each step moves past what it read, or is `None` and leaves the place undefined.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Levels of nesting that are left.
    n_levels: usize,
    /// Whether a name of a secret, or text with quotes in it, which may hold JSON, was passed since this was last false.
    pub(super) may_hold_secrets: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner before the first byte of the text.
    pub(super) fn new(text: &'a str) -> Self {
        #[cfg(test)]
        if tests::is_refusing() {
            return Self { text: "", at: 0, n_levels: 0, may_hold_secrets: false };
        }
        Self { text, at: 0, n_levels: MAX_DEPTH, may_hold_secrets: false }
    }

    /// Reads an object. `each` is given the name of every member and reads its value.
    #[inline]
    pub(super) fn members(&mut self, mut each: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.enter(b'{')?;
        if self.next()? == b'}' {
            return self.leave();
        }
        loop {
            let (key, has_escapes) = self.name()?;
            if has_escapes {
                return None;
            }
            self.next()?;
            each(self, key)?;
            match self.next()? {
                b',' => self.at += 1,
                b'}' => return self.leave(),
                _ => return None,
            }
        }
    }

    /// Reads a value of any kind; its raw text.
    #[inline]
    pub(super) fn value(&mut self) -> Option<&'a str> {
        self.next()?;
        let start = self.at;
        self.skip_value()?;
        Some(&self.text[start..self.at])
    }

    /// The first byte of the value that comes next.
    #[inline]
    pub(super) fn next(&mut self) -> Option<u8> {
        let mut byte = *self.text.as_bytes().get(self.at)?;
        while matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
            byte = *self.text.as_bytes().get(self.at)?;
        }
        Some(byte)
    }

    /// Whether only white space is left.
    pub(super) fn end(&mut self) -> Option<()> {
        self.next().is_none().then_some(())
    }

    /// The text from a place to where the scanner is.
    pub(super) fn text_from(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// The place of the scanner.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    fn take(&mut self, expected: u8) -> Option<()> {
        let is_there = self.next()? == expected;
        self.at += 1;
        is_there.then_some(())
    }

    #[inline]
    fn enter(&mut self, bracket: u8) -> Option<()> {
        self.n_levels = self.n_levels.checked_sub(1)?;
        self.take(bracket)
    }

    /// Moves past a closing bracket.
    #[inline]
    fn leave(&mut self) -> Option<()> {
        self.n_levels += 1;
        self.at += 1;
        Some(())
    }

    #[inline]
    fn skip_value(&mut self) -> Option<()> {
        match self.next()? {
            b'"' => self.string().map(drop),
            b'{' => self.skip_object(),
            b'[' => self.skip_list(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    /// Moves past the name of a member and its colon; the name, and whether it has escapes.
    #[inline]
    fn name(&mut self) -> Option<(&'a str, bool)> {
        if self.next()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let has_escapes = self.string()?;
        let name = &self.text[start..self.at - 1];
        self.may_hold_secrets |= has_escapes || redact::is_secret_name(name.as_bytes());
        self.take(b':')?;
        Some((name, has_escapes))
    }

    fn skip_object(&mut self) -> Option<()> {
        self.enter(b'{')?;
        if self.next()? == b'}' {
            return self.leave();
        }
        loop {
            self.name()?;
            self.skip_value()?;
            match self.next()? {
                b',' => self.at += 1,
                b'}' => return self.leave(),
                _ => return None,
            }
        }
    }

    fn skip_list(&mut self) -> Option<()> {
        self.enter(b'[')?;
        if self.next()? == b']' {
            return self.leave();
        }
        loop {
            self.skip_value()?;
            match self.next()? {
                b',' => self.at += 1,
                b']' => return self.leave(),
                _ => return None,
            }
        }
    }

    /// Moves past a string from its opening quote; whether it has escapes.
    #[inline]
    fn string(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        let (mut has_escapes, mut has_quotes) = (false, false);
        while let Some(block) = bytes.get(at..)?.first_chunk() {
            let mut marks = special_bytes_of(block);
            let mut n_read = N_TOGETHER;
            while marks != 0 {
                let offset = marks.trailing_zeros() as usize;
                match *bytes.get(at + offset)? {
                    b'"' => {
                        self.at = at + offset + 1;
                        self.may_hold_secrets |= has_quotes;
                        return Some(has_escapes);
                    }
                    b'\\' => {
                        has_escapes = true;
                        has_quotes |= bytes.get(at + offset + 1) == Some(&b'"');
                        let end = offset + escape_length(bytes.get(at + offset..)?)?;
                        if end >= N_TOGETHER {
                            n_read = end;
                            break;
                        }
                        marks = marks >> end << end;
                    }
                    // A control character, which JSON text must escape.
                    _ => return None,
                }
            }
            at += n_read;
        }
        loop {
            match bytes.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    self.may_hold_secrets |= has_quotes;
                    return Some(has_escapes);
                }
                b'\\' => {
                    has_escapes = true;
                    has_quotes |= bytes.get(at + 1) == Some(&b'"');
                    at += escape_length(bytes.get(at..)?)?;
                }
                ..b' ' => return None,
                _ => at += 1,
            }
        }
    }

    #[inline]
    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_there = self.text.as_bytes()[self.at..].starts_with(word);
        self.at += word.len();
        is_there.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let start = self.at;
        let n_digits = self.digits()?;
        if n_digits > 1 && bytes[start] == b'0' {
            return None;
        }
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// Moves past digits, one at least; how many.
    #[inline]
    fn digits(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        while bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        (self.at > start).then_some(self.at - start)
    }
}

/// Bytes looked at together.
pub(super) const N_TOGETHER: usize = 16;

/// A bit for each quote, backslash or control character.
#[inline]
pub(super) fn special_bytes_of(block: &[u8; N_TOGETHER]) -> u32 {
    let bytes = u8x16::new(*block);
    let is_control = bytes.min(u8x16::splat(b' ' - 1)).simd_eq(bytes);
    (bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')) | is_control).to_bitmask()
}

/// Whether there is a backslash; for the short texts of a line faster than a search made for long ones.
#[inline]
pub(super) fn has_backslash(bytes: &[u8]) -> bool {
    let is_in = |block: &[u8; N_TOGETHER]| u8x16::new(*block).simd_eq(u8x16::splat(b'\\')).to_bitmask() != 0;
    match bytes.last_chunk() {
        // The last block may overlap the one before it.
        Some(last) => is_in(last) || bytes.as_chunks().0.iter().any(is_in),
        None => bytes.contains(&b'\\'),
    }
}

/// The bytes of the escape that the text begins with, if JSON has it.
#[inline]
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match ESCAPE_LENGTHS[usize::from(*bytes.get(1)?)] {
        0 => None,
        6 => bytes.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        length => Some(usize::from(length)),
    }
}

/// By the character after the backslash.
const ESCAPE_LENGTHS: [u8; 256] = {
    let mut lengths = [0; 256];
    let short = b"\"\\/bfnrt";
    let mut index = 0;
    while index < short.len() {
        lengths[short[index] as usize] = 2;
        index += 1;
    }
    lengths[b'u' as usize] = 6;
    lengths
};

#[cfg(test)]
pub(super) mod tests;
