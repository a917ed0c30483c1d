//! [`Record`]: what `<id>.info` says of an upload. It is the only truth there is: an object or a part
//! that no record references does not exist, whatever the bucket holds.
//!
//! ```text
//!                 commit … commit        the last commit
//!  (create) ─▶ open ─────────────────────▶ finishing ──▶ complete
//!                │  └──▶ failed               │             │
//!                └───────────▶ terminated ◀───┴─────────────┘
//! ```
//!
//! A record is changed only by a conditional PUT that replaces exactly the version it was made from
//! ([`records`](crate::records)), and every version has a nonce of its own: so no two versions have
//! the same ETag, and a writer that got no answer can tell its own version from another's.

mod claim;
mod format;
mod part;

use std::time::{Duration, SystemTime};

use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{NewUpload, Result};

pub(crate) use self::claim::Claim;
pub(crate) use self::format::{decode, encode};
pub(crate) use self::part::{Part, Segment};
use crate::bucket::{ETag, Multipart};
use crate::error;
use crate::nonce::Nonce;
use crate::part_size::NUMBERS;

/// Everything that is known of an upload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// Different in every version.
    pub(crate) nonce: Nonce,
    pub(crate) head: Head,
    pub(crate) state: State,
    /// How many bytes are part of the upload: those of the parts and of the pending segments.
    pub(crate) offset: u64,
    pub(crate) length: Option<u64>,
    pub(crate) last_activity: SystemTime,
    pub(crate) multipart: Option<String>,
    /// The parts of the object to be, in order, without a gap between their bytes.
    pub(crate) parts: Vec<Part>,
    /// The bytes behind the parts, not enough for another one.
    pub(crate) pending: Vec<Segment>,
    /// The lowest part number that nobody has claimed.
    pub(crate) next_number: u16,
    pub(crate) claim: Option<Claim>,
    /// Since when the store denies that it has what the object is to be made of.
    pub(crate) doubted: Option<SystemTime>,
    /// What a newer version of this software may have added.
    pub(crate) unknown: serde_json::Map<String, serde_json::Value>,
}

/// What never changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) id: UploadId,
    pub(crate) kind: Kind,
    pub(crate) max_size: Option<u64>,
    pub(crate) metadata: Option<UploadMetadata>,
    pub(crate) created: SystemTime,
    pub(crate) time_to_live: Option<Duration>,
    /// The key of the object.
    pub(crate) key: String,
    /// What the keys of pending segments begin with.
    pub(crate) pending_prefix: String,
    /// How many bytes each part has, but for the last.
    pub(crate) part_size: u64,
    /// Stands in the metadata of the object, and proves that it is the one of this upload.
    pub(crate) token: Nonce,
}

/// How far the upload is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// It takes bytes, or waits to be made of others.
    Open,
    /// Every byte is referenced; the object is to be made of them.
    Finishing,
    /// The object is there.
    Complete {
        /// Which version of it, as far as the store told.
        etag: ETag,
    },
    /// It can never be completed.
    Failed,
    /// It is removed. The record stays for a while, so that nothing in flight brings it back.
    Terminated {
        /// When.
        at: SystemTime,
    },
}

impl Record {
    /// The record of a new upload.
    pub(crate) fn new(new: NewUpload, key: String, pending_prefix: String, part_size: u64) -> Self {
        let mut upload = new.snapshot();
        let state = match upload.phase {
            Phase::Receiving => State::Open,
            Phase::Received | Phase::Complete => State::Finishing,
        };
        Self {
            nonce: Nonce::random(),
            state,
            offset: 0,
            length: upload.length.take(),
            last_activity: new.created,
            multipart: None,
            parts: Vec::new(),
            pending: Vec::new(),
            next_number: 1,
            claim: None,
            doubted: None,
            unknown: serde_json::Map::new(),
            head: Head {
                id: new.id,
                kind: new.kind,
                max_size: new.max_size,
                metadata: new.metadata,
                created: new.created,
                time_to_live: new.time_to_live,
                key,
                pending_prefix,
                part_size,
                token: Nonce::random(),
            },
        }
    }

    /// The upload, if there is one that can be told of.
    ///
    /// # Errors
    /// `NotFound` for one that is removed, `Gone` for one that has failed.
    pub(crate) fn upload(&self) -> Result<Upload> {
        match self.state {
            State::Terminated { .. } => Err(error::not_found()),
            State::Failed => Err(error::failed()),
            State::Open | State::Finishing | State::Complete { .. } => Ok(self.snapshot()),
        }
    }

    /// The upload, in whatever state.
    pub(crate) fn snapshot(&self) -> Upload {
        let mut upload = Upload::new(self.head.id.clone(), self.length, self.head.created);
        upload.offset = self.offset;
        upload.max_size = self.head.max_size;
        upload.kind = self.head.kind.clone();
        upload.metadata = self.head.metadata.clone();
        upload.last_activity = self.last_activity;
        upload.time_to_live = self.head.time_to_live;
        upload.phase = match self.state {
            State::Open | State::Failed | State::Terminated { .. } => Phase::Receiving,
            State::Finishing => Phase::Received,
            State::Complete { .. } => Phase::Complete,
        };
        upload
    }

    /// Whether it is a tombstone.
    pub(crate) fn is_terminated(&self) -> bool {
        matches!(self.state, State::Terminated { .. })
    }

    /// The version after this one, alike in all but its nonce.
    pub(crate) fn next(&self) -> Self {
        Self {
            nonce: Nonce::random(),
            ..self.clone()
        }
    }

    /// Where the bytes of the parts end.
    pub(crate) fn sealed(&self) -> u64 {
        self.parts.iter().map(|part| part.size).sum()
    }

    /// Whether the segment under a key is pending.
    pub(crate) fn references(&self, key: &str) -> bool {
        Segment::have(&self.pending, key)
    }

    /// How many bytes are behind the parts.
    pub(crate) fn pending_size(&self) -> u64 {
        self.pending.iter().map(Segment::size).sum()
    }

    /// How many part numbers nobody has claimed.
    fn numbers_left(&self) -> u64 {
        u64::from(NUMBERS + 1).saturating_sub(self.next_number.into())
    }

    /// How far the upload can grow, in bytes, if no number is lost any more.
    pub(crate) fn capacity(&self) -> u64 {
        self.capacity_of(self.numbers_left())
    }

    /// Which length can be promised, in bytes: a fifth of the numbers is kept for those that are
    /// lost with a node.
    pub(crate) fn promised_capacity(&self) -> u64 {
        let left = self.numbers_left();
        self.capacity_of(left - left / 5)
    }

    fn capacity_of(&self, numbers: u64) -> u64 {
        let more = numbers.saturating_mul(self.head.part_size);
        self.sealed().saturating_add(more)
    }

    /// The multipart upload, where one was begun.
    pub(crate) fn multipart(&self) -> Option<Multipart> {
        let id = self.multipart.clone()?;
        let key = self.head.key.clone();
        Some(Multipart { key, id })
    }

    /// The key of a new pending segment; never the same twice.
    pub(crate) fn segment_key(&self) -> String {
        format!("{}{}", self.head.pending_prefix, Nonce::random())
    }
}
