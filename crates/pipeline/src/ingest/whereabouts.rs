//! Where the rows of an event file lie: in data files of its own or, for a small file of a past month, in data files that it shares with others
//! of the month. All rows of a file lie in the one or all in the other. It opens no data file.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};

use crate::lake::{BatchName, LakeError, LakeTable};

/// The value of `_log_month` for rows of an event file.
pub fn month_of(log_date: Option<NaiveDate>) -> String {
    log_date.map_or_else(|| "unknown".to_owned(), |date| format!("{:04}-{:02}", date.year(), date.month()))
}

/// The partition of rows of a site and month, column by column.
pub fn partition<'a>(site: Option<&'a str>, month: &'a str) -> [(&'static str, &'a str); 2] {
    [("_site", site.unwrap_or_default()), ("_log_month", month)]
}

/// Data files in which the rows of an event file lie.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Paths of the data files.
    pub paths: Vec<String>,
    /// Whether rows of other files lie there too, and perhaps none of this one.
    pub is_shared: bool,
}

/// The visible data files of a table of events.
pub struct Whereabouts {
    own: HashMap<BatchName, Vec<String>>,
    shared: HashMap<String, Vec<String>>,
}

impl Whereabouts {
    /// Lists the data files of a table.
    ///
    /// # Errors
    /// The table's log cannot be read.
    pub fn of(table: &LakeTable) -> Result<Self, LakeError> {
        let mut found = Self { own: HashMap::new(), shared: HashMap::new() };
        for path in table.data_files()? {
            let Some(batch) = BatchName::of_path(&path) else { continue };
            let paths = if batch == BatchName::shared() {
                found.shared.entry(partition_folder(&path).to_owned()).or_default()
            } else {
                found.own.entry(batch).or_default()
            };
            paths.push(path);
        }
        Ok(found)
    }

    /// Where the rows of an event file are, if it has any.
    pub fn rows_of(&self, file_key: &str, site: Option<&str>, log_date: Option<NaiveDate>) -> Rows {
        if let Some(paths) = self.own.get(&BatchName::of(file_key)) {
            return Rows { paths: paths.clone(), is_shared: false };
        }
        let month = month_of(log_date);
        let folder = partition(site, &month).map(|(column, value)| format!("{column}={value}")).join("/");
        let paths = self.shared.get(&folder).cloned().unwrap_or_default();
        Rows { is_shared: !paths.is_empty(), paths }
    }
}

/// The path of a data file up to the folder of its batch.
fn partition_folder(path: &str) -> &str {
    path.rsplitn(3, '/').nth(2).unwrap_or_default()
}
