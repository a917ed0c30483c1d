//! PATCH: bytes for an upload (TUS 1.0.0, "PATCH").

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
use crate::storage::{Acquire, Intent, Lease};

impl Engine {
    pub(super) async fn append(
        &self,
        id: &UploadId,
        parts: &Parts,
        asked: &Asked,
        body: &mut Option<RequestBody>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let _running = self.check_running()?;
        let Some(incoming) = body else {
            return Err(Refusal::Failed);
        };
        let request = Append::read(&parts.headers, incoming.size(), self.protocol())?;
        let upload = self.check_offset(id, &request).await?;
        if upload.phase == Phase::Complete {
            let plan = request.decide(&upload, self.protocol(), self.now())?;
            self.expect_nothing(&plan, incoming).await?;
            return Ok(self.respond(&Outcome::Appended(upload), asked));
        }
        let turn = self
            .0
            .writers
            .turn(id, Overtake::Stale, || async {
                self.check_offset(id, &request).await.map(drop)
            })
            .await?;
        let lease = self.lease_for(id, &request, upload.offset).await?;
        let plan = request.decide(lease.info(), self.protocol(), self.now());
        let (plan, permit) = match plan.and_then(|plan| Ok((plan, self.body_permit()?))) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.give_back(turn, lease);
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
                () = turn.overtaken() => Err(Refusal::Overtaken),
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

    /// The upload, if the request belongs where it stands.
    async fn check_offset(&self, id: &UploadId, request: &Append) -> Result<Upload, Refusal> {
        let upload = self.upload(id).await?;
        request.check_offset(&upload, self.now())?;
        Ok(upload)
    }

    /// The upload as it is committed.
    pub(super) async fn upload(&self, id: &UploadId) -> Result<Upload, Refusal> {
        let upload = self.0.backend.info(id).await;
        upload.map_err(|error| failure::refusal(&error, None))
    }

    /// The backend's lease, for a request whose turn it is.
    async fn lease_for(
        &self,
        id: &UploadId,
        request: &Append,
        offset: u64,
    ) -> Result<Box<dyn Lease>, Refusal> {
        let how = Acquire::Ask {
            intent: Intent::Append { offset },
            timeout: self.0.writers.lock_timeout(),
        };
        match self.0.backend.acquire(id, how).await {
            Ok(lease) => Ok(lease),
            Err(error) => {
                // Where the upload stands by now tells the client more than the error does.
                self.check_offset(id, request).await?;
                Err(failure::refusal(&error, None))
            }
        }
    }

    /// Releases a lease with which nothing was done.
    pub(super) fn give_back(&self, turn: Turn, lease: Box<dyn Lease>) {
        let engine = self.clone();
        self.spawn(async move {
            engine.release(lease).await;
            drop(turn);
        });
    }

    pub(super) async fn release(&self, lease: Box<dyn Lease>) {
        if let Err(error) = lease.release().await {
            tracing::warn!(error = %failure::Chain(&error), "a lease was not released cleanly");
        }
    }
}
