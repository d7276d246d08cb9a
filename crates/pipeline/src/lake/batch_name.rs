//! Names of batches: which data files belong to which delivery file. It does not hold what is in them.

/// The stable, path-safe name of a batch: the same delivery file has the same name in every run and on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchName(String);

impl BatchName {
    /// Names the batch of a logical file or package, from its key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let digest = blake3::hash(key.as_bytes()).to_hex();
        Self(digest.as_str()[..16].to_owned())
    }

    /// The batch of data files that hold the rows of several delivery files. No digest is like it.
    #[must_use]
    pub fn shared() -> Self {
        Self("shared".to_owned())
    }

    /// The directory for the data files that one attempt at this batch writes.
    #[must_use]
    pub fn directory(&self, attempt: &str) -> String {
        format!("{}.{attempt}", self.0)
    }

    /// The batch to which a data file of a table, by its path, belongs.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        directory_of(path).and_then(|directory| directory.split_once('.')).map(|(name, _)| Self(name.to_owned()))
    }
}

/// Whether a data file was written by the named attempt.
pub(super) fn is_of_attempt(path: &str, attempt: &str) -> bool {
    directory_of(path).and_then(|directory| directory.split_once('.')).is_some_and(|(_, written_by)| written_by == attempt)
}

fn directory_of(path: &str) -> Option<&str> {
    path.rsplit('/').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_owns_the_files_of_all_its_attempts_and_no_others() {
        let batch = BatchName::of("universityx-edx-events-2015-03-01");
        let path = format!("_site=edx/_log_month=2015-03/{}/part-0.parquet", batch.directory("a1"));
        assert_eq!(BatchName::of_path(&path), Some(batch));
        assert_ne!(BatchName::of_path(&path), Some(BatchName::of("universityx-edx-events-2015-03-02")));
        assert!(is_of_attempt(&path, "a1"));
        assert!(!is_of_attempt(&path, "a2"));
    }
}
