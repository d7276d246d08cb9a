//! The rows of a small result as JSON objects: numbers stay numbers, all else is text. It keeps no types.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Number, Value};

/// The rows of a batch; a null is left out.
pub(super) fn objects(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, ArrowError> {
    let options = FormatOptions::default();
    let schema = batch.schema();
    let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options)).collect::<Result<Vec<_>, _>>()?;
    (0..batch.num_rows())
        .map(|row| {
            let mut object = Map::new();
            for ((field, column), formatter) in schema.fields().iter().zip(batch.columns()).zip(&columns) {
                if !column.is_null(row) {
                    let text = formatter.value(row).try_to_string()?;
                    object.insert(field.name().clone(), value(text, field.data_type().is_numeric()));
                }
            }
            Ok(object)
        })
        .collect()
}

fn value(text: String, is_number: bool) -> Value {
    if !is_number {
        return Value::String(text);
    }
    if let Ok(whole) = text.parse::<u64>() {
        return whole.into();
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map_or(Value::String(text), Value::Number)
}
