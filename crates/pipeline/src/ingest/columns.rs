//! Fills Arrow columns row by row, in the order of a column list. It checks that each row fills each column once.

use std::sync::{Arc, Mutex};

use deltalake_core::arrow::array::{
    ArrayBuilder as _, ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use deltalake_core::arrow::datatypes::SchemaRef;
use deltalake_core::arrow::error::ArrowError;

use crate::lake::schema::{Column, Kind, arrow_schema};

/// Columns that are being filled. Each `push` goes to the next column of the row; `end_row` begins the next row.
pub struct Columns {
    schema: SchemaRef,
    builders: Vec<Builder>,
    next: usize,
}

/// What the columns of earlier rows took. Columns of the same kind are made so large from the start: those that grow are copied each time.
#[derive(Default)]
pub struct Sizes(Mutex<(usize, Vec<usize>)>);

enum Builder {
    Text(StringBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Truth(BooleanBuilder),
    Moment(TimestampMicrosecondBuilder),
    Day(Date32Builder),
}

impl Columns {
    /// Empty columns.
    pub fn new<'a>(columns: impl IntoIterator<Item = Column<'a>>) -> Self {
        Self::sized(columns, &Sizes::default())
    }

    /// Empty columns with room for as many rows, and as much text, as was noted.
    pub fn sized<'a>(columns: impl IntoIterator<Item = Column<'a>>, sizes: &Sizes) -> Self {
        let columns: Vec<Column<'a>> = columns.into_iter().collect();
        let (n_rows, n_bytes) = sizes.0.lock().map(|sizes| sizes.clone()).unwrap_or_default();
        let with_margin = |size: usize| size + size / 8;
        let n_bytes = n_bytes.into_iter().chain(std::iter::repeat(0)).map(with_margin);
        let builders = columns.iter().zip(n_bytes).map(|((_, kind), n_bytes)| Builder::new(*kind, with_margin(n_rows), n_bytes)).collect();
        Self { schema: Arc::new(arrow_schema(columns)), builders, next: 0 }
    }

    /// Pushes text, or null.
    pub fn text(&mut self, value: Option<&str>) {
        if let Builder::Text(builder) = self.builder() {
            builder.append_option(value);
        }
    }

    /// Pushes a whole number, or null.
    pub fn integer(&mut self, value: Option<i64>) {
        if let Builder::Integer(builder) = self.builder() {
            builder.append_option(value);
        }
    }

    /// Pushes a count.
    pub fn count(&mut self, value: u64) {
        self.integer(i64::try_from(value).ok());
    }

    /// Pushes a floating-point number, or null.
    pub fn float(&mut self, value: Option<f64>) {
        if let Builder::Float(builder) = self.builder() {
            builder.append_option(value);
        }
    }

    /// Pushes a truth value, or null.
    pub fn truth(&mut self, value: Option<bool>) {
        if let Builder::Truth(builder) = self.builder() {
            builder.append_option(value);
        }
    }

    /// Pushes a moment in microseconds since 1970 UTC, or null.
    pub fn moment(&mut self, micros: Option<i64>) {
        if let Builder::Moment(builder) = self.builder() {
            builder.append_option(micros);
        }
    }

    /// Pushes a day as the number of days since 1970, or null.
    pub fn day(&mut self, days: Option<i32>) {
        if let Builder::Day(builder) = self.builder() {
            builder.append_option(days);
        }
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        debug_assert_eq!(self.next, self.builders.len(), "a row fills each column once");
        self.next = 0;
    }

    /// Notes how large the columns have become.
    pub fn note(&self, sizes: &Sizes) {
        let n_rows = self.builders.first().map_or(0, Builder::n_rows);
        if n_rows > 0
            && let Ok(mut sizes) = sizes.0.lock()
        {
            *sizes = (n_rows, self.builders.iter().map(Builder::n_bytes).collect());
        }
    }

    /// The filled columns.
    ///
    /// # Errors
    /// A row did not fill each column once: a bug.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        RecordBatch::try_new(self.schema, arrays)
    }

    fn builder(&mut self) -> &mut Builder {
        let at = self.next.min(self.builders.len() - 1);
        self.next += 1;
        &mut self.builders[at]
    }
}

impl Builder {
    fn new(kind: Kind, n_rows: usize, n_bytes: usize) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::with_capacity(n_rows, n_bytes)),
            Kind::Integer => Self::Integer(Int64Builder::with_capacity(n_rows)),
            Kind::Float => Self::Float(Float64Builder::with_capacity(n_rows)),
            Kind::Truth => Self::Truth(BooleanBuilder::with_capacity(n_rows)),
            Kind::Moment => Self::Moment(TimestampMicrosecondBuilder::with_capacity(n_rows).with_data_type(Kind::Moment.arrow())),
            Kind::Day => Self::Day(Date32Builder::with_capacity(n_rows)),
        }
    }

    fn n_rows(&self) -> usize {
        match self {
            Self::Text(builder) => builder.len(),
            Self::Integer(builder) => builder.len(),
            Self::Float(builder) => builder.len(),
            Self::Truth(builder) => builder.len(),
            Self::Moment(builder) => builder.len(),
            Self::Day(builder) => builder.len(),
        }
    }

    /// Bytes of text.
    fn n_bytes(&self) -> usize {
        match self {
            Self::Text(builder) => builder.values_slice().len(),
            _ => 0,
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Truth(builder) => Arc::new(builder.finish()),
            Self::Moment(builder) => Arc::new(builder.finish()),
            Self::Day(builder) => Arc::new(builder.finish()),
        }
    }
}
