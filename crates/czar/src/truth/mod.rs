//! Compares a lake with the `truth/` folder of a synthetic delivery: every expected number with the result of a query.
//!
//! It judges values only: integers, days, moments and texts must be equal, floating-point numbers to a millionth. It changes nothing.

mod compare;
mod csv_file;
mod error;
mod expected;
mod value;

use std::path::Path;

use czar_pipeline::engine::Engine;

pub use error::TruthError;
use expected::Expected;

/// Differences of one column that are kept to be shown; all are counted.
const MAX_DIFFERENCES: usize = 3;

/// What the comparison found.
#[derive(Debug, Default)]
pub struct TruthReport {
    /// One entry for each truth file.
    pub files: Vec<CheckedFile>,
    /// The first differences of each column.
    pub differences: Vec<Difference>,
}

/// What was compared for one truth file.
#[derive(Debug)]
pub struct CheckedFile {
    /// The file's name.
    pub name: String,
    /// Rows that were expected.
    pub n_rows: u64,
    /// Values that were compared, keys included.
    pub n_values: u64,
    /// Values that differ; a row that is missing or not expected counts as one.
    pub n_different: u64,
}

/// One value that is not as expected.
#[derive(Debug)]
pub struct Difference {
    /// The truth file.
    pub file: String,
    /// Key columns and their values.
    pub key: String,
    /// The column; `row` when a whole row is missing or was not expected.
    pub column: String,
    /// What the truth says.
    pub expected: String,
    /// What the lake says.
    pub found: String,
}

impl TruthReport {
    /// Values that were compared.
    #[must_use]
    pub fn n_values(&self) -> u64 {
        self.files.iter().map(|file| file.n_values).sum()
    }

    /// Values that differ.
    #[must_use]
    pub fn n_different(&self) -> u64 {
        self.files.iter().map(|file| file.n_different).sum()
    }
}

/// Compares every truth file with the lake. Marts must have been built.
///
/// # Errors
/// A truth file is missing, unreadable or unknown, or a query fails. A difference is no error: it is in the report.
pub fn check(truth_folder: &Path, engine: &Engine) -> Result<TruthReport, TruthError> {
    let all = expected::all();
    refuse_unknown(truth_folder, &all)?;
    let mut report = TruthReport::default();
    for expected in &all {
        let truth = csv_file::read(&truth_folder.join(expected.file))?;
        compare::compare(expected, &truth, engine, &mut report)?;
    }
    Ok(report)
}

/// A truth file that nothing is compared with would make the check look better than it is.
fn refuse_unknown(folder: &Path, all: &[Expected]) -> Result<(), TruthError> {
    let unreadable = |source| TruthError::Unreadable { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") && !all.iter().any(|expected| expected.file == name) {
            return Err(TruthError::Unknown { path: folder.join(name) });
        }
    }
    Ok(())
}
