//! What the engine's tests share: an engine over memory, requests in a line, answers in one piece.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Empty, Full};
use oxitus_core::body::BoxError;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::memory::MemoryBackend;
use tokio::task::JoinHandle;

/// The sha1 of "hello world", as `Upload-Checksum` has it.
pub(crate) const HELLO_WORLD: &str = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";

/// The sha1 of nothing.
pub(crate) const NOTHING: &str = "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

pub(crate) fn engine(config: impl FnOnce(Config) -> Config) -> Engine {
    Engine::new(
        Arc::new(MemoryBackend::new()),
        config(Config::new("/files")),
    )
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn offset(&self) -> Option<u64> {
        self.header("upload-offset")?.parse().ok()
    }

    pub(crate) fn location(&self) -> String {
        self.header("location").expect("a location").to_owned()
    }
}

pub(crate) async fn send<B>(engine: &Engine, request: Request<B>) -> Answer
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let response = engine.handle(request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub(crate) fn request<B>(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: B,
) -> Request<B> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("tus-resumable", "1.0.0");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).expect("a request")
}

pub(crate) async fn post(engine: &Engine, headers: &[(&str, &str)]) -> Answer {
    send(
        engine,
        request(Method::POST, "/files", headers, Empty::new()),
    )
    .await
}

/// The path of a new upload.
pub(crate) async fn create(engine: &Engine, headers: &[(&str, &str)]) -> String {
    let answer = post(engine, headers).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.location()
}

pub(crate) async fn head(engine: &Engine, path: &str) -> Answer {
    send(engine, request(Method::HEAD, path, &[], Empty::new())).await
}

pub(crate) async fn get(engine: &Engine, path: &str) -> Answer {
    get_with(engine, path, &[]).await
}

pub(crate) async fn get_with(engine: &Engine, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(engine, request(Method::GET, path, headers, Empty::new())).await
}

pub(crate) async fn delete(engine: &Engine, path: &str) -> Answer {
    send(engine, request(Method::DELETE, path, &[], Empty::new())).await
}

pub(crate) fn patch_request<B>(
    path: &str,
    offset: u64,
    headers: &[(&str, &str)],
    body: B,
) -> Request<B> {
    let mut request = request(Method::PATCH, path, headers, body);
    let headers = request.headers_mut();
    headers.insert("upload-offset", offset.into());
    headers.insert(
        "content-type",
        http::HeaderValue::from_static("application/offset+octet-stream"),
    );
    request
}

pub(crate) async fn patch(
    engine: &Engine,
    path: &str,
    offset: u64,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Answer {
    send(
        engine,
        patch_request(path, offset, headers, Full::from(body)),
    )
    .await
}

/// A body of which the test sends piece by piece, and the request that carries it.
pub(crate) struct OpenRequest {
    pub(crate) body: Sender<Bytes, BoxError>,
    pub(crate) answer: JoinHandle<Answer>,
}

pub(crate) fn open_patch(
    engine: &Engine,
    path: &str,
    offset: u64,
    headers: &[(&str, &str)],
) -> OpenRequest {
    let (body, channel) = Channel::new(1);
    OpenRequest::begin(engine, body, patch_request(path, offset, headers, channel))
}

impl OpenRequest {
    /// Sends a request whose body comes from `body`.
    pub(crate) fn begin<B>(
        engine: &Engine,
        body: Sender<Bytes, BoxError>,
        request: Request<B>,
    ) -> Self
    where
        B: http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static,
    {
        let engine = engine.clone();
        let answer = tokio::spawn(async move { send(&engine, request).await });
        Self { body, answer }
    }

    pub(crate) async fn data(&mut self, data: &'static str) {
        self.body
            .send_data(Bytes::from_static(data.as_bytes()))
            .await
            .expect("a reader");
    }

    /// Returns when the body is being read. The channel holds one frame: when the second one is in
    /// it, the first has been read.
    pub(crate) async fn is_read(&mut self) {
        for _ in 0..2 {
            self.data("").await;
        }
    }

    /// Breaks the body off, as a lost connection does.
    pub(crate) async fn cut(self) -> Answer {
        self.body.abort("connection reset".into());
        self.answer.await.expect("an answer")
    }

    pub(crate) async fn end(self) -> Answer {
        drop(self.body);
        self.answer.await.expect("an answer")
    }
}

/// Waits, for as long as stands in for ever.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("what was expected did not happen")
}

/// Asks until the upload stands at `offset`.
pub(crate) async fn reaches(engine: &Engine, path: &str, offset: u64) {
    eventually(|| async { head(engine, path).await.offset() == Some(offset) }).await;
}

/// Asks until the answer is yes; a generous deadline stands in for never.
pub(crate) async fn eventually<F: Future<Output = bool>>(mut question: impl FnMut() -> F) {
    let asking = async {
        while !question().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within(asking).await;
}
