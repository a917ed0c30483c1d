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

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
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

/// The owner of what is not to be called in.
enum Nobody {}

#[async_trait]
impl Spill for Nobody {
    async fn spill(&self) {}
}

/// The memory for all uploads.
#[derive(Clone)]
pub(crate) struct Budget(Arc<Inner>);

struct Inner {
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
        Self(Arc::new(Inner {
            blocks: Arc::new(Semaphore::new(blocks.min(Semaphore::MAX_PERMITS))),
            filling: Mutex::default(),
            last: AtomicU64::new(0),
        }))
    }

    /// Waits until there is room for `bytes`, which `owner` is going to fill. Cancel-safe.
    pub(crate) async fn reserve(&self, bytes: u64, owner: Weak<dyn Spill>) -> Reservation {
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
        let number = self.0.last.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let filling = Filling {
            owner,
            since: now,
            touched: now,
            called: false,
        };
        self.lock().insert(number, filling);
        Reservation {
            budget: self.clone(),
            number,
            _permit: permit,
        }
    }

    /// Waits until there is room for `bytes` that the store itself sends: they come at once, so
    /// nobody calls them in. Cancel-safe.
    pub(crate) async fn take(&self, bytes: u64) -> Reservation {
        let reservation = self.reserve(bytes, Weak::<Nobody>::new()).await;
        reservation.filled();
        reservation
    }

    /// Has the reservation given back that has brought nothing for longest.
    fn call_in(&self) {
        let owner = {
            let mut filling = self.lock();
            let idle = filling.values_mut().filter(|filling| {
                let silent = filling.touched.elapsed() >= SILENT;
                !filling.called && (silent || filling.since.elapsed() >= SLOW)
            });
            let Some(longest) = idle.min_by_key(|filling| filling.touched) else {
                return;
            };
            longest.called = true;
            longest.owner.upgrade()
        };
        if let Some(owner) = owner {
            tokio::spawn(async move { owner.spill().await });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Filling>> {
        let filling = self.0.filling.lock();
        filling.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Budget").finish_non_exhaustive()
    }
}

/// Room for a part. Dropping it gives it back.
pub(crate) struct Reservation {
    budget: Budget,
    number: u64,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Reservation {
    /// Says that bytes have come.
    pub(crate) fn touch(&self) {
        if let Some(filling) = self.budget.lock().get_mut(&self.number) {
            filling.touched = Instant::now();
        }
    }

    /// Says that the part is full, and will be gone soon: it is not to be called in.
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
            let reservation = budget.reserve(2 * BLOCK, owner(sluggard)).await;
            *sluggard.0.lock().unwrap() = Some(reservation);
        }
        let holding = |sluggard: &&Arc<Sluggard>| sluggard.0.lock().unwrap().is_some();
        assert_eq!(sluggards.iter().filter(holding).count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_at_it_or_done_is_left_alone() {
        let budget = Budget::new(2 * BLOCK);
        let (busy, done) = (Arc::new(Sluggard::default()), Arc::new(Sluggard::default()));
        let filled = budget.reserve(BLOCK, owner(&done)).await;
        filled.filled();
        let touched = budget.reserve(BLOCK, owner(&busy)).await;
        *done.0.lock().unwrap() = Some(filled);
        let another = Arc::new(Sluggard::default());
        let waiting = budget.reserve(BLOCK, owner(&another));
        let mut waiting = std::pin::pin!(waiting);
        for _ in 0..40 {
            let pause = Duration::from_millis(200);
            assert!(tokio::time::timeout(pause, &mut waiting).await.is_err());
            touched.touch();
        }
        drop(touched);
        waiting.await;
        assert!(done.0.lock().unwrap().is_some());
    }
}
