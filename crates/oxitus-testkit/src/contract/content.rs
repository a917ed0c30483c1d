//! Bytes to upload, and ways to cut them.

use std::iter;

use bytes::Bytes;

/// Bytes without a pattern that a misplaced block could hide in; other seeds, other bytes.
pub(super) fn content(seed: u64, length: usize) -> Bytes {
    let mut random = Random(seed);
    iter::repeat_with(|| random.next().to_le_bytes())
        .flatten()
        .take(length)
        .collect()
}

/// Cuts bytes into chunks of one size; the last may be shorter.
pub(super) fn chunks_of(size: usize, bytes: &Bytes) -> Vec<Bytes> {
    cut(bytes, || size)
}

/// Cuts bytes into chunks of up to `largest`, empty ones among them.
pub(super) fn random_chunks(seed: u64, largest: usize, bytes: &Bytes) -> Vec<Bytes> {
    let mut random = Random(seed);
    cut(bytes, || random.below(largest + 1))
}

fn cut(bytes: &Bytes, mut size: impl FnMut() -> usize) -> Vec<Bytes> {
    let mut rest = bytes.clone();
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        chunks.push(rest.split_to(size().min(rest.len())));
    }
    chunks
}

/// A generator of numbers that are the same in every run (SplitMix64).
#[derive(Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
