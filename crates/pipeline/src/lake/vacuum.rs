//! Deletes data files that no row has needed for some days: those of loads that were replaced and of research tables that were built anew; and
//! old entries of the tables' logs that a checkpoint stands for. It deletes nothing that the newest version of a table needs.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use deltalake_core::Path;
use deltalake_core::operations::vacuum::{Clock, VacuumMode};
use deltalake_core::protocol::checkpoints::cleanup_expired_logs_for;
use object_store::ObjectStoreExt as _;

use super::store::location_error;
use super::{Attempt, LakeError};

/// The day on which files were last deleted: once a day is enough.
const LAST: &str = ".vacuum";

/// Days for which commits stay in the log of a table after a checkpoint stands for them: what other engines keep, too.
const KEEP_COMMITS_DAYS: i64 = 30;

/// The moment at which the run looks.
#[derive(Debug)]
struct At(DateTime<Utc>);

impl Clock for At {
    fn current_timestamp_millis(&self) -> i64 {
        self.0.timestamp_millis()
    }
}

impl Attempt<'_> {
    /// Deletes data files that were replaced more than so many days ago, once a day. Tells how many.
    ///
    /// # Errors
    /// A table cannot be read, or a file not be deleted.
    pub fn vacuum(&self, now: DateTime<Utc>, keep_days: u32) -> Result<usize, LakeError> {
        let lake = self.lake();
        let folder = lake.folder();
        let mark = folder.join(LAST);
        let last: Option<NaiveDate> = std::fs::read_to_string(&mark).ok().and_then(|day| day.trim().parse().ok());
        let today = now.date_naive();
        if last == Some(today) {
            return Ok(0);
        }
        let mut n_deleted = 0;
        // A lake that has no mark is new, or of a release that kept everything: tomorrow is early enough.
        for name in lake.table_names()?.into_iter().filter(|_| last.is_some()) {
            let Some(table) = lake.table(&name)? else { continue };
            let plan = table.delta().clone().vacuum().with_mode(VacuumMode::Full).with_dry_run(true);
            let plan = plan
                .with_retention_period(Duration::days(i64::from(keep_days)))
                .with_enforce_retention_duration(false)
                .with_clock(Arc::new(At(now)));
            // Deleted here and not there: the library notes it in two commits, and a new version would mean new rows to us.
            let (_, found) = lake.runtime().block_on(async { plan.await }).map_err(|source| table.error("clean up", source))?;
            for path in found.files_deleted {
                let deleted = lake.runtime().block_on(table.object_store().delete(&Path::from(path)));
                deleted.map_err(|source| table.error("clean up", source))?;
                n_deleted += 1;
            }
            // Here and not with each commit, as the library would: no change of several tables is open now that would go back to one of them.
            let cutoff = (now - Duration::days(KEEP_COMMITS_DAYS)).timestamp_millis();
            let version = u64::try_from(table.version()).unwrap_or_default();
            let log = table.delta().log_store();
            let cleaned = lake.runtime().block_on(cleanup_expired_logs_for(version, log.as_ref(), cutoff, None));
            cleaned.map_err(|source| table.error("clean up", source))?;
        }
        crate::atomic_file::write(&mark, today.to_string().as_bytes()).map_err(|source| location_error(folder, source))?;
        Ok(n_deleted)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use deltalake_core::arrow::array::{ArrayRef, Int64Array, RecordBatch};

    use super::*;
    use crate::lake::{BatchName, Change, Lake, PartWriter};

    #[test]
    fn old_commits_are_deleted_when_a_checkpoint_stands_for_them_and_the_rows_stay() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let attempt = lake.begin_attempt("a1").unwrap();
        let row = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
        let mut table = lake.table_with("numbers", &row.schema(), &[]).unwrap();
        for n in 0..25 {
            let batch = BatchName::of(&n.to_string());
            let mut part = PartWriter::open(&table, &row.schema(), &batch, "a1", &[], lake.runtime()).unwrap();
            part.write(&row).unwrap();
            attempt.commit_together(vec![(&mut table, Change { adds: part.finish().unwrap(), ..Change::default() })]).unwrap();
        }
        let commits = || {
            let log = std::fs::read_dir(folder.path().join("numbers/_delta_log")).unwrap();
            log.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|kind| kind == "json")).count()
        };
        let modified = std::fs::metadata(folder.path().join("numbers/_delta_log")).unwrap().modified().unwrap();
        let now = DateTime::<Utc>::from(modified);
        attempt.vacuum(now, 7).unwrap();
        attempt.vacuum(now + Duration::days(29), 7).unwrap();
        assert_eq!(commits(), 26, "a month is kept");
        attempt.vacuum(now + Duration::days(31), 7).unwrap();
        assert_eq!(commits(), 7, "the newest checkpoint's, and those after it");
        let again = lake.table("numbers").unwrap().unwrap();
        assert_eq!((again.version(), again.data_files().unwrap().len()), (25, 25));
    }

    #[test]
    fn a_replaced_file_is_deleted_after_the_days_it_is_kept_and_a_present_one_never() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open_folder(folder.path()).unwrap();
        let attempt = lake.begin_attempt("a1").unwrap();
        let rows = |n: i64| RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![n])) as ArrayRef)]).unwrap();
        let batch = BatchName::of("a file");
        let mut table = lake.table_with("numbers", &rows(0).schema(), &[]).unwrap();
        for n in [1, 2] {
            let mut part = PartWriter::open(&table, &rows(n).schema(), &batch, "a1", &[], lake.runtime()).unwrap();
            part.write(&rows(n)).unwrap();
            let change = Change { replaces: vec![batch.clone()], adds: part.finish().unwrap(), ..Change::default() };
            attempt.commit_together(vec![(&mut table, change)]).unwrap();
        }
        let now = DateTime::from_timestamp(
            std::fs::metadata(folder.path())
                .unwrap()
                .modified()
                .unwrap()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_secs()
                .cast_signed(),
            0,
        )
        .unwrap();
        let version = table.version();
        assert_eq!(attempt.vacuum(now, 7).unwrap(), 0, "the first look only notes the day");
        assert_eq!(attempt.vacuum(now + Duration::days(6), 7).unwrap(), 0);
        assert_eq!(attempt.vacuum(now + Duration::days(8), 7).unwrap(), 1);
        assert_eq!(attempt.vacuum(now + Duration::days(8), 7).unwrap(), 0, "once a day");
        let table = lake.table("numbers").unwrap().unwrap();
        let path = table.data_files().unwrap().remove(0);
        let left: Vec<RecordBatch> = lake.read_data_file(&table, &path, None).unwrap().map(Result::unwrap).collect();
        assert_eq!((left, table.version()), (vec![rows(2)], version));
    }
}
