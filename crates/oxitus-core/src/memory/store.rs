//! [`Store`]: the uploads, who holds them, and who asks for them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use oxitus_proto::id::UploadId;
use oxitus_proto::upload::{Phase, Upload};

use super::entry::{Entry, Ticket};
use super::hold::Hold;
use crate::storage::{Error, ErrorKind, Intent, Result};

/// Every upload, behind one mutex.
pub(super) struct Store {
    state: Mutex<State>,
}

impl Store {
    pub(super) fn with_room(room: u64) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                entries: BTreeMap::new(),
                room,
                last_ticket: 0,
            }),
        })
    }

    /// Nothing panics between two halves of a change, so a poisoned state is a whole one.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an upload and holds it.
    pub(super) fn insert(self: &Arc<Self>, upload: Upload) -> Result<Hold> {
        let mut state = self.lock();
        if state.entries.contains_key(&upload.id) {
            return Err(Error::new(ErrorKind::AlreadyExists, "the id is taken"));
        }
        let ticket = state.draw_ticket();
        let id = upload.id.clone();
        state
            .entries
            .insert(id.clone(), Entry::held(upload, ticket));
        Ok(Hold::new(self, id, ticket))
    }

    /// Holds an upload that nobody holds.
    pub(super) fn hold(self: &Arc<Self>, id: &UploadId) -> Result<Hold> {
        let mut state = self.lock();
        let ticket = state.draw_ticket();
        if state.entry(id)?.take(ticket) {
            Ok(Hold::new(self, id.clone(), ticket))
        } else {
            Err(LOCKED)
        }
    }

    /// Asks whoever holds an upload to let go, and holds it then. Cancel-safe.
    pub(super) async fn ask(self: &Arc<Self>, id: &UploadId, intent: Intent) -> Result<Hold> {
        let ask = Ask {
            store: Arc::clone(self),
            id: id.clone(),
            ticket: self.lock().draw_ticket(),
        };
        loop {
            let changed = {
                let mut state = self.lock();
                let entry = state.entry(id)?;
                if matches!(intent, Intent::Append { offset } if offset != entry.upload.offset) {
                    return Err(Error::new(
                        ErrorKind::OffsetMismatch,
                        "the upload stands elsewhere",
                    ));
                }
                if entry.take(ask.ticket) {
                    return Ok(Hold::new(self, id.clone(), ask.ticket));
                }
                entry.ask(ask.ticket, intent);
                entry.changed()
            };
            changed.await;
        }
    }
}

pub(super) const NOT_FOUND: Error = Error::new(ErrorKind::NotFound, "there is no such upload");
pub(super) const LOCKED: Error = Error::new(ErrorKind::Locked, "the upload is held");
pub(super) const LEASE_LOST: Error = Error::new(ErrorKind::LeaseLost, "the lease is lost");

/// Whoever has a lease need not print all there is.
impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

/// What the mutex guards.
pub(super) struct State {
    pub(super) entries: BTreeMap<UploadId, Entry>,
    room: u64,
    last_ticket: Ticket,
}

impl State {
    pub(super) fn entry(&mut self, id: &UploadId) -> Result<&mut Entry> {
        self.entries.get_mut(id).ok_or(NOT_FOUND)
    }

    /// The entry that `ticket` holds.
    pub(super) fn held(&mut self, id: &UploadId, ticket: Ticket) -> Result<&mut Entry> {
        self.entries
            .get_mut(id)
            .filter(|entry| entry.is_held_by(ticket))
            .ok_or(LEASE_LOST)
    }

    /// The bytes of a part of a final upload.
    pub(super) fn part(&self, id: &UploadId) -> Result<Bytes> {
        let part = self
            .entries
            .get(id)
            .ok_or(Error::new(ErrorKind::PartMissing, "a part is missing"))?;
        if part.upload.phase == Phase::Complete {
            Ok(part.content())
        } else {
            Err(Error::new(
                ErrorKind::PartUnfinished,
                "a part is not complete",
            ))
        }
    }

    /// Whether so many more bytes may come.
    pub(super) fn admit(&self, bytes: u64) -> Result<()> {
        let used: u64 = self.entries.values().map(Entry::size).sum();
        if used.saturating_add(bytes) > self.room {
            return Err(Error::new(ErrorKind::Full, "there is no room left"));
        }
        Ok(())
    }

    fn draw_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }
}

/// Somebody who waits for an upload; dropping it stops the asking.
#[derive(Debug)]
struct Ask {
    store: Arc<Store>,
    id: UploadId,
    ticket: Ticket,
}

impl Drop for Ask {
    fn drop(&mut self) {
        if let Ok(entry) = self.store.lock().entry(&self.id) {
            entry.withdraw(self.ticket);
        }
    }
}
