//! The bytes of a PATCH: into the upload as they come, or, with a checksum, all at once or not at all.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

use crate::answer::Refusal;
use crate::body::{Body, Broken, Interrupted, Piece};
use crate::fault::Behaviour;
use crate::fields;
use crate::service::Call;
use crate::store::Writer;
use crate::verification::Verification;

/// The bytes of one PATCH on their way into the upload.
pub(crate) struct Transfer<'patch> {
    pub(crate) call: &'patch Call,
    pub(crate) writer: &'patch Writer,
    pub(crate) start: u64,
    /// How many bytes the upload has room for.
    pub(crate) room: u64,
    /// The length that the upload has had before.
    pub(crate) known: Option<u64>,
    /// Recorded with the first byte, or at the end if there is none.
    pub(crate) length: Option<u64>,
}

impl Transfer<'_> {
    /// Stores the body and returns the offset.
    pub(crate) async fn run(
        &self,
        checksum: Verification,
        body: &mut Body,
    ) -> Result<u64, Refusal> {
        match checksum {
            Verification::Unannounced if !self.call.has(Behaviour::DiesWithConnection) => {
                self.stream(body).await
            }
            checksum => self.verify_and_store(&checksum, body).await,
        }
    }

    /// Stores all bytes at once when they are there and right, else none.
    async fn verify_and_store(
        &self,
        checksum: &Verification,
        body: &mut Body,
    ) -> Result<u64, Refusal> {
        let mut trailers = HeaderMap::new();
        let mut bytes = Vec::new();
        loop {
            match body.next().await {
                Ok(Some(Piece::Data(data))) if (bytes.len() + data.len()) as u64 > self.room => {
                    return Err(Interrupted::Overrun.into());
                }
                Ok(Some(Piece::Data(data))) => bytes.extend_from_slice(&data),
                Ok(Some(Piece::Trailers(fields))) => trailers = fields,
                Ok(None) => break,
                Err(broken) => {
                    if self.call.has(Behaviour::KeepsInterruptedUnverified) {
                        self.writer.append(&bytes, self.length)?;
                    }
                    return Err(interrupted(broken, self.start));
                }
            }
            self.writer.touch();
        }
        if self.call.has(Behaviour::DiesWithConnection) {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        let verified = checksum.verify(self.call, &bytes, &trailers);
        if verified.is_err() && self.call.has(Behaviour::KeepsUnverified) {
            self.writer.append(&bytes, self.length)?;
        }
        verified?;
        Ok(self.writer.append(&bytes, self.length)?)
    }

    /// Stores bytes as they come. Those that fill the upload are held back until the body ends, for
    /// if it does not end there the upload is not what its client meant, and must not be complete.
    async fn stream(&self, body: &mut Body) -> Result<u64, Refusal> {
        let mut held = Bytes::new();
        let mut trailers = HeaderMap::new();
        let mut received = 0;
        loop {
            match body.next().await {
                Ok(Some(Piece::Data(data))) => {
                    let before = received;
                    received += data.len() as u64;
                    if received > self.room {
                        return self.refuse_overrun(&held, &data, before);
                    } else if received == self.room {
                        held = data;
                        self.writer.touch();
                    } else {
                        self.writer.append(&data, self.length)?;
                    }
                }
                Ok(Some(Piece::Trailers(fields))) => trailers = fields,
                Ok(None) => break,
                Err(broken) => return self.keep(&held, broken),
            }
        }
        let length = match fields::number(&trailers, "upload-length") {
            Ok(Some(length)) if self.call.has(Behaviour::ObeysTrailers) => Some(length),
            _ => self.length,
        };
        if trailers.contains_key("upload-checksum") {
            let bytes = [self.writer.since(self.start).as_slice(), &held].concat();
            if let Err(refusal) = Verification::Unannounced.verify(self.call, &bytes, &trailers) {
                self.roll_back()?;
                return Err(refusal);
            }
        }
        Ok(self.writer.append(&held, length)?)
    }

    /// The body broke: what came is kept.
    fn keep(&self, held: &[u8], broken: Broken) -> Result<u64, Refusal> {
        if self.call.has(Behaviour::LosesInterruptedBytes) {
            self.roll_back()?;
            return Err(interrupted(broken, self.start));
        }
        // Without a byte there is nothing to record a length with.
        let length = self.length.filter(|_| !held.is_empty());
        let offset = self.writer.append(held, length)?;
        if self.call.has(Behaviour::AcceptsBrokenBodies) {
            return Ok(offset);
        }
        Err(interrupted(broken, offset))
    }

    fn refuse_overrun(&self, held: &[u8], more: &[u8], received: u64) -> Result<u64, Refusal> {
        if self.call.has(Behaviour::CompletesOverrun) {
            let room = usize::try_from(self.room - received).unwrap_or(usize::MAX);
            let filling = [held, more.get(..room).unwrap_or(more)].concat();
            self.writer.append(&filling, self.length)?;
        }
        Err(Interrupted::Overrun.into())
    }

    fn roll_back(&self) -> Result<(), Refusal> {
        Ok(self.writer.roll_back(self.start, self.known)?)
    }
}

fn interrupted(broken: Broken, offset: u64) -> Refusal {
    Refusal::from(Interrupted::Broken(broken)).with("upload-offset", offset)
}
