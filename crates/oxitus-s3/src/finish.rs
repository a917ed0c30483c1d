//! Making the object of an upload whose bytes are all recorded.
//!
//! Finishing is a state of its own, which pins every byte, and whoever comes by drives it on: as
//! often as it takes, on as many nodes as like. Each attempt would make the same object. That it is
//! there is proved by the token in its metadata and by its size, never by an error: that a multipart
//! upload does not exist may mean that it was completed, aborted, or lost. Nor by a success: some
//! stores say that a multipart upload is complete when somebody else has begun to complete it.
//!
//! A small upload has no parts: its object is stored in one piece, and only where there is none.

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
            match made {
                Ok(etag) => {
                    next.state = State::Complete { etag };
                    next.parts.clear();
                    next.pending.clear();
                    next.claim = None;
                }
                Err(Unmade::Now(error)) => return Err(error),
                Err(Unmade::Parts) => self.renew_parts(&mut next).await?,
                Err(Unmade::Ever(error)) => {
                    tracing::error!(id = %next.head.id, %error, "an upload has failed");
                    next.state = State::Failed;
                }
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
    /// ETags depend on more than the bytes.
    async fn renew_parts(&self, next: &mut Record) -> Result<()> {
        let listed = match next.multipart() {
            Some(multipart) => self.bucket.list_parts(&multipart, 0).await?,
            None => Vec::new(),
        };
        let mut is_renewed = false;
        for part in &mut next.parts {
            let found = listed.iter().find(|found| found.number == part.number);
            if let Some(found) = found.filter(|found| found.size == part.size) {
                is_renewed |= found.etag != part.etag;
                part.etag = found.etag.clone();
            } else {
                is_renewed = false;
                break;
            }
        }
        if !is_renewed {
            tracing::error!(id = %next.head.id, "an upload has failed: its parts are not what they were");
            next.state = State::Failed;
        }
        Ok(())
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
            Failure::InvalidPart => Unmade::Parts,
            // The bucket's lifecycle rules remove multipart uploads, say.
            Failure::NoSuchUpload if self.is_lost(record).await? => Unmade::Ever(error),
            Failure::NoSuchUpload => Unmade::Now(Error::with_source(
                ErrorKind::Unavailable,
                "the object is not to be seen yet",
                error,
            )),
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
    /// The parts have other ETags than the record says.
    Parts,
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
