//! Uploads that can never be completed: the client learns it, and they can be removed.

use std::sync::Arc;

use super::support::*;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::event::EventKind;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::storage::ErrorKind;
use oxitus_testkit::fault::{Fault, Faults, FaultyBackend, Operation};

const GONE: Fault = Fault::before(ErrorKind::Gone);
const PARTIAL: (&str, &str) = ("upload-concat", "partial");

fn faulty() -> (Engine, Faults) {
    let faults = Faults::default();
    let backend = FaultyBackend::new(Arc::new(MemoryBackend::new()), faults.clone());
    let engine = Engine::new(Arc::new(backend), Config::new("/files"));
    (engine, faults)
}

#[tokio::test]
async fn whoever_asks_for_it_is_told_to_begin_anew() {
    for operation in [
        Operation::Acquire,
        Operation::Append,
        Operation::Write,
        Operation::Commit,
        Operation::Complete,
    ] {
        let (engine, faults) = faulty();
        let path = create(&engine, &[("upload-length", "5")]).await;
        faults.plan(operation, 0, GONE);
        let answer = patch(&engine, &path, 0, &[], "hello").await;
        assert_eq!(answer.status, 410, "{operation:?}");
        let reason = "this upload can never be completed: begin a new one\n";
        assert_eq!((&*answer.body, faults.remaining()), (reason.as_bytes(), 0));
    }
    let (engine, faults) = faulty();
    let path = create(&engine, &[("upload-length", "5")]).await;
    faults.plan(Operation::Info, 0, GONE);
    assert_eq!(head(&engine, &path).await.status, 410);
    faults.plan(Operation::Info, 0, GONE);
    assert_eq!(get(&engine, &path).await.status, 410);
}

#[tokio::test]
async fn it_can_be_removed_while_somebody_writes_to_it() {
    let (engine, faults) = faulty();
    let path = create(&engine, &[("upload-length", "5")]).await;
    let mut holder = open_patch(&engine, &path, 0, &[]);
    holder.is_read().await;
    faults.plan(Operation::Info, 0, GONE);
    assert_eq!(within(delete(&engine, &path)).await.status, 204);
    assert_eq!(faults.remaining(), 0);
    assert_eq!(holder.answer.await.unwrap().status, 400);
    assert_eq!(head(&engine, &path).await.status, 404);
}

#[tokio::test]
async fn a_part_of_that_kind_is_none_to_join() {
    let (engine, faults) = faulty();
    let part = create(&engine, &[PARTIAL, ("upload-length", "5")]).await;
    let concat = format!("final;{part}");
    faults.plan(Operation::Info, 0, GONE);
    let answer = post(&engine, &[("upload-concat", &concat)]).await;
    assert_eq!(answer.status, 400);

    let mut events = engine.events();
    let pending = create(&engine, &[("upload-concat", &concat)]).await;
    // The first look is at the final upload itself.
    faults.plan(Operation::Info, 1, GONE);
    assert_eq!(head(&engine, &pending).await.status, 404);
    let kinds: Vec<_> = std::iter::from_fn(|| events.try_recv().ok())
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::Failed]);
}

#[tokio::test]
async fn a_final_upload_that_the_storage_has_lost_is_removed() {
    let (engine, faults) = faulty();
    let part = create(&engine, &[PARTIAL, ("upload-length", "0")]).await;
    let mut events = engine.events();
    faults.plan(Operation::Assemble, 0, GONE);
    let concat = format!("final;{part}");
    let answer = post(&engine, &[("upload-concat", &concat)]).await;
    assert_eq!(answer.status, 410);
    let kinds: Vec<_> = std::iter::from_fn(|| events.try_recv().ok())
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::Failed]);
}
