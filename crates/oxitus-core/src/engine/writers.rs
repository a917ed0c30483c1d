//! Whose turn it is to write to an upload, within this process.
//!
//! The backend's lease keeps writers apart, here and across processes. This registry makes the wait
//! for it fair and short: it queues the requests of one process, and knows whether the one that
//! writes is alive. **Only a stale writer is overtaken**: a newcomer that would stop a healthy one
//! makes two clients (two tabs, or a client and its own blind retry) kill each other's requests for
//! ever. A newcomer that finds a writer silent [doubts](Turn::doubted) it, and the writer itself has
//! the last look: on a busy machine the bytes may have come long ago, and only not been read.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Instead of a moment: the client is not waited for.
const NOT_WAITING: u64 = u64::MAX;

/// How often a waiting request looks whether the writer before it is to be overtaken.
const TICK: Duration = Duration::from_millis(50);

/// How long it goes at most without asking whether its reason to wait still holds. It asks more and
/// more rarely, since each time may cost a request to an object store.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// When a request that waits for its turn asks the writer before it to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overtake {
    /// Never.
    Nobody,
    /// Once it has been silent for a while and does not know better itself.
    Stale,
    /// At once.
    Anybody,
}

#[derive(Clone, Debug)]
pub(super) struct Writers {
    entries: Arc<Mutex<HashMap<UploadId, Arc<Entry>>>>,
    lock_timeout: Duration,
    takeover_after: Duration,
    epoch: Instant,
}

/// One upload that somebody writes to or waits for.
#[derive(Debug, Default)]
struct Entry {
    turn: Arc<tokio::sync::Mutex<()>>,
    writer: Mutex<Option<Arc<Writer>>>,
}

/// The request whose turn it is.
#[derive(Debug)]
struct Writer {
    stop: CancellationToken,
    doubt: Notify,
    /// Since when its client is waited for, in milliseconds since the registry's epoch, or
    /// [`NOT_WAITING`]. Only a client can be silent: what the server does with a lock, a disk or a
    /// hook takes as long as it takes.
    waiting_since: AtomicU64,
}

impl Writer {
    /// How long its client has brought nothing, though it was waited for.
    fn silence(&self, epoch: Instant) -> Duration {
        match self.waiting_since.load(Ordering::Relaxed) {
            NOT_WAITING => Duration::ZERO,
            since => epoch.elapsed().saturating_sub(Duration::from_millis(since)),
        }
    }
}

impl Writers {
    pub(super) fn new(lock_timeout: Duration, takeover_after: Duration) -> Self {
        Self {
            entries: Arc::default(),
            lock_timeout,
            takeover_after,
            epoch: Instant::now(),
        }
    }

    /// How long a request waits.
    pub(super) fn lock_timeout(&self) -> Duration {
        self.lock_timeout
    }

    /// The turn, if nobody has it.
    pub(super) fn try_turn(&self, id: &UploadId) -> Option<Turn> {
        let place = self.place(id);
        let guard = place.entry.turn.clone().try_lock_owned().ok()?;
        Some(Turn::new(self, place, guard))
    }

    /// Waits for the turn, in order of arrival. While it waits it asks `reason` again and again, and
    /// once more at the end, and gives up with the refusal that it returns. Cancel-safe.
    pub(super) async fn turn<R>(
        &self,
        id: &UploadId,
        overtake: Overtake,
        reason: impl Fn() -> R,
    ) -> Result<Turn, Refusal>
    where
        R: Future<Output = Result<(), Refusal>>,
    {
        let place = self.place(id);
        let now = Instant::now();
        let deadline = now + self.lock_timeout;
        let mut pause = TICK;
        let mut ask_at = now + pause;
        let mut next = std::pin::pin!(place.entry.turn.clone().lock_owned());
        loop {
            self.overtake(&place.entry, overtake);
            tokio::select! {
                biased;
                guard = &mut next => return Ok(Turn::new(self, place, guard)),
                () = tokio::time::sleep(TICK) => {}
            }
            let is_late = Instant::now() >= deadline;
            if is_late || Instant::now() >= ask_at {
                reason().await?;
                pause = LONGEST_PAUSE.min(pause * 2);
                ask_at = Instant::now() + pause;
            }
            if is_late {
                return Err(Refusal::Locked);
            }
        }
    }

    /// Asks the writer to stop, if it is to be overtaken.
    fn overtake(&self, entry: &Entry, overtake: Overtake) {
        let Some(writer) = lock(&entry.writer).clone() else {
            return;
        };
        match overtake {
            Overtake::Nobody => {}
            Overtake::Stale => {
                if writer.silence(self.epoch) >= self.takeover_after {
                    writer.doubt.notify_one();
                }
            }
            Overtake::Anybody => writer.stop.cancel(),
        }
    }

    fn place(&self, id: &UploadId) -> Place {
        let entry = lock(&self.entries).entry(id.clone()).or_default().clone();
        Place {
            id: id.clone(),
            entry,
            entries: self.entries.clone(),
        }
    }
}

/// A place in the queue of one upload; the last to leave takes the entry out of the registry.
#[derive(Debug)]
struct Place {
    id: UploadId,
    entry: Arc<Entry>,
    entries: Arc<Mutex<HashMap<UploadId, Arc<Entry>>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut entries = lock(&self.entries);
        // Entries are cloned under this lock only: the map's own and this one are the last two.
        if Arc::strong_count(&self.entry) <= 2 {
            entries.remove(&self.id);
        }
    }
}

/// The right to be the one request of this process that changes an upload.
#[derive(Debug)]
pub(super) struct Turn {
    writer: Arc<Writer>,
    epoch: Instant,
    takeover_after: Duration,
    // Let go before the place in the queue is left, so that no second queue begins meanwhile.
    _guard: OwnedMutexGuard<()>,
    place: Place,
}

impl Turn {
    fn new(writers: &Writers, place: Place, guard: OwnedMutexGuard<()>) -> Self {
        let writer = Arc::new(Writer {
            stop: CancellationToken::new(),
            doubt: Notify::new(),
            waiting_since: AtomicU64::new(NOT_WAITING),
        });
        *lock(&place.entry.writer) = Some(writer.clone());
        Self {
            writer,
            epoch: writers.epoch,
            takeover_after: writers.takeover_after,
            place,
            _guard: guard,
        }
    }

    /// Says that from now on the client is waited for, if it is not already.
    pub(super) fn waits(&self) {
        let elapsed = self.epoch.elapsed().as_millis();
        let now = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let waiting_since = &self.writer.waiting_since;
        // Only the holder of the turn writes it, so a failure means that it waits already.
        let _ =
            waiting_since.compare_exchange(NOT_WAITING, now, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Says that the client has brought something.
    pub(super) fn received(&self) {
        let waiting_since = &self.writer.waiting_since;
        waiting_since.store(NOT_WAITING, Ordering::Relaxed);
    }

    /// How long it takes, if the client goes on bringing nothing, until it counts as stale.
    pub(super) fn until_stale(&self) -> Duration {
        let silence = self.writer.silence(self.epoch);
        self.takeover_after.saturating_sub(silence)
    }

    /// Whether another request of this process wants the upload at once.
    pub(super) fn is_stopped(&self) -> bool {
        self.writer.stop.is_cancelled()
    }

    /// Waits until one does. Cancel-safe.
    pub(super) async fn stopped(&self) {
        self.writer.stop.cancelled().await;
    }

    /// Waits until another request of this process wants the upload because this one is stale. One
    /// that learns better from a last look goes on, and is doubted anew if need be. Cancel-safe.
    pub(super) async fn doubted(&self) {
        loop {
            self.writer.doubt.notified().await;
            // The doubt may be of a silence that has ended.
            if self.until_stale().is_zero() {
                return;
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *lock(&self.place.entry.writer) = None;
    }
}

/// Nothing that holds these locks can panic half-way, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn writers() -> (Writers, UploadId) {
        let writers = Writers::new(4 * SECOND, SECOND / 2);
        (writers, UploadId::parse("wanted").unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_asks_more_and_more_rarely_and_once_at_the_end() {
        let (writers, id) = writers();
        let _turn = writers.try_turn(&id).unwrap();
        let start = Instant::now();
        let asked = Mutex::new(Vec::new());
        let reason = || async {
            lock(&asked).push(start.elapsed().as_millis() / 50);
            Ok(())
        };
        let refused = writers.turn(&id, Overtake::Stale, reason).await;
        assert_eq!(refused.unwrap_err(), Refusal::Locked);
        // In ticks.
        assert_eq!(*lock(&asked), [1, 3, 7, 15, 31, 51, 71, 80]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reason_that_is_gone_ends_the_wait() {
        let (writers, id) = writers();
        let _turn = writers.try_turn(&id).unwrap();
        let reason = || async { Err(Refusal::OffsetMismatch { offset: 7 }) };
        let refused = writers.turn(&id, Overtake::Stale, reason).await;
        assert_eq!(refused.unwrap_err(), Refusal::OffsetMismatch { offset: 7 });
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_is_doubted_as_soon_as_it_is_stale() {
        let (writers, id) = writers();
        let turn = writers.try_turn(&id).unwrap();
        let waiting = tokio::spawn({
            let writers = writers.clone();
            async move {
                let reason = || async { Ok(()) };
                writers.turn(&id, Overtake::Stale, reason).await.map(drop)
            }
        });
        tokio::time::sleep(SECOND).await;
        turn.waits();
        let silent = Instant::now();
        turn.doubted().await;
        let tick_after = SECOND / 2 + 2 * TICK;
        assert!((SECOND / 2..tick_after).contains(&silent.elapsed()));
        assert!(!turn.is_stopped());

        // It knows better, and is left alone until it has been silent as long again.
        turn.received();
        turn.waits();
        let silent = Instant::now();
        turn.doubted().await;
        assert!((SECOND / 2..tick_after).contains(&silent.elapsed()));
        drop(turn);
        waiting.await.unwrap().unwrap();
    }
}
