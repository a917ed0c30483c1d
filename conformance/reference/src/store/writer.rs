//! Who may write: one at a time, and a writer that has fallen silent makes room.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::upload::Lease;
use super::{Missing, Store, Upload, must};
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

/// The right to write to an upload, until it is dropped or another writer takes its place.
#[derive(Debug)]
pub(crate) struct Writer {
    store: Arc<Store>,
    id: String,
    ticket: u64,
    stop: CancellationToken,
    behaviours: Vec<Behaviour>,
}

/// The writer has lost its place, or the upload is gone.
#[derive(Debug)]
pub(crate) struct Overtaken;

impl Store {
    /// Takes the right to write at this offset: at once if nobody writes or the writer has been
    /// silent for `stale_after`, else when the writer is done, which is waited for up to a limit.
    pub(crate) async fn write(
        self: &Arc<Self>,
        id: &str,
        offset: u64,
        [stale_after, limit]: [Duration; 2],
        behaviours: &[Behaviour],
    ) -> Result<Writer, Denied> {
        let deadline = Instant::now() + limit;
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
                    .map(|writer| writer.active + stale_after);
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

impl Writer {
    /// Appends bytes, which are stored when this returns, and records the length if there is one to
    /// record. Returns the offset.
    pub(crate) fn append(&self, bytes: &[u8], length: Option<u64>) -> Result<u64, Overtaken> {
        let mut state = self.store.lock();
        let state = &mut *state;
        let upload = match state.uploads.get_mut(&self.id) {
            Some(upload) => upload,
            None if self.has(Behaviour::RevivesDeleted) => {
                let record = super::Record {
                    length: Some(bytes.len() as u64),
                    metadata: None,
                    kind: super::Kind::Plain,
                    expires: None,
                };
                state
                    .uploads
                    .entry(self.id.clone())
                    .or_insert(Upload::new(record, Vec::new()))
            }
            None => return Err(Overtaken),
        };
        if upload
            .writer
            .as_ref()
            .is_none_or(|writer| writer.ticket != self.ticket)
            && !self.has(Behaviour::WritesWithoutLock)
            && !self.has(Behaviour::RevivesDeleted)
        {
            return Err(Overtaken);
        }
        let offset = upload.offset() + bytes.len() as u64;
        let bytes = self.spoil(bytes, upload.content.len());
        must(state.disk.append(&self.id, &bytes));
        upload.content.extend_from_slice(&bytes);
        upload.record.length = upload.record.length.or(length);
        if self.has(Behaviour::ChangesLength) {
            upload.record.length = length.or(upload.record.length);
        }
        upload.record.expires = self.store.time_to_live.map(|time| SystemTime::now() + time);
        must(state.disk.write_record(&self.id, &upload.record));
        if let Some(writer) = &mut upload.writer {
            writer.active = Instant::now();
        }
        if upload.is_complete() {
            state.assemble_what_can_be(&self.behaviours);
        }
        self.store.changes.send_replace(());
        Ok(offset)
    }

    /// Notes that the client has sent something, though nothing is stored yet.
    pub(crate) fn touch(&self) {
        let mut state = self.store.lock();
        let lease = state
            .uploads
            .get_mut(&self.id)
            .and_then(|upload| upload.writer.as_mut());
        if let Some(lease) = lease.filter(|lease| lease.ticket == self.ticket) {
            lease.active = Instant::now();
        }
    }

    /// Takes back what was stored after an offset.
    pub(crate) fn roll_back(&self, offset: u64) -> Result<(), Overtaken> {
        let mut state = self.store.lock();
        let state = &mut *state;
        let upload = state.uploads.get_mut(&self.id).ok_or(Overtaken)?;
        upload
            .writer
            .as_ref()
            .filter(|writer| writer.ticket == self.ticket)
            .ok_or(Overtaken)?;
        upload
            .content
            .truncate(usize::try_from(offset).unwrap_or(usize::MAX));
        must(state.disk.write(&self.id, &upload.content));
        Ok(())
    }

    /// The bytes that were stored after an offset.
    pub(crate) fn since(&self, offset: u64) -> Vec<u8> {
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = |upload: &Upload| upload.content.get(skipped..).unwrap_or_default().to_vec();
        self.store.with(&self.id, rest).unwrap_or_default()
    }

    /// Resolves when the writer has lost its place.
    pub(crate) async fn overtaken(&self) {
        self.stop.cancelled().await;
    }

    fn has(&self, behaviour: Behaviour) -> bool {
        self.behaviours.contains(&behaviour)
    }

    fn spoil(&self, bytes: &[u8], offset: usize) -> Vec<u8> {
        if self.has(Behaviour::StoresNothing) {
            return Vec::new();
        }
        let right = if self.has(Behaviour::SpoilsBytes) {
            0
        } else if self.has(Behaviour::SpoilsLargeUploads) {
            (64 * 1024_usize).saturating_sub(offset)
        } else {
            bytes.len()
        };
        let spoiled = |(index, byte): (usize, &u8)| if index < right { *byte } else { !byte };
        bytes.iter().enumerate().map(spoiled).collect()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.store.lock();
        if let Some(upload) = state.uploads.get_mut(&self.id)
            && upload
                .writer
                .as_ref()
                .is_some_and(|writer| writer.ticket == self.ticket)
        {
            upload.writer = None;
        }
        drop(state);
        self.store.changes.send_replace(());
    }
}
