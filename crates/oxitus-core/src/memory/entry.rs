//! [`Entry`]: one upload, its bytes, its holder, and those who ask for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use oxitus_proto::upload::{Phase, Upload};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::storage::Intent;

/// Who holds or asks. Never used twice, so that whoever comes late is not taken for the next.
pub(super) type Ticket = u64;

pub(super) struct Entry {
    pub(super) upload: Upload,
    /// What arrived. Bytes beyond the offset are staged: not part of the upload yet.
    growing: BytesMut,
    /// The bytes once the upload is complete, shared with those who read them.
    complete: Bytes,
    holder: Option<Ticket>,
    asks: BTreeMap<Ticket, Intent>,
    changed: Arc<Notify>,
}

impl Entry {
    /// An upload without bytes that `ticket` holds.
    pub(super) fn held(upload: Upload, ticket: Ticket) -> Self {
        Self {
            upload,
            growing: BytesMut::new(),
            complete: Bytes::new(),
            holder: Some(ticket),
            asks: BTreeMap::new(),
            changed: Arc::default(),
        }
    }

    pub(super) fn is_held_by(&self, ticket: Ticket) -> bool {
        self.holder == Some(ticket)
    }

    /// Lets `ticket` hold it, where nobody does.
    pub(super) fn take(&mut self, ticket: Ticket) -> bool {
        let free = self.holder.is_none();
        if free {
            self.holder = Some(ticket);
        }
        free
    }

    /// Ends the hold, and with it what was staged.
    pub(super) fn let_go(&mut self) {
        self.unstage();
        self.holder = None;
        self.changed.notify_waiters();
    }

    pub(super) fn ask(&mut self, ticket: Ticket, intent: Intent) {
        if self.asks.insert(ticket, intent).is_none() {
            self.changed.notify_waiters();
        }
    }

    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.asks.remove(&ticket);
    }

    /// What somebody waits for: above all to remove it, else what was asked first.
    pub(super) fn wanted(&self) -> Option<Intent> {
        let mut intents = self.asks.values();
        let first = intents.clone().next();
        intents
            .find(|intent| **intent == Intent::Terminate)
            .or(first)
            .copied()
    }

    /// The next change, counted from this call on.
    pub(super) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// How many bytes it occupies, staged ones included.
    pub(super) fn size(&self) -> u64 {
        (self.growing.len() + self.complete.len()) as u64
    }

    pub(super) fn content(&self) -> Bytes {
        self.complete.clone()
    }

    /// Puts bytes behind the others; they are staged until [`publish`](Self::publish).
    pub(super) fn stage(&mut self, chunks: &[Bytes]) {
        for chunk in chunks {
            self.growing.extend_from_slice(chunk);
        }
    }

    /// Drops the staged bytes.
    pub(super) fn unstage(&mut self) {
        let offset = usize::try_from(self.upload.offset).unwrap_or(usize::MAX);
        self.growing.truncate(offset);
    }

    /// Makes the staged bytes, and a length, part of the upload.
    pub(super) fn publish(&mut self, length: Option<u64>, now: SystemTime) {
        let end = self.growing.len() as u64;
        if end > self.upload.offset {
            self.upload.offset = end;
            self.upload.last_activity = now;
        }
        self.upload.length = length;
        if length == Some(self.upload.offset) {
            self.upload.phase = Phase::Received;
        }
        self.changed.notify_waiters();
    }

    /// Goes back to how the upload was.
    pub(super) fn restore(&mut self, before: Upload) {
        self.upload = before;
        self.unstage();
        self.changed.notify_waiters();
    }

    /// Closes the upload for good.
    pub(super) fn complete(&mut self) {
        self.complete = std::mem::take(&mut self.growing).freeze();
        self.upload.phase = Phase::Complete;
    }
}
