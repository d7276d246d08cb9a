//! The options by which a command's rows are written, and the writing itself, shared by all commands that answer with rows.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use czar_pipeline::engine::Engine;
use datafusion::arrow::array::RecordBatch;

use super::{Destination, Format, RowWriter};
use crate::failure::refusal_with_hint;
use crate::printer::Printer;

/// How and where rows are written.
#[derive(Debug, Args)]
pub(crate) struct OutputOptions {
    /// How to write the rows [default: as the name of the output file ends, else table]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Write the rows into a file, which appears when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
}

impl OutputOptions {
    /// Into a file, as if the user had said so.
    pub(crate) fn into_file(path: &Path, format: Format) -> Self {
        Self { format: Some(format), output: Some(path.to_owned()) }
    }

    /// The format in force.
    pub(crate) fn format(&self) -> Format {
        self.format.unwrap_or_else(|| format_of(self.output.as_deref()))
    }

    /// Whether neither is given.
    pub(crate) fn is_default(&self) -> bool {
        self.format.is_none() && self.output.is_none()
    }

    /// The file, when there is one, for the closing line: ` into `x.csv``.
    pub(crate) fn place(&self) -> String {
        self.output.as_ref().map(|path| format!(" into `{}`", path.display())).unwrap_or_default()
    }

    /// Refuses what would only mess up the screen. To be called before any work.
    pub(crate) fn check(&self, printer: &Printer) -> anyhow::Result<()> {
        if self.format() == Format::Parquet && self.output.is_none() && printer.stdout_is_terminal() {
            return Err(refusal_with_hint("Parquet is not for a screen", "name a file with --output, or send stdout somewhere"));
        }
        Ok(())
    }

    /// Runs statements, one after the other, and writes their rows as one result. All have the columns of the first. Tells how many rows
    /// there were.
    pub(crate) fn write(&self, engine: &Engine, statements: &[String], printer: &Printer) -> anyhow::Result<u64> {
        let Some(first) = statements.first() else { return Ok(0) };
        let screen_width = if self.output.is_none() { printer.screen_width() } else { None };
        let schema = engine.schema_of(first)?;
        let destination = Destination::open(self.output.as_deref(), printer)?;
        let mut writer = RowWriter::begin(self.format(), &schema, destination, screen_width)?;
        let mut n_rows = 0;
        for sql in statements {
            engine.stream(sql, |batch| {
                writer.write(&batch)?;
                n_rows += batch.num_rows() as u64;
                anyhow::Ok(())
            })?;
        }
        writer.finish()?.close()?;
        Ok(n_rows)
    }

    /// Writes rows that no query gave.
    pub(crate) fn write_rows(&self, rows: &RecordBatch, printer: &Printer) -> anyhow::Result<()> {
        let screen_width = if self.output.is_none() { printer.screen_width() } else { None };
        let destination = Destination::open(self.output.as_deref(), printer)?;
        let mut writer = RowWriter::begin(self.format(), &rows.schema(), destination, screen_width)?;
        writer.write(rows)?;
        writer.finish()?.close()
    }
}

fn format_of(output: Option<&Path>) -> Format {
    let extension = output.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv") => Format::Csv,
        Some("json") => Format::Json,
        Some("parquet") => Format::Parquet,
        _ => Format::Table,
    }
}
