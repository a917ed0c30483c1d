//! [`Content`]: the bytes of objects and parts; [`Payload`]: such bytes on their way in.

use std::ops::Range;

use bytes::Bytes;
use md5::{Digest as _, Md5};

/// The bytes of an object or a part, in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pieces: Vec<Piece>,
    size: u64,
}

/// Some of the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Kept(Bytes),
    /// Bytes of a hollow object: they were not kept, and read as zeros.
    Hollow(u64),
}

/// What a hollow piece is read from.
static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

impl Content {
    /// How many bytes there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// All of them in one piece.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self.pieces.as_slice() {
            [Piece::Kept(bytes)] => bytes.clone(),
            _ => self.chunks().collect::<Vec<_>>().concat().into(),
        }
    }

    /// All of them, in chunks of a bearable size.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> + Send + Sync + use<> {
        self.pieces.clone().into_iter().flat_map(Piece::chunks)
    }

    /// Those of a range that lies within.
    #[must_use]
    pub fn slice(&self, range: Range<u64>) -> Self {
        let mut slice = Self::default();
        let mut start = 0;
        for piece in &self.pieces {
            let end = start + piece.size();
            let from = range.start.clamp(start, end) - start;
            let to = range.end.clamp(start, end) - start;
            if from < to {
                slice.push(piece.slice(from, to));
            }
            start = end;
        }
        slice
    }

    /// Adds those of another.
    pub(super) fn append(&mut self, other: &Self) {
        self.size += other.size;
        self.pieces.extend_from_slice(&other.pieces);
    }

    /// Forgets the bytes, and keeps their number.
    fn hollow(&mut self) {
        self.pieces = vec![Piece::Hollow(self.size)];
    }

    fn push(&mut self, piece: Piece) {
        self.size += piece.size();
        self.pieces.push(piece);
    }
}

impl Piece {
    const fn size(&self) -> u64 {
        match self {
            Self::Kept(bytes) => bytes.len() as u64,
            Self::Hollow(size) => *size,
        }
    }

    fn slice(&self, from: u64, to: u64) -> Self {
        match self {
            Self::Kept(bytes) => Self::Kept(bytes.slice(in_memory(from)..in_memory(to))),
            Self::Hollow(_) => Self::Hollow(to - from),
        }
    }

    fn chunks(self) -> impl Iterator<Item = Bytes> + Send + Sync {
        let (kept, hollow) = match self {
            Self::Kept(bytes) => (Some(bytes), 0),
            Self::Hollow(size) => (None, size),
        };
        let zeros = (0..hollow).step_by(ZEROS.len()).map(move |start| {
            Bytes::from_static(&ZEROS).slice(..in_memory(hollow - start).min(ZEROS.len()))
        });
        kept.into_iter().chain(zeros)
    }
}

/// A position within bytes that are in memory.
fn in_memory(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Bytes on their way in, and their MD5. It is made of anything that [`Bytes`] are made of, or
/// of one chunk after another, outside of the bucket's lock.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    content: Content,
    md5: Md5,
}

impl Payload {
    /// Adds bytes.
    pub fn push(&mut self, bytes: Bytes) {
        self.md5.update(&bytes);
        self.content.push(Piece::Kept(bytes));
    }

    /// Adds bytes that count, but are not kept.
    pub fn push_hollow(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.content.size += bytes.len() as u64;
        self.content.hollow();
    }

    /// So many bytes that count, but are neither kept nor hashed: the MD5 is that of none.
    #[must_use]
    pub fn hollow(size: u64) -> Self {
        let mut payload = Self::default();
        payload.content.push(Piece::Hollow(size));
        payload
    }

    /// How many bytes there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.content.size()
    }

    /// What there is to store.
    pub(super) fn into_parts(mut self, hollow: bool) -> (Content, [u8; 16]) {
        if hollow {
            self.content.hollow();
        }
        (self.content, self.md5.finalize().into())
    }
}

impl<B: Into<Bytes>> From<B> for Payload {
    fn from(bytes: B) -> Self {
        let mut payload = Self::default();
        payload.push(bytes.into());
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(pieces: &[&'static str]) -> Content {
        let mut payload = Payload::default();
        for piece in pieces {
            payload.push(Bytes::from_static(piece.as_bytes()));
        }
        payload.into_parts(false).0
    }

    #[test]
    fn a_slice_reaches_over_pieces() {
        let content = content(&["abc", "", "defg", "h"]);
        assert_eq!(content.size(), 8);
        for start in 0..=8 {
            for end in start..=8 {
                let slice = content.slice(start..end);
                let expected = &"abcdefgh"[in_memory(start)..in_memory(end)];
                assert_eq!(slice.bytes(), expected.as_bytes());
                assert_eq!(slice.size(), end - start);
            }
        }
    }

    #[test]
    fn hollow_bytes_count_and_read_as_zeros() {
        let size = ZEROS.len() as u64 + 3;
        let mut payload = Payload::default();
        payload.push_hollow(&vec![7; in_memory(size)]);
        let full = Payload::from(vec![7; in_memory(size)]).into_parts(true);
        let hollow = payload.into_parts(false);
        assert_eq!(hollow, full);
        assert_eq!(hollow.0.bytes(), vec![0; in_memory(size)]);
        assert_eq!(hollow.0.slice(1..4).bytes(), vec![0; 3]);
    }
}
