//! From creation to completion, expiry and removal: phases, hooks, events, concatenation.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::support::*;
use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use http_body_util::channel::Channel;
use oxitus_core::body::BoxError;
use oxitus_core::clock::Clock;
use oxitus_core::event::{Event, EventKind};
use oxitus_core::hook::{BeforeComplete, BeforeCreate, HookError, Hooks};
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::request::{Creation, Operation};
use oxitus_core::proto::upload::Upload;
use tokio::sync::broadcast::Receiver;

fn kinds(events: &mut Receiver<Event>) -> Vec<EventKind> {
    let events: Vec<_> = std::iter::from_fn(|| events.try_recv().ok()).collect();
    for pair in events.windows(2) {
        assert_eq!(pair[0].sequence + 1, pair[1].sequence);
    }
    events.into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn an_upload_goes_through_its_phases() {
    let engine = engine(|config| config);
    let mut events = engine.events();
    let path = create(
        &engine,
        &[("upload-length", "11"), ("upload-metadata", "k dg==, j")],
    )
    .await;
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 204);
    assert_eq!(get(&engine, &path).await.status, 404);
    assert_eq!(patch(&engine, &path, 5, &[], " world").await.status, 204);
    let head = head(&engine, &path).await;
    assert_eq!(head.header("upload-metadata"), Some("k dg==, j"));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert_eq!(patch(&engine, &path, 11, &[], "").await.status, 204);
    assert_eq!(patch(&engine, &path, 11, &[], "x").await.status, 413);
    assert_eq!(delete(&engine, &path).await.status, 204);
    assert_eq!(delete(&engine, &path).await.status, 404);
    assert_eq!(
        kinds(&mut events),
        [
            EventKind::Created,
            EventKind::Received,
            EventKind::Completed,
            EventKind::Terminated
        ]
    );
}

#[tokio::test]
async fn an_empty_upload_is_complete_at_once_and_once() {
    let engine = engine(|config| config);
    let mut events = engine.events();
    let path = create(&engine, &[("upload-length", "0")]).await;
    assert_eq!(head(&engine, &path).await.offset(), Some(0));
    assert_eq!(patch(&engine, &path, 0, &[], "").await.status, 204);
    let answer = get(&engine, &path).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(
        kinds(&mut events),
        [
            EventKind::Created,
            EventKind::Received,
            EventKind::Completed
        ]
    );
}

#[tokio::test]
async fn a_creation_may_have_an_empty_body_of_unknown_length() {
    for (pieces, status) in [(&[][..], 201), (&["x"], 415)] {
        let engine = engine(|config| config);
        let (mut body, channel) = Channel::<Bytes, BoxError>::new(1);
        let headers = [("upload-length", "5"), ("content-type", "text/plain")];
        let request = request(Method::POST, "/files", &headers, channel);
        let answer = tokio::spawn(async move { send(&engine, request).await });
        for piece in pieces {
            body.send_data(Bytes::from_static(piece.as_bytes()))
                .await
                .unwrap();
        }
        drop(body);
        assert_eq!(answer.await.unwrap().status.as_u16(), status);
    }
}

#[tokio::test]
async fn a_length_comes_later_and_once() {
    let engine = engine(|config| config);
    let path = create(&engine, &[("upload-defer-length", "1")]).await;
    assert_eq!(patch(&engine, &path, 0, &[], "abc").await.status, 204);
    for (length, body, status) in [
        ("2", "", 400),
        ("4", "de", 413),
        ("x", "", 400),
        ("99999999999999999999", "", 413),
        ("5", "d", 204),
    ] {
        let answer = patch(&engine, &path, 3, &[("upload-length", length)], body).await;
        assert_eq!(answer.status.as_u16(), status, "{length}");
    }
    let described = head(&engine, &path).await;
    assert_eq!(described.header("upload-length"), Some("5"));
    assert_eq!(described.header("upload-defer-length"), None);
    for (length, status) in [("6", 400), ("5", 204)] {
        let answer = patch(&engine, &path, 4, &[("upload-length", length)], "").await;
        assert_eq!(answer.status.as_u16(), status, "{length}");
    }
    assert_eq!(patch(&engine, &path, 4, &[], "e").await.status, 204);
    assert_eq!(get(&engine, &path).await.body, "abcde");
}

#[tokio::test]
async fn parts_are_joined_when_the_last_one_is_complete() {
    let engine = engine(|config| config);
    let mut events = engine.events();
    let partial = [("upload-concat", "partial"), ("upload-length", "5")];
    let one = create(&engine, &partial).await;
    let other = create(&engine, &partial).await;
    assert_eq!(patch(&engine, &one, 0, &[], "hello").await.status, 204);
    assert_eq!(get(&engine, &one).await.status, 404);
    let concat = format!("final;{one} http://elsewhere{other} {one}");
    let path = create(&engine, &[("upload-concat", &concat)]).await;
    let pending = head(&engine, &path).await;
    assert_eq!(pending.offset(), None);
    assert_eq!(pending.header("upload-length"), Some("15"));
    assert_eq!(pending.header("upload-concat"), Some(concat.as_str()));
    assert_eq!(patch(&engine, &path, 0, &[], "").await.status, 403);
    kinds(&mut events);
    assert_eq!(patch(&engine, &other, 0, &[], "world").await.status, 204);
    eventually(|| async { get(&engine, &path).await.status == 200 }).await;
    assert_eq!(get(&engine, &path).await.body, "helloworldhello");
    let joined = head(&engine, &path).await;
    assert_eq!(joined.offset(), Some(15));
    assert_eq!(
        kinds(&mut events),
        [
            EventKind::Received,
            EventKind::Completed,
            EventKind::Received,
            EventKind::Completed
        ]
    );
    assert_eq!(delete(&engine, &one).await.status, 204);
    assert_eq!(get(&engine, &path).await.body, "helloworldhello");
    // A digest of a final upload is one of its own bytes, of which there are none.
    let empty = ("upload-checksum", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    let concat = format!("final;{other}");
    for (checksum, status) in [(("upload-checksum", HELLO_WORLD), 460), (empty, 201)] {
        let answer = post(&engine, &[("upload-concat", &concat), checksum]).await;
        assert_eq!(answer.status.as_u16(), status);
    }
}

#[tokio::test]
async fn a_final_upload_fails_with_its_part() {
    let engine = engine(|config| config);
    let partial = [("upload-concat", "partial"), ("upload-length", "5")];
    let part = create(&engine, &partial).await;
    let concat = format!("final;{part}");
    let path = create(&engine, &[("upload-concat", &concat)]).await;
    assert_eq!(head(&engine, &path).await.status, 200);
    assert_eq!(delete(&engine, &part).await.status, 204);
    eventually(|| async { head(&engine, &path).await.status == 404 }).await;
}

#[derive(Debug, Default)]
struct Turning(AtomicUsize);

impl Clock for Turning {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::SeqCst) as u64)
    }
}

#[tokio::test]
async fn what_lies_idle_is_swept_and_nothing_else() {
    let clock = Arc::new(Turning::default());
    let engine = engine(|config| {
        config
            .expire_after(Some(Duration::from_secs(100)))
            .sweep_every(Duration::from_secs(3600))
            .clock(clock.clone())
    });
    let idle = create(&engine, &[("upload-length", "5")]).await;
    assert!(
        head(&engine, &idle)
            .await
            .header("upload-expires")
            .is_some()
    );
    let complete = create(&engine, &[("upload-length", "0")]).await;
    let partial = [("upload-concat", "partial"), ("upload-length", "0")];
    let awaited = create(&engine, &partial).await;
    let forgotten = create(&engine, &partial).await;
    clock.0.store(60, Ordering::SeqCst);
    let unfinished = create(
        &engine,
        &[("upload-concat", "partial"), ("upload-length", "1")],
    )
    .await;
    let concat = format!("final;{awaited} {unfinished}");
    let pending = create(&engine, &[("upload-concat", &concat)]).await;
    clock.0.store(120, Ordering::SeqCst);
    assert_eq!(head(&engine, &idle).await.status, 410);
    assert_eq!(patch(&engine, &idle, 0, &[], "x").await.status, 410);
    engine.sweep().await.unwrap();
    for (path, status) in [
        (&idle, 404),
        (&forgotten, 404),
        (&complete, 200),
        (&awaited, 410),
        (&pending, 200),
    ] {
        assert_eq!(head(&engine, path).await.status.as_u16(), status, "{path}");
    }
    assert_eq!(patch(&engine, &unfinished, 0, &[], "x").await.status, 204);
    eventually(|| async { get(&engine, &pending).await.status == 200 }).await;
    engine.sweep().await.unwrap();
    assert_eq!(head(&engine, &awaited).await.status, 404);
    assert_eq!(get(&engine, &pending).await.body, "x");
}

/// Refuses some things and fails at others, as its fields say.
#[derive(Debug, Default)]
struct Strict {
    asked: AtomicUsize,
    failures: AtomicUsize,
}

#[async_trait]
impl Hooks for Strict {
    async fn authorize(&self, request: &Parts, _: &Operation) -> Result<(), HookError> {
        if request.headers.contains_key("x-stranger") {
            return Err(HookError::refuse(StatusCode::FORBIDDEN, "who are you?"));
        }
        Ok(())
    }

    async fn before_create(
        &self,
        _: &Parts,
        creation: &Creation,
    ) -> Result<BeforeCreate, HookError> {
        let metadata = creation.metadata.as_ref();
        let id = metadata.and_then(|metadata| metadata.get("id"));
        let mut answer = BeforeCreate::default();
        answer.id = id.map(|id| UploadId::parse(str::from_utf8(&id).unwrap()).unwrap());
        answer.max_size = Some(8);
        Ok(answer)
    }

    async fn before_complete(&self, upload: &Upload) -> Result<BeforeComplete, HookError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.failures.load(Ordering::SeqCst) > 0 {
            self.failures.fetch_sub(1, Ordering::SeqCst);
            return Err(HookError::Failed("the scanner is down".into()));
        }
        if upload.offset == 3 {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Err(HookError::refuse(status, "three bytes are a virus"));
        }
        let mut answer = BeforeComplete::default();
        answer.headers.insert("x-result", "42".parse().unwrap());
        Ok(answer)
    }

    async fn before_terminate(&self, _: &Parts, upload: &Upload) -> Result<(), HookError> {
        if upload.is_received() {
            return Err(HookError::refuse(StatusCode::FORBIDDEN, "that one stays"));
        }
        Ok(())
    }
}

#[tokio::test]
async fn hooks_decide() {
    let hooks = Arc::new(Strict::default());
    let engine = engine(|config| config.hooks(hooks.clone()));
    let answer = post(&engine, &[("x-stranger", "1"), ("upload-length", "1")]).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body, "who are you?\n");
    assert_eq!(post(&engine, &[("upload-length", "9")]).await.status, 413);

    // "mine" in base64.
    let named = [("upload-length", "5"), ("upload-metadata", "id bWluZQ==")];
    let path = create(&engine, &named).await;
    assert_eq!(path, "/files/mine");
    assert_eq!(post(&engine, &named).await.status, 503);
    let answer = patch(&engine, &path, 0, &[], "hello").await;
    assert_eq!(answer.header("x-result"), Some("42"));
    assert_eq!(delete(&engine, &path).await.status, 403);

    let deferred = create(&engine, &[("upload-defer-length", "1")]).await;
    assert_eq!(
        patch(&engine, &deferred, 0, &[], "123456789").await.status,
        413
    );

    let refused = create(&engine, &[("upload-length", "3")]).await;
    let answer = patch(&engine, &refused, 0, &[], "abc").await;
    assert_eq!(answer.status, 422);
    assert_eq!(head(&engine, &refused).await.status, 404);
}

#[tokio::test]
async fn a_hook_that_fails_is_asked_again() {
    let hooks = Arc::new(Strict::default());
    let engine = engine(|config| config.hooks(hooks.clone()));
    let mut events = engine.events();
    let path = create(&engine, &[("upload-length", "5")]).await;
    hooks.failures.store(2, Ordering::SeqCst);
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 503);
    assert_eq!(head(&engine, &path).await.status, 423);
    assert_eq!(head(&engine, &path).await.offset(), Some(5));
    assert_eq!(hooks.asked.load(Ordering::SeqCst), 3);
    assert_eq!(head(&engine, &path).await.status, 200);
    assert_eq!(hooks.asked.load(Ordering::SeqCst), 3);
    let completed = kinds(&mut events)
        .into_iter()
        .filter(|kind| *kind == EventKind::Completed);
    assert_eq!(completed.count(), 1);
}
