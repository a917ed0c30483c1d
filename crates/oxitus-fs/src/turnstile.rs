//! The turnstile: how a process asks the holder of an upload to let go.
//!
//! flock cannot ask, so whoever waits locks the record, and writes into it what for. The holder
//! tries that lock from time to time; that it cannot have it is the signal, which the kernel takes
//! back when the one who waits goes away, in whatever way.
//!
//! There is room for one. Whoever wants to append steps back for whoever wants to remove the upload,
//! who says so by overwriting the intent of the other: a writer that makes progress would not stop
//! for an append, and the removal would wait in vain.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Duration;

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::Intent;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::disk::Operation;
use crate::error::{Absent as _, Failure, Result};
use crate::files;
use crate::lock;
use crate::pace::{Effort, Running};
use crate::record::{INTENT_AT, INTENT_WIDTH, decode_intent, encode_intent};
use crate::store::Store;

/// How often the holder looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Somebody's place in the turnstile. Dropping it leaves.
#[derive(Debug)]
pub(crate) struct Place {
    record: File,
    intent: Intent,
}

impl Place {
    /// Enters, unless somebody else is in it, or the upload is gone.
    pub(crate) fn enter(store: &Store, id: &UploadId, intent: Intent) -> Result<Option<Self>> {
        let disk = &store.disk;
        let Some(record) = files::open(disk, &store.layout.record(id)).if_present()? else {
            return Ok(None);
        };
        let entered = disk.perform(Operation::Lock, || lock::try_exclusive(&record))?;
        if entered || intent == Intent::Terminate {
            let line = encode_intent(intent);
            disk.perform(Operation::Record, || record.write_all_at(&line, INTENT_AT))?;
        }
        let metadata = disk.perform(Operation::Stat, || record.metadata())?;
        let stays = entered && lock::has_name(&metadata);
        Ok(stays.then_some(Self { record, intent }))
    }

    /// Stays, unless somebody has come who goes first.
    pub(crate) fn keep(self, store: &Store) -> Result<Option<Self>> {
        let here = read_intent(store, &self.record)? == Some(self.intent);
        Ok(here.then_some(self))
    }
}

/// The holder's view of the turnstile. It keeps its rhythm while [`wanted`](Self::wanted) is called
/// anew for every frame of a body.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    ticks: Option<Interval>,
    glance: Option<Running<Result<Option<Intent>>>>,
}

impl Turnstile {
    /// Waits until somebody stands in it. Cancel-safe.
    pub(crate) async fn wanted(&mut self, store: &Arc<Store>, record: &Arc<File>) -> Intent {
        loop {
            let glance = match &mut self.glance {
                Some(glance) => glance,
                none => {
                    self.ticks.get_or_insert_with(rhythm).tick().await;
                    let record = Arc::clone(record);
                    none.insert(store.start(Effort::Look, move |store| look(store, &record)))
                }
            };
            let outcome = glance.await;
            self.glance = None;
            match outcome.map_err(Failure::from).flatten() {
                Ok(Some(intent)) => return intent,
                Ok(None) => {}
                Err(failure) => tracing::warn!(%failure, "could not see whether anybody waits"),
            }
        }
    }
}

fn rhythm() -> Interval {
    let mut ticks = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn look(store: &Store, record: &File) -> Result<Option<Intent>> {
    let disk = &store.disk;
    if !disk.perform(Operation::Lock, || lock::is_exclusive(record))? {
        return Ok(None);
    }
    read_intent(store, record)
}

fn read_intent(store: &Store, record: &File) -> Result<Option<Intent>> {
    let mut line = [0; INTENT_WIDTH];
    store.disk.perform(Operation::Read, || {
        record.read_exact_at(&mut line, INTENT_AT)
    })?;
    Ok(decode_intent(&line))
}
