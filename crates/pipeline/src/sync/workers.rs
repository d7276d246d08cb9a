//! Some threads that take jobs in order. Results are handed to the thread that started them, several at once when several are ready.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Results that are handed over together.
const MOST_TOGETHER: usize = 256;

/// Does all jobs, at most so many at once. When `done` fails, jobs under way are ended and no other begins.
pub(super) fn for_each<T: Sync, R: Send, E>(
    jobs: &[T],
    at_once: usize,
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(Vec<(&T, R)>) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Bounded, so that no worker runs far ahead of what is done with its results.
        let (sender, receiver) = mpsc::sync_channel(at_once.max(1));
        for _ in 0..at_once.max(1).min(jobs.len()) {
            let (sender, next, is_over, work) = (sender.clone(), &next, &is_over, &work);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed)
                    && let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    if sender.send((job, work(job))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut outcome = Ok(());
        while let Ok(first) = receiver.recv() {
            let ready = std::iter::once(first).chain(receiver.try_iter().take(MOST_TOGETHER)).collect();
            if outcome.is_ok() {
                outcome = done(ready);
                is_over.store(outcome.is_err(), Ordering::Relaxed);
            }
        }
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once() {
        let jobs: Vec<u32> = (0..100).collect();
        let mut results = Vec::new();
        let outcome: Result<(), ()> = for_each(
            &jobs,
            7,
            |job| job * 2,
            |ready| {
                results.extend(ready.into_iter().map(|(job, result)| (*job, result)));
                Ok(())
            },
        );
        results.sort_unstable();
        assert_eq!(outcome, Ok(()));
        assert_eq!(results, jobs.iter().map(|job| (*job, job * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_begins_after_a_failure() {
        let jobs: Vec<u32> = (0..10_000).collect();
        let n_begun = AtomicUsize::new(0);
        let outcome = for_each(&jobs, 2, |_| n_begun.fetch_add(1, Ordering::Relaxed), |_| Err("full"));
        assert_eq!(outcome, Err("full"));
        assert!(n_begun.load(Ordering::Relaxed) < jobs.len());
    }
}
