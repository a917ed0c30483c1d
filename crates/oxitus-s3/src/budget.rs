//! [`Budget`]: how many bytes of uploads may be in memory, shared by all of them.
//!
//! An append buffers a part before it is uploaded. Until it has more than a [`FREE`] handful of
//! bytes it takes nothing from the budget; then it reserves what the whole part may need, waiting
//! its turn. So nobody holds some memory and waits for more, and thousands of clients that send a
//! byte a second hold nothing at all.
//!
//! A client that begins well and then stalls would keep its reservation from the others. So when
//! somebody waits, the reservation that has brought nothing for longest is called in: its bytes are
//! stored as a pending segment, and its append goes on when bytes come again.
//!
//! A reservation goes wherever its bytes go, until they are dropped: into the request that sends
//! them, and with what is kept of them for the next request.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use oxitus_core::storage::{Error, ErrorKind, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How many bytes each append may have without a reservation.
pub(crate) const FREE: u64 = 256 * 1024;

/// What is reserved at least.
const BLOCK: u64 = 64 * 1024;

/// How often one who waits calls a reservation in.
const CALL_EVERY: Duration = Duration::from_millis(100);

/// A reservation whose client was silent for so long is called in.
const SILENT: Duration = Duration::from_millis(500);

/// So is one that has not been filled for so long.
const SLOW: Duration = Duration::from_secs(10);

/// Somebody who can give memory back.
#[async_trait]
pub(crate) trait Spill: Send + Sync {
    /// Stores what is in memory elsewhere, and drops its reservation.
    async fn spill(&self);
}

/// The memory for all uploads.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Inner>);

struct Inner {
    /// How many there are in all.
    capacity: usize,
    blocks: Arc<Semaphore>,
    filling: Mutex<HashMap<u64, Filling>>,
    last: AtomicU64,
}

/// A reservation that is being filled.
struct Filling {
    owner: Weak<dyn Spill>,
    since: Instant,
    touched: Instant,
    called: bool,
}

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let blocks = usize::try_from(bytes / BLOCK).unwrap_or(usize::MAX);
        let capacity = blocks.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            capacity,
            blocks: Arc::new(Semaphore::new(capacity)),
            filling: Mutex::default(),
            last: AtomicU64::new(0),
        }))
    }

    /// # Errors
    /// `Unavailable` for more bytes than there is ever room for: whoever waited for it would keep
    /// everybody behind him waiting.
    pub(crate) fn check(&self, bytes: u64) -> Result<()> {
        if bytes.div_ceil(BLOCK) <= self.0.capacity as u64 {
            return Ok(());
        }
        tracing::warn!(
            bytes,
            "an upload needs more memory than this process may use: a process with a larger memory \
             budget has begun it"
        );
        Err(Error::new(
            ErrorKind::Unavailable,
            "the upload needs more memory than this process may use",
        ))
    }

    /// Waits until there is room for `bytes`, which come at once: nobody calls it in. Cancel-safe.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub(crate) async fn reserve(&self, bytes: u64) -> Result<Reservation> {
        self.check(bytes)?;
        let blocks = u32::try_from(bytes.div_ceil(BLOCK)).unwrap_or(u32::MAX);
        let mut room = std::pin::pin!(Arc::clone(&self.0.blocks).acquire_many_owned(blocks));
        let permit = loop {
            tokio::select! {
                biased;
                // The semaphore is never closed.
                permit = &mut room => break permit.ok(),
                () = tokio::time::sleep(CALL_EVERY) => self.call_in(),
            }
        };
        Ok(Reservation {
            budget: self.clone(),
            number: self.0.last.fetch_add(1, Ordering::Relaxed),
            permit,
        })
    }

    /// Has the reservation given back that has brought nothing for longest.
    fn call_in(&self) {
        let (number, owner) = {
            let mut filling = self.lock();
            let idle = filling.iter_mut().filter(|(_, filling)| {
                let silent = filling.touched.elapsed() >= SILENT;
                !filling.called && (silent || filling.since.elapsed() >= SLOW)
            });
            let Some((number, longest)) = idle.min_by_key(|(_, filling)| filling.touched) else {
                return;
            };
            longest.called = true;
            (*number, longest.owner.clone())
        };
        let budget = self.clone();
        tokio::spawn(async move {
            if let Some(owner) = owner.upgrade() {
                owner.spill().await;
            }
            budget.call_again(number);
        });
    }

    /// A reservation that was called in and is there still, since the store failed say, may be called
    /// in another time.
    fn call_again(&self, number: u64) {
        if let Some(filling) = self.lock().get_mut(&number) {
            *filling = Filling::by(filling.owner.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Filling>> {
        let filling = self.0.filling.lock();
        filling.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filling {
    fn by(owner: Weak<dyn Spill>) -> Self {
        let now = Instant::now();
        Self {
            owner,
            since: now,
            touched: now,
            called: false,
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Budget").finish_non_exhaustive()
    }
}

/// Room for some bytes. Dropping it gives it back.
pub(crate) struct Reservation {
    budget: Budget,
    number: u64,
    permit: Option<OwnedSemaphorePermit>,
}

impl Reservation {
    /// For how many bytes there is room.
    pub(crate) fn bytes(&self) -> u64 {
        let blocks = self
            .permit
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        blocks as u64 * BLOCK
    }

    /// Has room for `bytes` in all, if that can be had at once.
    pub(crate) fn try_grow(&mut self, bytes: u64) -> bool {
        let missing = bytes.saturating_sub(self.bytes()).div_ceil(BLOCK);
        let blocks = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = Arc::clone(&self.budget.0.blocks).try_acquire_many_owned(blocks);
        match (&mut self.permit, more) {
            (Some(permit), Ok(more)) => {
                permit.merge(more);
                true
            }
            _ => false,
        }
    }

    /// Gives back what `bytes` do not need.
    pub(crate) fn shrink(&mut self, bytes: u64) {
        let spare = self.bytes().saturating_sub(bytes) / BLOCK;
        if let Some(permit) = &mut self.permit {
            drop(permit.split(usize::try_from(spare).unwrap_or(0)));
        }
    }

    /// From here on `owner` is going to fill it, or to keep what can be had elsewhere too, and is
    /// asked to give it back where others wait.
    pub(crate) fn call_in_from(&self, owner: Weak<dyn Spill>) {
        self.budget.lock().insert(self.number, Filling::by(owner));
    }

    /// Says that bytes have come.
    pub(crate) fn touch(&self) {
        if let Some(filling) = self.budget.lock().get_mut(&self.number) {
            filling.touched = Instant::now();
        }
    }

    /// Says that what it is for will be gone soon: it is not to be called in.
    pub(crate) fn filled(&self) {
        self.budget.lock().remove(&self.number);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.filled();
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Reservation")
            .field(&self.number)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Gives its reservation back when it is called in.
    #[derive(Default)]
    struct Sluggard(Mutex<Option<Reservation>>);

    #[async_trait]
    impl Spill for Sluggard {
        async fn spill(&self) {
            self.0.lock().unwrap().take();
        }
    }

    fn owner(sluggard: &Arc<Sluggard>) -> Weak<dyn Spill> {
        Arc::<Sluggard>::downgrade(sluggard)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_stalls_makes_room() {
        let budget = Budget::new(2 * BLOCK);
        let sluggards: Vec<_> = (0..3).map(|_| Arc::new(Sluggard::default())).collect();
        for sluggard in &sluggards {
            let reservation = budget.reserve(2 * BLOCK).await.unwrap();
            reservation.call_in_from(owner(sluggard));
            *sluggard.0.lock().unwrap() = Some(reservation);
        }
        let holding = |sluggard: &&Arc<Sluggard>| sluggard.0.lock().unwrap().is_some();
        assert_eq!(sluggards.iter().filter(holding).count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_at_it_or_done_is_left_alone() {
        let budget = Budget::new(2 * BLOCK);
        let (busy, done) = (Arc::new(Sluggard::default()), Arc::new(Sluggard::default()));
        let filled = budget.reserve(BLOCK).await.unwrap();
        filled.call_in_from(owner(&done));
        filled.filled();
        let touched = budget.reserve(BLOCK).await.unwrap();
        touched.call_in_from(owner(&busy));
        *done.0.lock().unwrap() = Some(filled);
        let mut waiting = std::pin::pin!(budget.reserve(BLOCK));
        for _ in 0..40 {
            let pause = Duration::from_millis(200);
            assert!(tokio::time::timeout(pause, &mut waiting).await.is_err());
            touched.touch();
        }
        drop(touched);
        waiting.await.unwrap();
        assert!(done.0.lock().unwrap().is_some());
    }

    /// Fails to give its reservation back, but for the last of so many times.
    struct Clumsy {
        reservation: Mutex<Option<Reservation>>,
        failures: AtomicU64,
    }

    #[async_trait]
    impl Spill for Clumsy {
        async fn spill(&self) {
            if self.failures.fetch_sub(1, Ordering::Relaxed) == 0 {
                self.reservation.lock().unwrap().take();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_fails_to_make_room_is_asked_again() {
        let budget = Budget::new(BLOCK);
        let clumsy = Arc::new(Clumsy {
            reservation: Mutex::default(),
            failures: AtomicU64::new(3),
        });
        let reservation = budget.reserve(BLOCK).await.unwrap();
        reservation.call_in_from(Arc::<Clumsy>::downgrade(&clumsy));
        *clumsy.reservation.lock().unwrap() = Some(reservation);
        budget.reserve(BLOCK).await.unwrap();
    }

    #[tokio::test]
    async fn more_than_there_is_is_refused_at_once() {
        let budget = Budget::new(2 * BLOCK);
        let refused = budget.reserve(2 * BLOCK + 1).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
        budget.reserve(2 * BLOCK).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_given_back_is_there_for_others() {
        let budget = Budget::new(4 * BLOCK);
        let mut first = budget.reserve(3 * BLOCK).await.unwrap();
        first.shrink(BLOCK + 1);
        assert_eq!(first.bytes(), 2 * BLOCK);
        let mut second = budget.reserve(2 * BLOCK).await.unwrap();
        assert!(!first.try_grow(2 * BLOCK + 1));
        second.shrink(1);
        assert!(first.try_grow(2 * BLOCK + 1));
        assert_eq!([first.bytes(), second.bytes()], [3 * BLOCK, BLOCK]);
    }
}
