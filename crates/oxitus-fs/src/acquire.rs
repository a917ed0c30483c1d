//! How a lease is taken, and asked for.

use std::sync::Arc;
use std::time::Duration;

use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{Acquire, Intent};
use tokio::time::{Instant, sleep};

use crate::error::{Failure, Result};
use crate::files::Files;
use crate::info::look;
use crate::lease::Held;
use crate::pace::Effort;
use crate::store::Store;
use crate::turnstile::Place;

/// How often one who waits tries.
const TRY_EVERY: Duration = Duration::from_millis(50);

/// How long one who waits leaves the turnstile to somebody who goes first: so that the other tries
/// meanwhile.
const STEP_BACK: Duration = Duration::from_millis(150);

/// Takes the lease of an upload. Cancel-safe.
pub(crate) async fn acquire(store: &Arc<Store>, id: &UploadId, how: Acquire) -> Result<Held> {
    match how {
        Acquire::Try => take(store, id).await,
        Acquire::Ask { intent, timeout } => ask(store, id, intent, timeout).await,
    }
}

/// Takes the lease now or not at all.
pub(crate) async fn take(store: &Arc<Store>, id: &UploadId) -> Result<Held> {
    let held = lock(store, id).await?;
    if held.is_settled() {
        return Ok(held);
    }
    // A task of its own: whoever asked may go away, but a sync is not tried again, and one that
    // failed must have its consequence.
    tokio::spawn(held.settle()).await?
}

/// Locks an upload as it is, now or not at all.
pub(crate) async fn lock(store: &Arc<Store>, id: &UploadId) -> Result<Held> {
    let wanted = id.clone();
    let (files, record, data) = store
        .run(Effort::Look, move |store| Files::lock(store, &wanted))
        .await?;
    Ok(Held::new(
        Arc::clone(store),
        id.clone(),
        files,
        record,
        data,
    ))
}

/// Waits for the lease in the turnstile. Who comes for an append at the wrong offset never gets
/// there, and leaves it as soon as the offset has moved away: a writer that makes progress is not
/// to be stopped.
async fn ask(store: &Arc<Store>, id: &UploadId, intent: Intent, timeout: Duration) -> Result<Held> {
    let began = Instant::now();
    let mut place = None;
    loop {
        match take(store, id).await {
            Err(Failure::Locked) => agree(intent, &look(store, id).await?)?,
            outcome => {
                let held = outcome?;
                return agree(intent, held.upload()).map(|()| held);
            }
        }
        let left = timeout.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(Failure::Locked);
        }
        let stood = place.is_some();
        place = stand(store, id, intent, place).await?;
        let steps_back = stood && place.is_none();
        let pause = if steps_back { STEP_BACK } else { TRY_EVERY };
        sleep(pause.min(left)).await;
    }
}

fn agree(intent: Intent, upload: &Upload) -> Result<()> {
    match intent {
        Intent::Append { offset } if offset != upload.offset => Err(Failure::OffsetMismatch),
        Intent::Append { .. } | Intent::Terminate => Ok(()),
    }
}

/// Stands in the turnstile, or goes on to, as far as others let it.
async fn stand(
    store: &Arc<Store>,
    id: &UploadId,
    intent: Intent,
    place: Option<Place>,
) -> Result<Option<Place>> {
    let id = id.clone();
    store
        .run(Effort::Look, move |store| match place {
            Some(place) => place.keep(store),
            None => Place::enter(store, &id, intent),
        })
        .await
}
