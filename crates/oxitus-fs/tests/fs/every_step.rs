//! A fault at every single step of the disk, one after the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{
    Acquire, AppendOptions, ByteRange, CommitMode, ErrorKind, Result, StorageBackend as _,
};
use oxitus_fs::{Durability, Fault, FsBackend};

use crate::support::{Place, content, final_of, id, new, read};

const LENGTH: usize = 100;

/// What a client may rely on.
#[derive(Debug, Default)]
struct Truth {
    created: bool,
    acknowledged: u64,
    /// No byte beyond has been meant to count.
    sent: u64,
    complete: bool,
    /// Whether the final upload is complete.
    joined: bool,
    removing: bool,
    removed: bool,
}

/// A life with everything in it, up to the first failure.
async fn live(backend: &FsBackend, truth: &mut Truth) -> Result<()> {
    let bytes = content(LENGTH);
    let mut lease = backend.create(new("a", LENGTH as u64)).await?;
    truth.created = true;
    let steps = [
        (CommitMode::Progressive, 30, true),
        (CommitMode::Atomic, 50, true),
        (CommitMode::Atomic, 70, false),
        (CommitMode::Progressive, 60, false),
        (CommitMode::Progressive, 100, true),
    ];
    for (mode, end, counts) in steps {
        let start = usize::try_from(lease.info().offset).unwrap();
        let mut append = lease.append(AppendOptions::new(start as u64, mode)).await?;
        let middle = start.midpoint(end);
        if counts || mode == CommitMode::Progressive {
            truth.sent = end as u64;
        }
        let rest = match (mode, counts) {
            (CommitMode::Atomic, false) => Bytes::from(vec![0xff; end - start]),
            _ => bytes.slice(start..end),
        };
        append.write(vec![rest.slice(..middle - start)]).await?;
        append.write(vec![rest.slice(middle - start..)]).await?;
        lease = match counts {
            true => append.commit().await?,
            false => append.rollback().await?,
        };
        truth.acknowledged = lease.info().offset;
        truth.sent = truth.acknowledged;
    }
    lease.complete().await?;
    truth.complete = true;
    lease.release().await?;
    let lease = backend.create(final_of("f", &["a", "a"])).await?;
    let mut lease = lease.assemble().await?;
    lease.complete().await?;
    truth.joined = true;
    lease.release().await?;
    let lease = backend.acquire(&id("a"), Acquire::Try).await?;
    truth.removing = true;
    lease.terminate().await?;
    truth.removed = true;
    Ok(())
}

/// Lets operations fail from one of them on, or that one only.
fn fault(first: usize, lasting: bool) -> (Fault, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let fault: Fault = Arc::new(move |_| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        match number == first || (lasting && number > first) {
            true => Err(io::Error::other("the disk is gone")),
            false => Ok(()),
        }
    });
    (fault, count)
}

/// What a crash left is true: nothing acknowledged is missing, and nothing else is there.
async fn check(backend: &FsBackend, truth: &Truth) {
    let info = match backend.info(&id("a")).await {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{truth:?}: {error:?}");
            assert!(!truth.created || truth.removing, "{truth:?}");
            return;
        }
        Ok(info) => info,
    };
    assert!(!truth.removed, "{truth:?}");
    assert!(info.offset >= truth.acknowledged, "{truth:?}: {info:?}");
    assert!(info.offset <= truth.sent, "{truth:?}: {info:?}");
    assert!(
        info.phase == Phase::Complete || !truth.complete,
        "{truth:?}"
    );
    resume(backend).await;
    if truth.joined {
        let expected = [content(LENGTH), content(LENGTH)].concat();
        assert_eq!(read(backend, "f", ByteRange::ALL).await, expected);
    }
}

/// Brings the upload to its end, like a client that knows nothing but what it is told.
async fn resume(backend: &FsBackend) {
    let mut lease = match backend.acquire(&id("a"), Acquire::Try).await {
        Ok(lease) => lease,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
            return;
        }
    };
    let info = lease.info().clone();
    if info.phase == Phase::Receiving {
        let options = AppendOptions::new(info.offset, CommitMode::Progressive);
        let mut append = lease.append(options).await.unwrap();
        let rest = content(LENGTH).slice(usize::try_from(info.offset).unwrap()..);
        append.write(vec![rest]).await.unwrap();
        lease = append.commit().await.unwrap();
    }
    lease.complete().await.unwrap();
    lease.release().await.unwrap();
    assert_eq!(read(backend, "a", ByteRange::ALL).await, content(LENGTH));
}

async fn at_every_step(durability: Durability, lasting: bool) {
    let mut first = 0;
    loop {
        let place = Place::new(durability);
        let (fault, count) = fault(first, lasting);
        let backend = place.open_with(fault);
        let mut truth = Truth::default();
        let outcome = live(&backend, &mut truth).await;
        if count.load(Ordering::SeqCst) <= first {
            outcome.unwrap();
            assert!(truth.joined && truth.removed && first > 40);
            return;
        }
        if lasting {
            check(&place.copy().open(), &truth).await;
            check(&place.open(), &truth).await;
        } else {
            resume(&backend).await;
        }
        first += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_never() {
    at_every_step(Durability::Never, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_completion() {
    at_every_step(Durability::Completion, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_acknowledgement() {
    at_every_step(Durability::Acknowledgement, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_any_step_can_be_survived() {
    for durability in [
        Durability::Never,
        Durability::Completion,
        Durability::Acknowledgement,
    ] {
        at_every_step(durability, false).await;
    }
}
