//! [`LockedBucket`]: conditional writes for a store that has none.
//!
//! A request that is on its way is carried out whether or not somebody still waits for its answer, so
//! it holds its lock to its end, in a task of its own: else it would land on top of what the next
//! holder has written.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Uri;

use super::{
    Attributes, Bucket, ByteStream, CompletedPart, Condition, ETag, Error, ErrorKind, Head,
    ListedPart, Listing, Multipart, Object, OpenMultipart, Result, Source,
};
use crate::coordination::Locker;

/// A bucket whose objects are written under locks, and never on conditions.
#[derive(Debug)]
pub(crate) struct LockedBucket {
    bucket: Arc<dyn Bucket>,
    locker: Arc<dyn Locker>,
}

impl LockedBucket {
    pub(crate) fn new(bucket: Arc<dyn Bucket>, locker: Arc<dyn Locker>) -> Self {
        Self { bucket, locker }
    }

    /// Carries out a request under the lock of a key, to its end.
    async fn locked<T: Send + 'static>(
        &self,
        operation: &'static str,
        key: &str,
        request: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let lock = self.locker.lock(key).await.map_err(|source| {
            let mut error = Error::new(ErrorKind::Unknown, operation);
            error.source = Some(source);
            error
        })?;
        let task = tokio::spawn(async move {
            let outcome = request.await;
            drop(lock);
            outcome
        });
        task.await.unwrap_or_else(|stopped| {
            let mut error = Error::new(ErrorKind::Unknown, operation);
            error.source = Some(stopped.into());
            Err(error)
        })
    }
}

/// Whether the condition holds; to be asked by who has the lock.
async fn check(bucket: &dyn Bucket, key: &str, condition: &Condition) -> Result<()> {
    let found = match condition {
        Condition::None => return Ok(()),
        Condition::Absent | Condition::Is(_) => bucket.head(key).await,
    };
    let holds = match (condition, found) {
        (_, Err(error)) if error.kind != ErrorKind::NoSuchKey => return Err(error),
        (Condition::Is(etag), Ok(head)) => etag.bare() == head.etag.bare(),
        (Condition::Absent, Err(_)) => true,
        _ => false,
    };
    if holds {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Precondition, "PutObject"))
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

    async fn presign(&self, key: &str, lasts: Duration) -> Result<Uri> {
        self.bucket.presign(key, lasts).await
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
        if condition == Condition::None {
            return self.bucket.put(key, body, condition, attributes).await;
        }
        let (bucket, path) = (Arc::clone(&self.bucket), key.to_owned());
        let attributes = attributes.clone();
        let put = async move {
            check(&*bucket, &path, &condition).await?;
            let put = bucket.put(&path, body, Condition::None, &attributes);
            put.await
        };
        self.locked("PutObject", key, put).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let (bucket, path) = (Arc::clone(&self.bucket), key.to_owned());
        let delete = async move { bucket.delete(&path).await };
        self.locked("DeleteObject", key, delete).await
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
        let bucket = Arc::clone(&self.bucket);
        let (upload, parts) = (multipart.clone(), parts.to_vec());
        let complete = async move { bucket.complete_multipart(&upload, &parts).await };
        let key = &multipart.key;
        self.locked("CompleteMultipartUpload", key, complete).await
    }

    async fn abort_multipart(&self, multipart: &Multipart) -> Result<()> {
        self.bucket.abort_multipart(multipart).await
    }

    async fn list_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>> {
        self.bucket.list_multiparts(prefix).await
    }

    async fn multiparts_of(&self, key: &str) -> Result<Vec<Multipart>> {
        self.bucket.multiparts_of(key).await
    }
}
