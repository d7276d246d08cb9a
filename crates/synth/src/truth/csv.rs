//! CSV text with a header: UTF-8, empty for nothing, quotes only where needed.
//!
//! It writes; it never reads.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A CSV file in the making.
pub(crate) struct CsvFile {
    out: BufWriter<File>,
    row: String,
    needs_comma: bool,
}

impl CsvFile {
    /// Creates the file and writes its header.
    pub(crate) fn create(path: &Path, header: &str) -> io::Result<Self> {
        let mut out = BufWriter::new(File::create(path)?);
        out.write_all(header.as_bytes())?;
        out.write_all(b"\n")?;
        Ok(Self { out, row: String::new(), needs_comma: false })
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        if self.needs_comma {
            self.row.push(',');
        }
        self.needs_comma = true;
        if value.contains([',', '"', '\n', '\r']) {
            self.row.push_str(&format!("\"{}\"", value.replace('"', "\"\"")));
        } else {
            self.row.push_str(value);
        }
        self
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.text(&value.to_string())
    }

    pub(crate) fn maybe_int(&mut self, value: Option<i64>) -> &mut Self {
        self.text(&value.map(|v| v.to_string()).unwrap_or_default())
    }

    pub(crate) fn maybe_text(&mut self, value: Option<&str>) -> &mut Self {
        self.text(value.unwrap_or_default())
    }

    pub(crate) fn maybe_float(&mut self, value: Option<f64>) -> &mut Self {
        self.text(&value.map(|v| v.to_string()).unwrap_or_default())
    }

    pub(crate) fn float(&mut self, value: f64) -> &mut Self {
        self.maybe_float(Some(value))
    }

    pub(crate) fn moment(&mut self, value: Option<i64>) -> &mut Self {
        self.text(&value.map(crate::moment::truth_text).unwrap_or_default())
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.text(if value { "true" } else { "false" })
    }

    pub(crate) fn maybe_bool(&mut self, value: Option<bool>) -> &mut Self {
        self.text(value.map(|v| if v { "true" } else { "false" }).unwrap_or_default())
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.row.push('\n');
        self.out.write_all(self.row.as_bytes())?;
        self.row.clear();
        self.needs_comma = false;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}
