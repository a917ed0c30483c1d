//! [`Tail`]: the bytes behind the parts, of which there are not enough for another one yet.

use bytes::Bytes;
use oxitus_core::storage::Result;

use super::buffer::Buffer;
use crate::budget::{FREE, Reservation};
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
    buffer: Buffer,
    reserved: u64,
    reservation: Option<Reservation>,
}

impl Tail {
    /// What a record has behind its parts, of which all bytes may be at hand.
    pub(super) fn of(record: &Record, bytes: Option<Bytes>) -> Self {
        let stored = record.pending.clone();
        let stored_size = size(&stored);
        let bytes = bytes.filter(|bytes| bytes.len() == stored_size);
        Self {
            stored,
            stored_size,
            is_loaded: bytes.is_some() || stored_size == 0,
            buffer: bytes.map_or_else(Buffer::default, |bytes| Buffer::of(&bytes, bytes.len())),
            reserved: 0,
            reservation: None,
        }
    }

    /// Where a part has just been cut off.
    pub(super) fn empty() -> Self {
        Self {
            stored: Vec::new(),
            stored_size: 0,
            is_loaded: true,
            buffer: Buffer::default(),
            reserved: 0,
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

    /// How many bytes may come without another reservation.
    pub(super) fn lacks_room(&self, bytes: usize) -> bool {
        let needed = (self.buffer.len() + bytes) as u64;
        needed > FREE.max(self.reserved)
    }

    /// Gives the reservation back before another one is waited for, so that nobody waits while he
    /// holds something.
    pub(super) fn give_room_back(&mut self) {
        self.reservation = None;
        self.reserved = 0;
    }

    /// Has room for so many bytes in all.
    pub(super) fn give_room(&mut self, reservation: Reservation, bytes: u64) {
        self.reservation = Some(reservation);
        self.reserved = bytes;
        let capacity = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.buffer = Buffer::of(self.buffer.bytes(), capacity);
    }

    /// Puts bytes behind the others.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend(bytes);
        if let Some(reservation) = &self.reservation {
            reservation.touch();
        }
    }

    /// Has every byte in memory.
    pub(super) async fn load(&mut self, node: &Node) -> Result<()> {
        if !self.is_loaded {
            let stored = node.read_segments(&self.stored).await?;
            let capacity = self.buffer.capacity().max(stored.len() + self.buffer.len());
            let mut buffer = Buffer::of(&stored, capacity);
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

    /// Stores what is not stored yet.
    pub(super) async fn store(&mut self, node: &Node, record: &Record) -> Result<()> {
        let is_fragmented = self.stored.len() >= MOST_SEGMENTS;
        if is_fragmented {
            self.load(node).await?;
        }
        let fresh_from = if self.is_loaded { self.stored_size } else { 0 };
        if self.buffer.len() == fresh_from {
            return Ok(());
        }
        let buffer = self.buffer.lend();
        let stored = match self.stored.split_last() {
            _ if is_fragmented => store_behind(&[], buffer.clone(), node, record).await,
            Some((Segment::Inline(last), before)) => {
                let bytes = [&last[..], &buffer.slice(fresh_from..)].concat();
                store_behind(before, bytes.into(), node, record).await
            }
            _ => store_behind(&self.stored, buffer.slice(fresh_from..), node, record).await,
        };
        self.stored = stored?;
        self.stored_size = size(&self.stored);
        if !self.is_loaded {
            self.buffer = Buffer::with_capacity(self.buffer.capacity());
        }
        Ok(())
    }

    /// Drops from memory what is stored.
    pub(super) fn unload(&mut self) {
        let fresh_from = if self.is_loaded { self.stored_size } else { 0 };
        let fresh = self.buffer.bytes().get(fresh_from..).unwrap_or_default();
        self.buffer = Buffer::of(fresh, fresh.len());
        self.is_loaded = self.stored_size == 0;
        self.give_room_back();
    }

    /// Every byte, for the next request, where they are in memory and not too many for it.
    pub(super) fn into_bytes(self) -> Option<Bytes> {
        let Self {
            buffer, is_loaded, ..
        } = self;
        let is_roomy = buffer.len() < buffer.capacity() / 2;
        is_loaded.then(|| match is_roomy {
            true => Bytes::copy_from_slice(buffer.bytes()),
            false => buffer.lend(),
        })
    }
}

/// Stores bytes behind the segments `before`.
async fn store_behind(
    before: &[Segment],
    bytes: Bytes,
    node: &Node,
    record: &Record,
) -> Result<Vec<Segment>> {
    let segment = node.store_segment(record, bytes).await?;
    Ok([before, &[segment]].concat())
}

fn size(segments: &[Segment]) -> usize {
    let size: u64 = segments.iter().map(Segment::size).sum();
    usize::try_from(size).unwrap_or(usize::MAX)
}
