//! The service, called as a server would call it. What it answers is for the tests of the engine
//! and of the server; here is that it fits, and that a dropped request loses nothing.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Empty, Full};
use oxitus::{BoxError, Config, EventKind, Interruption, MemoryBackend, ResponseBody, TusService};
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn service() -> TusService {
    TusService::new(MemoryBackend::default(), Config::new("/files"))
}

fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("Host", "example.org")
        .header("Tus-Resumable", "1.0.0")
        .header("Content-Type", "application/offset+octet-stream")
}

async fn call<B>(service: &TusService, request: Request<B>) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Ok(response) = service.clone().oneshot(request).await;
    response
}

/// Makes an upload of `length` bytes and returns its path.
async fn create(service: &TusService, length: u64) -> String {
    let creation = request("POST", "/files/")
        .header("Upload-Length", length)
        .body(Empty::new())
        .unwrap();
    let response = call(service, creation).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    response.headers()["location"].to_str().unwrap().to_owned()
}

async fn offset(service: &TusService, path: &str) -> String {
    let head = request("HEAD", path).body(Empty::new()).unwrap();
    let response = call(service, head).await;
    response.headers()["upload-offset"]
        .to_str()
        .unwrap()
        .to_owned()
}

async fn wait_for_offset(service: &TusService, path: &str, expected: &str) {
    let arrived = async {
        while offset(service, path).await != expected {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, arrived).await.unwrap();
}

/// Begins a PATCH at 0 whose body stays open, and returns when "hello" of it is stored.
async fn begin_patch(
    service: &TusService,
    path: &str,
) -> (Sender<Bytes, io::Error>, JoinHandle<Response<ResponseBody>>) {
    let (mut sender, channel) = Channel::new(1);
    let patch = request("PATCH", path)
        .header("Upload-Offset", 0)
        .body(channel)
        .unwrap();
    let running = tokio::spawn({
        let service = service.clone();
        async move { call(&service, patch).await }
    });
    sender.send(Frame::data("hello".into())).await.unwrap();
    wait_for_offset(service, path, "5").await;
    (sender, running)
}

/// Sends the rest of an upload, and reads all of it back.
async fn finish(service: &TusService, path: &str, offset: u64, rest: &'static str) -> Bytes {
    let patch = request("PATCH", path)
        .header("Upload-Offset", offset)
        .body(Full::<Bytes>::from(rest))
        .unwrap();
    let response = call(service, patch).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    download(service, path).await
}

async fn download(service: &TusService, path: &str) -> Bytes {
    let get = request("GET", path).body(Empty::new()).unwrap();
    let response = call(service, get).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn takes_any_body() {
    let service = service();
    let path = create(&service, 11).await;
    let whole = request("PATCH", &path)
        .header("Upload-Offset", 0)
        .body(Full::from("hello "))
        .unwrap();
    assert_eq!(call(&service, whole).await.status(), StatusCode::NO_CONTENT);

    let (mut sender, channel) = Channel::<Bytes, io::Error>::new(1);
    let streamed = request("PATCH", &path)
        .header("Upload-Offset", 6)
        .body(channel.boxed_unsync())
        .unwrap();
    let (response, ()) = tokio::join!(call(&service, streamed), async move {
        for letter in ["w", "o", "r", "l", "d"] {
            sender.send_data(letter.into()).await.unwrap();
        }
    });
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(download(&service, &path).await, "hello world");
}

#[tokio::test]
async fn a_dropped_request_keeps_what_came() {
    let service = service();
    let path = create(&service, 10).await;
    let mut events = service.events();

    let (mut sender, running) = begin_patch(&service, &path).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // The body is not the request's any more, and goes on.
    sender.send_data(" wor".into()).await.unwrap();
    sender.abort(io::Error::other("the client has gone"));

    let interrupted = async {
        loop {
            let event = events.recv().await.unwrap();
            if let EventKind::Interrupted(reason) = event.kind {
                return (reason, event.upload.offset);
            }
        }
    };
    let interrupted = tokio::time::timeout(PATIENCE, interrupted).await;
    assert_eq!(interrupted.unwrap(), (Interruption::Disconnected, 9));
    assert_eq!(offset(&service, &path).await, "9");
    assert_eq!(finish(&service, &path, 9, "d").await, "hello word");
}

#[tokio::test]
async fn shutdown_ends_bodies_and_keeps_what_came() {
    let backend = MemoryBackend::default();
    let service = TusService::new(backend.clone(), Config::new("/files"));
    let path = create(&service, 10).await;
    let (_sender, running) = begin_patch(&service, &path).await;
    assert!(service.shutdown(PATIENCE).await);
    let response = running.await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(offset(&service, &path).await, "5");
    let next = TusService::new(backend, Config::new("/files"));
    assert_eq!(finish(&next, &path, 5, " word").await, "hello word");
}
