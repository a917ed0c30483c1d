//! [`Cache`]: what a process knows of uploads between two requests.
//!
//! A client that sends an upload in many requests mostly meets the same process again. Then the
//! record need not be read, the numbers that were claimed can be used, and the bytes that were not
//! enough for a part are still at hand. All of it may be out of date: nothing is refused because of
//! it, and a PUT that is based on it fails where it was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oxitus_core::proto::id::UploadId;
use tokio::time::Instant;

use crate::kept::Kept;
use crate::numbers::Numbers;
use crate::records::Version;

/// How long something is remembered.
const LASTS: Duration = Duration::from_secs(60);

/// About how many bytes a part of a record takes.
const PART: usize = 100;

/// How many uploads are remembered.
const MOST_ENTRIES: usize = 1_000;

/// What is known of uploads, oldest first out.
#[derive(Clone, Debug)]
pub(crate) struct Cache(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    entries: HashMap<UploadId, (Instant, Memory)>,
    /// How many bytes may be kept.
    room: usize,
}

/// What is known of one upload.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) version: Version,
    pub(crate) numbers: Option<Numbers>,
    /// The bytes behind the parts, all of them, where they are at hand.
    pub(crate) tail: Option<Kept>,
    /// How many appends in a row were this process's.
    pub(crate) streak: u32,
}

impl Memory {
    /// What is known of an upload whose record was just read.
    pub(crate) fn of(version: Version) -> Self {
        Self {
            version,
            numbers: None,
            tail: None,
            streak: 0,
        }
    }
}

impl Memory {
    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        let tail = self.tail.as_ref().map_or(0, Kept::size);
        tail + self.version.record.parts.len() * PART
    }
}

impl Cache {
    /// A cache with room for so many bytes.
    pub(crate) fn new(room: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            entries: HashMap::new(),
            room: usize::try_from(room).unwrap_or(usize::MAX),
        })))
    }

    /// Remembers something of an upload.
    pub(crate) fn put(&self, id: UploadId, memory: Memory) {
        let mut state = self.lock();
        state.entries.insert(id, (Instant::now(), memory));
        state.tidy();
    }

    /// What is remembered of an upload, and no longer.
    pub(crate) fn take(&self, id: &UploadId) -> Option<Memory> {
        let mut state = self.lock();
        state.tidy();
        state.entries.remove(id).map(|(_, memory)| memory)
    }

    /// Whether `version` is the one that is remembered.
    pub(crate) fn knows(&self, version: &Version) -> bool {
        let state = self.lock();
        let known = state.entries.get(&version.record.head.id);
        known.is_some_and(|(_, known)| known.version.record.nonce == version.record.nonce)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets what is old, and of the rest the oldest until it fits.
    fn tidy(&mut self) {
        self.entries.retain(|_, (since, _)| since.elapsed() < LASTS);
        while self.entries.len() > MOST_ENTRIES || self.bytes() > self.room {
            let oldest = self.entries.iter().min_by_key(|(_, (since, _))| *since);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                return;
            };
            self.entries.remove(&oldest);
        }
    }

    fn bytes(&self) -> usize {
        self.entries
            .values()
            .map(|(_, memory)| memory.bytes())
            .sum()
    }
}
