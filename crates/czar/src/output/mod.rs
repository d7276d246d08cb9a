//! Writes rows as table, CSV, JSON or Parquet. It takes them batch by batch, so that a large result need not be in memory at once.

mod destination;
mod options;
mod table;

use std::io::{self, Write};

use anyhow::Context as _;
use arrow_json::writer::JsonArray;
use clap::ValueEnum;
use czar_pipeline::engine::Engine;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;

pub(crate) use destination::Destination;
pub(crate) use options::OutputOptions;
pub(crate) use table::TableWriter;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people
    Table,
    /// Comma-separated values with a header line; null is empty
    Csv,
    /// One array of objects
    Json,
    /// Apache Parquet
    Parquet,
}

impl Format {
    /// How the names of its files end.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }
}

/// How a report is written that is not one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// One object
    Json,
}

/// Writes the rows of one result.
pub(crate) enum RowWriter<W: Write + Send> {
    Table(TableWriter<W>),
    Csv(Box<arrow_csv::Writer<W>>, SchemaRef),
    Json(arrow_json::Writer<W, JsonArray>),
    Parquet(Box<ArrowWriter<W>>),
}

impl<W: Write + Send> RowWriter<W> {
    /// Begins a result. A screen's width, if it goes to a screen, keeps wide cells of a table short.
    pub(crate) fn begin(format: Format, schema: &SchemaRef, out: W, screen_width: Option<usize>) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Table => Self::Table(TableWriter::new(schema, out, screen_width)),
            Format::Csv => {
                let writer = arrow_csv::WriterBuilder::new()
                    .with_header(true)
                    .with_timestamp_format("%Y-%m-%dT%H:%M:%S%.6f".to_owned())
                    .with_timestamp_tz_format("%Y-%m-%dT%H:%M:%S%.6fZ".to_owned())
                    .build(out);
                Self::Csv(Box::new(writer), schema.clone())
            }
            Format::Json => {
                let writer = arrow_json::WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(out);
                Self::Json(writer)
            }
            Format::Parquet => {
                let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
                // The query's own notes on the schema say nothing to other readers.
                let schema = Schema::new(schema.fields().clone()).into();
                Self::Parquet(Box::new(ArrowWriter::try_new(out, schema, Some(properties)).context("could not begin the Parquet file")?))
            }
        })
    }

    /// Writes some rows.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> anyhow::Result<()> {
        match self {
            Self::Table(writer) => writer.write(batch)?,
            Self::Csv(writer, _) => writer.write(batch).map_err(with_cause)?,
            Self::Json(writer) => writer.write(batch).map_err(with_cause)?,
            Self::Parquet(writer) => {
                let bare = Schema::new(batch.schema().fields().clone()).into();
                let batch = batch.clone().with_schema(bare).map_err(with_cause)?;
                writer.write(&batch).context("could not write the Parquet file")?;
            }
        }
        Ok(())
    }

    /// Writes what is left and hands the stream back.
    pub(crate) fn finish(self) -> anyhow::Result<W> {
        let mut out = match self {
            Self::Table(writer) => writer.finish()?,
            Self::Csv(mut writer, schema) => {
                // The header comes with the first batch, and a result without rows has none.
                writer.write(&RecordBatch::new_empty(schema)).map_err(with_cause)?;
                writer.into_inner()
            }
            Self::Json(mut writer) => {
                writer.finish().map_err(with_cause)?;
                let mut out = writer.into_inner();
                out.write_all(b"\n")?;
                out
            }
            Self::Parquet(writer) => (*writer).into_inner().context("could not end the Parquet file")?,
        };
        out.flush()?;
        Ok(out)
    }
}

/// The rows of a small result as text; null is `None`.
///
/// # Errors
/// The query cannot be run.
pub(crate) fn text_rows(engine: &Engine, sql: &str) -> anyhow::Result<Vec<Vec<Option<String>>>> {
    let mut rows = Vec::new();
    for batch in engine.sql(sql)?.batches {
        rows.extend(table::plain_cells(&batch)?);
    }
    Ok(rows)
}

/// Takes the I/O error out of Arrow's, so that a closed pipe is known for what it is.
fn with_cause(error: datafusion::arrow::error::ArrowError) -> anyhow::Error {
    use datafusion::arrow::error::ArrowError;
    match error {
        ArrowError::IoError(_, source) => source.into(),
        ArrowError::CsvError(text) | ArrowError::JsonError(text) if text.contains("Broken pipe") => {
            io::Error::new(io::ErrorKind::BrokenPipe, text).into()
        }
        other => other.into(),
    }
}
