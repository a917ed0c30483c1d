//! Making the object of an upload whose bytes are all recorded.
//!
//! Finishing is a state of its own, which pins every byte, and whoever comes by drives it on: as
//! often as it takes, on as many nodes as like. Each attempt would make the same object. That it is
//! there is proved by the token in its metadata and by its size, never by an error: that a multipart
//! upload does not exist may mean that it was completed, aborted, or lost.
//!
//! A small upload has no parts: its object is stored in one piece, and only where there is none.

use bytes::Bytes;
use oxitus_core::storage::{Error, ErrorKind, Result};

use crate::attributes::TOKEN;
use crate::bucket::{self, Condition, ETag, ErrorKind as Failure};
use crate::node::Node;
use crate::record::{Part, Record, State};
use crate::records::Version;

/// How often a record is read anew that changes meanwhile.
const ATTEMPTS: usize = 4;

impl Node {
    /// Completes an upload that is received; `tail` are its pending bytes, where they are at hand.
    ///
    /// # Errors
    /// `Other` for one that is not, `Gone` for one whose bytes the store has lost.
    pub(crate) async fn finish(&self, version: &Version, tail: Option<Bytes>) -> Result<Version> {
        let mut version = version.clone();
        for _ in 0..ATTEMPTS {
            match version.record.state {
                State::Complete { .. } => return Ok(version),
                State::Open => return Err(Error::new(ErrorKind::Other, "bytes are missing")),
                State::Finishing => {}
                State::Failed | State::Terminated { .. } => {
                    version.record.upload()?;
                }
            }
            let made = self.make_object(&version.record, tail.clone()).await;
            let mut next = version.record.next();
            match made {
                Ok(etag) => {
                    next.state = State::Complete { etag };
                    next.parts.clear();
                    next.pending.clear();
                    next.claim = None;
                }
                Err(error) if error.kind() == ErrorKind::Gone => next.state = State::Failed,
                Err(error) => return Err(error),
            }
            match self.replace(&version, next).await {
                Ok(finished) => version = finished,
                // Somebody else has finished it, or removed it.
                Err(error) if error.kind() == ErrorKind::LeaseLost => {
                    version = self.records.load(&version.record.head.id).await?;
                }
                Err(error) => return Err(error),
            }
        }
        version.record.upload()?;
        Ok(version)
    }

    async fn make_object(&self, record: &Record, tail: Option<Bytes>) -> Result<ETag> {
        let made = match record.multipart() {
            Some(multipart) if !record.parts.is_empty() => {
                let parts: Vec<_> = record.parts.iter().map(Part::completed).collect();
                self.bucket.complete_multipart(&multipart, &parts).await
            }
            _ => {
                let bytes = match tail.filter(|bytes| bytes.len() as u64 == record.offset) {
                    Some(bytes) => bytes,
                    None => self.read_segments(&record.pending).await?,
                };
                let attributes = self.attributes(record);
                let key = &record.head.key;
                self.bucket
                    .put(key, bytes, Condition::Absent, &attributes)
                    .await
            }
        };
        match made {
            Ok(etag) => Ok(etag),
            Err(error) => self.prove(record, error).await,
        }
    }

    /// The ETag of the object that is there in spite of `error`.
    async fn prove(&self, record: &Record, error: bucket::Error) -> Result<ETag> {
        match self.bucket.head(&record.head.key).await {
            Ok(head) => {
                let token = head.metadata.iter().find(|(name, _)| name == TOKEN);
                let is_ours = token.is_some_and(|(_, token)| token == record.head.token.as_str());
                if is_ours && head.size == record.offset {
                    return Ok(head.etag);
                }
                if error.kind == Failure::Precondition {
                    return Err(Error::with_source(
                        ErrorKind::Gone,
                        "the key of the upload is taken by another object",
                        error,
                    ));
                }
            }
            Err(missing) if missing.kind == Failure::NoSuchKey => {}
            Err(unknown) => return Err(unknown.into()),
        }
        match error.kind {
            Failure::NoSuchUpload if self.is_lost(record).await? => Err(Error::with_source(
                ErrorKind::Gone,
                "the store has removed the parts of an upload: see the bucket's lifecycle rules",
                error,
            )),
            Failure::NoSuchUpload => Err(Error::with_source(
                ErrorKind::Unavailable,
                "the object is not to be seen yet",
                error,
            )),
            _ => Err(error.into()),
        }
    }

    /// Whether the store has no trace of the multipart upload, and the record still is what it was.
    async fn is_lost(&self, record: &Record) -> Result<bool> {
        let Some(multipart) = record.multipart() else {
            return Ok(false);
        };
        let parts = self.bucket.list_parts(&multipart, 0).await;
        let is_gone = matches!(parts, Err(error) if error.kind == Failure::NoSuchUpload);
        let head = self.bucket.head(&record.head.key).await;
        let is_missing = matches!(head, Err(error) if error.kind == Failure::NoSuchKey);
        let now = self.records.load(&record.head.id).await?;
        Ok(is_gone && is_missing && now.record.nonce == record.nonce)
    }
}
