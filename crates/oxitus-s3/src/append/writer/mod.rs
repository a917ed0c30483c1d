//! [`Writer`]: the state of an append, and the rules by which it becomes part of the record.
//!
//! ```text
//! record.parts │ sealed: uploaded │ uploads: on their way │ tail: not a part yet
//! ─────────────┴──────────────────┴───────────────────────┴──────────────────────▶ end
//! ```
//!
//! Each part has a number that was [claimed](claims) before, so that no other writer, on whatever
//! node, can replace it. Nothing but a conditional PUT of the record makes any of this part of the
//! upload: at the end of the append, at a checkpoint, and on the way where more numbers are claimed.

mod claims;
mod ending;
mod parts;
mod pending;
mod recording;

use std::sync::{Arc, Weak};

use bytes::Bytes;
use oxitus_core::storage::{AppendOptions, CommitMode, Error, ErrorKind, Result};
use tokio::time::Instant;

use super::own::OwnSegments;
use super::tail::Tail;
use super::uploads::Uploads;
use crate::budget::Spill;
use crate::cache::Memory;
use crate::error;
use crate::holders::Hold;
use crate::lease::S3Lease;
use crate::node::Node;
use crate::record::{Part, Record};

/// How many numbers are claimed first where nobody knows how many bytes will come.
const FIRST_CLAIM: u16 = 4;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Writer {
    node: Arc<Node>,
    hold: Arc<Hold>,
    memory: Memory,
    mode: CommitMode,
    /// The length of the upload, as it is to be.
    length: Option<u64>,
    /// How far it can grow.
    ceiling: u64,
    /// How many bytes are said to come still.
    expected: Option<u64>,
    /// Uploaded, and not recorded yet.
    sealed: Vec<Part>,
    uploads: Uploads,
    tail: Tail,
    own: OwnSegments,
    /// Where the next byte goes.
    end: u64,
    /// How many numbers this append has used.
    used: u16,
    next_claim: u16,
    /// Whether a part is missing, so that what came after it has no place.
    has_gap: bool,
    /// Whether whoever writes has been told that something failed.
    has_told: bool,
    /// Whether somebody else has changed the upload.
    is_lost: bool,
    /// Whether a version of the record was sent last of which nobody knows whether it has landed, or
    /// will.
    is_in_doubt: bool,
    changed: Instant,
    checkpoints: u32,
    this: Weak<dyn Spill>,
}

impl Writer {
    pub(super) fn new(
        lease: S3Lease,
        length: Option<u64>,
        options: &AppendOptions,
        this: Weak<dyn Spill>,
    ) -> Self {
        let S3Lease {
            node,
            mut memory,
            hold,
            ..
        } = lease;
        let record = &memory.version.record;
        Self {
            mode: options.mode,
            length,
            ceiling: length.unwrap_or_else(|| record.capacity()),
            expected: options.expected,
            sealed: Vec::new(),
            uploads: Uploads::default(),
            tail: Tail::with(record, memory.tail.take(), this.clone()),
            own: OwnSegments::default(),
            end: record.offset,
            used: 0,
            next_claim: FIRST_CLAIM,
            has_gap: false,
            has_told: false,
            is_lost: false,
            is_in_doubt: false,
            changed: Instant::now(),
            checkpoints: 0,
            node,
            hold,
            memory,
            this,
        }
    }

    /// Takes bytes in.
    pub(super) async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let size: u64 = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        let end = self.end.checked_add(size).ok_or_else(error::misplaced)?;
        if end > self.ceiling {
            return Err(match self.length {
                Some(_) => error::misplaced(),
                None => error::too_large(),
            });
        }
        let taken = self.take(chunks).await;
        self.has_told |= taken.is_err();
        taken
    }

    async fn take(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        if self.is_lost {
            return Err(error::lost());
        }
        if self.has_gap {
            return Err(missing_part());
        }
        let part_size = usize::try_from(self.part_size()).unwrap_or(usize::MAX);
        for mut chunk in chunks {
            while !chunk.is_empty() {
                // Still, where it could not be sealed the last time.
                if self.tail.len() == part_size {
                    self.seal().await?;
                }
                let room = part_size - self.tail.len();
                let piece = chunk.split_to(room.min(chunk.len()));
                self.make_room(piece.len()).await?;
                self.tail.push(&piece);
                let size = piece.len() as u64;
                self.end += size;
                self.expected = self.expected.map(|expected| expected.saturating_sub(size));
                if self.tail.len() == part_size && !self.is_small() {
                    self.seal().await?;
                }
            }
        }
        self.renew_segments_if_due().await?;
        self.renew_if_due().await
    }

    /// Whether the upload is not large enough to have parts.
    fn is_small(&self) -> bool {
        let has_parts =
            !self.record().parts.is_empty() || !self.sealed.is_empty() || !self.uploads.is_empty();
        !has_parts && self.length.is_some_and(|length| length <= self.part_size())
    }

    /// Waits for the memory that more bytes take, and with them those that are said to follow.
    async fn make_room(&mut self, bytes: usize) -> Result<()> {
        let bytes = bytes as u64;
        if self.tail.has_room(self.tail.in_memory() + bytes) {
            return Ok(());
        }
        let there = self.tail.len() as u64;
        let room = self.length.map_or(u64::MAX, |length| length - self.end);
        let expected = self.expected.unwrap_or(u64::MAX).min(room).max(bytes);
        let needed = there.saturating_add(expected).min(self.part_size());
        self.reserve(needed).await
    }

    /// Waits until so many bytes of the tail may be in memory. Nobody waits while he holds something
    /// that others wait for.
    async fn reserve(&mut self, bytes: u64) -> Result<()> {
        if self.tail.has_room(bytes) || self.tail.try_grow(bytes) {
            return Ok(());
        }
        if self.tail.is_reserved() {
            self.store_tail().await?;
            self.tail.unload();
        }
        let reservation = self.node.budget.reserve(bytes).await?;
        reservation.call_in_from(self.this.clone());
        self.tail.give_room(reservation);
        Ok(())
    }

    /// Has every byte of the tail in memory.
    async fn load(&mut self) -> Result<()> {
        if self.tail.is_loaded() {
            return Ok(());
        }
        self.reserve(self.tail.len() as u64).await?;
        self.tail.load(&self.node).await
    }

    fn record(&self) -> &Record {
        &self.memory.version.record
    }

    fn part_size(&self) -> u64 {
        self.record().head.part_size
    }

    fn sealed_end(&self) -> u64 {
        let sealed: u64 = self.sealed.iter().map(|part| part.size).sum();
        self.record().sealed() + sealed
    }
}

fn missing_part() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "an earlier part could not be uploaded",
    )
}
