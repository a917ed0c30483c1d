//! [`TusService`]: resumable uploads as a `tower_service::Service`.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use oxitus_core::body::{BoxError, ResponseBody};
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::event::Event;
use oxitus_core::storage::StorageBackend;
use tokio::sync::broadcast;
use tower_service::Service;

/// Resumable uploads as a service: every request under the base path goes in, and an answer comes
/// out, never an error.
///
/// Cloning is cheap, and all clones are one service. It takes requests with any
/// [`http_body::Body`], so that it fits under hyper, axum, tonic, or whatever else speaks tower;
/// see the [crate documentation](crate) for how to embed it, and [`crate::axum`] for axum.
///
/// It needs a tokio runtime with the time driver enabled.
#[derive(Clone, Debug)]
pub struct TusService {
    engine: Engine,
}

impl TusService {
    /// A service that keeps uploads in `backend`.
    ///
    /// Where the backend is chosen at run time, make the [`Engine`] from an
    /// `Arc<dyn StorageBackend>`, and the service [from](From) that.
    #[must_use]
    pub fn new(backend: impl StorageBackend, config: Config) -> Self {
        Engine::new(Arc::new(backend), config).into()
    }

    /// What drives the protocol, without a service around it.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What happens from now on, to every upload of this service. A listener that is too slow
    /// misses events and is told how many; it never holds an upload up.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.engine.events()
    }

    /// Ends the bodies that are still coming in, keeps what came of them, and waits for that for at
    /// most `deadline`. Their clients are told to try again, and so are those that come later.
    /// Returns whether everything ended in time; what did not is as safe as after a crash.
    ///
    /// Call it once the server takes no more connections, and before the runtime ends.
    ///
    /// Cancel-safe: a dropped future ends the waiting, not what it waits for.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        self.engine.shutdown(deadline).await
    }
}

impl From<Engine> for TusService {
    fn from(engine: Engine) -> Self {
        Self { engine }
    }
}

impl<B> Service<Request<B>> for TusService
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    /// Always ready: what is too much is answered with 503, so that the client learns of it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let engine = self.engine.clone();
        ResponseFuture {
            response: Box::pin(async move { engine.handle(request).await }),
        }
    }
}

/// The answer to come.
///
/// Cancel-safe: the upload does not depend on it. When it is dropped, as hyper does when a client
/// has gone, what arrived is stored all the same.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture {
    response: Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>,
}

impl Future for ResponseFuture {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.response.as_mut().poll(context).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ResponseFuture")
            .finish_non_exhaustive()
    }
}
