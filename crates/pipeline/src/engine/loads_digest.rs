//! What views read of `loads`, as a number for each table: it changes when what a view shows may change, and not when a run only notes that
//! it looked at a file again.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array as _, AsArray as _};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use xxhash_rust::xxh3::xxh3_128;

use super::{Engine, EngineError};

/// The columns of `loads` that say which rows a view shows.
const SQL: &str = "select coalesce(table_name, '') as table_name, load_id, file_key, site, org, kind, log_date, package_date, course_run_key, \
                   stem, batch, state, first_time, last_time, event_days, n_rows from loads";

/// The loads of each table, whatever their order.
#[derive(Debug, Default)]
pub(super) struct LoadsDigest {
    by_table: BTreeMap<String, u128>,
}

impl LoadsDigest {
    /// Reads the loads.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn of(engine: &Engine) -> Result<Self, EngineError> {
        let mut digest = Self::default();
        let fail = |source: ArrowError| EngineError::query(SQL, source.into());
        let options = FormatOptions::default().with_null("\u{0}");
        engine.stream(SQL, |rows| {
            let columns = rows.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
            let columns = columns.collect::<Result<Vec<_>, _>>().map_err(fail)?;
            let tables = rows.column(0).as_string_opt::<i32>();
            for row in 0..rows.num_rows() {
                let mut text = String::new();
                for column in &columns {
                    column.value(row).write(&mut text).map_err(fail)?;
                    text.push('\u{1f}');
                }
                let table = tables.filter(|tables| tables.is_valid(row)).map_or("", |tables| tables.value(row));
                let sum = digest.by_table.entry(table.to_owned()).or_default();
                *sum = sum.wrapping_add(xxh3_128(text.as_bytes()));
            }
            Ok::<_, EngineError>(())
        })?;
        Ok(digest)
    }

    /// The loads of one table, or of all.
    pub fn told(&self, table: Option<&str>) -> String {
        let sum = match table {
            Some(table) => self.by_table.get(table).copied().unwrap_or_default(),
            None => self.by_table.values().fold(0, |all: u128, sum| all.wrapping_add(*sum)),
        };
        format!("{sum:032x}")
    }
}
