//! Clients that would hold something for ever, and servers that are slow themselves.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use super::scripted::{Script, Scripted};
use super::support::*;
use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::channel::Channel;
use oxitus_core::body::BoxError;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::hook::{BeforeComplete, BeforeCreate, HookError, Hooks};
use oxitus_core::proto::request::Creation;
use oxitus_core::proto::upload::{Kind, Upload};
use tokio::sync::Semaphore;

/// Sends frames without a byte until nobody reads them any more.
async fn send_nothing(mut request: OpenRequest) -> Answer {
    while request.body.send_data(Bytes::new()).await.is_ok() && !request.answer.is_finished() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    request.answer.await.unwrap()
}

#[tokio::test]
async fn frames_without_a_byte_do_not_keep_a_body_alive() {
    let engine = engine(|config| {
        config
            .minimum_rate(0)
            .body_idle_timeout(Duration::from_millis(50))
    });
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut stalled = open_patch(&engine, &path, 0, &[]);
    stalled.data("hello").await;
    let answer = within(send_nothing(stalled)).await;
    assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(5)));

    let complete = create(&engine, &[("upload-length", "0")]).await;
    let answer = within(send_nothing(open_patch(&engine, &complete, 0, &[]))).await;
    assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(0)));
}

#[tokio::test]
async fn frames_without_a_byte_do_not_keep_a_newcomer_off() {
    let engine = engine(|config| config.takeover_after(Duration::from_millis(100)));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut stale = open_patch(&engine, &path, 0, &[]);
    stale.data("hello").await;
    reaches(&engine, &path, 5).await;
    let stale = tokio::spawn(send_nothing(stale));
    assert_eq!(patch(&engine, &path, 5, &[], " world").await.status, 204);
    assert_eq!(stale.await.unwrap().status, 400);
}

/// Writes only as many times as it is allowed to.
#[derive(Debug)]
struct SlowDisk(Semaphore);

#[async_trait]
impl Script for SlowDisk {
    async fn writing(&self, _: &[Bytes]) {
        self.0.acquire().await.unwrap().forget();
    }
}

#[tokio::test]
async fn a_slow_disk_is_not_the_silence_of_a_client() {
    let disk = Arc::new(SlowDisk(Semaphore::new(0)));
    let config = Config::new("/files")
        .takeover_after(Duration::from_millis(50))
        .lock_timeout(Duration::from_millis(300));
    let engine = Engine::new(Arc::new(Scripted::new(&disk)), config);
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut healthy = open_patch(&engine, &path, 0, &[]);
    healthy.is_read().await;
    healthy.data("hello").await;
    healthy.data("").await;
    assert_eq!(patch(&engine, &path, 0, &[], "x").await.status, 423);
    disk.0.add_permits(2);
    healthy.data(" world").await;
    assert_eq!(healthy.end().await.status, 204);
}

/// Takes its time for each write.
#[derive(Debug)]
struct SluggishDisk(Duration);

#[async_trait]
impl Script for SluggishDisk {
    async fn writing(&self, _: &[Bytes]) {
        tokio::time::sleep(self.0).await;
    }
}

/// Over HTTP/2 the end of a stream is said apart from its last byte. A writer that has brought every
/// byte and owes that alone is done, even if a newcomer that does not see them yet wants the upload
/// meanwhile.
#[tokio::test(start_paused = true)]
async fn a_writer_that_owes_an_end_alone_is_not_overtaken() {
    for checksum in [None, Some(("upload-checksum", HELLO_WORLD))] {
        let disk = Arc::new(SluggishDisk(Duration::from_millis(360)));
        let config = Config::new("/files").takeover_after(Duration::from_millis(150));
        let engine = Engine::new(Arc::new(Scripted::new(&disk)), config);
        let path = create(&engine, &[("upload-length", "11")]).await;
        let mut writer = open_patch_of_length(&engine, &path, 11, checksum.as_slice());
        writer.data("hello world").await;
        // Between its looks the writer is doubted.
        let newcomer = open_patch(&engine, &path, 0, &[]);
        assert_eq!(writer.answer.await.unwrap().status, 204);
        let answer = newcomer.answer.await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(11)));
        assert_eq!(get(&engine, &path).await.body, "hello world");
    }
}

/// The wait for such an end is as long as the silence, and frames without a byte are no sound.
#[tokio::test(start_paused = true)]
async fn frames_without_a_byte_do_not_keep_a_full_upload_open() {
    let engine = engine(|config| config.takeover_after(Duration::from_millis(150)));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut full = open_patch_of_length(&engine, &path, 11, &[]);
    full.data("hello world").await;
    let start = tokio::time::Instant::now();
    assert_eq!(send_nothing(full).await.status, 204);
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// Nor is such an upload refused where nobody else wants it: because the client is silent for too
/// long, or because the server goes down.
#[tokio::test(start_paused = true)]
async fn a_full_upload_is_no_broken_one() {
    for goes_down in [false, true] {
        let engine = engine(|config| {
            config
                .takeover_after(Duration::MAX)
                .body_idle_timeout(Duration::from_secs(1))
        });
        let path = create(&engine, &[("upload-length", "11")]).await;
        let mut full = open_patch_of_length(&engine, &path, 11, &[]);
        full.data("hello world").await;
        reaches(&engine, &path, 11).await;
        if goes_down {
            assert!(engine.shutdown(Duration::from_secs(10)).await);
        }
        assert_eq!(full.answer.await.unwrap().status, 204);
    }
}

/// Nothing can come of an empty body but its end.
#[tokio::test(start_paused = true)]
async fn the_end_of_nothing_is_not_waited_for() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-length", "0")]).await;
    for (checksum, status) in [
        (None, 204),
        (Some(("upload-checksum", NOTHING)), 204),
        (Some(("upload-checksum", HELLO_WORLD)), 460),
    ] {
        let empty = open_patch_of_length(&engine, &path, 0, checksum.as_slice());
        let start = tokio::time::Instant::now();
        assert_eq!(empty.answer.await.unwrap().status, status);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

/// What has arrived when the server goes down is kept, even if it has had no time to look at it.
#[tokio::test(start_paused = true)]
async fn a_shutdown_keeps_what_was_not_looked_at() {
    let disk = Arc::new(SluggishDisk(Duration::from_millis(100)));
    let engine = Engine::new(Arc::new(Scripted::new(&disk)), Config::new("/files"));
    let path = create(&engine, &[("upload-length", "11")]).await;
    let mut writer = open_patch_of_length(&engine, &path, 11, &[]);
    writer.data("hello").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    writer.data(" w").await;
    writer.data("or").await;
    assert!(engine.shutdown(Duration::from_secs(10)).await);
    assert_eq!(writer.answer.await.unwrap().status, 503);
    assert_eq!(head(&engine, &path).await.offset(), Some(9));
}

/// But not all that comes still.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shutdown_ends_a_body_that_is_never_waited_for() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-defer-length", "1")]).await;
    let request = patch_request(&path, 0, &[], endless());
    let writing = tokio::spawn({
        let engine = engine.clone();
        async move { send(&engine, request).await }
    });
    eventually(|| async { head(&engine, &path).await.offset() > Some(0) }).await;
    assert!(engine.shutdown(Duration::from_secs(10)).await);
    assert_eq!(writing.await.unwrap().status, 503);
}

fn open_patch_of_length(
    engine: &Engine,
    path: &str,
    length: u64,
    headers: &[(&str, &str)],
) -> OpenRequest {
    let (body, channel) = Channel::new(2);
    let request = patch_request(path, 0, headers, OfLength(channel, length));
    OpenRequest::begin(engine, body, request)
}

/// A body that says how many bytes it has.
struct OfLength(Channel<Bytes, BoxError>, u64);

impl Body for OfLength {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.1)
    }
}

/// Waits for the test before it allows anything.
#[derive(Debug)]
struct Hesitant {
    is_asked: Semaphore,
    may_answer: Semaphore,
    fails: AtomicBool,
}

impl Hesitant {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            is_asked: Semaphore::new(0),
            may_answer: Semaphore::new(0),
            fails: AtomicBool::new(false),
        })
    }
}

#[async_trait]
impl Hooks for Hesitant {
    async fn before_create(&self, parts: &Parts, _: &Creation) -> Result<BeforeCreate, HookError> {
        if parts.headers.contains_key("x-hesitate") {
            self.is_asked.add_permits(1);
            self.may_answer.acquire().await.unwrap().forget();
        }
        Ok(BeforeCreate::default())
    }

    async fn before_terminate(&self, _: &Parts, upload: &Upload) -> Result<(), HookError> {
        if upload.is_received() {
            return Err(HookError::refuse(StatusCode::FORBIDDEN, "that one stays"));
        }
        self.is_asked.add_permits(1);
        self.may_answer.acquire().await.unwrap().forget();
        Ok(())
    }

    async fn before_complete(&self, upload: &Upload) -> Result<BeforeComplete, HookError> {
        if self.fails.load(Ordering::SeqCst) {
            if matches!(upload.kind, Kind::Final(_)) {
                tokio::time::sleep(Duration::from_secs(25)).await;
            }
            return Err(HookError::Failed("the scanner is down".into()));
        }
        Ok(BeforeComplete::default())
    }
}

#[tokio::test]
async fn a_shutdown_waits_for_what_was_let_in_before_it() {
    let hooks = Hesitant::new();
    let engine = engine(|config| config.hooks(hooks.clone()));
    let making = tokio::spawn({
        let engine = engine.clone();
        let headers = [("x-hesitate", "1"), ("upload-length", "5")];
        async move { post(&engine, &headers).await }
    });
    hooks.is_asked.acquire().await.unwrap().forget();
    assert!(!engine.shutdown(Duration::from_millis(50)).await);
    hooks.may_answer.add_permits(1);
    assert!(within(engine.shutdown(Duration::from_secs(20))).await);
    assert_eq!(making.await.unwrap().status, 201);
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_a_client_was_told_of_is_not_undone() {
    let hooks = Hesitant::new();
    let engine = engine(|config| config.hooks(hooks.clone()));
    let partial = [("upload-concat", "partial"), ("upload-length", "0")];
    let part = create(&engine, &partial).await;
    hooks.fails.store(true, Ordering::SeqCst);
    let path = create(&engine, &[("upload-concat", &format!("final;{part}"))]).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    hooks.fails.store(false, Ordering::SeqCst);
    assert_eq!(head(&engine, &path).await.offset(), Some(0));
}

#[tokio::test]
async fn a_body_that_must_be_empty_holds_nobody_up() {
    let hooks = Hesitant::new();
    let engine = engine(|config| {
        config
            .hooks(hooks.clone())
            .takeover_after(Duration::from_millis(50))
    });
    hooks.fails.store(true, Ordering::SeqCst);
    let path = create(&engine, &[("upload-length", "5")]).await;
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 503);
    let mut silent = open_patch(&engine, &path, 5, &[]);
    silent.is_read().await;
    hooks.fails.store(false, Ordering::SeqCst);
    assert_eq!(patch(&engine, &path, 5, &[], "").await.status, 204);
    assert_eq!(silent.answer.await.unwrap().status, 400);

    let silent = open_patch(&engine, &path, 5, &[]);
    tokio::task::yield_now().await;
    assert!(within(engine.shutdown(Duration::from_secs(20))).await);
    assert_eq!(silent.answer.await.unwrap().status, 503);
}

fn open_post(engine: &Engine, headers: &[(&str, &str)]) -> OpenRequest {
    let (sender, channel) = Channel::<Bytes, BoxError>::new(1);
    let mut request = request(Method::POST, "/files", headers, channel);
    let media_type = http::HeaderValue::from_static("application/offset+octet-stream");
    request.headers_mut().insert("content-type", media_type);
    let engine = engine.clone();
    OpenRequest {
        body: sender,
        answer: tokio::spawn(async move { send(&engine, request).await }),
    }
}

#[tokio::test]
async fn whatever_refuses_a_body_reads_on() {
    let engine = engine(|config| config.max_bodies(1));
    let mut events = engine.events();
    let path = create(&engine, &[("upload-length", "11")]).await;
    let other = create(&engine, &[("upload-length", "11")]).await;
    let mut empty = open_post(&engine, &[("upload-length", "0")]);
    empty.data("hello").await;
    let refused = async |mut request: OpenRequest, status: u16| {
        while !request.answer.is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for _ in 0..3 {
            request.data("hello").await;
        }
        assert_eq!(request.answer.await.unwrap().status.as_u16(), status);
    };
    refused(empty, 413).await;
    let mut first = open_patch(&engine, &path, 0, &[]);
    first.data("hello").await;
    reaches(&engine, &path, 5).await;
    while events.try_recv().is_ok() {}
    refused(open_patch(&engine, &other, 0, &[]), 503).await;
    refused(open_post(&engine, &[("upload-length", "11")]), 503).await;
    assert!(events.try_recv().is_err(), "nothing was made");
}

#[tokio::test]
async fn a_limit_may_be_for_ever() {
    let engine = engine(|config| {
        config
            .lock_timeout(Duration::MAX)
            .takeover_after(Duration::MAX)
            .body_idle_timeout(Duration::MAX)
    });
    let path = create(&engine, &[("upload-length", "5")]).await;
    let mut patch = open_patch(&engine, &path, 0, &[]);
    patch.is_read().await;
    patch.data("hello").await;
    assert_eq!(within(patch.end()).await.status, 204);
}

#[tokio::test]
async fn an_upload_that_is_completed_while_a_hook_thinks_is_judged_anew() {
    let hooks = Hesitant::new();
    let engine = engine(|config| config.hooks(hooks.clone()));
    let path = create(&engine, &[("upload-length", "5")]).await;
    let removing = tokio::spawn({
        let (engine, path) = (engine.clone(), path.clone());
        async move { delete(&engine, &path).await }
    });
    hooks.is_asked.acquire().await.unwrap().forget();
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 204);
    hooks.may_answer.add_permits(1);
    assert_eq!(removing.await.unwrap().status, 403);
    assert_eq!(get(&engine, &path).await.body, "hello");
}

/// A client that is faster than the server, for a while.
fn endless() -> impl http_body::Body<Data = Bytes, Error = BoxError> + Send + 'static {
    let frames = (0..20_000).map(|_| {
        // Stands in for the time that a disk takes.
        std::thread::sleep(Duration::from_millis(1));
        Ok(http_body::Frame::data(Bytes::from_static(&[0; 64 * 1024])))
    });
    http_body_util::StreamBody::new(futures_util::stream::iter(frames))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_removal_elsewhere_ends_a_body_that_is_never_waited_for() {
    let backend = oxitus_core::memory::MemoryBackend::new();
    let [one, other] = [(); 2].map(|()| {
        let config = Config::new("/files").lock_timeout(Duration::from_secs(10));
        Engine::new(Arc::new(backend.clone()), config)
    });
    let path = create(&one, &[("upload-defer-length", "1")]).await;
    let request = patch_request(&path, 0, &[], endless());
    let writing = tokio::spawn(async move { send(&one, request).await });
    eventually(|| async { head(&other, &path).await.offset() > Some(0) }).await;
    assert_eq!(delete(&other, &path).await.status, 204);
    assert_eq!(writing.await.unwrap().status, 400);
}
