//! How the bytes of a complete upload are read.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Phase, Upload};
use oxitus_core::storage::{self, ByteRange, Download};

use crate::disk::Operation;
use crate::error::{Absent as _, Failure, Result};
use crate::files;
use crate::lock;
use crate::pace::Effort;
use crate::store::Store;

/// How much is read at once, in bytes.
const CHUNK: u64 = 256 * 1024;

/// The bytes of a complete upload. Cancel-safe.
pub(crate) async fn download(
    store: &Arc<Store>,
    id: &UploadId,
    range: ByteRange,
) -> Result<Download> {
    let id = id.clone();
    let (upload, data) = store
        .run(Effort::Look, move |store| open(store, &id, range.start))
        .await?;
    let reading = Reading {
        store: Arc::clone(store),
        data: Arc::new(data),
        left: upload.offset.saturating_sub(range.start).min(range.length),
    };
    let bytes = stream::try_unfold(reading, |reading| async {
        storage::Result::Ok(reading.next().await?)
    });
    Ok(Download::new(upload, Box::pin(bytes)))
}

/// Opens the data first: if it still has a name when the record has been read, the record was its.
fn open(store: &Store, id: &UploadId, start: u64) -> Result<(Upload, File)> {
    let disk = &store.disk;
    let mut data = files::open_to_read(disk, &store.layout.data(id))
        .if_present()?
        .ok_or(Failure::NotFound)?;
    let upload = files::look(store, id)?.upload(id);
    let metadata = disk.perform(Operation::Stat, || data.metadata())?;
    if upload.phase != Phase::Complete || !lock::has_name(&metadata) {
        return Err(Failure::NotFound);
    }
    disk.perform(Operation::Read, || {
        data.seek(SeekFrom::Start(start.min(upload.offset)))
    })?;
    Ok((upload, data))
}

struct Reading {
    store: Arc<Store>,
    data: Arc<File>,
    left: u64,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let data = Arc::clone(&self.data);
        let wanted = self.left.min(CHUNK);
        let bytes = self
            .store
            .run(Effort::Look, move |store| {
                let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
                store.disk.perform(Operation::Read, || {
                    (&*data).take(wanted).read_to_end(&mut bytes)
                })?;
                Ok(bytes)
            })
            .await?;
        if bytes.is_empty() {
            return Err(Failure::Short);
        }
        self.left -= bytes.len() as u64;
        Ok(Some((bytes.into(), self)))
    }
}
