//! Who may write: one at a time, and a writer that has fallen silent makes room.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::upload::Lease;
use super::{Missing, Store, Upload, Writer};
use crate::fault::Behaviour;

/// Why a request may not write.
#[derive(Debug)]
pub(crate) enum Denied {
    Missing(Missing),
    /// The upload is at another offset.
    Offset(u64),
    /// Somebody else is writing, and goes on.
    Busy,
}

impl Store {
    /// Takes the right to write at this offset: at once if nobody writes or the writer has been
    /// silent too long, else when the writer is done, which is waited for up to a limit.
    pub(crate) async fn write(
        self: &Arc<Self>,
        id: &str,
        offset: u64,
        behaviours: &[Behaviour],
    ) -> Result<Writer, Denied> {
        let deadline = Instant::now() + self.lock_timeout;
        let has = |behaviour| behaviours.contains(&behaviour);
        let mut changes = self.changes.subscribe();
        loop {
            let until = {
                let mut state = self.lock();
                state.tickets += 1;
                let ticket = state.tickets;
                let upload = self.find(&mut state, id).map_err(Denied::Missing)?;
                if upload.offset() != offset {
                    return Err(Denied::Offset(upload.offset()));
                }
                let stale_at = upload
                    .writer
                    .as_ref()
                    .map(|writer| writer.active + self.stale_after);
                match stale_at.filter(|_| !has(Behaviour::WritesWithoutLock)) {
                    Some(_) if has(Behaviour::NeverOvertakes) => deadline,
                    Some(stale_at)
                        if stale_at > Instant::now() && !has(Behaviour::OvertakesAtOnce) =>
                    {
                        stale_at.min(deadline)
                    }
                    _ => return Ok(self.lease(upload, id, ticket, behaviours)),
                }
            };
            if Instant::now() >= deadline {
                return Err(Denied::Busy);
            }
            // A change and the end of the wait lead to the same look.
            timeout_at(until, changes.changed()).await.ok();
        }
    }

    /// Waits until nobody writes; what a server should never do.
    pub(crate) async fn wait_for_writer(&self, id: &str) {
        let mut changes = self.changes.subscribe();
        while self
            .with(id, |upload| upload.writer.is_some())
            .unwrap_or(false)
        {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Takes the right to write away from whoever has it.
    pub(crate) fn stop_writer(&self, id: &str) {
        let mut state = self.lock();
        if let Some(writer) = self
            .find(&mut state, id)
            .ok()
            .and_then(|upload| upload.writer.take())
        {
            writer.stop.cancel();
        }
    }

    fn lease(
        self: &Arc<Self>,
        upload: &mut Upload,
        id: &str,
        ticket: u64,
        behaviours: &[Behaviour],
    ) -> Writer {
        let stop = CancellationToken::new();
        let lease = Lease {
            ticket,
            active: Instant::now(),
            stop: stop.clone(),
        };
        if let Some(overtaken) = upload.writer.replace(lease)
            && !behaviours.contains(&Behaviour::WritesWithoutLock)
        {
            overtaken.stop.cancel();
        }
        Writer {
            store: Arc::clone(self),
            id: id.to_owned(),
            ticket,
            stop,
            behaviours: behaviours.to_vec(),
        }
    }
}
