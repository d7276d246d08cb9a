//! Writes JSON the way Python's `json.dumps` does: ASCII only, with or without a space after `:` and `,`.
//!
//! It writes in the order it is called and never reorders, since real logs differ in the order of their fields.

/// JSON text in the making.
pub(crate) struct JsonText {
    out: Vec<u8>,
    is_compact: bool,
    needs_comma: bool,
}

impl JsonText {
    pub(crate) fn new(is_compact: bool) -> Self {
        Self { out: Vec::with_capacity(1024), is_compact, needs_comma: false }
    }

    /// Starts again with an empty text.
    pub(crate) fn clear(&mut self, is_compact: bool) {
        self.out.clear();
        self.is_compact = is_compact;
        self.needs_comma = false;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.out
    }

    fn separate(&mut self) {
        if self.needs_comma {
            self.out.extend_from_slice(if self.is_compact { b"," } else { b", " });
        }
        self.needs_comma = true;
    }

    /// The name of the next member.
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.separate();
        push_string(&mut self.out, name.as_bytes());
        self.out.extend_from_slice(if self.is_compact { b":" } else { b": " });
        self.needs_comma = false;
        self
    }

    pub(crate) fn open(&mut self) -> &mut Self {
        self.separate();
        self.out.push(b'{');
        self.needs_comma = false;
        self
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        self.out.push(b'}');
        self.needs_comma = true;
        self
    }

    pub(crate) fn open_list(&mut self) -> &mut Self {
        self.separate();
        self.out.push(b'[');
        self.needs_comma = false;
        self
    }

    pub(crate) fn close_list(&mut self) -> &mut Self {
        self.out.push(b']');
        self.needs_comma = true;
        self
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.separate();
        push_string(&mut self.out, value.as_bytes());
        self
    }

    /// JSON text as a string value, as browsers send their payload.
    pub(crate) fn text_of(&mut self, value: &JsonText) -> &mut Self {
        self.separate();
        push_string(&mut self.out, &value.out);
        self
    }

    /// Bytes that are JSON already.
    pub(crate) fn raw(&mut self, value: &[u8]) -> &mut Self {
        self.separate();
        self.out.extend_from_slice(value);
        self
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.raw(value.to_string().as_bytes())
    }

    /// A count of thousandths as a number with a point.
    pub(crate) fn millis(&mut self, value: i64) -> &mut Self {
        if value % 1000 == 0 {
            return self.int(value / 1000);
        }
        let sign = if value < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:03}", value.abs() / 1000, value.abs() % 1000);
        self.raw(text.trim_end_matches('0').as_bytes())
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.raw(if value { b"true" } else { b"false" })
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.raw(b"null")
    }
}

/// A string with the escapes of `json.dumps`. Bytes that are not UTF-8 are not expected here.
fn push_string(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        if (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\' {
            at += 1;
            continue;
        }
        out.extend_from_slice(&value[plain_from..at]);
        let length = match byte {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x80 => push_unit(out, u16::from(byte)),
            _ => {
                let end = (at + length).min(value.len());
                for c in String::from_utf8_lossy(&value[at..end]).chars() {
                    let mut units = [0; 2];
                    for unit in c.encode_utf16(&mut units) {
                        push_unit(out, *unit);
                    }
                }
            }
        }
        at += length;
        plain_from = at;
    }
    out.extend_from_slice(value.get(plain_from..).unwrap_or_default());
    out.push(b'"');
}

fn push_unit(out: &mut Vec<u8>, unit: u16) {
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_escaped_as_python_does() {
        let mut json = JsonText::new(false);
        json.open().key("a").text("x\"\\\n\u{1}é😀").key("b").millis(12_340).key("c").millis(5_000).key("d").millis(-60).close();
        assert_eq!(String::from_utf8_lossy(json.bytes()), r#"{"a": "x\"\\\n\u0001\u00e9\ud83d\ude00", "b": 12.34, "c": 5, "d": -0.06}"#);
    }

    #[test]
    fn compact_text_has_no_spaces() {
        let mut json = JsonText::new(true);
        json.open().key("a").open_list().int(1).int(2).close_list().key("b").null().close();
        assert_eq!(json.bytes(), br#"{"a":[1,2],"b":null}"#);
    }
}
