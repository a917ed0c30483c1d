//! [`LockedBucket`]: conditional writes for a store that has none.

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
