//! [`Coordination`]: what keeps two that change one upload from overwriting each other's records.
//!
//! Everything rests on writes that happen only where an object still is what its writer has read.
//! Where a store does not know them, they are made up for by a lock: whoever has it looks, then
//! writes. That is as good as the lock is, and one thing no lock can help against: a write whose
//! answer was lost may be carried out when the lock is long held by somebody else.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use bytes::Bytes;

use crate::bucket::{
    Attributes, Bucket, ByteStream, CompletedPart, Condition, ETag, Error, ErrorKind, Head,
    ListedPart, Listing, Multipart, Object, OpenMultipart, Result, Source,
};

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
    async fn lock(
        &self,
        name: &str,
    ) -> std::result::Result<Box<dyn Send>, Box<dyn StdError + Send + Sync>>;
}

impl Coordination {
    /// The bucket with its writes coordinated.
    pub(crate) fn over(self, bucket: Arc<dyn Bucket>) -> Arc<dyn Bucket> {
        let locker = match self {
            Self::Conditional => return bucket,
            Self::SingleProcess => Arc::new(ProcessLocker::default()),
            Self::Locker(locker) => locker,
        };
        Arc::new(LockedBucket { bucket, locker })
    }
}

/// Locks in this process.
#[derive(Debug, Default)]
struct ProcessLocker {
    locks: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

#[async_trait]
impl Locker for ProcessLocker {
    async fn lock(
        &self,
        name: &str,
    ) -> std::result::Result<Box<dyn Send>, Box<dyn StdError + Send + Sync>> {
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

/// A bucket whose objects are written under locks, and never on conditions.
#[derive(Debug)]
struct LockedBucket {
    bucket: Arc<dyn Bucket>,
    locker: Arc<dyn Locker>,
}

impl LockedBucket {
    async fn lock(&self, operation: &'static str, key: &str) -> Result<Box<dyn Send>> {
        self.locker.lock(key).await.map_err(|source| {
            let mut error = Error::new(ErrorKind::Unknown, operation);
            error.source = Some(source);
            error
        })
    }

    /// Whether the condition holds; to be asked by who has the lock.
    async fn check(&self, key: &str, condition: &Condition) -> Result<()> {
        let found = match condition {
            Condition::None => return Ok(()),
            Condition::Absent | Condition::Is(_) => self.bucket.head(key).await,
        };
        let holds = match (condition, found) {
            (_, Err(error)) if error.kind != ErrorKind::NoSuchKey => return Err(error),
            (Condition::Is(etag), Ok(head)) => bare(etag) == bare(&head.etag),
            (Condition::Absent, Err(_)) => true,
            _ => false,
        };
        if holds {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Precondition, "PutObject"))
    }
}

/// An ETag as all answers of a store have it, of which some quote it and some do not.
fn bare(etag: &ETag) -> &str {
    etag.0.trim_matches('"')
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Bucket for LockedBucket {
    async fn get(&self, key: &str) -> Result<Object> {
        self.bucket.get(key).await
    }

    async fn read(&self, key: &str, etag: &ETag, range: Range<u64>) -> Result<ByteStream> {
        self.bucket.read(key, etag, range).await
    }

    async fn head(&self, key: &str) -> Result<Head> {
        self.bucket.head(key).await
    }

    async fn put(
        &self,
        key: &str,
        body: Bytes,
        condition: Condition,
        attributes: &Attributes,
    ) -> Result<ETag> {
        let _lock = match condition {
            Condition::None => None,
            Condition::Absent | Condition::Is(_) => Some(self.lock("PutObject", key).await?),
        };
        self.check(key, &condition).await?;
        self.bucket
            .put(key, body, Condition::None, attributes)
            .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let _lock = self.lock("DeleteObject", key).await?;
        self.bucket.delete(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Listing> {
        self.bucket.list(prefix, after).await
    }

    async fn create_multipart(&self, key: &str, attributes: &Attributes) -> Result<Multipart> {
        self.bucket.create_multipart(key, attributes).await
    }

    async fn upload_part(&self, multipart: &Multipart, number: u16, body: Bytes) -> Result<ETag> {
        self.bucket.upload_part(multipart, number, body).await
    }

    async fn copy_part(&self, multipart: &Multipart, number: u16, source: &Source) -> Result<ETag> {
        self.bucket.copy_part(multipart, number, source).await
    }

    async fn list_parts(&self, multipart: &Multipart, after: u16) -> Result<Vec<ListedPart>> {
        self.bucket.list_parts(multipart, after).await
    }

    async fn complete_multipart(
        &self,
        multipart: &Multipart,
        parts: &[CompletedPart],
    ) -> Result<ETag> {
        let _lock = self.lock("CompleteMultipartUpload", &multipart.key).await?;
        self.bucket.complete_multipart(multipart, parts).await
    }

    async fn abort_multipart(&self, multipart: &Multipart) -> Result<()> {
        self.bucket.abort_multipart(multipart).await
    }

    async fn list_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>> {
        self.bucket.list_multiparts(prefix).await
    }
}
