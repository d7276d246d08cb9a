//! How far the present run is, for whoever watches it from another thread. It remembers no past run: the control database does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use czar_pipeline::control::Cause;
use czar_pipeline::progress::Progress;

use super::{Order, Step};

/// The place where a run tells how far it is.
#[derive(Default)]
pub(crate) struct Live {
    run: Mutex<Option<LiveRun>>,
    // Told from many threads for every chunk: not worth a lock.
    n_bytes_done: AtomicU64,
    n_files_done: AtomicU64,
}

/// How far a run is.
#[derive(Debug, Clone)]
pub(crate) struct LiveRun {
    pub(crate) run_id: i64,
    pub(crate) cause: Cause,
    pub(crate) request_id: Option<i64>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) steps: Vec<Step>,
    pub(crate) step: Option<(Step, DateTime<Utc>)>,
    /// What the step does just now, in words.
    pub(crate) activity: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) n_files: u64,
    pub(crate) n_files_done: u64,
    /// 0 when the work is counted in files alone.
    pub(crate) n_bytes: u64,
    pub(crate) n_bytes_done: u64,
}

impl Live {
    /// The present run, if there is one.
    pub(crate) fn now(&self) -> Option<LiveRun> {
        let mut run = self.run().clone()?;
        run.n_bytes_done = self.n_bytes_done.load(Ordering::Relaxed).min(run.n_bytes);
        run.n_files_done = self.n_files_done.load(Ordering::Relaxed).min(run.n_files);
        Some(run)
    }

    pub(super) fn run_begins(&self, run_id: i64, order: &Order<'_>, now: DateTime<Utc>) {
        self.count_anew();
        *self.run() = Some(LiveRun {
            run_id,
            cause: order.cause,
            request_id: order.request_id,
            started_at: now,
            steps: Step::ALL.into_iter().filter(|step| order.steps.contains(step)).collect(),
            step: None,
            activity: None,
            file: None,
            n_files: 0,
            n_files_done: 0,
            n_bytes: 0,
            n_bytes_done: 0,
        });
    }

    pub(super) fn step_begins(&self, step: Step, now: DateTime<Utc>) {
        if let Some(run) = &mut *self.run() {
            run.step = Some((step, now));
        }
        self.end();
    }

    /// Forgets the run.
    pub(crate) fn run_ends(&self) {
        *self.run() = None;
    }

    fn count_anew(&self) {
        self.n_bytes_done.store(0, Ordering::Relaxed);
        self.n_files_done.store(0, Ordering::Relaxed);
    }

    fn run(&self) -> MutexGuard<'_, Option<LiveRun>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Live {
    fn begin(&self, step: &str, n_files: usize, n_bytes: u64) {
        self.count_anew();
        if let Some(run) = &mut *self.run() {
            run.activity = Some(step.to_owned());
            run.n_files = n_files as u64;
            run.n_bytes = n_bytes;
        }
    }

    fn file(&self, file_key: &str) {
        if let Some(run) = &mut *self.run() {
            run.file = Some(file_key.to_owned());
        }
    }

    fn advance(&self, n_bytes: u64) {
        self.n_bytes_done.fetch_add(n_bytes, Ordering::Relaxed);
    }

    fn file_done(&self) {
        self.n_files_done.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.count_anew();
        if let Some(run) = &mut *self.run() {
            run.activity = None;
            run.file = None;
            run.n_files = 0;
            run.n_bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot set up its data has failed")]

    use super::*;

    #[test]
    fn progress_is_that_of_the_present_activity_and_never_more_than_whole() {
        let live = Live::default();
        assert!(live.now().is_none());
        let now = DateTime::from_timestamp(1, 0).unwrap();
        live.run_begins(7, &Order { cause: Cause::Request, request_id: Some(3), steps: &[Step::Build, Step::Ingest] }, now);
        live.step_begins(Step::Ingest, now);
        live.begin("reading", 2, 100);
        live.file("a.log");
        live.advance(60);
        live.advance(60);
        live.file_done();
        let run = live.now().unwrap();
        assert_eq!((run.run_id, run.steps.as_slice()), (7, [Step::Ingest, Step::Build].as_slice()));
        assert_eq!((run.n_bytes_done, run.n_files_done, run.file.as_deref()), (100, 1, Some("a.log")));
        live.end();
        let run = live.now().unwrap();
        assert_eq!((run.n_bytes_done, run.n_files, run.file), (0, 0, None));
        live.run_ends();
        assert!(live.now().is_none());
    }
}
