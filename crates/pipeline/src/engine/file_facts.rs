//! What the log of a table says of one data file, in the engine's types: where it is, the values it stands for, its rows, and bounds of
//! columns by which files are left out. It opens no file.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::DateTime;
use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, DataFusionError, Result, ScalarValue};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::table_schema::TableSchema;
use deltalake_core::kernel::Add;
use object_store::ObjectMeta;
use object_store::path::Path;
use serde_json::Value;

/// A data file.
#[derive(Debug)]
pub(super) struct FileFacts {
    /// Its place below the lake, and its size.
    pub meta: ObjectMeta,
    /// The values of the table's partition columns, in their order.
    pub partition_values: Vec<ScalarValue>,
    /// Its rows.
    pub n_rows: Option<usize>,
    /// Nulls by place of the column in the scan.
    pub null_counts: HashMap<usize, usize>,
    /// Smallest and largest value by place of the column in the scan.
    bounds: HashMap<usize, (ScalarValue, ScalarValue)>,
}

impl FileFacts {
    /// Reads what an entry of the log says.
    pub fn of(table: &str, add: &Add, scan_schema: &TableSchema) -> Result<Self> {
        let file = Path::parse(&add.path).unwrap_or_else(|_| Path::from(add.path.as_str()));
        let meta = ObjectMeta {
            location: Path::from(table).parts().chain(file.parts()).collect(),
            last_modified: DateTime::from_timestamp_millis(add.modification_time).unwrap_or_default(),
            size: u64::try_from(add.size).unwrap_or_default(),
            e_tag: None,
            version: None,
        };
        let partition_values =
            scan_schema.table_partition_cols().iter().map(|field| match add.partition_values.get(field.name()).and_then(Option::as_ref) {
                Some(value) => ScalarValue::try_from_string(value.clone(), field.data_type()),
                None => ScalarValue::try_new_null(field.data_type()),
            });
        let mut facts = Self {
            meta,
            partition_values: partition_values.collect::<Result<_>>()?,
            n_rows: None,
            null_counts: HashMap::new(),
            bounds: HashMap::new(),
        };
        if let Some(told) = &add.stats {
            let told: Value = serde_json::from_str(told).map_err(|source| DataFusionError::External(Box::new(source)))?;
            facts.take_statistics(&told, scan_schema.table_schema());
        }
        Ok(facts)
    }

    fn take_statistics(&mut self, told: &Value, schema: &SchemaRef) {
        let count = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        self.n_rows = told.get("numRecords").and_then(count);
        for (at, field) in schema.fields().iter().enumerate() {
            let of = |kind: &str| told.get(kind).and_then(|columns| columns.get(field.name())).filter(|value| !value.is_null());
            if let Some(nulls) = of("nullCount").and_then(count) {
                self.null_counts.insert(at, nulls);
            }
            if let (Some(least), Some(most)) = (of("minValues"), of("maxValues"))
                && let (Some(least), Some(most)) = (bound(least, field.data_type(), 0), bound(most, field.data_type(), CUT_MICROS))
            {
                self.bounds.insert(at, (least, most));
            }
        }
    }

    /// The file for a scan.
    pub fn partitioned_file(&self) -> PartitionedFile {
        let mut file = PartitionedFile::new_from_meta(self.meta.clone());
        file.partition_values.clone_from(&self.partition_values);
        file
    }
}

/// The log keeps moments to the millisecond and cuts the rest off: a largest value may be this much larger.
const CUT_MICROS: i64 = 999;

/// A bound as the log writes it.
fn bound(value: &Value, kind: &DataType, cut_micros: i64) -> Option<ScalarValue> {
    match kind {
        DataType::Utf8 => value.as_str().map(|text| ScalarValue::Utf8(Some(text.to_owned()))),
        DataType::Int64 => value.as_i64().map(|number| ScalarValue::Int64(Some(number))),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let moment = DateTime::parse_from_rfc3339(value.as_str()?).ok()?.timestamp_micros();
            Some(ScalarValue::TimestampMicrosecond(Some(moment.checked_add(cut_micros)?), zone.clone()))
        }
        _ => None,
    }
}

/// The files of a scan, for the choice of those that may match.
pub(super) struct FilesOfScan<'a> {
    /// The columns of the scan.
    pub schema: &'a SchemaRef,
    /// The files.
    pub files: &'a [&'a FileFacts],
}

impl FilesOfScan<'_> {
    fn values(&self, column: &Column, choose: impl Fn(&(ScalarValue, ScalarValue)) -> ScalarValue) -> Option<ArrayRef> {
        let at = self.schema.index_of(column.name()).ok()?;
        let unknown = ScalarValue::try_new_null(self.schema.field(at).data_type()).ok()?;
        ScalarValue::iter_to_array(self.files.iter().map(|file| file.bounds.get(&at).map_or_else(|| unknown.clone(), &choose))).ok()
    }

    fn counts(&self, count: impl Fn(&FileFacts) -> Option<usize>) -> ArrayRef {
        Arc::new(self.files.iter().map(|file| count(file).map(|n| n as u64)).collect::<UInt64Array>())
    }
}

impl PruningStatistics for FilesOfScan<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |(least, _)| least.clone())
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |(_, most)| most.clone())
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let at = self.schema.index_of(column.name()).ok()?;
        Some(self.counts(|file| file.null_counts.get(&at).copied()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(self.counts(|file| file.n_rows))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
