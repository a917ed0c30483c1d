//! [`Coordination`]: what keeps two that change one upload from overwriting each other's records.
//!
//! Everything rests on writes that happen only where an object still is what its writer has read.
//! Where a store does not know them, they are made up for by a lock: whoever has it looks, then
//! writes. That is as good as the lock is, and one thing no lock can help against: a write whose
//! answer was lost may be carried out when the lock is long held by somebody else.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;

use crate::bucket::{Bucket, LockedBucket};

/// What keeps two that change one upload from overwriting each other's records.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Coordination {
    /// The store's conditional writes, which must be atomic. Any number of processes.
    #[default]
    Conditional,
    /// Locks in this process, for stores without conditional writes.
    ///
    /// **The bucket, or the prefix, must be used by one process and one backend only**: as soon as
    /// there are two, also for a moment while one replaces the other, acknowledged bytes can be
    /// lost. A write that the store carries out long after it was given up can lose some as well.
    SingleProcess,
    /// Locks of a service that all processes share, for stores without conditional writes.
    ///
    /// Best effort: a lock that ends before its holder knows, and a write that the store carries
    /// out long after it was given up, can lose acknowledged bytes.
    Locker(Arc<dyn Locker>),
}

/// A service that gives locks to all processes that share a bucket.
#[async_trait]
pub trait Locker: Debug + Send + Sync + 'static {
    /// Waits until nobody holds the lock of this name, and takes it. It ends when what is returned
    /// is dropped. It must not end earlier while its holder lives, and should end some time after
    /// its holder has died; a request to the store may take 10 minutes.
    ///
    /// A dropped future leaves no lock behind.
    ///
    /// # Errors
    /// Whatever keeps the service from giving the lock. The request is refused then.
    async fn lock(&self, name: &str) -> Result<Box<dyn Send>, Box<dyn StdError + Send + Sync>>;
}

impl Coordination {
    /// The bucket with its writes coordinated.
    pub(crate) fn over(self, bucket: Arc<dyn Bucket>) -> Arc<dyn Bucket> {
        let locker = match self {
            Self::Conditional => return bucket,
            Self::SingleProcess => Arc::new(ProcessLocker::default()),
            Self::Locker(locker) => locker,
        };
        Arc::new(LockedBucket::new(bucket, locker))
    }
}

/// Locks in this process.
#[derive(Debug, Default)]
struct ProcessLocker {
    locks: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

#[async_trait]
impl Locker for ProcessLocker {
    async fn lock(&self, name: &str) -> Result<Box<dyn Send>, Box<dyn StdError + Send + Sync>> {
        let lock = self.named(name);
        Ok(Box::new(lock.lock_owned().await))
    }
}

impl ProcessLocker {
    /// The lock of this name. Those that nobody holds or waits for are forgotten.
    fn named(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(name).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::new(tokio::sync::Mutex::new(()));
        locks.insert(name.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests;
