//! Making the object of an upload whose bytes are all recorded.
//!
//! Finishing is a state of its own, which pins every byte, and whoever comes by drives it on: as
//! often as it takes, on as many nodes as like. Each attempt would make the same object. That it is
//! there is proved by the token in its metadata and by its size, never by an error: that a multipart
//! upload does not exist may mean that it was completed, aborted, or lost. Nor by a success: some
//! stores say that a multipart upload is complete when somebody else has begun to complete it.
//!
//! And an error is no proof that there never will be one: a store may hide parts while it puts them
//! together, or err for a moment, and what was acknowledged is not given up for that. Only a store
//! that denies for long that it has the parts is believed.
//!
//! A small upload has no parts: its object is stored in one piece, and only where there is none.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use oxitus_core::storage::{Error, ErrorKind, Result};

use crate::attributes::TOKEN;
use crate::bucket::{self, Condition, ETag, ErrorKind as Failure};
use crate::error;
use crate::node::Node;
use crate::record::{Part, Record, State};
use crate::records::Version;
use crate::rules::{Rule, holds};

/// How often a record is read anew that changes meanwhile.
const ATTEMPTS: usize = 4;

/// How often a store that says it has made an object is asked for it.
const LOOKS: usize = 6;

/// How long to wait before the second time; each further wait is twice as long.
const PAUSE: Duration = Duration::from_millis(50);

/// For how long a store must deny that it has the parts: longer than any request lives that might
/// be putting them together.
const DOUBTS_LAST: Duration = Duration::from_secs(3600);

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
                State::Open => return Err(self.unfinished(&version).await?),
                State::Finishing => {}
                State::Failed | State::Terminated { .. } => {
                    version.record.upload()?;
                }
            }
            let made = self.make_object(&version.record, tail.clone()).await;
            let mut next = version.record.next();
            let doubt = match made {
                Ok(etag) => {
                    next.state = State::Complete { etag };
                    next.parts.clear();
                    next.pending.clear();
                    next.claim = None;
                    next.doubted = None;
                    None
                }
                Err(Unmade::Now(error)) => return Err(error),
                Err(Unmade::Parts(_)) if self.renew_parts(&mut next).await? => None,
                Err(Unmade::Parts(error) | Unmade::Lost(error)) => self.doubt(&mut next, error),
                Err(Unmade::Ever(error)) => {
                    tracing::error!(id = %next.head.id, %error, "an upload has failed");
                    next.state = State::Failed;
                    None
                }
            };
            match (self.replace(&version, next).await, doubt) {
                (Ok(_), Some(error)) => return Err(error),
                (Ok(finished), None) => version = finished,
                // Somebody else has finished it, or removed it.
                (Err(error), _) if error.kind() == ErrorKind::LeaseLost => {
                    version = self.records.load(&version.record.head.id).await?;
                }
                (Err(error), _) => return Err(error),
            }
        }
        version.record.upload()?;
        match version.record.state {
            State::Complete { .. } => Ok(version),
            _ => Err(error::locked()),
        }
    }

    /// What it means now that the store denies to have the parts: nothing yet, but for an upload of
    /// which it has done so for long. That one has failed.
    fn doubt(&self, next: &mut Record, error: bucket::Error) -> Option<Error> {
        let id = &next.head.id;
        let now = self.settings.clock.now();
        let since = *next.doubted.get_or_insert(now);
        if now.duration_since(since).unwrap_or_default() >= DOUBTS_LAST {
            tracing::error!(%id, %error, "an upload has failed: the store does not have its parts");
            next.state = State::Failed;
            return None;
        }
        tracing::warn!(%id, %error, "the store denies that it has the parts of an upload");
        Some(not_to_be_seen(error))
    }

    /// Why an open upload cannot be completed: it may be another's by now.
    async fn unfinished(&self, version: &Version) -> Result<Error> {
        let now = self.records.load(&version.record.head.id).await?;
        Ok(match now.record.nonce == version.record.nonce {
            true => Error::new(ErrorKind::Other, "bytes are missing"),
            false => error::lost(),
        })
    }

    /// Takes the present ETags of the parts. Each number was used once and for the same bytes, so
    /// that another ETag means no more than that the part arrived a second time, on a store whose
    /// ETags depend on more than the bytes. Whether there were such, and every part is there.
    async fn renew_parts(&self, next: &mut Record) -> Result<bool> {
        let listed = match next.multipart() {
            Some(multipart) => self.bucket.list_parts(&multipart, 0).await?,
            None => Vec::new(),
        };
        let renew = |part: &Part| {
            let found = listed.iter().find(|found| found.number == part.number)?;
            let etag = found.etag.clone();
            (found.size == part.size).then(|| Part {
                etag,
                ..part.clone()
            })
        };
        let renewed: Option<Vec<_>> = next.parts.iter().map(renew).collect();
        let renewed = renewed.filter(|renewed| *renewed != next.parts);
        let is_renewed = renewed.is_some();
        next.parts = renewed.unwrap_or_else(|| std::mem::take(&mut next.parts));
        Ok(is_renewed)
    }

    pub(crate) async fn make_object(
        &self,
        record: &Record,
        tail: Option<Bytes>,
    ) -> Result<ETag, Unmade> {
        let made = match record.multipart() {
            Some(multipart) if !record.parts.is_empty() => {
                let parts: Vec<_> = record.parts.iter().map(Part::completed).collect();
                match self.bucket.complete_multipart(&multipart, &parts).await {
                    Ok(_) => return self.await_object(record).await,
                    Err(error) => Err(error),
                }
            }
            _ => {
                let (bytes, _room) = match tail.filter(|tail| tail.len() as u64 == record.offset) {
                    Some(tail) => (tail, None),
                    None => {
                        let (bytes, room) = self.pending_bytes(record).await?;
                        (bytes, Some(room))
                    }
                };
                let attributes = self.attributes(record);
                let condition = match holds(Rule::ObjectsAreNotReplaced) {
                    true => Condition::Absent,
                    false => Condition::None,
                };
                let key = &record.head.key;
                let put = self.bucket.put(key, bytes, condition, &attributes);
                self.in_turn(put).await
            }
        };
        match made {
            Ok(etag) => Ok(etag),
            Err(error) => self.prove(record, error).await,
        }
    }

    /// The ETag of the object that the store says it has made. It may say so while it is still at
    /// it, for another node or one that has died, and may fail yet.
    async fn await_object(&self, record: &Record) -> Result<ETag, Unmade> {
        let mut pause = PAUSE;
        for _ in 0..LOOKS {
            if let Found::Ours(etag) = self.look(record).await? {
                return Ok(etag);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(Unmade::Now(error::locked()))
    }

    /// The ETag of the object that is there in spite of `error`.
    async fn prove(&self, record: &Record, error: bucket::Error) -> Result<ETag, Unmade> {
        match self.look(record).await? {
            Found::Ours(etag) => return Ok(etag),
            Found::Anothers if error.kind == Failure::Precondition => {
                return Err(Unmade::Ever(error));
            }
            Found::Anothers | Found::Nothing => {}
        }
        Err(match error.kind {
            Failure::InvalidPart => Unmade::Parts(error),
            // The bucket's lifecycle rules remove multipart uploads, say.
            Failure::NoSuchUpload if self.is_lost(record).await? => Unmade::Lost(error),
            Failure::NoSuchUpload => Unmade::Now(not_to_be_seen(error)),
            _ => Unmade::Now(error.into()),
        })
    }

    /// What is in the place of the object.
    async fn look(&self, record: &Record) -> Result<Found> {
        let head = match self.bucket.head(&record.head.key).await {
            Ok(head) => head,
            Err(error) if error.kind == Failure::NoSuchKey => return Ok(Found::Nothing),
            Err(error) => return Err(error.into()),
        };
        let token = head.metadata.iter().find(|(name, _)| name == TOKEN);
        let has_token = token.is_some_and(|(_, token)| token == record.head.token.as_str());
        Ok(match has_token && head.size == record.offset {
            true => Found::Ours(head.etag),
            false => Found::Anothers,
        })
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

fn not_to_be_seen(error: bucket::Error) -> Error {
    let context = "the object is not to be seen yet";
    Error::with_source(ErrorKind::Unavailable, context, error)
}

/// What there is in the place of an object.
enum Found {
    Ours(ETag),
    Anothers,
    Nothing,
}

/// Why there is no object.
pub(crate) enum Unmade {
    /// For now.
    Now(Error),
    /// The store says that parts are not what the record says.
    Parts(bucket::Error),
    /// The store shows no trace of the multipart upload.
    Lost(bucket::Error),
    /// And there never will be.
    Ever(bucket::Error),
}

impl From<Error> for Unmade {
    fn from(error: Error) -> Self {
        Self::Now(error)
    }
}

impl From<bucket::Error> for Unmade {
    fn from(error: bucket::Error) -> Self {
        Self::Now(error.into())
    }
}
