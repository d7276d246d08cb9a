//! What was fetched from where: a receipt for each object. It remembers nothing of objects that are not ours.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{Control, ControlError};

/// What is remembered of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its kind, by name.
    pub kind: String,
    /// Whose it is, in lower case.
    pub organisation: String,
    /// Where it lies, below the delivery folder.
    pub path: String,
    /// Its size.
    pub n_bytes: u64,
    /// Which version of it was taken.
    pub version: String,
    /// Whether the place lacked it the last time.
    pub has_vanished: bool,
}

/// How an object came to lie here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was fetched.
    Fetched,
    /// The same file lay here already.
    Adopted,
}

impl Control {
    /// The receipts of a place, by key.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn receipts(&self, place: &str) -> Result<BTreeMap<String, Receipt>, ControlError> {
        self.read(|connection| {
            let sql = "select key, kind, organisation, path, n_bytes, version, vanished_at is not null from objects where place = ?1";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([place], |row| {
                let receipt = Receipt {
                    kind: row.get(1)?,
                    organisation: row.get(2)?,
                    path: row.get(3)?,
                    n_bytes: row.get::<_, i64>(4).map(|n| u64::try_from(n).unwrap_or_default())?,
                    version: row.get(5)?,
                    has_vanished: row.get(6)?,
                };
                Ok((row.get(0)?, receipt))
            })?;
            rows.collect()
        })
    }

    /// Keeps receipts, each in place of the one before it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn keep_receipts<'a>(
        &self,
        receipts: impl IntoIterator<Item = (&'a str, &'a str, &'a Receipt, Taken)>,
        now: i64,
    ) -> Result<(), ControlError> {
        self.write(|connection| {
            let sql = "insert or replace into objects (place, key, kind, organisation, path, n_bytes, version, how, taken_at) \
                       values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let mut statement = connection.prepare(sql)?;
            for (place, key, receipt, taken) in receipts {
                let Receipt { kind, organisation, path, n_bytes, version, has_vanished: _ } = receipt;
                let n_bytes = i64::try_from(*n_bytes).unwrap_or(i64::MAX);
                let how = match taken {
                    Taken::Fetched => "fetched",
                    Taken::Adopted => "adopted",
                };
                statement.execute(params![place, key, kind, organisation, path, n_bytes, version, how, now])?;
            }
            Ok(())
        })
    }

    /// Marks objects that a place lacks now, and unmarks those that are back.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn mark_vanished(&self, place: &str, vanished: &[String], back: &[String], now: i64) -> Result<(), ControlError> {
        if vanished.is_empty() && back.is_empty() {
            return Ok(());
        }
        self.write(|connection| {
            let mut statement = connection.prepare("update objects set vanished_at = ?3 where place = ?1 and key = ?2")?;
            for key in vanished {
                statement.execute(params![place, key, now])?;
            }
            for key in back {
                statement.execute(params![place, key, None::<i64>])?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn a_receipt_is_kept_replaced_marked_and_unmarked() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::open(folder.path()).unwrap();
        let mut receipt = Receipt {
            kind: "packages".to_owned(),
            organisation: "universityx".to_owned(),
            path: "course-data/a.zip".to_owned(),
            n_bytes: 7,
            version: "\"abc\" 7".to_owned(),
            has_vanished: false,
        };
        control.keep_receipts([("s3://a", "a.zip", &receipt, Taken::Fetched), ("s3://b", "a.zip", &receipt, Taken::Adopted)], 1).unwrap();
        receipt.n_bytes = 8;
        control.keep_receipts([("s3://a", "a.zip", &receipt, Taken::Fetched)], 2).unwrap();
        assert_eq!(control.receipts("s3://a").unwrap(), BTreeMap::from([("a.zip".to_owned(), receipt.clone())]));
        assert_eq!(control.receipts("s3://b").unwrap()["a.zip"].n_bytes, 7);
        let key = ["a.zip".to_owned()];
        control.mark_vanished("s3://a", &key, &[], 3).unwrap();
        assert!(control.receipts("s3://a").unwrap()["a.zip"].has_vanished);
        control.mark_vanished("s3://a", &[], &key, 4).unwrap();
        assert!(!control.receipts("s3://a").unwrap()["a.zip"].has_vanished);
    }
}
