//! [`Pace`]: on which thread the disk is used.
//!
//! A write into the page cache is a memory copy, and to hand it to another thread costs more than
//! the write. So the disk is used on the spot, on the runtime's own thread, while it is quick. Two
//! rules keep a slow disk, or one that hangs, from holding up everything else:
//!
//! - At most one worker fewer than the runtime has is inside the disk at once; what comes on top
//!   goes to the blocking threads. A runtime with a single thread always uses those.
//! - Everything is timed, wherever it runs. A few slow operations in a row send all to the blocking
//!   threads, until a number of them in a row were quick again. There is no need for a probe that
//!   puts a worker at risk.
//!
//! What takes long on a quick disk too never runs on the spot: to sync, to copy, and to free the
//! blocks of a file, which takes a second where it has some gigabytes.
//!
//! Slow or quick is a state of the whole backend, since it is one disk. Writing and looking are
//! judged apart: with a disk that takes its time to write, HEAD requests answered from the cache
//! would else vouch for it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{JoinError, JoinHandle};

/// From here on an operation is slow. A thread of a busy machine may well sleep through 5 ms of it.
const SLOW: Duration = Duration::from_millis(20);

/// So many slow ones in a row make the disk slow.
const SLOW_IN_A_ROW: u32 = 3;

/// So many quick ones in a row make it quick again.
const QUICK_IN_A_ROW: u32 = 32;

/// What an operation mostly does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// Opens, locks, reads, lists.
    Look,
    /// Creates, writes.
    Change,
}

#[derive(Debug, Default)]
pub(crate) struct Pace {
    on_the_spot: AtomicUsize,
    look: Gauge,
    change: Gauge,
}

impl Pace {
    /// Leave to use the disk on this very thread, where that can be given.
    pub(crate) fn on_the_spot(&self) -> Option<OnTheSpot<'_>> {
        if self.look.is_slow() || self.change.is_slow() {
            return None;
        }
        let most = workers_to_spare();
        self.on_the_spot
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| {
                (now < most).then_some(now + 1)
            })
            .ok()
            .map(|_| OnTheSpot(&self.on_the_spot))
    }

    /// Does `work`, and remembers how long it took.
    pub(crate) fn timed<T>(&self, effort: Effort, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let outcome = work();
        let gauge = match effort {
            Effort::Look => &self.look,
            Effort::Change => &self.change,
        };
        gauge.note(effort, began.elapsed());
        outcome
    }
}

/// How many threads of the runtime may be inside the disk.
fn workers_to_spare() -> usize {
    match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => {
            handle.metrics().num_workers().saturating_sub(1)
        }
        _ => 0,
    }
}

/// Leave to use the disk on the runtime's thread, given back when dropped.
#[derive(Debug)]
pub(crate) struct OnTheSpot<'p>(&'p AtomicUsize);

impl Drop for OnTheSpot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether one kind of operation is slow at present.
#[derive(Debug, Default)]
struct Gauge {
    slow: AtomicBool,
    /// How many in a row spoke against it.
    contrary: AtomicU32,
}

impl Gauge {
    fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }

    fn note(&self, effort: Effort, took: Duration) {
        let slow = took >= SLOW;
        if slow == self.is_slow() {
            if self.contrary.load(Ordering::Relaxed) != 0 {
                self.contrary.store(0, Ordering::Relaxed);
            }
            return;
        }
        let enough = if slow { SLOW_IN_A_ROW } else { QUICK_IN_A_ROW };
        if self.contrary.fetch_add(1, Ordering::Relaxed) + 1 >= enough {
            self.contrary.store(0, Ordering::Relaxed);
            self.slow.store(slow, Ordering::Relaxed);
            tracing::debug!(?effort, slow, "the pace of the disk has changed");
        }
    }
}

/// Work on the disk: done already, or being done on a blocking thread. Cancel-safe, and the work
/// goes on when this is dropped.
#[derive(Debug)]
pub(crate) enum Running<T> {
    Done(Option<T>),
    Elsewhere(JoinHandle<T>),
}

impl<T> Unpin for Running<T> {}

impl<T> Future for Running<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(outcome) => match outcome.take() {
                Some(outcome) => Poll::Ready(Ok(outcome)),
                None => Poll::Pending,
            },
            Self::Elsewhere(handle) => Pin::new(handle).poll(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(gauge: &Gauge, count: u32, took: Duration) -> bool {
        for _ in 0..count {
            gauge.note(Effort::Look, took);
        }
        gauge.is_slow()
    }

    #[test]
    fn only_several_in_a_row_change_the_pace() {
        let gauge = Gauge::default();
        for _ in 0..10 {
            assert!(!times(&gauge, SLOW_IN_A_ROW - 1, SLOW));
            assert!(!times(&gauge, 1, Duration::ZERO));
        }
        assert!(times(&gauge, SLOW_IN_A_ROW, SLOW));
        for _ in 0..10 {
            assert!(times(&gauge, QUICK_IN_A_ROW - 1, Duration::ZERO));
            assert!(times(&gauge, 1, SLOW));
        }
        assert!(!times(&gauge, QUICK_IN_A_ROW, Duration::ZERO));
    }

    #[test]
    fn quick_looks_do_not_vouch_for_slow_writes() {
        let pace = Pace::default();
        for _ in 0..SLOW_IN_A_ROW {
            pace.change.note(Effort::Change, SLOW);
            times(&pace.look, QUICK_IN_A_ROW, Duration::ZERO);
        }
        assert!(pace.change.is_slow());
        assert!(pace.on_the_spot().is_none());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn one_worker_always_stays_free() {
        let pace = Pace::default();
        let first = pace.on_the_spot();
        let second = pace.on_the_spot();
        assert!(first.is_some() && second.is_some());
        assert!(pace.on_the_spot().is_none());
        drop(first);
        assert!(pace.on_the_spot().is_some());
    }

    #[tokio::test]
    async fn a_single_thread_is_never_blocked() {
        assert!(Pace::default().on_the_spot().is_none());
    }
}
