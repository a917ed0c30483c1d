//! [`Record`]: the format of `<id>.info`, without I/O.
//!
//! ```text
//! 5f3a8c11 {"generation":3,"length":100,"staged_from":null,"phase":"receiving"}   a slot
//! 0c4b9a02 {"generation":2,"length":100,"staged_from":40,"phase":"receiving"}     the other slot
//! append 100                                                                      the intent
//! {"version":1,"kind":"whole","metadata":"filename eA==","created":{…}}           the head
//! ```
//!
//! Each is a line. The first three are padded with spaces to a fixed width, so that they can be
//! written in place; the head, and with it the file, never changes its size. A state is written into
//! the slot that does *not* hold the present one, and counts once it is there whole: the slot with
//! the highest generation whose CRC-32 is right is the present one, whatever became of the other.
//! So a reader without a lock, and a crash at any moment, find the state before or the state after.
//!
//! The head is the last line in every version, and says in every version which one it is.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use oxitus_core::proto::header::UploadMetadata;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind, Phase, Upload};
use oxitus_core::storage::{Intent, NewUpload};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, Result};

/// The version that is written.
const VERSION: u64 = 1;

/// A slot's line: the widest state has 129 bytes.
const SLOT_WIDTH: usize = 160;

/// The intent's line: the widest has 27 bytes.
pub(crate) const INTENT_WIDTH: usize = 32;

/// The bytes of both slots.
pub(crate) const SLOTS_WIDTH: usize = 2 * SLOT_WIDTH;

/// Where the intent is.
pub(crate) const INTENT_AT: u64 = SLOTS_WIDTH as u64;

/// Where the head is.
pub(crate) const HEAD_AT: usize = SLOTS_WIDTH + INTENT_WIDTH;

/// What is recorded of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) head: Arc<Head>,
    pub(crate) slot: Slot,
}

impl Record {
    /// The record of a new upload.
    pub(crate) fn of(new: NewUpload) -> Self {
        Self {
            slot: Slot {
                generation: 1,
                state: State {
                    length: new.length,
                    staged_from: None,
                    phase: Phase::Receiving,
                },
            },
            head: Arc::new(Head {
                kind: new.kind,
                max_size: new.max_size,
                metadata: new.metadata,
                created: new.created,
                time_to_live: new.time_to_live,
            }),
        }
    }

    /// The whole file as it is created.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = self.slot.encode()?;
        bytes.extend(line("", SLOT_WIDTH));
        bytes.extend(line("", INTENT_WIDTH));
        bytes.extend(self.head.encode()?);
        Ok(bytes)
    }

    /// Reads a whole file.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        Ok(Self {
            head: Arc::new(Head::decode(bytes)?),
            slot: Slot::present(bytes).ok_or(Unreadable::Slots)?,
        })
    }

    /// The upload, given its data file.
    pub(crate) fn snapshot(&self, id: &UploadId, data: DataFile) -> Upload {
        let Head {
            kind,
            max_size,
            metadata,
            created,
            time_to_live,
        } = &*self.head;
        let State {
            length,
            staged_from,
            phase,
        } = self.slot.state;
        let stored = staged_from.map_or(data.length, |staged_from| staged_from.min(data.length));
        // A power failure may have left a short data file behind, whatever the record says.
        let whole = length == Some(stored);

        let mut upload = Upload::new(id.clone(), length, *created);
        upload.max_size = *max_size;
        upload.kind = kind.clone();
        upload.metadata = metadata.clone();
        upload.time_to_live = *time_to_live;
        upload.phase = match (kind, phase) {
            (_, Phase::Complete) if whole => Phase::Complete,
            (Kind::Final(_), Phase::Received) if whole => Phase::Received,
            (Kind::Whole | Kind::Partial, _) if whole => Phase::Received,
            _ => Phase::Receiving,
        };
        let half_assembled = matches!(kind, Kind::Final(_)) && upload.phase == Phase::Receiving;
        upload.offset = if half_assembled { 0 } else { stored };
        if upload.offset > 0 {
            upload.last_activity = data.modified.max(*created);
        }
        upload
    }
}

/// What a snapshot needs to know of the data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// Its length in bytes.
    pub(crate) length: u64,
    /// When it was last written.
    pub(crate) modified: SystemTime,
}

impl DataFile {
    /// One that was just made.
    pub(crate) const EMPTY: Self = Self {
        length: 0,
        modified: SystemTime::UNIX_EPOCH,
    };
}

/// What never changes after the creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    kind: Kind,
    max_size: Option<u64>,
    metadata: Option<UploadMetadata>,
    created: SystemTime,
    time_to_live: Option<Duration>,
}

impl Head {
    /// Its line.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut line = serde_json::to_vec(&StoredHead::from(self)).map_err(Failure::Unwritable)?;
        line.push(b'\n');
        Ok(line)
    }

    /// Reads the head of a whole file.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let finished = bytes.strip_suffix(b"\n");
        let last = finished
            .and_then(|text| text.rsplit(|byte| *byte == b'\n').next())
            .unwrap_or_default();
        if let Ok(AnyHead { version }) = serde_json::from_slice(last)
            && version != VERSION
        {
            return Err(Unreadable::Version(version));
        }
        let head = finished
            .and_then(|text| text.get(HEAD_AT..))
            .filter(|head| !head.is_empty())
            .ok_or(Unreadable::Unfinished)?;
        serde_json::from_slice::<StoredHead>(head)?.try_into()
    }
}

/// A state, and how many there were up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub(crate) generation: u64,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// What changes in the life of an upload, other than its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// The length, once it is declared.
    pub(crate) length: Option<u64>,
    /// From where on the data file holds bytes that do not count.
    pub(crate) staged_from: Option<u64>,
    /// How far it has come, as far as the length of the data file does not tell: that the bytes of
    /// an upload are all here is recorded of final ones only.
    #[serde(with = "StoredPhase")]
    pub(crate) phase: Phase,
}

impl Slot {
    /// The one after this.
    pub(crate) fn next(self, state: State) -> Self {
        Self {
            generation: self.generation.wrapping_add(1),
            state,
        }
    }

    /// Where it is written: not where its predecessor is. The first comes first.
    pub(crate) fn position(self) -> u64 {
        if self.generation % 2 == 1 {
            0
        } else {
            SLOT_WIDTH as u64
        }
    }

    /// Its line.
    pub(crate) fn encode(self) -> Result<Vec<u8>> {
        let json = serde_json::to_string(&self).map_err(Failure::Unwritable)?;
        let checksum = crc32fast::hash(json.as_bytes());
        Ok(line(&format!("{checksum:08x} {json}"), SLOT_WIDTH))
    }

    fn decode(line: &[u8]) -> Option<Self> {
        let (checksum, json) = str::from_utf8(line).ok()?.trim_end().split_once(' ')?;
        let checksum = u32::from_str_radix(checksum, 16).ok()?;
        if checksum != crc32fast::hash(json.as_bytes()) {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    /// The present one of a record that begins with these bytes.
    pub(crate) fn present(bytes: &[u8]) -> Option<Self> {
        bytes
            .get(..SLOTS_WIDTH)?
            .chunks_exact(SLOT_WIDTH)
            .filter_map(Self::decode)
            .max_by_key(|slot| slot.generation)
    }
}

/// What somebody waits for, as a line.
pub(crate) fn encode_intent(intent: Intent) -> Vec<u8> {
    let text = match intent {
        Intent::Append { offset } => format!("{APPEND}{offset}"),
        Intent::Terminate => TERMINATE.to_owned(),
    };
    line(&text, INTENT_WIDTH)
}

/// Reads what somebody waits for; `None` where nobody has said it.
pub(crate) fn decode_intent(line: &[u8]) -> Option<Intent> {
    let text = str::from_utf8(line).ok()?.trim_end();
    if text == TERMINATE {
        return Some(Intent::Terminate);
    }
    let offset = text.strip_prefix(APPEND)?.parse().ok()?;
    Some(Intent::Append { offset })
}

const APPEND: &str = "append ";
const TERMINATE: &str = "terminate";

/// A line of exactly `width` bytes.
fn line(text: &str, width: usize) -> Vec<u8> {
    debug_assert!(text.len() < width);
    format!("{text:width$}\n", width = width - 1).into_bytes()
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it is not whole: its creation was never finished")]
    Unfinished,
    #[error("it has the version {0}, which is newer than this software")]
    Version(u64),
    #[error("neither of its slots holds a state")]
    Slots,
    #[error("its head is malformed")]
    Head(#[from] serde_json::Error),
    #[error("its head holds {0}")]
    Value(&'static str),
}

/// What every version's head says.
#[derive(Deserialize)]
struct AnyHead {
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredHead {
    version: u64,
    kind: StoredKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
    created: SystemTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_to_live: Option<Duration>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredKind {
    Whole,
    Partial,
    Final { concat: String, parts: Vec<String> },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Phase", rename_all = "lowercase")]
enum StoredPhase {
    Receiving,
    Received,
    Complete,
}

impl From<&Head> for StoredHead {
    fn from(head: &Head) -> Self {
        Self {
            version: VERSION,
            kind: match &head.kind {
                Kind::Whole => StoredKind::Whole,
                Kind::Partial => StoredKind::Partial,
                Kind::Final(concatenation) => StoredKind::Final {
                    concat: concatenation.raw.to_string(),
                    parts: concatenation
                        .parts
                        .iter()
                        .map(UploadId::to_string)
                        .collect(),
                },
            },
            max_size: head.max_size,
            metadata: head.metadata.as_ref().map(UploadMetadata::to_string),
            created: head.created,
            time_to_live: head.time_to_live,
        }
    }
}

impl TryFrom<StoredHead> for Head {
    type Error = Unreadable;

    fn try_from(stored: StoredHead) -> Result<Self, Unreadable> {
        Ok(Self {
            kind: match stored.kind {
                StoredKind::Whole => Kind::Whole,
                StoredKind::Partial => Kind::Partial,
                StoredKind::Final { concat, parts } => {
                    let parts: Result<Vec<_>, _> =
                        parts.iter().map(|part| UploadId::parse(part)).collect();
                    let parts = parts.map_err(|_| Unreadable::Value("a part that is no id"))?;
                    Kind::Final(Concatenation::new(concat, parts))
                }
            },
            max_size: stored.max_size,
            metadata: stored
                .metadata
                .map(|raw| UploadMetadata::parse(raw.as_bytes()))
                .transpose()
                .map_err(|_| Unreadable::Value("metadata that no client could have sent"))?,
            created: stored.created,
            time_to_live: stored.time_to_live,
        })
    }
}

#[cfg(test)]
mod tests;
