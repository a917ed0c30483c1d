//! [`Hold`]: the exclusive right to one entry.

use std::future;
use std::sync::Arc;
use std::time::SystemTime;

use oxitus_proto::id::UploadId;
use oxitus_proto::upload::Upload;

use super::entry::{Entry, Ticket};
use super::store::Store;
use crate::storage::{Intent, Result};

/// As long as it lives, nobody else changes the entry.
#[derive(Debug)]
pub(super) struct Hold {
    store: Arc<Store>,
    id: UploadId,
    ticket: Ticket,
}

impl Hold {
    /// For a `ticket` that the entry of `id` names as its holder.
    pub(super) fn new(store: &Arc<Store>, id: UploadId, ticket: Ticket) -> Self {
        Self {
            store: Arc::clone(store),
            id,
            ticket,
        }
    }

    pub(super) fn snapshot(&self) -> Result<Upload> {
        self.change(|entry| entry.upload.clone())
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Entry) -> T) -> Result<T> {
        let mut state = self.store.lock();
        state.held(&self.id, self.ticket).map(change)
    }

    /// Changes the entry, where there is room for `bytes` more.
    pub(super) fn grow(&self, bytes: u64, change: impl FnOnce(&mut Entry)) -> Result<()> {
        let mut state = self.store.lock();
        state.admit(bytes)?;
        state.held(&self.id, self.ticket).map(change)
    }

    /// Fills the entry with the bytes of `parts`.
    pub(super) fn assemble(&self, parts: &[UploadId], now: SystemTime) -> Result<()> {
        let mut state = self.store.lock();
        let parts: Vec<_> = parts
            .iter()
            .map(|part| state.part(part))
            .collect::<Result<_>>()?;
        let size = parts.iter().map(|part| part.len() as u64).sum();
        state.admit(size)?;
        let entry = state.held(&self.id, self.ticket)?;
        entry.stage(&parts);
        entry.publish(Some(size), now);
        Ok(())
    }

    /// Waits until somebody asks. Cancel-safe: it returns as long as somebody does.
    pub(super) async fn wanted(&self) -> Intent {
        loop {
            let Ok((intent, changed)) = self.change(|entry| (entry.wanted(), entry.changed()))
            else {
                return future::pending().await;
            };
            match intent {
                Some(intent) => return intent,
                None => changed.await,
            }
        }
    }

    /// Removes the entry.
    pub(super) fn remove(self) -> Result<()> {
        let mut state = self.store.lock();
        let entry = state.held(&self.id, self.ticket)?;
        entry.let_go();
        state.entries.remove(&self.id);
        drop(state);
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Ok(entry) = self.store.lock().held(&self.id, self.ticket) {
            entry.let_go();
        }
    }
}
