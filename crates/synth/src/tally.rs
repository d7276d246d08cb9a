//! What a reader must find in each file: the account that `truth/files.csv` and `truth/rejects.csv` hold.
//!
//! It is kept by the writer of a file as it decides, never by reading the file again.

use std::collections::BTreeMap;

/// The accounts of several files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    pub(crate) files: Vec<FileTally>,
    /// Files that hold no data, and why: `failed` (edX sent a traceback) or `empty` (no byte, not even a header).
    pub(crate) not_produced: Vec<(String, &'static str)>,
}

impl Accounts {
    pub(crate) fn of_file(tally: FileTally) -> Self {
        Self { files: vec![tally], not_produced: Vec::new() }
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.files.extend(other.files);
        self.not_produced.extend(other.not_produced);
    }

    /// In the order of names, whichever thread was first.
    pub(crate) fn sort(&mut self) {
        self.files.sort_by(|a, b| a.file_key.cmp(&b.file_key));
        self.not_produced.sort();
    }
}

/// The account of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileTally {
    /// The logical name, the same whether encrypted or not.
    pub(crate) file_key: String,
    pub(crate) kind: &'static str,
    /// The lake's table.
    pub(crate) table_name: String,
    pub(crate) site: &'static str,
    pub(crate) n_records: u64,
    pub(crate) n_rows: u64,
    pub(crate) n_duplicates: u64,
    pub(crate) n_blanks: u64,
    pub(crate) rejects: BTreeMap<&'static str, u64>,
}

impl FileTally {
    pub(crate) fn n_rejects(&self) -> u64 {
        self.rejects.values().sum()
    }

    pub(crate) fn row(&mut self) {
        self.n_records += 1;
        self.n_rows += 1;
    }

    pub(crate) fn duplicate(&mut self) {
        self.n_records += 1;
        self.n_duplicates += 1;
    }

    pub(crate) fn blank(&mut self) {
        self.n_records += 1;
        self.n_blanks += 1;
    }

    pub(crate) fn reject(&mut self, code: &'static str) {
        self.n_records += 1;
        *self.rejects.entry(code).or_default() += 1;
    }
}
