//! Compares the rows of one truth file with the rows of its counterpart, by key. Rows with equal keys are compared in sorted order.

use std::collections::BTreeMap;

use czar_pipeline::engine::Engine;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::csv_file::TruthFile;
use super::expected::Expected;
use super::value::{canonical, same};
use super::{CheckedFile, Difference, MAX_DIFFERENCES, TruthError, TruthReport};

type Row = Vec<Option<String>>;
/// Rows by key; several rows may share one, as events of one instant do.
type Keyed = BTreeMap<Vec<String>, Vec<Row>>;

/// Compares one file and adds what was found to the report.
pub(super) fn compare(expected: &Expected, truth: &TruthFile, engine: &Engine, report: &mut TruthReport) -> Result<(), TruthError> {
    let key_positions = key_positions(expected, truth)?;
    let columns: Vec<String> = truth.columns.iter().map(|column| format!("\"{column}\"")).collect();
    let sql = format!("select {} from ({})", columns.join(", "), expected.query);
    let (kinds, rows) = found_rows(engine, &sql)?;
    let mut found = keyed(rows, &key_positions, &kinds);
    let mut check = Check { expected, truth, key_positions: &key_positions, report, n_values: 0, n_different: 0 };
    for (key, rows) in keyed(truth.rows.clone(), &key_positions, &kinds) {
        let counterparts = found.remove(&key).unwrap_or_default();
        for (index, row) in rows.iter().enumerate() {
            check.row(row, counterparts.get(index), &kinds);
        }
        for unexpected in counterparts.iter().skip(rows.len()) {
            check.difference(unexpected, "row", "no row", "a row");
        }
    }
    for unexpected in found.values().flatten() {
        check.difference(unexpected, "row", "no row", "a row");
    }
    let (n_values, n_different) = (check.n_values, check.n_different);
    report.files.push(CheckedFile { name: expected.file.to_owned(), n_rows: truth.rows.len() as u64, n_values, n_different });
    Ok(())
}

/// Compares the values of one file and keeps count.
struct Check<'a> {
    expected: &'a Expected,
    truth: &'a TruthFile,
    key_positions: &'a [usize],
    report: &'a mut TruthReport,
    n_values: u64,
    n_different: u64,
}

impl Check<'_> {
    fn row(&mut self, row: &Row, found: Option<&Row>, kinds: &[DataType]) {
        self.n_values += row.len() as u64;
        let Some(found) = found else { return self.difference(row, "row", "a row", "no row") };
        for (index, column) in self.truth.columns.iter().enumerate() {
            let expected = row.get(index).and_then(Option::as_deref);
            let found = found.get(index).and_then(Option::as_deref);
            let kind = kinds.get(index).unwrap_or(&DataType::Utf8);
            if !same(expected, found, kind) {
                self.difference(row, column, expected.unwrap_or("null"), found.unwrap_or("null"));
            }
        }
    }

    fn difference(&mut self, row: &Row, column: &str, expected: &str, found: &str) {
        self.n_different += 1;
        let is_alike = |told: &&Difference| told.file == self.expected.file && told.column == column;
        if self.report.differences.iter().filter(is_alike).count() < MAX_DIFFERENCES {
            let text = |position: &usize| row.get(*position).and_then(Option::as_deref).unwrap_or("null");
            let key = self.expected.key.iter().zip(self.key_positions).map(|(column, position)| format!("{column}={}", text(position)));
            let key = key.collect::<Vec<_>>().join(" ");
            self.report.differences.push(Difference {
                file: self.expected.file.to_owned(),
                key,
                column: column.to_owned(),
                expected: expected.to_owned(),
                found: found.to_owned(),
            });
        }
    }
}

fn key_positions(expected: &Expected, truth: &TruthFile) -> Result<Vec<usize>, TruthError> {
    let position = |column: &'static str| {
        truth.columns.iter().position(|found| found == column).ok_or(TruthError::NoKey { file: expected.file, column })
    };
    expected.key.iter().copied().map(position).collect()
}

/// Groups rows by key, in a spelling in which equal keys are equal, and sorts the rows of each group alike on both sides.
fn keyed(rows: Vec<Row>, key_positions: &[usize], kinds: &[DataType]) -> Keyed {
    let spelling = |row: &Row, position: usize| {
        let kind = kinds.get(position).unwrap_or(&DataType::Utf8);
        let text = row.get(position).cloned().flatten().unwrap_or_default();
        canonical(&text, kind).unwrap_or(text)
    };
    let mut keyed = Keyed::new();
    for row in rows {
        let key = key_positions.iter().map(|position| spelling(&row, *position)).collect();
        keyed.entry(key).or_default().push(row);
    }
    for rows in keyed.values_mut() {
        rows.sort_by_cached_key(|row| (0..row.len()).map(|position| spelling(row, position)).collect::<Vec<_>>());
    }
    keyed
}

fn found_rows(engine: &Engine, sql: &str) -> Result<(Vec<DataType>, Vec<Row>), TruthError> {
    let result = engine.sql(sql)?;
    let kinds = result.schema.fields().iter().map(|field| field.data_type().clone()).collect();
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in &result.batches {
        let columns =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options)).collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter().zip(batch.columns());
            let cells = cells
                .map(|(formatter, column)| if column.is_null(row) { Ok(None) } else { formatter.value(row).try_to_string().map(Some) });
            rows.push(cells.collect::<Result<Row, _>>()?);
        }
    }
    Ok((kinds, rows))
}
