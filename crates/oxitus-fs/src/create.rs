//! How an upload is made: its data file takes the id, and is locked before the record is written.

use std::sync::Arc;
use std::time::Duration;

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::NewUpload;
use tokio::time::sleep;

use crate::error::{Failure, Result};
use crate::files::{Files, NewData};
use crate::lease::Held;
use crate::pace::Effort;
use crate::record::{DataFile, Record};
use crate::store::Store;

/// How often a creator tries to lock the file it has made. Only somebody who knew the id beforehand
/// can have come first, sees that nothing is there yet, and lets go at once.
const TRIES: usize = 200;
const TRY_EVERY: Duration = Duration::from_millis(5);

/// Makes an upload and takes its lease.
pub(crate) async fn create(store: &Arc<Store>, new: NewUpload) -> Result<Held> {
    let id = new.id.clone();
    let record = Record::of(new);
    let files = make_files(store, &id, &record).await?;
    let mut held = Held::new(
        Arc::clone(store),
        id.clone(),
        files,
        record,
        DataFile::EMPTY,
    );
    if store.durability.syncs_always() {
        make_durable(store, &id, held.files()).await?;
        held.has_certain_record();
    }
    Ok(held)
}

async fn make_files(store: &Arc<Store>, id: &UploadId, record: &Record) -> Result<Files> {
    let mut made = None;
    for _ in 0..TRIES {
        let (id, record) = (id.clone(), record.clone());
        let step = store
            .run(Effort::Change, move |store| {
                attempt(store, &id, &record, made)
            })
            .await?;
        match step {
            Step::Done(files) => return Ok(files),
            Step::Again(data) => made = data,
        }
        sleep(TRY_EVERY).await;
    }
    Err(Failure::Locked)
}

enum Step {
    Done(Files),
    Again(Option<NewData>),
}

fn attempt(store: &Store, id: &UploadId, record: &Record, made: Option<NewData>) -> Result<Step> {
    let data = made.map_or_else(|| NewData::create(store, id), Ok)?;
    if !data.try_lock(store)? {
        return Ok(Step::Again(Some(data)));
    }
    match data.record(store, id, record) {
        Err(Failure::NotFound) => Ok(Step::Again(None)),
        outcome => outcome.map(Step::Done),
    }
}

async fn make_durable(store: &Arc<Store>, id: &UploadId, files: &Files) -> Result<()> {
    let (id, files) = (id.clone(), files.clone());
    store
        .run_long(move |store| {
            let synced = store
                .disk
                .sync(&files.record)
                .and_then(|()| store.disk.sync(&files.data))
                .and_then(|()| store.sync_directories(&id));
            if synced.is_err()
                && let Err(failure) = files.remove(store, &id)
            {
                tracing::warn!(%id, %failure, "could not undo a creation");
            }
            synced
        })
        .await
}
