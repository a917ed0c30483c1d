//! [`Part`] and [`Segment`]: where the bytes of an upload are before they are an object.

use bytes::Bytes;

use crate::bucket::{CompletedPart, ETag};

/// A part of the multipart upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: u16,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) etag: ETag,
}

impl Part {
    pub(crate) fn completed(&self) -> CompletedPart {
        CompletedPart {
            number: self.number,
            etag: self.etag.clone(),
        }
    }
}

/// Bytes behind the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Few enough to stand in the record itself.
    Inline(Bytes),
    /// An object of their own, written once under a key that nobody else has.
    Object { key: String, size: u64 },
}

impl Segment {
    /// In bytes.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Object { size, .. } => *size,
        }
    }

    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Inline(_) => None,
            Self::Object { key, .. } => Some(key),
        }
    }

    /// Whether one of them is under a key.
    pub(crate) fn have(segments: &[Self], key: &str) -> bool {
        let mut keys = segments.iter().filter_map(Self::key);
        keys.any(|one| one == key)
    }
}
