//! Watches the rows of a model, which come sorted by its key, for a key that is null or comes twice. It changes no row.

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// A key column is null.
    Null,
    /// Two rows have the same key.
    Repeated,
}

/// The last key seen.
#[derive(Default)]
pub struct KeyCheck {
    converter: Option<RowConverter>,
    last: Option<OwnedRow>,
}

impl KeyCheck {
    /// Looks at the next rows.
    ///
    /// # Errors
    /// A key column cannot be compared: a bug.
    pub fn take(&mut self, rows: &RecordBatch, key: &[String]) -> Result<Option<KeyFault>, ArrowError> {
        let columns: Vec<ArrayRef> = key.iter().filter_map(|name| rows.column_by_name(name)).cloned().collect();
        if columns.iter().any(|column| column.null_count() > 0) {
            return Ok(Some(KeyFault::Null));
        }
        if self.converter.is_none() {
            self.converter = Some(RowConverter::new(columns.iter().map(|column| SortField::new(column.data_type().clone())).collect())?);
        }
        let Some(converter) = &self.converter else { return Ok(None) };
        let keys = converter.convert_columns(&columns)?;
        for key in &keys {
            if self.last.as_ref().is_some_and(|last| last.row() == key) {
                return Ok(Some(KeyFault::Repeated));
            }
            self.last = Some(key.owned());
        }
        Ok(None)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::Int64Array;
    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn rows(values: Vec<Option<i64>>) -> RecordBatch {
        let schema = Schema::new(vec![Field::new("id", DataType::Int64, true)]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Int64Array::from(values))]).unwrap()
    }

    #[test]
    fn a_key_that_comes_twice_is_seen_also_across_batches() {
        let key = ["id".to_owned()];
        let mut check = KeyCheck::default();
        assert_eq!(check.take(&rows(vec![Some(1), Some(2)]), &key).unwrap(), None);
        assert_eq!(check.take(&rows(vec![Some(2)]), &key).unwrap(), Some(KeyFault::Repeated));
    }

    #[test]
    fn a_null_key_is_seen() {
        assert_eq!(KeyCheck::default().take(&rows(vec![None]), &["id".to_owned()]).unwrap(), Some(KeyFault::Null));
    }
}
