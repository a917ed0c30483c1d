//! [`Tail`]: the bytes behind the parts, of which there are not enough for another one yet.

use std::sync::Weak;
use std::time::Duration;

use bytes::Bytes;
use oxitus_core::storage::Result;
use tokio::time::Instant;

use crate::budget::{FREE, Reservation, Spill};
use crate::buffer::Buffer;
use crate::kept::Kept;
use crate::node::Node;
use crate::record::{Record, Segment};

/// So many segments are joined to one.
const MOST_SEGMENTS: usize = 16;

/// See the [module](self). Some of its bytes are stored, and some are in memory; the stored ones may
/// be in memory too.
#[derive(Debug)]
pub(super) struct Tail {
    stored: Vec<Segment>,
    stored_size: usize,
    /// Whether the buffer begins with the stored bytes, and not behind them.
    is_loaded: bool,
    /// Since when there are segments of this append itself.
    own_since: Option<Instant>,
    buffer: Buffer,
    /// Room for what the buffer may have at most, where it is more than a handful.
    reservation: Option<Reservation>,
}

impl Tail {
    /// What a record has behind its parts, of which no bytes are at hand.
    pub(super) fn of(record: &Record) -> Self {
        let stored = record.pending.clone();
        let stored_size = size(&stored);
        Self {
            stored,
            stored_size,
            is_loaded: stored_size == 0,
            own_since: None,
            buffer: Buffer::default(),
            reservation: None,
        }
    }

    /// What a record has behind its parts, of which all bytes may be at hand. `owner` will give
    /// them back.
    pub(super) fn with(record: &Record, kept: Option<Kept>, owner: Weak<dyn Spill>) -> Self {
        let tail = Self::of(record);
        let held = kept.and_then(Kept::take);
        match held.filter(|(bytes, _)| bytes.len() == tail.stored_size) {
            Some((bytes, reservation)) => {
                if let Some(reservation) = &reservation {
                    reservation.call_in_from(owner);
                }
                Self {
                    is_loaded: true,
                    buffer: Buffer::of(&bytes, bytes.len()),
                    reservation,
                    ..tail
                }
            }
            None => tail,
        }
    }

    /// Where a part has just been cut off.
    pub(super) fn empty() -> Self {
        Self {
            stored: Vec::new(),
            stored_size: 0,
            is_loaded: true,
            own_since: None,
            buffer: Buffer::default(),
            reservation: None,
        }
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.buffer.len() + if self.is_loaded { 0 } else { self.stored_size }
    }

    /// The segments that are stored.
    pub(super) fn stored(&self) -> &[Segment] {
        &self.stored
    }

    /// How many bytes are in memory.
    pub(super) fn in_memory(&self) -> u64 {
        self.buffer.len() as u64
    }

    /// Whether every byte is in memory.
    pub(super) fn is_loaded(&self) -> bool {
        self.is_loaded
    }

    /// Whether there are so many segments that they are to be joined.
    pub(super) fn is_fragmented(&self) -> bool {
        self.stored.len() >= MOST_SEGMENTS
    }

    /// Whether this append has stored segments longer ago than that.
    pub(super) fn is_older_than(&self, age: Duration) -> bool {
        self.own_since.is_some_and(|since| since.elapsed() >= age)
    }

    /// Whether there is a reservation.
    pub(super) fn is_reserved(&self) -> bool {
        self.reservation.is_some()
    }

    /// Whether so many bytes may be in memory.
    pub(super) fn has_room(&self, bytes: u64) -> bool {
        let reserved = self.reservation.as_ref().map_or(0, Reservation::bytes);
        bytes <= FREE.max(reserved)
    }

    /// Has room for so many bytes, if it can be had at once beside what there is.
    pub(super) fn try_grow(&mut self, bytes: u64) -> bool {
        let Some(mut reservation) = self.reservation.take() else {
            return false;
        };
        let has_grown = reservation.try_grow(bytes);
        self.give_room(reservation);
        has_grown
    }

    /// Has room for so many bytes as are reserved.
    pub(super) fn give_room(&mut self, reservation: Reservation) {
        let capacity = usize::try_from(reservation.bytes()).unwrap_or(usize::MAX);
        if capacity > self.buffer.capacity() {
            self.buffer = Buffer::of(self.buffer.bytes(), capacity);
        }
        self.reservation = Some(reservation);
    }

    /// Puts bytes behind the others.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend(bytes);
        if let Some(reservation) = &self.reservation {
            reservation.touch();
        }
    }

    /// Has every byte in memory, for which there must be room.
    pub(super) async fn load(&mut self, node: &Node) -> Result<()> {
        if !self.is_loaded {
            let capacity = self.buffer.capacity().max(self.len());
            let mut buffer = Buffer::with_capacity(capacity);
            node.read_segments(&self.stored, &mut buffer).await?;
            buffer.extend(self.buffer.bytes());
            self.buffer = buffer;
            self.is_loaded = true;
        }
        Ok(())
    }

    /// Cuts a part off, which is all there is. Every byte must be loaded.
    pub(super) fn cut(&mut self) -> (Bytes, Option<Reservation>) {
        let Self {
            buffer,
            reservation,
            ..
        } = std::mem::replace(self, Self::empty());
        if let Some(reservation) = &reservation {
            reservation.filled();
        }
        (buffer.lend(), reservation)
    }

    /// Whether there are bytes that are not stored.
    pub(super) fn has_fresh(&self) -> bool {
        self.buffer.len() > self.fresh_from()
    }

    /// Where in the buffer those bytes begin that are not stored.
    fn fresh_from(&self) -> usize {
        if self.is_loaded { self.stored_size } else { 0 }
    }

    /// Stores what is not stored yet.
    pub(super) async fn store(&mut self, node: &Node, record: &Record) -> Result<()> {
        if !self.has_fresh() {
            return Ok(());
        }
        let fresh_from = self.fresh_from();
        let all = self.buffer.lend();
        let fresh = all.slice(fresh_from..);
        // What stands in the record itself is stored together with what follows, where that takes
        // no second copy of many bytes.
        let (before, bytes) = match self.stored.split_last() {
            Some((Segment::Inline(last), before)) if self.is_loaded => {
                (before, all.slice(fresh_from - last.len()..))
            }
            Some((Segment::Inline(last), before)) if fresh.len() as u64 <= FREE => {
                (before, [&last[..], &fresh].concat().into())
            }
            _ => (&self.stored[..], fresh),
        };
        drop(all);
        let segment = node.store_segment(record, bytes).await?;
        self.stored = [before, &[segment]].concat();
        self.stored_size = size(&self.stored);
        self.own_since.get_or_insert_with(Instant::now);
        if !self.is_loaded {
            self.buffer = Buffer::with_capacity(self.buffer.capacity());
        }
        Ok(())
    }

    /// Stores everything anew, in one segment. Every byte must be loaded.
    pub(super) async fn join(&mut self, node: &Node, record: &Record) -> Result<()> {
        let segment = node.store_segment(record, self.buffer.lend()).await?;
        self.stored = vec![segment];
        self.stored_size = self.buffer.len();
        self.own_since = Some(Instant::now());
        Ok(())
    }

    /// Drops from memory what is stored.
    pub(super) fn unload(&mut self) {
        let fresh = self
            .buffer
            .bytes()
            .get(self.fresh_from()..)
            .unwrap_or_default();
        self.buffer = Buffer::of(fresh, fresh.len());
        self.is_loaded = self.stored_size == 0;
        self.reservation = None;
    }

    /// Drops from memory what nobody needs any more, be it stored or not.
    pub(super) fn discard(&mut self) {
        self.buffer = Buffer::default();
        self.is_loaded = self.stored_size == 0;
        self.reservation = None;
    }

    /// Every byte, for the next request, where they are in memory.
    pub(super) fn into_kept(self) -> Option<Kept> {
        let Self {
            buffer,
            is_loaded,
            reservation,
            ..
        } = self;
        if !is_loaded || buffer.len() == 0 {
            return None;
        }
        let bytes = match buffer.len() < buffer.capacity() / 2 {
            true => Buffer::of(buffer.bytes(), buffer.len()).lend(),
            false => buffer.lend(),
        };
        let reservation = reservation.map(|mut reservation| {
            reservation.shrink(bytes.len() as u64);
            reservation
        });
        Some(Kept::new(bytes, reservation))
    }
}

fn size(segments: &[Segment]) -> usize {
    let size: u64 = segments.iter().map(Segment::size).sum();
    usize::try_from(size).unwrap_or(usize::MAX)
}
