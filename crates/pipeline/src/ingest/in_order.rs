//! Works on items on all cores and hands the results on in the order of the items. It knows nothing of what the work is.
//!
//! No more than a fixed number of items is between source and consumer at any time, so memory is bounded however long the source is.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Takes items from `source` on a thread of its own, maps them on `n_workers` threads, and consumes the results here, in order.
///
/// # Errors
/// The first error of the source or the consumer; the rest of the source is then not taken.
pub fn in_order<I, T, E>(
    n_workers: usize,
    mut source: impl FnMut() -> Result<Option<I>, E> + Send,
    map: impl Fn(I) -> T + Sync,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send,
    T: Send,
    E: Send,
{
    let n_workers = n_workers.max(1);
    let n_between = n_workers * 3;
    let (give_ticket, ticket) = sync_channel::<()>(n_between);
    for _ in 0..n_between {
        // The channel has exactly this room.
        let _ = give_ticket.send(());
    }
    let (to_work, work) = sync_channel::<(u64, I)>(n_between);
    let (to_consumer, results) = sync_channel::<Step<T, E>>(n_between + 1);
    let work = Mutex::new(work);
    std::thread::scope(|scope| {
        let to_consumer_of_source = to_consumer.clone();
        let source = &mut source;
        scope.spawn(move || {
            let mut number = 0;
            while ticket.recv().is_ok() {
                match source() {
                    Ok(Some(item)) => {
                        if to_work.send((number, item)).is_err() {
                            return;
                        }
                        number += 1;
                    }
                    Ok(None) => {
                        let _ = to_consumer_of_source.send(Step::End(number));
                        return;
                    }
                    Err(error) => {
                        let _ = to_consumer_of_source.send(Step::Failed(error));
                        return;
                    }
                }
            }
        });
        for _ in 0..n_workers {
            let (work, map, to_consumer) = (&work, &map, to_consumer.clone());
            scope.spawn(move || {
                let _told = TellIfLost(&to_consumer);
                while let Some((number, item)) = next(work) {
                    if to_consumer.send(Step::Done(number, map(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_consumer);
        // Both ends of the consumer are dropped when it returns, which ends the threads.
        consume_in_order(results, give_ticket, &mut consume)
    })
}

enum Step<T, E> {
    Done(u64, T),
    End(u64),
    Failed(E),
    /// A worker panicked; the scope passes that panic on.
    Lost,
}

/// Tells the consumer that a worker panicked, so that it does not wait for a result that will not come.
struct TellIfLost<'a, T, E>(&'a SyncSender<Step<T, E>>);

impl<T, E> Drop for TellIfLost<'_, T, E> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.0.send(Step::Lost);
        }
    }
}

fn next<I>(work: &Mutex<Receiver<(u64, I)>>) -> Option<(u64, I)> {
    work.lock().ok()?.recv().ok()
}

fn consume_in_order<T, E>(
    results: Receiver<Step<T, E>>,
    give_ticket: SyncSender<()>,
    consume: &mut impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut early = BTreeMap::new();
    let mut wanted = 0;
    let mut end = None;
    while end != Some(wanted) {
        match results.recv() {
            Ok(Step::Done(number, result)) => {
                early.insert(number, result);
            }
            Ok(Step::End(number)) => end = Some(number),
            Ok(Step::Failed(error)) => return Err(error),
            Ok(Step::Lost) | Err(_) => return Ok(()),
        }
        while let Some(result) = early.remove(&wanted) {
            consume(result)?;
            wanted += 1;
            let _ = give_ticket.send(());
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a worker that panics is what one test is about")]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whatever_the_work_takes() {
        let mut numbers = 0..500_u64;
        let mut seen = Vec::new();
        let spin = |n: u64| (0..(n * 7919) % 5000).fold(n, |a, b| std::hint::black_box(a ^ b ^ b));
        let done: Result<(), ()> = in_order(
            4,
            || Ok(numbers.next()),
            |n| (n, spin(n)),
            |(n, _)| {
                seen.push(n);
                Ok(())
            },
        );
        assert_eq!(done, Ok(()));
        assert_eq!(seen, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_of_the_consumer_ends_an_endless_source() {
        let done = in_order(2, || Ok(Some(1)), |n: i32| n, |_| Err("full"));
        assert_eq!(done, Err("full"));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_of_a_worker_is_passed_on_and_hangs_nothing() {
        let _: Result<(), ()> = in_order(2, || Ok(Some(1)), |_| panic!("a worker"), |(): ()| Ok(()));
    }

    #[test]
    fn an_error_of_the_source_comes_out() {
        let done: Result<(), &str> = in_order(2, || Err("cut"), |n: i32| n, |_| Ok(()));
        assert_eq!(done, Err("cut"));
    }
}
