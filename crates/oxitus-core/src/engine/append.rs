//! PATCH: bytes for an upload (TUS 1.0.0, "PATCH").

use std::time::Duration;

use http::Response;
use http::request::Parts;
use oxitus_proto::decide::AppendPlan;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::request::Append;
use oxitus_proto::response::{Asked, Outcome};
use oxitus_proto::upload::{Phase, Upload};

use super::writers::{Overtake, Turn};
use super::{Engine, failure};
use crate::body::{RequestBody, ResponseBody};
use crate::hook::BeforeComplete;
use crate::storage::{Acquire, Error, ErrorKind, Intent, Lease};

/// An upload for a request that belongs where it stands.
enum Reserved {
    /// Nobody else writes to it meanwhile.
    Held(Turn, Box<dyn Lease>),
    /// It is complete, so nobody else writes to it anyway.
    Complete(Upload),
}

impl Engine {
    pub(super) async fn append(
        &self,
        id: &UploadId,
        parts: &Parts,
        asked: &Asked<'_>,
        body: &mut Option<RequestBody>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let _running = self.check_running()?;
        let Some(incoming) = body else {
            return Err(Refusal::Failed);
        };
        let request = Append::read(&parts.headers, incoming.size(), self.protocol())?;
        let (turn, lease) = match self.reserve(id, &request).await? {
            Reserved::Held(turn, lease) => (turn, lease),
            Reserved::Complete(upload) => {
                let plan = request.decide(&upload, self.protocol(), self.now())?;
                self.expect_nothing(&plan, incoming).await?;
                return Ok(self.respond(&Outcome::Appended(upload), asked));
            }
        };
        let plan = request.decide(lease.info(), self.protocol(), self.now());
        let (plan, permit) = match plan.and_then(|plan| Ok((plan, self.body_permit()?))) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.give_back(turn, lease).await;
                return Err(refusal);
            }
        };
        let Some(mut incoming) = body.take() else {
            return Err(Refusal::Failed);
        };
        let engine = self.clone();
        let work = self.detach(async move {
            let _permit = permit;
            let receiving = engine.receive_and_finish(&turn, lease, plan, &mut incoming);
            let received = receiving.await;
            if received.is_err() {
                engine.discard(incoming);
            }
            received
        });
        let (upload, answer) = work.await?;
        let mut response = self.respond(&Outcome::Appended(upload), asked);
        response.headers_mut().extend(answer.headers);
        Ok(response)
    }

    /// Takes the body in, and completes the upload where it was the last one.
    async fn receive_and_finish(
        &self,
        turn: &Turn,
        lease: Box<dyn Lease>,
        plan: AppendPlan,
        body: &mut RequestBody,
    ) -> Result<(Upload, BeforeComplete), Refusal> {
        let (lease, refusal) = if lease.info().is_received() {
            turn.waits();
            let nothing = tokio::select! {
                biased;
                nothing = self.expect_nothing(&plan, body) => nothing,
                () = turn.stopped() => Err(Refusal::Overtaken),
                () = turn.doubted() => Err(Refusal::Overtaken),
            };
            turn.received();
            (lease, nothing.err())
        } else {
            let received = self.receive(turn, lease, plan, body).await?;
            (received.lease, received.refusal)
        };
        let finished = self.finish(lease).await;
        match refusal {
            Some(refusal) => Err(refusal),
            None => finished,
        }
    }

    /// Reserves the upload for a request. To look at it costs a backend as much as to lease it, so
    /// where nobody else has it the lease shows where it stands. Where somebody has it there is a
    /// look first: a request that does not belong there is refused at once, and disturbs nobody.
    async fn reserve(&self, id: &UploadId, request: &Append) -> Result<Reserved, Refusal> {
        if let Some(turn) = self.0.writers.try_turn(id) {
            match self.lease_for(id, request, Duration::ZERO).await {
                Err(error) if error.kind() == ErrorKind::Locked => {}
                leased => return self.reserved(turn, leased, id, request).await,
            }
        }
        let upload = self.look(id, request).await?;
        if upload.phase == Phase::Complete {
            return Ok(Reserved::Complete(upload));
        }
        let reason = || async { self.look(id, request).await.map(drop) };
        let turn = self.0.writers.turn(id, Overtake::Stale, reason).await?;
        let timeout = self.0.writers.lock_timeout();
        let leased = self.lease_for(id, request, timeout).await;
        self.reserved(turn, leased, id, request).await
    }

    /// The backend's lease, for a request whose turn it is.
    async fn lease_for(
        &self,
        id: &UploadId,
        request: &Append,
        timeout: Duration,
    ) -> Result<Box<dyn Lease>, Error> {
        // A number that is too large is where no upload stands, and so is this one.
        let offset = request.offset.exact().unwrap_or(u64::MAX);
        let intent = Intent::Append { offset };
        let how = Acquire::Ask { intent, timeout };
        self.0.backend.acquire(id, how).await
    }

    /// What came of the attempt to lease an upload.
    async fn reserved(
        &self,
        turn: Turn,
        leased: Result<Box<dyn Lease>, Error>,
        id: &UploadId,
        request: &Append,
    ) -> Result<Reserved, Refusal> {
        match leased {
            Ok(lease) if lease.info().phase == Phase::Complete => {
                let upload = lease.info().clone();
                self.give_back(turn, lease).await;
                Ok(Reserved::Complete(upload))
            }
            Ok(lease) => Ok(Reserved::Held(turn, lease)),
            Err(error) => {
                if matches!(error.kind(), ErrorKind::Locked | ErrorKind::OffsetMismatch) {
                    // Where the upload stands by now tells the client more than the error does.
                    self.look(id, request).await?;
                }
                Err(failure::refusal(&error, None))
            }
        }
    }

    /// The upload as it is committed, if the request belongs where it stands.
    async fn look(&self, id: &UploadId, request: &Append) -> Result<Upload, Refusal> {
        let upload = self.upload(id).await?;
        request.check_offset(&upload, self.now())?;
        Ok(upload)
    }

    /// The upload as it is committed.
    pub(super) async fn upload(&self, id: &UploadId) -> Result<Upload, Refusal> {
        let upload = self.0.backend.info(id).await;
        upload.map_err(|error| failure::refusal(&error, None))
    }

    /// Releases a lease with which nothing was done. Cancel-safe: it is released all the same.
    pub(super) async fn give_back(&self, turn: Turn, lease: Box<dyn Lease>) {
        let engine = self.clone();
        let work = self.detach(async move {
            engine.release(lease).await;
            drop(turn);
        });
        work.await;
    }

    pub(super) async fn release(&self, lease: Box<dyn Lease>) {
        if let Err(error) = lease.release().await {
            tracing::warn!(error = %failure::Chain(&error), "a lease was not released cleanly");
        }
    }
}
