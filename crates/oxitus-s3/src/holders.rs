//! [`Holders`]: who holds which upload in this process, and who asks for it.
//!
//! Between processes there is no lock: whoever changes the record first has the upload, and the
//! others find that their version is not the present one. Within a process it is cheaper, and kinder
//! to clients, to wait.

use std::collections::{BTreeMap, HashMap};
use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{Intent, Result};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::error;

/// The uploads that somebody in this process holds or asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    entries: HashMap<UploadId, Entry>,
    last_ticket: Ticket,
}

/// Who holds or asks. Never used twice.
type Ticket = u64;

#[derive(Debug, Default)]
struct Entry {
    holder: Option<Ticket>,
    /// Where the holder knows the upload to stand.
    offset: Option<u64>,
    asks: BTreeMap<Ticket, Intent>,
    changed: Arc<Notify>,
}

impl Holders {
    /// Holds an upload that nobody in this process holds.
    ///
    /// # Errors
    /// `Locked`.
    pub(crate) fn hold(&self, id: &UploadId) -> Result<Hold> {
        let mut state = self.lock();
        let ticket = state.draw_ticket();
        let entry = state.entries.entry(id.clone()).or_default();
        if entry.holder.is_some() {
            return Err(error::locked());
        }
        Ok(self.give(entry, id, ticket))
    }

    /// Asks whoever holds an upload to let go, and holds it then. Cancel-safe.
    ///
    /// # Errors
    /// `OffsetMismatch` where the holder has gone on from where the asker wants to append.
    pub(crate) async fn ask(&self, id: &UploadId, intent: Intent) -> Result<Hold> {
        let ask = Ask {
            holders: self.clone(),
            id: id.clone(),
            ticket: self.lock().draw_ticket(),
        };
        loop {
            let changed = {
                let mut state = self.lock();
                let entry = state.entries.entry(id.clone()).or_default();
                if entry.holder.is_none() {
                    return Ok(self.give(entry, id, ask.ticket));
                }
                match (intent, entry.offset) {
                    (Intent::Append { offset }, Some(stands)) if offset != stands => {
                        return Err(error::misplaced());
                    }
                    // Nobody is disturbed before it is known that there is a reason to.
                    (Intent::Append { .. }, None) => {}
                    _ => entry.ask(ask.ticket, intent),
                }
                entry.changed()
            };
            changed.await;
        }
    }

    /// Whether somebody in this process holds an upload.
    pub(crate) fn is_held(&self, id: &UploadId) -> bool {
        let state = self.lock();
        let entry = state.entries.get(id);
        entry.is_some_and(|entry| entry.holder.is_some())
    }

    fn give(&self, entry: &mut Entry, id: &UploadId, ticket: Ticket) -> Hold {
        entry.holder = Some(ticket);
        entry.offset = None;
        entry.asks.remove(&ticket);
        Hold {
            holders: self.clone(),
            id: id.clone(),
        }
    }

    /// Nothing panics between two halves of a change, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn draw_ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }

    fn tidy(&mut self, id: &UploadId) {
        let idle = |entry: &Entry| entry.holder.is_none() && entry.asks.is_empty();
        if self.entries.get(id).is_some_and(idle) {
            self.entries.remove(id);
        }
    }
}

impl Entry {
    fn ask(&mut self, ticket: Ticket, intent: Intent) {
        if self.asks.insert(ticket, intent).is_none() {
            self.changed.notify_waiters();
        }
    }

    /// What somebody waits for: above all to remove it, else what was asked first.
    fn wanted(&self) -> Option<Intent> {
        let mut intents = self.asks.values();
        let first = intents.clone().next();
        intents
            .find(|intent| **intent == Intent::Terminate)
            .or(first)
            .copied()
    }

    /// The next change, counted from this call on.
    fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }
}

/// Somebody's wish, withdrawn when it is dropped.
struct Ask {
    holders: Holders,
    id: UploadId,
    ticket: Ticket,
}

impl Drop for Ask {
    fn drop(&mut self) {
        let mut state = self.holders.lock();
        if let Some(entry) = state.entries.get_mut(&self.id) {
            entry.asks.remove(&self.ticket);
        }
        state.tidy(&self.id);
    }
}

/// The exclusive right, within this process, to change an upload. Dropping it gives it up.
#[derive(Debug)]
pub(crate) struct Hold {
    holders: Holders,
    id: UploadId,
}

impl Hold {
    /// Tells those who ask where the upload stands.
    pub(crate) fn stands_at(&self, offset: u64) {
        let mut state = self.holders.lock();
        if let Some(entry) = state.entries.get_mut(&self.id)
            && entry.offset != Some(offset)
        {
            entry.offset = Some(offset);
            entry.changed.notify_waiters();
        }
    }

    /// Waits until somebody asks. Cancel-safe: it returns as long as somebody does.
    pub(crate) async fn wanted(&self) -> Intent {
        loop {
            let changed = {
                let state = self.holders.lock();
                match state.entries.get(&self.id) {
                    Some(entry) => match entry.wanted() {
                        Some(intent) => return intent,
                        None => Some(entry.changed()),
                    },
                    None => None,
                }
            };
            match changed {
                Some(changed) => changed.await,
                None => future::pending().await,
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.holders.lock();
        if let Some(entry) = state.entries.get_mut(&self.id) {
            entry.holder = None;
            entry.offset = None;
            entry.changed.notify_waiters();
        }
        state.tidy(&self.id);
    }
}
