//! Planned faults strike when they are due, once, and leave what the contract promises.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::StreamExt as _;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{
    Acquire, AppendOptions, ByteRange, CommitMode, ErrorKind, Lease, NewUpload, Result,
    StorageBackend as _,
};
use oxitus_testkit::fault::{Fault, Faults, FaultyBackend, Operation};

fn id() -> UploadId {
    UploadId::parse("upload").unwrap()
}

async fn setup() -> (MemoryBackend, FaultyBackend, Faults, Box<dyn Lease>) {
    let inner = MemoryBackend::new();
    let faults = Faults::default();
    let faulty = FaultyBackend::new(Arc::new(inner.clone()), faults.clone());
    let new = NewUpload::new(id(), Some(6), SystemTime::now());
    let lease = faulty.create(new).await.unwrap();
    (inner, faulty, faults, lease)
}

fn kind<T>(outcome: Result<T>) -> Option<ErrorKind> {
    outcome.err().map(|error| error.kind())
}

#[tokio::test]
async fn a_write_fails_before_or_after_it_is_done() {
    let (_, _, faults, lease) = setup().await;
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let mut append = lease.append(options).await.unwrap();
    faults.plan(Operation::Write, 1, Fault::before(ErrorKind::Full));
    faults.plan(Operation::Write, 2, Fault::after(ErrorKind::Unavailable));
    let mut outcomes = Vec::new();
    for bytes in ["ab", "XX", "cd", "ef"] {
        outcomes.push(kind(append.write(vec![Bytes::from(bytes)]).await));
    }
    let (full, lost) = (Some(ErrorKind::Full), Some(ErrorKind::Unavailable));
    assert_eq!(outcomes, [None, full, lost, None]);
    assert_eq!(append.commit().await.unwrap().info().offset, 6);
    assert_eq!((faults.calls(Operation::Write), faults.remaining()), (4, 0));
}

#[tokio::test]
async fn a_failed_commit_has_let_the_lease_go() {
    for (mode, fault, offset) in [
        (CommitMode::Atomic, Fault::before(ErrorKind::Other), 0),
        (CommitMode::Atomic, Fault::after(ErrorKind::Other), 6),
        (CommitMode::Progressive, Fault::before(ErrorKind::Other), 6),
    ] {
        let (inner, _, faults, lease) = setup().await;
        faults.plan(Operation::Commit, 0, fault);
        let options = AppendOptions::new(0, mode);
        let mut append = lease.append(options).await.unwrap();
        append.write(vec![Bytes::from("abcdef")]).await.unwrap();
        assert_eq!(kind(append.commit().await), Some(ErrorKind::Other));
        let lease = inner.acquire(&id(), Acquire::Try).await.unwrap();
        assert_eq!(lease.info().offset, offset);
    }
}

#[tokio::test]
async fn a_download_breaks_off() {
    let (_, faulty, faults, lease) = setup().await;
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let mut append = lease.append(options).await.unwrap();
    append.write(vec![Bytes::from("abcdef")]).await.unwrap();
    append.commit().await.unwrap().complete().await.unwrap();
    faults.plan(Operation::ReadChunk, 0, Fault::before(ErrorKind::Other));
    for expected in [Some(ErrorKind::Other), None] {
        let download = faulty.read(&id(), ByteRange::ALL).await.unwrap();
        let mut bytes = download.into_bytes().unwrap();
        assert_eq!(kind(bytes.next().await.unwrap()), expected);
    }
}

#[tokio::test]
async fn every_operation_can_fail() {
    for operation in Operation::ALL {
        let (_, faulty, faults, lease) = setup().await;
        faults.plan(operation, 0, Fault::before(ErrorKind::Corrupt));
        let everything = async {
            let mut append = lease
                .append(AppendOptions::new(0, CommitMode::Atomic))
                .await?;
            append.write(vec![Bytes::from("abcdef")]).await?;
            append.checkpoint().await?;
            let lease = append.rollback().await?;
            let append = lease.append(AppendOptions::new(0, CommitMode::Atomic));
            let mut append = append.await?;
            append.write(vec![Bytes::from("abcdef")]).await?;
            let mut lease = append.commit().await?;
            lease.complete().await?;
            lease.release().await?;
            faulty.info(&id()).await?;
            faulty.sweep(SystemTime::now(), None, 1).await?;
            let download = faulty.read(&id(), ByteRange::ALL).await?;
            download.into_bytes().unwrap().next().await.unwrap()?;
            let lease = faulty.acquire(&id(), Acquire::Try).await?;
            if operation == Operation::Assemble {
                lease.assemble().await.map(drop)
            } else {
                lease.terminate().await?;
                let new = NewUpload::new(id(), Some(6), SystemTime::now());
                faulty.create(new).await.map(drop)
            }
        };
        assert_eq!(
            kind(everything.await),
            Some(ErrorKind::Corrupt),
            "{operation:?}"
        );
        assert_eq!(faults.remaining(), 0);
    }
}
