//! DELETE: an upload goes (TUS 1.0.0, "Termination").

use std::pin::pin;

use futures_util::FutureExt;
use http::Response;
use http::request::Parts;
use oxitus_proto::decide::check_not_expired;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::response::{Asked, Outcome};
use oxitus_proto::upload::Upload;

use super::writers::{Overtake, Turn};
use super::{Engine, failure};
use crate::body::ResponseBody;
use crate::event::EventKind;
use crate::storage::{Acquire, ErrorKind, Intent, Lease};

/// An upload that nobody else changes meanwhile.
type Reserved = (Turn, Box<dyn Lease>);

/// How often it is tried to remove an upload that a writer in another process goes on with.
const ATTEMPTS: u32 = 8;

impl Engine {
    pub(super) async fn terminate(
        &self,
        id: &UploadId,
        parts: &Parts,
        asked: &Asked<'_>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let _running = self.check_running()?;
        for attempt in 1.. {
            let (turn, lease) = self.reserve_to_remove(id, parts).await?;
            let engine = self.clone();
            let work = self.detach(async move {
                let _turn = turn;
                engine.remove(lease, EventKind::Terminated).await
            });
            match work.await {
                // A writer elsewhere has taken the lease away.
                Err(Refusal::Locked) if attempt < ATTEMPTS => {}
                removed => {
                    removed?;
                    break;
                }
            }
        }
        Ok(self.respond(&Outcome::Terminated, asked))
    }

    /// Reserves an upload that may be removed. Whether it may is judged before anybody who writes to
    /// it is stopped, and a hook that has to think about it keeps nobody from writing: so the lease
    /// is kept meanwhile only where nobody else has it and the hook answers at once.
    async fn reserve_to_remove(&self, id: &UploadId, parts: &Parts) -> Result<Reserved, Refusal> {
        let mut reserved = self.reserve_if_free(id).await?;
        let seen = match &reserved {
            Some((_, lease)) => Some(lease.info().clone()),
            None => self.upload_unless_lost(id).await?,
        };
        if let Some(upload) = &seen {
            let mut judging = pin!(self.judge_removal(parts, upload));
            let at_once = judging.as_mut().now_or_never();
            if !matches!(at_once, Some(Ok(())))
                && let Some((turn, lease)) = reserved.take()
            {
                self.give_back(turn, lease).await;
            }
            match at_once {
                Some(judged) => judged?,
                None => judging.await?,
            }
        }
        if let Some(reserved) = reserved {
            return Ok(reserved);
        }
        let (turn, lease) = self.wait_to_remove(id).await?;
        // Another upload than was judged would go.
        let is_another = seen.is_none_or(|seen| seen.phase != lease.info().phase);
        if is_another && let Err(refusal) = self.judge_removal(parts, lease.info()).await {
            self.give_back(turn, lease).await;
            return Err(refusal);
        }
        Ok((turn, lease))
    }

    /// Whether `upload` is one to be removed.
    async fn judge_removal(&self, parts: &Parts, upload: &Upload) -> Result<(), Refusal> {
        check_not_expired(upload, self.now())?;
        self.ask_hook(self.0.config.hooks.before_terminate(parts, upload))
            .await
    }

    /// Reserves an upload that nobody has.
    async fn reserve_if_free(&self, id: &UploadId) -> Result<Option<Reserved>, Refusal> {
        let Some(turn) = self.0.writers.try_turn(id) else {
            return Ok(None);
        };
        match self.0.backend.acquire(id, Acquire::Try).await {
            Ok(lease) => Ok(Some((turn, lease))),
            Err(error) if error.kind() == ErrorKind::Locked => Ok(None),
            Err(error) => Err(failure::refusal(&error, None)),
        }
    }

    /// Reserves an upload of which whoever has it is asked to let go.
    async fn wait_to_remove(&self, id: &UploadId) -> Result<Reserved, Refusal> {
        let reason = || async { Ok(()) };
        let turn = self.0.writers.turn(id, Overtake::Anybody, reason).await?;
        let how = Acquire::Ask {
            intent: Intent::Terminate,
            timeout: self.0.writers.lock_timeout(),
        };
        let lease = self.0.backend.acquire(id, how).await;
        let lease = lease.map_err(|error| failure::refusal(&error, None))?;
        Ok((turn, lease))
    }

    /// The upload as it is committed; `None` of one that can never be completed.
    async fn upload_unless_lost(&self, id: &UploadId) -> Result<Option<Upload>, Refusal> {
        match self.0.backend.info(id).await {
            Ok(upload) => Ok(Some(upload)),
            Err(error) if error.kind() == ErrorKind::Gone => Ok(None),
            Err(error) => Err(failure::refusal(&error, None)),
        }
    }
}
