//! How an upload is looked at without its lease.

use std::path::PathBuf;
use std::sync::Arc;

use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Phase, Upload};

use crate::acquire::lock;
use crate::error::{Absent as _, Failure, Result};
use crate::files;
use crate::pace::Effort;
use crate::store::Store;

/// An upload as it is committed. Where every acknowledged byte has to be on the disk, the bytes that
/// it counts are: its answer acknowledges them. Cancel-safe.
pub(crate) async fn info(store: &Arc<Store>, id: &UploadId) -> Result<Upload> {
    let upload = look(store, id).await?;
    let certain = upload.offset == 0 || upload.phase == Phase::Complete;
    if store.durability.syncs_always() && !certain {
        // A task of its own, for the consequence of a failure, though whoever asked has gone away.
        tokio::spawn(sync(Arc::clone(store), id.clone())).await??;
    }
    Ok(upload)
}

/// An upload as it is committed, be it on the disk or not yet. Cancel-safe.
pub(crate) async fn look(store: &Arc<Store>, id: &UploadId) -> Result<Upload> {
    let id = id.clone();
    store
        .run(Effort::Look, move |store| {
            files::look(store, &id).map(|seen| seen.upload(&id))
        })
        .await
}

/// Brings to the disk what an upload was seen as: its bytes, and the record that says which of them
/// count.
async fn sync(store: Arc<Store>, id: UploadId) -> Result<()> {
    let (store, id) = (&store, &id);
    // Where a sync failed, a holder need not be told: the next one of its own fails likewise. One who
    // has completed the upload meanwhile has synced it.
    let synced = sync_file(store, store.layout.data(id)).await;
    if synced.as_ref().is_err_and(Failure::is_failed_sync)
        && let Ok(mut held) = lock(store, id).await
        && held.upload().phase != Phase::Complete
    {
        held.fall_back(held.state()).await;
    }
    synced?;
    let synced = sync_file(store, store.layout.record(id)).await;
    if synced.as_ref().is_err_and(Failure::is_failed_sync)
        && let Ok(mut held) = lock(store, id).await
    {
        held.put_anew(held.state()).await?;
    }
    synced
}

async fn sync_file(store: &Arc<Store>, path: PathBuf) -> Result<()> {
    store
        .run_long(move |store| {
            let file = files::open_to_read(&store.disk, &path).if_present()?;
            store.disk.sync(&file.ok_or(Failure::NotFound)?)
        })
        .await
}
