//! [`MemoryBackend`]: uploads in memory, for tests and for whatever need not outlive the process.
//!
//! It is also the storage contract in executable form, with nothing of a disk or a network in
//! the way:
//!
//! ```text
//! MemoryBackend ─▶ Store: a mutex around id ─▶ Entry: an upload, its bytes, who holds it, who asks
//! Lease │ Append ─▶ Hold: the ticket that the Entry names as its holder; its drop lets go
//! ```
//!
//! An entry's bytes may reach beyond the offset of its upload: those are staged, and whoever lets
//! go of the entry without a commit cuts them off.

mod entry;
mod hold;
mod lease;
mod store;

use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use futures_util::stream;
use oxitus_proto::id::UploadId;
use oxitus_proto::upload::{Phase, Upload};
use tokio::time;

use self::hold::Hold;
use self::lease::MemoryLease;
use self::store::Store;
use crate::clock::{Clock, SystemClock};
use crate::storage::{
    Acquire, ByteRange, Capabilities, Cursor, Download, Lease, NewUpload, Result, Scope,
    StorageBackend, Sweep,
};

/// Keeps uploads in memory.
///
/// Clones share their uploads. Each of them may serve an engine of its own; these meet like
/// processes that share a directory.
#[derive(Clone)]
pub struct MemoryBackend {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
}

impl MemoryBackend {
    /// A backend without uploads and without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Dates what arrives by `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// A backend that is [`Full`](crate::storage::ErrorKind::Full) when it holds `room` bytes.
    #[must_use]
    pub fn with_room(room: u64) -> Self {
        Self {
            store: Store::with_room(room),
            clock: Arc::new(SystemClock),
        }
    }

    fn lease(&self, hold: Hold) -> Result<Box<dyn Lease>> {
        Ok(Box::new(MemoryLease::new(hold, Arc::clone(&self.clock))?))
    }
}

impl Default for MemoryBackend {
    fn default() -> Self {
        Self::with_room(u64::MAX)
    }
}

impl fmt::Debug for MemoryBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemoryBackend")
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl StorageBackend for MemoryBackend {
    fn capabilities(&self) -> Capabilities {
        Capabilities::all(Scope::Process)
    }

    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>> {
        self.lease(self.store.insert(new.snapshot())?)
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        let hold = match how {
            Acquire::Try => self.store.hold(id)?,
            Acquire::Ask { intent, timeout } => time::timeout(timeout, self.store.ask(id, intent))
                .await
                .unwrap_or(Err(store::LOCKED))?,
        };
        self.lease(hold)
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        let mut state = self.store.lock();
        Ok(state.entry(id)?.upload.clone())
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        let mut state = self.store.lock();
        let entry = state.entry(id)?;
        if entry.upload.phase != Phase::Complete {
            return Err(store::NOT_FOUND);
        }
        let content = entry.content();
        let position = |offset: u64| {
            usize::try_from(offset).map_or(content.len(), |offset| offset.min(content.len()))
        };
        let start = position(range.start);
        let end = position(range.start.saturating_add(range.length));
        let bytes = content.slice(start..end);
        Ok(Download::new(
            entry.upload.clone(),
            Box::pin(stream::iter([Ok(bytes)])),
        ))
    }

    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, limit: usize) -> Result<Sweep> {
        let after = from.and_then(|cursor| UploadId::parse(&cursor.0).ok());
        let after = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.store.lock();
        let mut rest = state.entries.range((after, Bound::Unbounded));
        let mut due = Vec::new();
        let mut last = None;
        for (id, entry) in rest.by_ref().take(limit.max(1)) {
            if Sweep::concerns(&entry.upload, now) {
                due.push(entry.upload.clone());
            }
            last = Some(id);
        }
        let next = rest.next().and(last).map(|id| Cursor(id.to_string()));
        Ok(Sweep::new(due, next))
    }
}
