//! What [`MemoryBackend`] has beside the contract: a clock, limited room, and clones.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use oxitus_core::clock::Clock as _;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{
    Acquire, AppendOptions, CommitMode, ErrorKind, Lease, NewUpload, StorageBackend as _,
};
use oxitus_testkit::clock::ManualClock;

async fn append(lease: Box<dyn Lease>, mode: CommitMode) -> Box<dyn Lease> {
    let options = AppendOptions::new(lease.info().offset, mode);
    let mut append = lease.append(options).await.unwrap();
    append.write(vec![Bytes::from_static(b"x")]).await.unwrap();
    append.commit().await.unwrap()
}

#[tokio::test]
async fn bytes_are_dated_by_the_clock() {
    let clock = ManualClock::default();
    let backend = MemoryBackend::new().with_clock(Arc::new(clock.clone()));
    let id = UploadId::parse("dated").unwrap();
    let created = clock.now();
    let lease = backend.create(NewUpload::new(id, None, created)).await;
    let mut lease = lease.unwrap();
    for mode in [CommitMode::Progressive, CommitMode::Atomic] {
        clock.advance(Duration::from_secs(60));
        lease = append(lease, mode).await;
        assert_eq!(lease.info().last_activity, clock.now());
    }
    assert_eq!(lease.info().created, created);
}

#[tokio::test]
async fn clones_share_uploads_leases_and_room() {
    let backend = MemoryBackend::with_room(1);
    let clone = backend.clone();
    let id = UploadId::parse("shared").unwrap();
    let new = NewUpload::new(id.clone(), None, ManualClock::default().now());
    let lease = backend.create(new).await.unwrap();
    let error = clone.acquire(&id, Acquire::Try).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    let lease = append(lease, CommitMode::Progressive).await;
    assert_eq!(clone.info(&id).await.unwrap().offset, 1);
    lease.release().await.unwrap();
    let lease = clone.acquire(&id, Acquire::Try).await.unwrap();
    let options = AppendOptions::new(1, CommitMode::Progressive);
    let mut append = lease.append(options).await.unwrap();
    let error = append
        .write(vec![Bytes::from_static(b"y")])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
}
