//! What a writer does while it has the right to.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Kind, Record, Store, Upload, must};
use crate::fault::Behaviour;

/// The right to write to an upload, until it is dropped or another writer takes its place.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) store: Arc<Store>,
    pub(super) id: String,
    pub(super) ticket: u64,
    pub(super) stop: CancellationToken,
    pub(super) behaviours: Vec<Behaviour>,
}

/// The writer has lost its place, or the upload is gone.
#[derive(Debug)]
pub(crate) struct Overtaken;

impl Writer {
    /// Appends bytes, which are stored when this returns, and records the length if there is one to
    /// record. Returns the offset.
    pub(crate) fn append(&self, bytes: &[u8], length: Option<u64>) -> Result<u64, Overtaken> {
        let mut state = self.store.lock();
        let state = &mut *state;
        let upload = match state.uploads.get_mut(&self.id) {
            Some(upload) => upload,
            None if self.has(Behaviour::RevivesDeleted) => {
                let record = Record {
                    length: Some(bytes.len() as u64),
                    metadata: None,
                    kind: Kind::Plain,
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

    /// Takes back what was stored after an offset, and the length that was recorded with it.
    pub(crate) fn roll_back(&self, offset: u64, length: Option<u64>) -> Result<(), Overtaken> {
        let mut state = self.store.lock();
        let state = &mut *state;
        let upload = state.uploads.get_mut(&self.id).ok_or(Overtaken)?;
        let writer = upload.writer.as_ref();
        writer
            .filter(|writer| writer.ticket == self.ticket)
            .ok_or(Overtaken)?;
        upload
            .content
            .truncate(usize::try_from(offset).unwrap_or(usize::MAX));
        upload.record.length = length;
        must(state.disk.write(&self.id, &upload.content));
        must(state.disk.write_record(&self.id, &upload.record));
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
