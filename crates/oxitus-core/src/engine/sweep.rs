//! Looking after what nobody asks for: uploads that have expired, and uploads that a crash left
//! between their last byte and their completion.

use std::collections::HashSet;
use std::sync::Weak;
use std::time::{Duration, SystemTime};

use oxitus_proto::id::UploadId;
use oxitus_proto::upload::{Kind, Phase};

use super::{Engine, Inner, failure};
use crate::event::EventKind;
use crate::storage::{Acquire, Error};

/// How many uploads are looked at in one step.
const STEP: usize = 100;

/// How long the sweeper waits for one upload to be driven to its end. The work goes on after that,
/// and the next upload is not held up by a hook that hangs.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sweeps again and again, as long as there is an engine.
pub(super) async fn sweep_forever(engine: Weak<Inner>) {
    while let Some(inner) = engine.upgrade() {
        let interval = inner.config.sweep_interval();
        if let Err(error) = Engine(inner).sweep().await {
            tracing::error!(error = %failure::Chain(&error), "a sweep failed");
        }
        tokio::time::sleep(interval).await;
    }
}

impl Engine {
    /// Goes through all uploads once: completes what is received, joins what can be joined, removes
    /// what has expired. The [sweeper](Engine::start) does this by itself; call it to have it done
    /// now.
    ///
    /// Never disturbs a writer. Partial uploads that a pending final upload names are kept, however
    /// old. Cancel-safe: what was begun is finished.
    ///
    /// # Errors
    /// [`Error`] where the backend cannot go through its uploads.
    pub async fn sweep(&self) -> Result<(), Error> {
        let now = self.now();
        let mut cursor = None;
        let mut awaited = HashSet::new();
        let mut expired_parts = Vec::new();
        loop {
            let step = self.0.backend.sweep(now, cursor, STEP).await?;
            for upload in step.due {
                match (&upload.kind, upload.is_expired(now)) {
                    (Kind::Partial, true) => expired_parts.push(upload.id),
                    (_, true) => self.expire(&upload.id, now).await,
                    (kind, false) => {
                        if let (Kind::Final(concatenation), Phase::Receiving) = (kind, upload.phase)
                        {
                            awaited.extend(concatenation.parts.iter().cloned());
                        }
                        self.drive(&upload.id, PATIENCE).await;
                    }
                }
            }
            cursor = step.next;
            if cursor.is_none() {
                break;
            }
        }
        for part in expired_parts {
            if !awaited.contains(&part) {
                self.expire(&part, now).await;
            }
        }
        Ok(())
    }

    /// Removes an upload that has expired, unless somebody is at it.
    async fn expire(&self, id: &UploadId, now: SystemTime) {
        let Some(turn) = self.0.writers.try_turn(id) else {
            return;
        };
        let engine = self.clone();
        let id = id.clone();
        let work = self.detach(async move {
            let _turn = turn;
            let Ok(lease) = engine.0.backend.acquire(&id, Acquire::Try).await else {
                return;
            };
            if lease.info().is_expired(now) {
                // A failure is logged, and the next sweep tries again.
                let _ = engine.remove(lease, EventKind::Expired).await;
            } else {
                engine.release(lease).await;
            }
        });
        work.await;
    }
}
