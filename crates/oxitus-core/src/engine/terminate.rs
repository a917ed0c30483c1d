//! DELETE: an upload goes (TUS 1.0.0, "Termination").

use http::Response;
use http::request::Parts;
use oxitus_proto::decide::check_not_expired;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::response::{Asked, Outcome};

use super::writers::Overtake;
use super::{Engine, failure};
use crate::body::ResponseBody;
use crate::event::EventKind;
use crate::storage::{Acquire, Intent};

impl Engine {
    pub(super) async fn terminate(
        &self,
        id: &UploadId,
        parts: &Parts,
        asked: &Asked<'_>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let _running = self.check_running()?;
        let upload = self.upload(id).await?;
        check_not_expired(&upload, self.now())?;
        self.ask_hook(self.0.config.hooks.before_terminate(parts, &upload))
            .await?;
        let turn = self
            .0
            .writers
            .turn(id, Overtake::Anybody, || async { Ok(()) })
            .await?;
        let how = Acquire::Ask {
            intent: Intent::Terminate,
            timeout: self.0.writers.lock_timeout(),
        };
        let lease = self.0.backend.acquire(id, how).await;
        let lease = lease.map_err(|error| failure::refusal(&error, None))?;
        if lease.info().phase != upload.phase {
            // The hook has judged another upload than the one that would go.
            let hooks = &self.0.config.hooks;
            let judged = hooks.before_terminate(parts, lease.info());
            if let Err(refusal) = self.ask_hook(judged).await {
                self.give_back(turn, lease).await;
                return Err(refusal);
            }
        }
        let engine = self.clone();
        let work = self.detach(async move {
            let _turn = turn;
            engine.remove(lease, EventKind::Terminated).await
        });
        work.await?;
        Ok(self.respond(&Outcome::Terminated, asked))
    }
}
