//! [`Engine`]: answers TUS requests over a storage backend.
//!
//! One file per operation ([`create`], [`append`], [`head`], [`download`], [`terminate`]), and the
//! pieces that they share: [`writers`] gives turns within this process, [`reception`] takes a body
//! in, [`finish`] brings an upload whose bytes are all here to its end, and [`sweep`] looks after
//! what nobody asks for.
//!
//! # Cancel safety
//!
//! An HTTP server drops the future of a request when its client vanishes, at any await. Whatever
//! changes storage is therefore [`detached`]: when the future of [`Engine::handle`] is dropped, it
//! goes on in a task of its own. The answer is lost, and nothing else.

mod append;
mod create;
mod detached;
mod download;
mod drain;
mod failure;
mod finish;
mod head;
mod patience;
mod reception;
mod sweep;
mod terminate;
mod writers;

use std::future::Future;
use std::sync::{Arc, Once};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use oxitus_proto::protocol::Protocol;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::request::{Operation, route};
use oxitus_proto::response::{Asked, Outcome, refuse, respond};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use self::detached::Detached;
use self::finish::Waiting;
use self::writers::Writers;
use crate::body::{BoxError, RequestBody, ResponseBody};
use crate::config::Config;
use crate::event::{Event, Events};
use crate::hook::HookError;
use crate::storage::StorageBackend;

/// Answers TUS requests over a storage backend. Cloning is cheap, and all clones are one engine.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    backend: Arc<dyn StorageBackend>,
    config: Config,
    protocol: Protocol,
    events: Events,
    writers: Writers,
    /// One permit for each body that is being received.
    bodies: Arc<Semaphore>,
    /// Final uploads of this process that wait for a part.
    waiting: Waiting,
    /// Everything that must not be cut off.
    tasks: TaskTracker,
    shutdown: CancellationToken,
    start: Once,
}

impl Engine {
    /// An engine over `backend`, set up as `config` says.
    #[must_use]
    pub fn new(backend: Arc<dyn StorageBackend>, config: Config) -> Self {
        let protocol = config.protocol(backend.capabilities());
        Self(Arc::new(Inner {
            backend,
            protocol,
            events: Events::new(),
            writers: Writers::new(config.limits.lock_timeout, config.limits.takeover_after),
            bodies: Arc::new(Semaphore::new(
                config.limits.max_bodies.min(Semaphore::MAX_PERMITS),
            )),
            waiting: Waiting::default(),
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            start: Once::new(),
            config,
        }))
    }

    /// Starts the sweeper, which first of all completes what a crash left unfinished, and ends with
    /// the last clone of the engine. The first request starts it too.
    ///
    /// Must be called within a tokio runtime.
    pub fn start(&self) {
        self.0.start.call_once(|| {
            let shutdown = self.0.shutdown.clone();
            let sweeping = sweep::sweep_forever(Arc::downgrade(&self.0));
            self.spawn(async move {
                shutdown.run_until_cancelled(sweeping).await;
            });
        });
    }

    /// A new listener to what happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    /// The protocol as configuration and backend together allow it.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.0.protocol
    }

    /// Ends what goes on: bodies are cut off, what came of them is kept, their requests and all
    /// new ones that would change something are answered 503. Waits for everything that must not
    /// be cut off, for at most `deadline`; returns whether all of it ended in time.
    ///
    /// Cancel-safe: dropping the future stops the waiting only.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        tokio::time::timeout(deadline, self.0.tasks.wait())
            .await
            .is_ok()
    }

    /// Answers one request. Never fails: whatever goes wrong is an answer.
    ///
    /// Must be called within a tokio runtime with time enabled. Cancel-safe in the sense of the
    /// [module](self): only the answer is lost.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<ResponseBody>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        self.answer(parts, RequestBody::new(body)).await
    }

    async fn answer(&self, parts: Parts, body: RequestBody) -> Response<ResponseBody> {
        self.start();
        let operation = route(&parts, self.protocol());
        let asked = Asked::new(&parts, operation.as_ref().ok());
        let mut body = Some(body);
        let answer = match operation {
            Ok(operation) => self.perform(operation, &parts, &asked, &mut body).await,
            Err(refusal) => Err(refusal),
        };
        let mut response = answer.unwrap_or_else(|refusal| {
            tracing::debug!(%refusal, method = %parts.method, "refused");
            refuse(&refusal, &asked, self.protocol()).map(ResponseBody::text)
        });
        if let Some(unread) = body {
            self.drain(unread, &parts, &asked, response.headers_mut());
        }
        response
    }

    /// Carries a request out. What needs the body takes it.
    async fn perform(
        &self,
        operation: Operation,
        parts: &Parts,
        asked: &Asked<'_>,
        body: &mut Option<RequestBody>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        if operation != Operation::Options {
            self.ask_hook(self.0.config.hooks.authorize(parts, &operation))
                .await?;
        }
        match operation {
            Operation::Options => Ok(self.respond(&Outcome::Options, asked)),
            Operation::Create => self.create(parts, asked, body).await,
            Operation::Head(id) => self.head(&id, asked).await,
            Operation::Append(id) => self.append(&id, parts, asked, body).await,
            Operation::Download(id) => self.download(&id, parts, asked).await,
            Operation::Terminate(id) => self.terminate(&id, parts, asked).await,
        }
    }

    fn respond(&self, outcome: &Outcome, asked: &Asked<'_>) -> Response<ResponseBody> {
        respond(outcome, asked, self.protocol()).map(|()| ResponseBody::empty())
    }

    fn now(&self) -> SystemTime {
        self.0.config.clock.now()
    }

    /// Refuses what would change something while the server is going down. A shutdown that begins
    /// later waits for the token.
    fn check_running(&self) -> Result<TaskTrackerToken, Refusal> {
        let token = self.0.tasks.token();
        if self.0.shutdown.is_cancelled() {
            return Err(Refusal::ShuttingDown);
        }
        Ok(token)
    }

    /// The right to receive one body, if not too many are being received.
    fn body_permit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let permit = self.0.bodies.clone().try_acquire_owned();
        permit.map_err(|_| Refusal::Overloaded)
    }

    /// Waits for a hook's answer, for as long as a hook may take.
    async fn ask_hook<T: Send>(
        &self,
        answer: impl Future<Output = Result<T, HookError>> + Send,
    ) -> Result<T, Refusal> {
        match tokio::time::timeout(self.0.config.limits.hook_timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(HookError::Refused { status, reason })) => {
                Err(Refusal::ByHook { status, reason })
            }
            Ok(Err(HookError::Failed(error))) => {
                tracing::error!(error = %failure::Chain(&*error), "a hook failed");
                Err(Refusal::Unavailable)
            }
            Err(_) => {
                tracing::error!("a hook did not answer in time");
                Err(Refusal::Unavailable)
            }
        }
    }

    /// Runs what must not be cut off, and what nobody waits for.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(work);
    }

    /// Work that must not be cut off, for somebody who waits for it: it goes on when the waiting
    /// ends.
    fn detach<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Detached<T> {
        Detached::new(&self.0.tasks, work)
    }
}
