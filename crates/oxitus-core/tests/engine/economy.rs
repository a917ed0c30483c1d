//! What each request asks of the backend: on an object store every call is a request that takes
//! time and costs money.

use std::sync::Arc;

use super::support::*;
use http::Method;
use http_body_util::Full;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::memory::MemoryBackend;
use oxitus_testkit::fault::Operation::{self, *};
use oxitus_testkit::fault::{Faults, FaultyBackend};

/// An engine over a backend that counts its calls, and fails at none.
struct Counted {
    engine: Engine,
    calls: Faults,
}

impl Counted {
    fn new() -> Self {
        let calls = Faults::default();
        let backend = FaultyBackend::new(Arc::new(MemoryBackend::new()), calls.clone());
        let config = Config::new("/files");
        Self {
            engine: Engine::new(Arc::new(backend), config),
            calls,
        }
    }

    /// What a request asks of the backend, each call as often as it is made, and the answer.
    async fn asked(&self, answer: impl Future<Output = Answer>) -> (u16, Vec<Operation>) {
        let count = || Operation::ALL.map(|operation| self.calls.calls(operation));
        let before = count();
        let answer = answer.await;
        let calls = Operation::ALL.into_iter().zip(before).zip(count());
        let calls = calls.flat_map(|((operation, before), now)| vec![operation; now - before]);
        (answer.status.as_u16(), calls.collect())
    }
}

#[tokio::test]
async fn an_append_takes_a_lease_and_looks_at_nothing() {
    let counted = Counted::new();
    let engine = &counted.engine;
    let path = create(engine, &[("upload-length", "11")]).await;
    let append = |offset, body| counted.asked(patch(engine, &path, offset, &[], body));
    assert_eq!(
        append(0, "hello").await,
        (204, vec![Acquire, Append, Release, Write, Commit])
    );
    assert_eq!(
        append(5, "hello world").await,
        (413, vec![Acquire, Release])
    );
    assert_eq!(
        append(5, " world").await,
        (204, vec![Acquire, Append, Complete, Release, Write, Commit])
    );
    assert_eq!(append(11, "").await, (204, vec![Acquire, Release]));
    assert_eq!(append(11, "x").await, (413, vec![Acquire, Release]));
}

#[tokio::test]
async fn a_refusal_is_explained_by_one_look() {
    let counted = Counted::new();
    let engine = &counted.engine;
    let path = create(engine, &[("upload-length", "11")]).await;
    let append = |path: &'static str| counted.asked(patch(engine, path, 0, &[], "x"));
    assert_eq!(append("/files/unknown").await, (404, vec![Acquire]));
    for offset in [1, 12, u64::MAX] {
        let asked = counted.asked(patch(engine, &path, offset, &[], "x"));
        assert_eq!(asked.await, (409, vec![Acquire, Info]));
    }
    let mut holder = open_patch(engine, &path, 0, &[]);
    holder.is_read().await;
    let asked = counted.asked(patch(engine, &path, 1, &[], "x"));
    assert_eq!(asked.await, (409, vec![Info]));
    holder.cut().await;
}

#[tokio::test]
async fn a_creation_and_a_look_are_one_call_each() {
    let counted = Counted::new();
    let engine = &counted.engine;
    let length = [("upload-length", "5")];
    let (status, calls) = counted.asked(post(engine, &length)).await;
    assert_eq!((status, calls), (201, vec![Create, Release]));

    let body = [
        ("upload-length", "5"),
        ("content-type", "application/offset+octet-stream"),
    ];
    let with_body = request(Method::POST, "/files", &body, Full::from("hello"));
    assert_eq!(
        counted.asked(send(engine, with_body)).await,
        (201, vec![Create, Append, Complete, Release, Write, Commit])
    );

    let path = create(engine, &length).await;
    assert_eq!(counted.asked(head(engine, &path)).await, (200, vec![Info]));
    patch(engine, &path, 0, &[], "hello").await;
    assert_eq!(counted.asked(head(engine, &path)).await, (200, vec![Info]));
    assert_eq!(
        counted.asked(get(engine, &path)).await,
        (200, vec![Info, Read, ReadChunk])
    );
}

#[tokio::test]
async fn a_removal_looks_only_where_somebody_else_is_in_the_way() {
    let counted = Counted::new();
    let engine = &counted.engine;
    let path = create(engine, &[("upload-length", "5")]).await;
    assert_eq!(
        counted.asked(delete(engine, &path)).await,
        (204, vec![Acquire, Terminate])
    );
    assert_eq!(
        counted.asked(delete(engine, &path)).await,
        (404, vec![Acquire])
    );

    let path = create(engine, &[("upload-length", "5")]).await;
    let mut holder = open_patch(engine, &path, 0, &[]);
    holder.is_read().await;
    // The holder commits what it has and lets go.
    assert_eq!(
        counted.asked(delete(engine, &path)).await,
        (204, vec![Acquire, Info, Terminate, Release, Commit])
    );
    assert_eq!(holder.end().await.status, 400);
}

#[tokio::test]
async fn each_part_of_a_final_upload_is_looked_at_once() {
    let counted = Counted::new();
    let engine = &counted.engine;
    let partial = [("upload-concat", "partial"), ("upload-length", "5")];
    let mut parts = Vec::new();
    for _ in 0..3 {
        parts.push(create(engine, &partial).await);
    }
    for complete in &parts[..2] {
        patch(engine, complete, 0, &[], "hello").await;
    }
    let concat = format!("final;{0} {1} {0}", parts[0], parts[1]);
    assert_eq!(
        counted
            .asked(post(engine, &[("upload-concat", &concat)]))
            .await,
        (201, vec![Create, Info, Info, Assemble, Complete, Release])
    );
    // One that is not complete is looked at once more: it may have become so.
    let concat = format!("final;{0} {1} {0}", parts[0], parts[2]);
    assert_eq!(
        counted
            .asked(post(engine, &[("upload-concat", &concat)]))
            .await,
        (201, vec![Create, Info, Info, Info, Release])
    );
}
