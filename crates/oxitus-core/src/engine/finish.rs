//! Bringing an upload whose bytes are all here to its end.
//!
//! "Every byte is stored" and "complete" are two facts, with the application's word in between, and
//! a crash may fall between them. So whoever meets an upload that is received, or a final one whose
//! parts can be joined, drives it on: the request that brought the last byte, a HEAD or GET, the
//! completion of a part, the sweeper.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::upload::{Kind, Phase, Upload};

use super::writers::Overtake;
use super::{Engine, failure};
use crate::event::EventKind;
use crate::hook::BeforeComplete;
use crate::storage::{Acquire, Error, ErrorKind, Lease};

/// Final uploads of this process that wait for their parts, by part. A hint only: what is lost with
/// the process is found again by a HEAD of the final upload, or by the sweeper.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<UploadId, HashSet<UploadId>>>);

impl Waiting {
    fn add(&self, waiting: &UploadId, part: &UploadId) {
        let mut by_part = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        by_part
            .entry(part.clone())
            .or_default()
            .insert(waiting.clone());
    }

    /// Takes those that wait for `part`.
    fn take(&self, part: &UploadId) -> HashSet<UploadId> {
        let mut by_part = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        by_part.remove(part).unwrap_or_default()
    }
}

impl Engine {
    /// Completes an upload that is received, and releases its lease in any case. An upload that is
    /// not is left as it is.
    ///
    /// Not cancel-safe: runs within [`Engine::detach`].
    pub(super) async fn finish(
        &self,
        mut lease: Box<dyn Lease>,
    ) -> Result<(Upload, BeforeComplete), Refusal> {
        let mut answer = BeforeComplete::default();
        if lease.info().phase == Phase::Received {
            let upload = lease.info().clone();
            match self.ask_before_complete(&upload).await {
                Ok(allowed) => answer = allowed,
                Err(refusal @ Refusal::ByHook { .. }) => {
                    self.remove(lease, EventKind::Terminated).await?;
                    return Err(refusal);
                }
                Err(refusal) => {
                    self.release(lease).await;
                    return Err(refusal);
                }
            }
            if let Err(error) = lease.complete().await {
                let refusal = failure::refusal(&error, Some(lease.info().offset));
                self.release(lease).await;
                return Err(refusal);
            }
            self.0.events.send(EventKind::Completed, lease.info());
        }
        let upload = lease.info().clone();
        self.release(lease).await;
        if upload.phase == Phase::Complete {
            self.drive_waiting(&upload);
        }
        Ok((upload, answer))
    }

    /// Tells that the last byte is stored, for whoever has just stored what may be it.
    pub(super) fn tell_if_received(&self, upload: &Upload) {
        if upload.phase == Phase::Received {
            self.0.events.send(EventKind::Received, upload);
        }
    }

    /// A partial upload is not for the application to judge, but the final one made of it is.
    async fn ask_before_complete(&self, upload: &Upload) -> Result<BeforeComplete, Refusal> {
        if upload.kind == Kind::Partial {
            return Ok(BeforeComplete::default());
        }
        self.ask_hook(self.0.config.hooks.before_complete(upload))
            .await
    }

    /// Removes an upload, and tells so.
    pub(super) async fn remove(
        &self,
        lease: Box<dyn Lease>,
        kind: EventKind,
    ) -> Result<(), Refusal> {
        let upload = lease.info().clone();
        match lease.terminate().await {
            Ok(()) => {
                self.0.events.send(kind, &upload);
                self.drive_waiting(&upload);
                Ok(())
            }
            Err(error) => Err(failure::refusal(&error, None)),
        }
    }

    /// Drives an upload to its end, if it needs that and nobody else is at it, and waits for up to
    /// `patience`. Cancel-safe: the work goes on.
    pub(super) async fn drive(&self, id: &UploadId, patience: Duration) {
        let engine = self.clone();
        let id = id.clone();
        let work = self.detach(async move { engine.drive_now(&id).await });
        let _ = tokio::time::timeout(patience, work).await;
    }

    /// Drives the final uploads that wait for `part`, now that it is complete, or gone.
    fn drive_waiting(&self, part: &Upload) {
        for id in self.0.waiting.take(&part.id) {
            let engine = self.clone();
            self.spawn(async move { engine.drive_now(&id).await });
        }
    }

    async fn drive_now(&self, id: &UploadId) {
        // Whoever has the turn may be at just this; then there is nothing left to do after it.
        let turn = self
            .0
            .writers
            .turn(id, Overtake::Nobody, || async { Ok(()) })
            .await;
        let Ok(_turn) = turn else {
            return;
        };
        let Ok(lease) = self.0.backend.acquire(id, Acquire::Try).await else {
            return;
        };
        if let Ok(lease) = self.assemble_if_possible(lease).await {
            // A failure is logged, and whoever asks next tries again.
            let _ = self.finish(lease).await;
        }
    }

    /// Joins the parts of a final upload, if they are all complete. Any other upload is left as it
    /// is.
    ///
    /// A final upload of which a part is gone can never be completed, and is removed.
    pub(super) async fn assemble_if_possible(
        &self,
        lease: Box<dyn Lease>,
    ) -> Result<Box<dyn Lease>, Refusal> {
        let upload = lease.info().clone();
        let Kind::Final(concatenation) = &upload.kind else {
            return Ok(lease);
        };
        if upload.phase != Phase::Receiving {
            return Ok(lease);
        }
        let parts: HashSet<_> = concatenation.parts.iter().collect();
        let mut missing = false;
        for part in parts {
            match self.await_part(&upload.id, part).await {
                Ok(true) => {}
                Ok(false) => return Ok(lease),
                Err(error) if error.kind() == ErrorKind::NotFound => missing = true,
                Err(error) => {
                    self.release(lease).await;
                    return Err(failure::refusal(&error, None));
                }
            }
        }
        if missing {
            return self.fail(lease).await;
        }
        match lease.assemble().await {
            Ok(lease) => {
                self.tell_if_received(lease.info());
                Ok(lease)
            }
            Err(error) if error.kind() == ErrorKind::PartMissing => {
                let lease = self.0.backend.acquire(&upload.id, Acquire::Try).await;
                let lease = lease.map_err(|error| failure::refusal(&error, None))?;
                self.fail(lease).await
            }
            Err(error) => Err(failure::refusal(&error, None)),
        }
    }

    /// Whether `part` is complete. One that is not will drive the final upload `id` when it is.
    async fn await_part(&self, id: &UploadId, part: &UploadId) -> Result<bool, Error> {
        if self.0.backend.info(part).await?.phase == Phase::Complete {
            return Ok(true);
        }
        self.0.waiting.add(id, part);
        // It may have become complete just before the note was made.
        Ok(self.0.backend.info(part).await?.phase == Phase::Complete)
    }

    /// Removes a final upload that can never be completed.
    async fn fail(&self, lease: Box<dyn Lease>) -> Result<Box<dyn Lease>, Refusal> {
        let id = lease.info().id.clone();
        tracing::warn!(%id, "a part of a final upload is gone, and the upload with it");
        self.remove(lease, EventKind::Failed).await?;
        Err(Refusal::NotFound)
    }
}
