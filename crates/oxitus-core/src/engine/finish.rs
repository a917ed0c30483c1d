//! Bringing an upload whose bytes are all here to its end.
//!
//! "Every byte is stored" and "complete" are two facts, with the application's word in between, and
//! a crash may fall between them. So whoever meets an upload that is received, or a final one whose
//! parts can be joined, drives it on: the request that brought the last byte, a HEAD or GET, the
//! completion of a part, the sweeper.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use oxitus_proto::decide::size_limit;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::upload::{Kind, Phase, Upload};

use super::writers::Overtake;
use super::{Engine, failure};
use crate::event::EventKind;
use crate::hook::BeforeComplete;
use crate::storage::{Acquire, Error, ErrorKind, Lease};

/// At how many parts of a final upload to look at once: there may be a thousand of them, and each
/// may be a request to an object store.
const LOOKS_AT_ONCE: usize = 16;

/// How long parts of a final upload are, of those that are complete: that never changes.
pub(super) type Lengths = HashMap<UploadId, u64>;

/// The length of a part that is complete.
pub(super) fn length_of_part(part: Upload) -> Option<(UploadId, u64)> {
    (part.phase == Phase::Complete).then_some((part.id, part.offset))
}

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

    /// Forgets an upload that waits no more, or is not a final one.
    fn forget(&self, upload: &Upload) {
        let Kind::Final(concatenation) = &upload.kind else {
            return;
        };
        let mut by_part = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for part in &*concatenation.parts {
            if let Some(waiting) = by_part.get_mut(part) {
                waiting.remove(&upload.id);
                if waiting.is_empty() {
                    by_part.remove(part);
                }
            }
        }
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
        let Ok(_running) = self.check_running() else {
            return;
        };
        let engine = self.clone();
        let id = id.clone();
        let work = self.detach(async move { engine.drive_now(&id).await });
        let _ = tokio::time::timeout(patience, work).await;
    }

    /// Drives the final uploads that wait for `upload`, now that it is complete, or gone. It waits
    /// for none itself any more.
    fn drive_waiting(&self, upload: &Upload) {
        self.0.waiting.forget(upload);
        for id in self.0.waiting.take(&upload.id) {
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
        if let Ok(lease) = self.assemble_if_possible(lease, Lengths::new()).await {
            // A failure is logged, and whoever asks next tries again.
            let _ = self.finish(lease).await;
        }
    }

    /// Joins the parts of a final upload, if they are all complete; of some the `lengths` are known.
    /// Any other upload is left as it is.
    ///
    /// A final upload that can never be completed, since a part is gone or the parts are too large
    /// together, is removed.
    pub(super) async fn assemble_if_possible(
        &self,
        lease: Box<dyn Lease>,
        mut lengths: Lengths,
    ) -> Result<Box<dyn Lease>, Refusal> {
        let upload = lease.info().clone();
        let Kind::Final(concatenation) = &upload.kind else {
            return Ok(lease);
        };
        if upload.phase != Phase::Receiving {
            return Ok(lease);
        }
        let parts: HashSet<_> = concatenation.parts.iter().collect();
        let unknown = parts.iter().filter(|part| !lengths.contains_key(**part));
        let unknown: Vec<_> = unknown.map(|part| (*part).clone()).collect();
        for part in &unknown {
            // One that becomes complete after the look finds the note.
            self.0.waiting.add(&upload.id, part);
        }
        let mut looks = pin!(self.look_at(unknown));
        while let Some((_, found)) = looks.next().await {
            match found {
                Ok(part) => lengths.extend(length_of_part(part)),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Gone) => {
                    return self.fail(lease, Refusal::NotFound).await;
                }
                Err(error) => {
                    self.release(lease).await;
                    return Err(failure::refusal(&error, None));
                }
            }
        }
        if lengths.len() < parts.len() {
            return Ok(lease);
        }
        // A length that was known at the creation was judged there.
        let limit = size_limit(&upload, self.protocol());
        let mut in_order = concatenation.parts.iter().filter_map(|id| lengths.get(id));
        let length = in_order.try_fold(0, |sum: u64, length| sum.checked_add(*length));
        if upload.length.is_none() && length.is_none_or(|length| length > limit) {
            let offset = None;
            let refusal = Refusal::UploadTooLarge { limit, offset };
            return self.fail(lease, refusal).await;
        }
        let assembled = match lease.assemble().await {
            Err(error) if error.kind() == ErrorKind::PartUnfinished => {
                // Whoever completed a part lets go of it a moment later, and drives this upload
                // then, unless that was just before the note is made.
                for part in parts {
                    self.0.waiting.add(&upload.id, part);
                }
                match self.take_again(&upload.id).await?.assemble().await {
                    Err(error) if error.kind() == ErrorKind::PartUnfinished => {
                        return self.take_again(&upload.id).await;
                    }
                    assembled => assembled,
                }
            }
            assembled => assembled,
        };
        match assembled {
            Ok(lease) => {
                self.tell_if_received(lease.info());
                Ok(lease)
            }
            Err(error) if error.kind() == ErrorKind::PartMissing => {
                let lease = self.take_again(&upload.id).await?;
                self.fail(lease, Refusal::NotFound).await
            }
            Err(error) if error.kind() == ErrorKind::Gone => {
                let lease = self.take_again(&upload.id).await?;
                self.fail(lease, failure::refusal(&error, None)).await
            }
            Err(error) => Err(failure::refusal(&error, None)),
        }
    }

    /// Looks at uploads, at several at once, and tells of each in its order.
    pub(super) fn look_at(
        &self,
        ids: Vec<UploadId>,
    ) -> impl Stream<Item = (UploadId, Result<Upload, Error>)> + use<> {
        let backend = self.0.backend.clone();
        let looks = stream::iter(ids).map(move |id| {
            let backend = backend.clone();
            async move {
                let found = backend.info(&id).await;
                (id, found)
            }
        });
        looks.buffered(LOOKS_AT_ONCE)
    }

    /// The lease that was lost with an attempt to assemble.
    async fn take_again(&self, id: &UploadId) -> Result<Box<dyn Lease>, Refusal> {
        let lease = self.0.backend.acquire(id, Acquire::Try).await;
        lease.map_err(|error| failure::refusal(&error, None))
    }

    /// Removes a final upload that can never be completed, for the reason that `refusal` gives.
    async fn fail(
        &self,
        lease: Box<dyn Lease>,
        refusal: Refusal,
    ) -> Result<Box<dyn Lease>, Refusal> {
        let id = lease.info().id.clone();
        tracing::warn!(%id, reason = %refusal, "a final upload can never be completed, and is removed");
        self.remove(lease, EventKind::Failed).await?;
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use oxitus_proto::upload::Concatenation;

    use super::*;

    #[test]
    fn nothing_is_left_of_a_final_upload_that_waits_no_more() {
        let [part, other, one, two] =
            ["part", "other", "one", "two"].map(|id| UploadId::parse(id).unwrap());
        let waiting = Waiting::default();
        for id in [&one, &two] {
            waiting.add(id, &part);
        }
        waiting.add(&one, &other);
        let mut upload = Upload::new(one, None, SystemTime::UNIX_EPOCH);
        upload.kind = Kind::Final(Concatenation::new("", [part.clone(), other, part.clone()]));
        waiting.forget(&upload);
        assert_eq!(waiting.0.lock().unwrap().len(), 1);
        assert_eq!(waiting.take(&part), HashSet::from([two]));
    }
}
