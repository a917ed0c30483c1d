//! How a PATCH reserves its upload: what is refused is refused at once, and disturbs nobody.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::scripted::{Script, Scripted};
use super::support::*;
use oxitus_core::config::Config;
use oxitus_core::engine::Engine;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Concatenation, Kind};
use oxitus_core::storage::{
    Acquire, AppendOptions, CommitMode, Intent, Lease, NewUpload, StorageBackend as _,
};

fn id(name: &str) -> UploadId {
    UploadId::parse(name).unwrap()
}

/// An engine whose requests would wait for ever, and the backend to hold uploads elsewhere.
fn patient() -> (Engine, MemoryBackend) {
    let backend = MemoryBackend::new();
    let config = Config::new("/files").lock_timeout(Duration::MAX);
    (Engine::new(Arc::new(backend.clone()), config), backend)
}

async fn complete(backend: &MemoryBackend, id: &UploadId) -> Box<dyn Lease> {
    let lease = backend.acquire(id, Acquire::Try).await.unwrap();
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let mut append = lease.append(options).await.unwrap();
    append.write(vec!["hello".into()]).await.unwrap();
    let mut lease = append.commit().await.unwrap();
    lease.complete().await.unwrap();
    lease
}

#[tokio::test]
async fn what_is_held_elsewhere_is_refused_at_once_where_it_must_be() {
    let (engine, backend) = patient();
    let now = SystemTime::now();
    let mut expired = NewUpload::new(id("expired"), Some(5), now - Duration::from_secs(9));
    expired.time_to_live = Some(Duration::from_secs(5));
    let mut joined = NewUpload::new(id("joined"), None, now);
    joined.kind = Kind::Final(Concatenation::new("final;/files/a", [id("a")]));
    let mut leases = Vec::new();
    for new in [
        NewUpload::new(id("open"), Some(5), now),
        NewUpload::new(id("complete"), Some(5), now),
        expired,
        joined,
    ] {
        leases.push(backend.create(new).await.unwrap());
    }
    leases.remove(1).release().await.unwrap();
    leases.push(complete(&backend, &id("complete")).await);
    for (path, offset, body, status, shown) in [
        ("/files/open", 1, "x", 409, Some(0)),
        ("/files/complete", 5, "", 204, Some(5)),
        ("/files/complete", 5, "x", 413, Some(5)),
        ("/files/complete", 0, "", 409, Some(5)),
        ("/files/expired", 0, "x", 410, None),
        ("/files/joined", 0, "", 403, None),
        ("/files/joined", 1, "", 403, None),
        ("/files/unknown", 0, "", 404, None),
    ] {
        let answer = within(patch(&engine, path, offset, &[], body)).await;
        let expected = (status, shown);
        assert_eq!(
            (answer.status.as_u16(), answer.offset()),
            expected,
            "{path}"
        );
    }
    for lease in &mut leases {
        let glance = Duration::from_millis(20);
        let asked = tokio::time::timeout(glance, lease.wanted()).await;
        assert!(asked.is_err(), "{lease:?} was disturbed: {asked:?}");
    }
}

#[tokio::test]
async fn a_refusal_has_let_go_when_it_is_answered() {
    let (engine, backend) = patient();
    let path = create(&engine, &[("upload-length", "5")]).await;
    let name = id(path.rsplit('/').next().unwrap());
    let before = backend.info(&name).await.unwrap();
    for (offset, headers, body, status) in [
        (1, &[][..], "x", 409),
        (0, &[], "longer than five", 413),
        (0, &[("upload-length", "6")], "", 400),
    ] {
        let answer = patch(&engine, &path, offset, headers, body).await;
        assert_eq!(answer.status.as_u16(), status);
        let lease = backend.acquire(&name, Acquire::Try).await.unwrap();
        assert_eq!(*lease.info(), before);
    }
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 204);
    // Nothing can be appended any more, so whoever waits for the end of a body waits alone.
    let mut silent = open_patch(&engine, &path, 5, &[]);
    silent.is_read().await;
    drop(backend.acquire(&name, Acquire::Try).await.unwrap());
    assert_eq!(delete(&engine, &path).await.status, 204);
    assert_eq!(silent.end().await.status, 204);
}

/// Gives every lease, whatever it is wanted for.
#[derive(Debug)]
struct Generous;

impl Script for Generous {
    fn acquiring(&self, _: Acquire) -> Acquire {
        Acquire::Ask {
            intent: Intent::Terminate,
            timeout: Duration::ZERO,
        }
    }
}

#[tokio::test]
async fn a_lease_at_another_offset_is_not_taken_for_the_right_one() {
    let backend = Scripted::new(&Arc::new(Generous));
    let engine = Engine::new(Arc::new(backend), Config::new("/files"));
    let path = create(&engine, &[("upload-length", "11")]).await;
    assert_eq!(patch(&engine, &path, 0, &[], "hello").await.status, 204);
    for offset in [0, 4, 6, 11, u64::MAX] {
        let answer = patch(&engine, &path, offset, &[], " world").await;
        assert_eq!((answer.status.as_u16(), answer.offset()), (409, Some(5)));
    }
    assert_eq!(patch(&engine, &path, 5, &[], " world").await.status, 204);
    assert_eq!(get(&engine, &path).await.body, "hello world");
}
