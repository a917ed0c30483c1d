//! [`MemoryLease`] and [`MemoryAppend`].

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use oxitus_proto::upload::{Kind, Phase, Upload};

use super::hold::Hold;
use crate::clock::Clock;
use crate::storage::{Append, AppendOptions, CommitMode, Error, ErrorKind, Intent, Lease, Result};

const MISPLACED: Error = Error::new(ErrorKind::OffsetMismatch, "the bytes do not belong there");

#[derive(Debug)]
pub(super) struct MemoryLease {
    hold: Hold,
    upload: Upload,
    clock: Arc<dyn Clock>,
}

impl MemoryLease {
    pub(super) fn new(hold: Hold, clock: Arc<dyn Clock>) -> Result<Self> {
        let upload = hold.snapshot()?;
        Ok(Self {
            hold,
            upload,
            clock,
        })
    }
}

#[async_trait]
impl Lease for MemoryLease {
    fn info(&self) -> &Upload {
        &self.upload
    }

    async fn wanted(&mut self) -> Intent {
        self.hold.wanted().await
    }

    async fn append(self: Box<Self>, options: AppendOptions) -> Result<Box<dyn Append>> {
        let takes_bytes =
            self.upload.phase != Phase::Complete && !matches!(self.upload.kind, Kind::Final(_));
        if !takes_bytes || options.offset != self.upload.offset {
            return Err(MISPLACED);
        }
        let length = match (self.upload.length, options.declare_length) {
            (Some(known), Some(declared)) if known != declared => return Err(MISPLACED),
            (known, declared) => known.or(declared),
        };
        if length.is_some_and(|length| length < options.offset) {
            return Err(MISPLACED);
        }
        let Self {
            hold,
            upload,
            clock,
        } = *self;
        Ok(Box::new(MemoryAppend {
            hold,
            before: upload,
            clock,
            length,
            mode: options.mode,
            end: options.offset,
        }))
    }

    /// The parts cannot go away while they are copied: the mutex keeps everybody from them.
    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let Kind::Final(concatenation) = &self.upload.kind else {
            return Err(Error::new(
                ErrorKind::Other,
                "the upload is not a final one",
            ));
        };
        if self.upload.phase == Phase::Receiving {
            self.hold.assemble(&concatenation.parts, self.clock.now())?;
        }
        Ok(Box::new(Self::new(self.hold, self.clock)?))
    }

    async fn complete(&mut self) -> Result<()> {
        match self.upload.phase {
            Phase::Receiving => Err(Error::new(ErrorKind::Other, "bytes are missing")),
            Phase::Complete => Ok(()),
            Phase::Received => {
                self.upload = self.hold.change(|entry| {
                    entry.complete();
                    entry.upload.clone()
                })?;
                Ok(())
            }
        }
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        self.hold.remove()
    }

    async fn release(self: Box<Self>) -> Result<()> {
        drop(self);
        Ok(())
    }
}

/// Dropped, it leaves what was published and cuts off what was not, since its hold ends.
#[derive(Debug)]
struct MemoryAppend {
    hold: Hold,
    before: Upload,
    clock: Arc<dyn Clock>,
    /// The length of the upload, as it is to be.
    length: Option<u64>,
    mode: CommitMode,
    /// Where the next byte goes.
    end: u64,
}

#[async_trait]
impl Append for MemoryAppend {
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let size: u64 = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        let end = self.end.checked_add(size).ok_or(MISPLACED)?;
        if self.length.is_some_and(|length| end > length) {
            return Err(MISPLACED);
        }
        self.hold.grow(size, |entry| {
            entry.stage(&chunks);
            if self.mode == CommitMode::Progressive && size > 0 {
                entry.publish(self.length, self.clock.now());
            }
        })?;
        self.end = end;
        Ok(())
    }

    async fn checkpoint(&mut self) -> Result<()> {
        Ok(())
    }

    async fn wanted(&mut self) -> Intent {
        self.hold.wanted().await
    }

    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>> {
        self.hold
            .change(|entry| entry.publish(self.length, self.clock.now()))?;
        Ok(Box::new(MemoryLease::new(self.hold, self.clock)?))
    }

    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let Self {
            hold,
            before,
            clock,
            ..
        } = *self;
        hold.change(|entry| entry.restore(before))?;
        Ok(Box::new(MemoryLease::new(hold, clock)?))
    }
}
