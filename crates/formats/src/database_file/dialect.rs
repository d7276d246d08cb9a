//! The ways in which edX writes a value so that tabs and line ends inside it do not look like the file's own.
//! It refuses to guess about a backslash that starts no known escape: both bytes stay.

use std::borrow::Cow;

/// How the values of a file are written (docs/concepts/edx-files.md, "Dialects"). Quotes around fields come on top of it: see
/// [`super::Layout`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// D1, every table but one: backslash, carriage return, tab and line end are written as `\\`, `\r`, `\t` and `\n`.
    Escaped,
    /// D2, `courseware_studentmodule`: backslashes are doubled, and a raw tab or line end has a backslash before it.
    Backslash,
    /// Comma-separated values with quotes and without escapes: lists and reports beside the tables.
    Csv,
}

impl Dialect {
    /// The dialect edX writes a table in.
    pub fn of_table(table: &str) -> Self {
        match table {
            "courseware_studentmodule" => Self::Backslash,
            _ => Self::Escaped,
        }
    }

    /// The name that stands in the lake's `loads` table.
    pub fn id(self) -> &'static str {
        match self {
            Self::Escaped => "escaped",
            Self::Backslash => "backslash",
            Self::Csv => "csv",
        }
    }

    /// Reads a value back in one pass from left to right. Two passes would take the `\\n` of a backslash before an n for a line end.
    /// Borrows if nothing was escaped.
    pub fn unescape(self, text: Cow<'_, str>) -> Cow<'_, str> {
        let Some(first) = memchr::memchr(b'\\', text.as_bytes()).filter(|_| self != Self::Csv) else {
            return text;
        };
        let mut value = String::with_capacity(text.len());
        let (clean, mut rest) = text.split_at(first);
        value.push_str(clean);
        while let Some((before, after)) = rest.split_once('\\') {
            value.push_str(before);
            let (character, skipped) = self.escaped(after);
            value.push(character);
            rest = after.get(skipped..).unwrap_or_default();
        }
        value.push_str(rest);
        Cow::Owned(value)
    }

    /// What a backslash and the text after it stand for, and how many bytes of that text it takes.
    fn escaped(self, after: &str) -> (char, usize) {
        match (self, after.as_bytes().first()) {
            (Self::Escaped | Self::Backslash, Some(b'\\')) => ('\\', 1),
            (Self::Escaped, Some(b'n')) => ('\n', 1),
            (Self::Escaped, Some(b'r')) => ('\r', 1),
            (Self::Escaped, Some(b't')) => ('\t', 1),
            (Self::Backslash, Some(b'\t')) => ('\t', 1),
            (Self::Backslash, Some(b'\n')) => ('\n', 1),
            _ => ('\\', 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dialect: Dialect, text: &str) -> String {
        dialect.unescape(Cow::Borrowed(text)).into_owned()
    }

    #[test]
    fn an_escaped_value_is_read_in_one_pass() {
        assert_eq!(read(Dialect::Escaped, r"a\tb\nc\rd\\e"), "a\tb\nc\rd\\e");
        assert_eq!(read(Dialect::Escaped, r"\\n\\\n\\\\t"), "\\n\\\n\\\\t");
        assert_eq!(read(Dialect::Escaped, r"é\\é"), r"é\é");
    }

    #[test]
    fn a_backslash_that_escapes_nothing_stays() {
        assert_eq!(read(Dialect::Escaped, r#"\x \" end\"#), r#"\x \" end\"#);
        assert_eq!(read(Dialect::Backslash, r"\n\t\r\"), r"\n\t\r\");
    }

    /// docs/concepts/edx-files.md, "Dialects".
    #[test]
    fn the_state_of_a_block_is_json_again() {
        let state = "{\"answer\":\"a\\nb \\\"c\\\" \\\\d\"}";
        let written = state.replace('\\', "\\\\");
        assert_eq!(read(Dialect::Backslash, &written), state);
        assert_eq!(read(Dialect::Backslash, "a\\\tb\\\nc"), "a\tb\nc");
    }

    #[test]
    fn a_value_without_backslash_is_not_copied() {
        assert!(matches!(Dialect::Escaped.unescape(Cow::Borrowed("plain")), Cow::Borrowed("plain")));
    }

    proptest::proptest! {
        #[test]
        fn what_was_escaped_is_read_back(value in "[a-z\\\\\r\n\t\"é]{0,40}") {
            let escaped = value.replace('\\', "\\\\").replace('\r', "\\r").replace('\t', "\\t").replace('\n', "\\n");
            proptest::prop_assert_eq!(read(Dialect::Escaped, &escaped), value.clone());
            let doubled = value.replace('\\', "\\\\").replace('\t', "\\\t").replace('\n', "\\\n");
            proptest::prop_assert_eq!(read(Dialect::Backslash, &doubled), value);
        }
    }
}
