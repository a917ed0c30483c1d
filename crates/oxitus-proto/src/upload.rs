//! [`Upload`]: what is known of one upload at one moment.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::header::UploadMetadata;
use crate::id::UploadId;

/// A snapshot of one upload, as a storage backend reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// Its name.
    pub id: UploadId,
    /// How many bytes are stored and acknowledged.
    pub offset: u64,
    /// How many bytes it will have. `None` while the client has not said.
    pub length: Option<u64>,
    /// The largest size it may reach, in bytes, where it has a limit of its own.
    pub max_size: Option<u64>,
    /// What it is to the concatenation extension.
    pub kind: Kind,
    /// How far it has come.
    pub phase: Phase,
    /// `Upload-Metadata` as the client sent it.
    pub metadata: Option<UploadMetadata>,
    /// When it was created.
    pub created: SystemTime,
    /// When bytes last arrived, or when it was created.
    pub last_activity: SystemTime,
    /// How long it may lie idle before it expires. Fixed at creation.
    pub time_to_live: Option<Duration>,
}

impl Upload {
    /// An upload without a byte, as it is at its creation.
    #[must_use]
    pub fn new(id: UploadId, length: Option<u64>, created: SystemTime) -> Self {
        Self {
            id,
            offset: 0,
            length,
            max_size: None,
            kind: Kind::Whole,
            phase: Phase::Receiving,
            metadata: None,
            created,
            last_activity: created,
            time_to_live: None,
        }
    }

    /// When this upload expires, should nothing more arrive: its last activity and its time to
    /// live.
    ///
    /// An upload whose bytes are all here never expires. A partial upload does, finished or not:
    /// else every aborted parallel upload would lie there for ever.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        let lasts = self.phase != Phase::Receiving && !matches!(self.kind, Kind::Partial);
        if lasts {
            return None;
        }
        self.last_activity.checked_add(self.time_to_live?)
    }

    /// Whether it has expired at `now`.
    #[must_use]
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires().is_some_and(|expires| expires <= now)
    }

    /// Whether the client's last byte is here: nothing more can be appended.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.phase != Phase::Receiving
    }
}

/// What an upload is to the concatenation extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An upload of its own.
    Whole,
    /// A piece of a later final upload.
    Partial,
    /// Made of partial uploads.
    Final(Concatenation),
}

/// What a final upload is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Concatenation {
    /// `Upload-Concat` as the client sent it: a HEAD returns exactly this.
    pub raw: Arc<str>,
    /// The partial uploads in order; one may stand there repeatedly.
    pub parts: Arc<[UploadId]>,
}

impl Concatenation {
    /// A concatenation of `parts`, requested as `raw`.
    #[must_use]
    pub fn new(raw: impl Into<Arc<str>>, parts: impl Into<Arc<[UploadId]>>) -> Self {
        Self {
            raw: raw.into(),
            parts: parts.into(),
        }
    }
}

/// How far an upload has come. "Every byte is here" and "the backend has finished" are different
/// facts: a crash may lie between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Bytes are missing, or the length is not known.
    Receiving,
    /// Every byte is stored; the upload waits to be completed.
    Received,
    /// Finished, and immutable from here on.
    Complete,
}
