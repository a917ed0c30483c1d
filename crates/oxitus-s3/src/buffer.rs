//! [`Buffer`]: bytes that gather for a part, and are lent to requests without a copy.
//!
//! Those for a part are pages of their own, which go back to the system as soon as nobody reads them
//! any more. An allocator would keep them: buffers of this size that come and go on many threads
//! leave behind about half as much again as is in use.

use std::sync::Arc;

use bytes::Bytes;
use memmap2::MmapMut;

/// From how many bytes on a buffer has pages of its own.
const LARGE: usize = 1 << 20;

/// See the [module](self). It grows beyond its capacity where it has to.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Arc<Memory>);

impl Buffer {
    /// An empty one with room for so many bytes. Pages take no memory before they are written.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Arc::new(Memory::with_capacity(bytes)))
    }

    /// One that begins with these bytes.
    pub(crate) fn of(bytes: &[u8], capacity: usize) -> Self {
        let mut buffer = Self::with_capacity(capacity.max(bytes.len()));
        buffer.extend(bytes);
        buffer
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes().len()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }

    /// Puts bytes behind the others.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let length = self.len() + bytes.len();
        if length > self.capacity() {
            *self = Self::of(self.bytes(), length.next_power_of_two());
        }
        // Whoever was lent the bytes keeps them as they are.
        Arc::make_mut(&mut self.0).extend(bytes);
    }

    /// The bytes as they are now, without a copy of them.
    pub(crate) fn lend(&self) -> Bytes {
        Bytes::from_owner(Lent(Arc::clone(&self.0)))
    }
}

/// What a buffer is made of.
#[derive(Debug)]
enum Memory {
    Allocated(Vec<u8>),
    Pages { pages: MmapMut, length: usize },
}

impl Memory {
    fn with_capacity(bytes: usize) -> Self {
        if bytes < LARGE {
            return Self::Allocated(Vec::with_capacity(bytes));
        }
        match MmapMut::map_anon(bytes) {
            Ok(pages) => Self::Pages { pages, length: 0 },
            // There are only so many maps of a process.
            Err(_) => Self::Allocated(Vec::with_capacity(bytes)),
        }
    }

    fn capacity(&self) -> usize {
        match self {
            Self::Allocated(bytes) => bytes.capacity(),
            Self::Pages { pages, .. } => pages.len(),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Allocated(bytes) => bytes,
            Self::Pages { pages, length } => pages.get(..*length).unwrap_or_default(),
        }
    }

    /// Puts bytes behind the others; there is room for them.
    fn extend(&mut self, bytes: &[u8]) {
        match self {
            Self::Allocated(allocated) => allocated.extend_from_slice(bytes),
            Self::Pages { pages, length } => {
                let end = *length + bytes.len();
                if let Some(room) = pages.get_mut(*length..end) {
                    room.copy_from_slice(bytes);
                    *length = end;
                }
            }
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::Allocated(Vec::new())
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        let mut copy = Self::with_capacity(self.capacity());
        copy.extend(self.bytes());
        copy
    }
}

/// The memory of a buffer that somebody reads.
struct Lent(Arc<Memory>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lent_stays_as_it_is() {
        for capacity in [0, 10, LARGE, 2 * LARGE] {
            let mut buffer = Buffer::with_capacity(capacity);
            buffer.extend(b"first");
            let lent = buffer.lend();
            buffer.extend(b", second");
            assert_eq!(&lent[..], b"first");
            assert_eq!(buffer.bytes(), b"first, second");
        }
    }

    #[test]
    fn grows_beyond_its_capacity() {
        let mut buffer = Buffer::with_capacity(LARGE);
        let piece = [7; 1000];
        for _ in 0..3000 {
            buffer.extend(&piece);
        }
        assert_eq!(buffer.bytes(), [7; 3_000_000]);
    }
}
