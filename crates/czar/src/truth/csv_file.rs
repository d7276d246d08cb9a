//! Reads one truth file: a header and rows of text. An empty field is null. It knows nothing of types.

use std::path::Path;

use super::TruthError;

/// The content of a truth file.
#[derive(Debug)]
pub(super) struct TruthFile {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Option<String>>>,
}

/// Reads the file.
pub(super) fn read(path: &Path) -> Result<TruthFile, TruthError> {
    let file = std::fs::File::open(path).map_err(|source| TruthError::Unreadable { path: path.to_owned(), source })?;
    let not_csv = |source| TruthError::NotCsv { path: path.to_owned(), source };
    let mut reader = csv::Reader::from_reader(file);
    let columns = reader.headers().map_err(not_csv)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(not_csv)?;
        rows.push(record.iter().map(|field| Some(field.to_owned()).filter(|text| !text.is_empty())).collect());
    }
    Ok(TruthFile { columns, rows })
}
