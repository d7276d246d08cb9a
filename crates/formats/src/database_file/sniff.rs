//! What quotes mean in a file, told from its head. It reads no value and keeps nothing of the file.

use super::quoted::{certain_inside, fields, inside};
use super::{Dialect, Layout, Quotes};

/// Bytes at the head of a file that decide.
pub const SAMPLE_BYTES: usize = 1 << 20;

impl Layout {
    /// Decides from the records at the head of a file. A field that must be quoted speaks for quotes, a quote that a writer of quoted
    /// fields would have doubled speaks against; the majority counts, and quotes around the names of the header settle it. If a quoted
    /// field holds a raw tab or line end, values had been un-escaped before they were quoted.
    #[must_use]
    pub fn decided_by(self, sample: &[u8], header_is_quoted: bool) -> Self {
        if self.dialect == Dialect::Csv {
            return self;
        }
        let sample = sample.get(..SAMPLE_BYTES).unwrap_or(sample);
        let whole = self.complete_len(sample);
        // A short file without a last line end is all there is.
        let whole = if whole == 0 || sample.len() < SAMPLE_BYTES { sample.len() } else { whole };
        let (mut n_for, mut n_against, mut has_raw) = (0_usize, 0_usize, false);
        for record in self.records(sample.get(..whole).unwrap_or_default()) {
            if !record.bytes.contains(&b'"') {
                continue;
            }
            if record.is_quoted {
                n_for += 1;
                let raw = |inside: &[u8]| inside.iter().any(|byte| matches!(byte, b'\t' | b'\r' | b'\n'));
                has_raw |= fields(record.bytes, self.separator).filter_map(inside).any(raw);
                continue;
            }
            let bytes = record.bytes.strip_suffix(b"\r").unwrap_or(record.bytes);
            for field in bytes.split(|&byte| byte == self.separator).filter(|field| field.contains(&b'"')) {
                if let Some(inside) = certain_inside(field) {
                    n_for += 1;
                    has_raw |= inside.contains(&b'\r');
                } else if inside(field).is_none() {
                    n_against += 1;
                }
            }
        }
        let quotes = match (n_for, n_against) {
            _ if header_is_quoted => Quotes::Marks,
            (n_for, n_against) if n_for > n_against => Quotes::Marks,
            (0, 0) => Quotes::Undecided,
            _ => Quotes::Text,
        };
        Self { quotes, has_raw_backslashes: has_raw && quotes == Quotes::Marks, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(sample: &[u8]) -> (Quotes, bool) {
        let layout = Layout::new(Dialect::Escaped, 3).decided_by(sample, false);
        (layout.quotes(), layout.has_raw_backslashes)
    }

    /// docs/concepts/edx-files.md, "Dialects".
    #[test]
    fn quotes_mark_fields_where_they_can_mean_nothing_else() {
        assert_eq!(decide(b"1\ta\t\"{\"\"skills_builder\"\": \"\"\"\"}\"\n2\tb\t\n"), (Quotes::Marks, false));
        assert_eq!(decide(b"1\t\"a\nb\"\tc\n"), (Quotes::Marks, true));
        assert_eq!(Layout::new(Dialect::Escaped, 1).decided_by(b"a\n", true).quotes(), Quotes::Marks);
    }

    #[test]
    fn a_quote_that_would_have_been_doubled_is_text() {
        for sample in [&b"1\t{\"a\": 1}\tb\n"[..], b"1\t\"hello\" she said\tb\n", b"1\t{\"a\": 1}\tb\n2\t\"a\nb\"\tc\n"] {
            assert_eq!(decide(sample).0, Quotes::Text);
        }
    }

    #[test]
    fn without_a_telling_quote_nothing_is_decided() {
        for sample in [&b""[..], b"1\ta\tb\n", b"1\t\"a\"\tb\n", b"1\t\"\"\tb\n"] {
            assert_eq!(decide(sample), (Quotes::Undecided, false));
        }
    }
}
