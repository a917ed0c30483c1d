//! [`Records`]: reading records, and replacing them by conditional PUTs.
//!
//! The answer to a PUT may be lost, and a PUT may land long after its sender has given up. What
//! became of one shows in the record itself, since every version has a nonce of its own: if it is
//! ours the PUT has landed; if it is still the version before, the same PUT is sent again, which is
//! harmless, since whichever of the two comes second is refused; if it is another's, ours is
//! **lost, which means unknown**: it may have landed, and another have built upon it. So nothing
//! that it references is deleted without a look at the version that is there instead.

use std::sync::Arc;
use std::time::Duration;

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{Error, ErrorKind, Result};

use crate::bucket::{Attributes, Bucket, Condition, ETag, ErrorKind as Failure};
use crate::error;
use crate::layout::Layout;
use crate::record::{Record, decode, encode};

/// How often a PUT is sent before its sender gives up.
const ATTEMPTS: u32 = 5;

/// How long to wait before the second one; each further wait is twice as long.
const PAUSE: Duration = Duration::from_millis(50);

/// The records of a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    bucket: Arc<dyn Bucket>,
    layout: Layout,
}

/// A record as it is stored, and which version of it that is.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) record: Record,
    pub(crate) etag: ETag,
}

impl Records {
    pub(crate) fn new(bucket: Arc<dyn Bucket>, layout: Layout) -> Self {
        Self { bucket, layout }
    }

    /// The record of an upload.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub(crate) async fn load(&self, id: &UploadId) -> Result<Version> {
        match self.bucket.get(&self.layout.record(id)).await {
            Ok(object) => Ok(Version {
                record: decode(&object.body)?,
                etag: object.etag,
            }),
            Err(error) if error.kind == Failure::NoSuchKey => Err(error::not_found()),
            Err(error) => Err(error.into()),
        }
    }

    /// Finds out whether `version` still is the one that is stored.
    ///
    /// # Errors
    /// `NotFound`, `Gone` or `LeaseLost` where it is not.
    pub(crate) async fn confirm(&self, version: &Version) -> Result<()> {
        let now = self.load(&version.record.head.id).await?.record;
        if now.nonce == version.record.nonce {
            return Ok(());
        }
        now.upload()?;
        Err(error::lost())
    }

    /// Stores a record of which there is none.
    ///
    /// # Errors
    /// `AlreadyExists` where there is one.
    pub(crate) async fn create(&self, record: Record) -> Result<Version> {
        let stored = self.put(record, None).await?;
        stored.ok_or_else(error::taken)
    }

    /// Replaces the version `current`, and no other.
    ///
    /// # Errors
    /// `LeaseLost` where there is another version by now.
    pub(crate) async fn replace(&self, current: &Version, next: Record) -> Result<Version> {
        let stored = self.put(next, Some(current)).await?;
        stored.ok_or_else(error::lost)
    }

    /// Removes the record for good.
    pub(crate) async fn remove(&self, id: &UploadId) -> Result<()> {
        let removed = self.bucket.delete(&self.layout.record(id)).await;
        removed.map_err(Error::from)
    }

    /// Stores a version; `None` where another one is there.
    async fn put(&self, next: Record, current: Option<&Version>) -> Result<Option<Version>> {
        let key = self.layout.record(&next.head.id);
        let body = encode(&next)?;
        let mut etag = current.map(|version| version.etag.clone());
        let mut pause = PAUSE;
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            let condition = etag.clone().map_or(Condition::Absent, Condition::Is);
            let attributes = Attributes::default();
            let put = self.bucket.put(&key, body.clone(), condition, &attributes);
            match put.await {
                Ok(etag) => return Ok(Some(Version { record: next, etag })),
                Err(error) if matches!(error.kind, Failure::Refused | Failure::Full) => {
                    return Err(error.into());
                }
                Err(error) => failure = Some(Error::from(error)),
            }
            match (self.load(&next.head.id).await, current) {
                (Ok(found), _) if found.record.nonce == next.nonce => {
                    return Ok(Some(found));
                }
                // Not landed yet, or refused for an ETag that belongs to another version: a store
                // may pair the body of a version with the ETag of the one before.
                (Ok(found), Some(current)) if found.record.nonce == current.record.nonce => {
                    etag = Some(found.etag);
                }
                (Ok(_), _) => return Ok(None),
                (Err(error), None) if error.kind() == ErrorKind::NotFound => {}
                (Err(error), Some(_)) if error.kind() == ErrorKind::NotFound => {
                    return Ok(None);
                }
                (Err(error), _) => failure = Some(error),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        // Not lost, even if the condition has failed the last time: no other version was seen.
        Err(match failure {
            Some(error) if error.kind() != ErrorKind::LeaseLost => error,
            _ => Error::new(
                ErrorKind::Unavailable,
                "the store refuses the version that it has",
            ),
        })
    }
}
