//! Works on items on all cores and hands the results on in the order of the items. It knows nothing of what the work is.
//!
//! No more than a fixed number of items, and of bytes, is between source and consumer at any time, so memory is bounded however long the
//! source is, however many cores there are and however large an item is; one item is always let through.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex};

/// Items between source and consumer for each worker: enough that none waits for the one before.
const ITEMS_A_WORKER: usize = 3;
/// Bytes of items between source and consumer; what is made of them takes some times as much.
const MOST_BYTES: usize = 96 << 20;

/// Takes items from `source` on a thread of its own, maps them on `n_workers` threads, and consumes the results here, in order. `weigh` tells
/// how many bytes an item takes. With 0 workers all is done here: what is worked on beside other such things needs no more threads.
///
/// A panic on one of the threads goes on in the caller, who knows whose trouble it is; so it is told once, where it began.
///
/// # Errors
/// The first error of the source or the consumer; the rest of the source is then not taken.
pub fn in_order<I, T, E>(
    n_workers: usize,
    weigh: impl Fn(&I) -> usize + Send,
    mut source: impl FnMut() -> Result<Option<I>, E> + Send,
    map: impl Fn(I) -> T + Sync,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send,
    T: Send,
    E: Send,
{
    if n_workers == 0 {
        while let Some(item) = source()? {
            consume(map(item))?;
        }
        return Ok(());
    }
    let n_between = n_workers * ITEMS_A_WORKER;
    let room = Room { most_items: n_between, most_bytes: MOST_BYTES, ..Room::default() };
    let (to_work, work) = sync_channel::<(Ticket, I)>(n_between);
    let (to_consumer, results) = sync_channel::<Step<T, E>>(n_between + 1);
    let work = Mutex::new(work);
    std::thread::scope(|scope| {
        let to_consumer_of_source = to_consumer.clone();
        let (source, room) = (&mut source, &room);
        scope.spawn(move || {
            let fed = catch_unwind(AssertUnwindSafe(|| feed(source, weigh, room, &to_work)));
            let last = match fed {
                Ok(Ok(Some(number))) => Step::End(number),
                Ok(Ok(None)) => return,
                Ok(Err(error)) => Step::Failed(error),
                Err(panic) => Step::Panicked(panic),
            };
            let _ = to_consumer_of_source.send(last);
        });
        for _ in 0..n_workers {
            let (work, map, to_consumer) = (&work, &map, to_consumer.clone());
            scope.spawn(move || {
                while let Some((ticket, item)) = next(work) {
                    let done = catch_unwind(AssertUnwindSafe(|| map(item)));
                    let step = done.map_or_else(Step::Panicked, |result| Step::Done(ticket, result));
                    if to_consumer.send(step).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_consumer);
        // The consumer's end of the results, and the room, are closed when it returns, which ends the threads.
        let _closed = CloseRoom(room);
        consume_in_order(results, room, &mut consume)
    })
}

/// Hands the items of the source to the workers, as there is room; tells how many there were, or `None` when nobody wants more.
fn feed<I, E>(
    source: &mut impl FnMut() -> Result<Option<I>, E>,
    weigh: impl Fn(&I) -> usize,
    room: &Room,
    to_work: &SyncSender<(Ticket, I)>,
) -> Result<Option<u64>, E> {
    let mut number = 0;
    while let Some(item) = source()? {
        let n_bytes = weigh(&item);
        if !room.enter(n_bytes) || to_work.send((Ticket { number, n_bytes }, item)).is_err() {
            return Ok(None);
        }
        number += 1;
    }
    Ok(Some(number))
}

/// The place of an item, and the bytes it was let in with.
#[derive(Clone, Copy)]
struct Ticket {
    number: u64,
    n_bytes: usize,
}

/// The items between source and consumer.
#[derive(Default)]
struct Room {
    most_items: usize,
    most_bytes: usize,
    inside: Mutex<Inside>,
    someone_left: Condvar,
}

#[derive(Default)]
struct Inside {
    n_items: usize,
    n_bytes: usize,
    is_closed: bool,
}

impl Room {
    /// Waits until there is room for an item; `false` when nobody wants it any more.
    fn enter(&self, n_bytes: usize) -> bool {
        let Ok(inside) = self.inside.lock() else { return false };
        let is_full = |inside: &mut Inside| {
            let fits = inside.n_items < self.most_items && inside.n_bytes.saturating_add(n_bytes) <= self.most_bytes;
            !inside.is_closed && inside.n_items > 0 && !fits
        };
        let Ok(mut inside) = self.someone_left.wait_while(inside, is_full) else { return false };
        inside.n_items += 1;
        inside.n_bytes += n_bytes;
        !inside.is_closed
    }

    fn leave(&self, ticket: Ticket) {
        if let Ok(mut inside) = self.inside.lock() {
            inside.n_items -= 1;
            inside.n_bytes -= ticket.n_bytes;
            self.someone_left.notify_one();
        }
    }
}

struct CloseRoom<'a>(&'a Room);

impl Drop for CloseRoom<'_> {
    fn drop(&mut self) {
        if let Ok(mut inside) = self.0.inside.lock() {
            inside.is_closed = true;
            self.0.someone_left.notify_one();
        }
    }
}

enum Step<T, E> {
    Done(Ticket, T),
    End(u64),
    Failed(E),
    Panicked(Box<dyn Any + Send>),
}

fn next<I>(work: &Mutex<Receiver<(Ticket, I)>>) -> Option<(Ticket, I)> {
    work.lock().ok()?.recv().ok()
}

fn consume_in_order<T, E>(results: Receiver<Step<T, E>>, room: &Room, consume: &mut impl FnMut(T) -> Result<(), E>) -> Result<(), E> {
    let mut early = BTreeMap::new();
    let mut wanted = 0;
    let mut end = None;
    while end != Some(wanted) {
        match results.recv() {
            Ok(Step::Done(ticket, result)) => {
                early.insert(ticket.number, (ticket, result));
            }
            Ok(Step::End(number)) => end = Some(number),
            Ok(Step::Failed(error)) => return Err(error),
            Ok(Step::Panicked(panic)) => resume_unwind(panic),
            Err(_) => return Ok(()),
        }
        while let Some((ticket, result)) = early.remove(&wanted) {
            consume(result)?;
            wanted += 1;
            room.leave(ticket);
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::panic, reason = "threads that panic are what one test is about")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whatever_the_work_takes() {
        let mut numbers = 0..500_u64;
        let mut seen = Vec::new();
        let spin = |n: u64| (0..(n * 7919) % 5000).fold(n, |a, b| std::hint::black_box(a ^ b ^ b));
        let done: Result<(), ()> = in_order(
            4,
            |_| 1,
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
        let done = in_order(2, |_| 1, || Ok(Some(1)), |n: i32| n, |_| Err("full"));
        assert_eq!(done, Err("full"));
    }

    #[test]
    fn a_panic_of_any_part_goes_on_in_the_caller_and_hangs_nothing() {
        let endless = || Ok::<_, ()>(Some(1));
        let of_worker = || in_order(2, |_| 1, endless, |_: i32| panic!("a worker"), |(): ()| Ok(()));
        let of_source = || in_order(2, |_| 1, || -> Result<Option<i32>, ()> { panic!("the source") }, |n| n, |_| Ok(()));
        let of_consumer = || in_order(2, |_| 1, endless, |n: i32| n, |_| panic!("the consumer"));
        let alone = || in_order(0, |_| 1, endless, |_: i32| panic!("all in one"), |(): ()| Ok(()));
        let panics = [catch_unwind(of_worker), catch_unwind(of_source), catch_unwind(of_consumer), catch_unwind(alone)];
        let said = panics.map(|panic| panic.err().and_then(|panic| panic.downcast_ref::<&str>().copied()));
        assert_eq!(said, [Some("a worker"), Some("the source"), Some("the consumer"), Some("all in one")]);
    }

    #[test]
    fn an_error_of_the_source_comes_out() {
        let done: Result<(), &str> = in_order(2, |_| 1, || Err("cut"), |n: i32| n, |_| Ok(()));
        assert_eq!(done, Err("cut"));
    }

    #[test]
    fn items_too_large_for_the_room_go_through_one_by_one() {
        let (mut numbers, inside, most) = (0..20, AtomicUsize::new(0), AtomicUsize::new(0));
        let done: Result<(), ()> = in_order(
            4,
            |_| MOST_BYTES,
            || Ok(numbers.next()),
            |n: i32| {
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                n
            },
            |_| {
                inside.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            },
        );
        assert_eq!((done, most.into_inner()), (Ok(()), 1));
    }
}
