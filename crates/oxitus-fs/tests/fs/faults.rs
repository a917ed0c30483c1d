//! A disk that is full, fails, or hangs.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{Acquire, ByteRange, CommitMode, ErrorKind, StorageBackend as _};
use oxitus_fs::{Durability, Fault, Operation};

use crate::support::{
    Place, acquire, append, begin, content, final_of, id, kind, new, offset, read, upload,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// Fails the operations that a test asks for.
#[derive(Clone, Default)]
struct Sabotage(Arc<Mutex<Vec<Failure>>>);

/// A failure to come.
struct Failure {
    which: fn(Operation) -> bool,
    spared: usize,
    error: io::ErrorKind,
}

impl Sabotage {
    /// After `spared` more operations of that kind, the next one fails.
    fn fail(&self, which: fn(Operation) -> bool, spared: usize, error: io::ErrorKind) {
        let failure = Failure {
            which,
            spared,
            error,
        };
        self.0.lock().unwrap().push(failure);
    }

    fn fault(&self) -> Fault {
        let Self(planned) = self.clone();
        Arc::new(move |operation| {
            let mut planned = planned.lock().unwrap();
            for index in 0..planned.len() {
                let Failure {
                    which,
                    spared,
                    error,
                } = &mut planned[index];
                if !which(operation) {
                    continue;
                }
                if *spared == 0 {
                    let error = *error;
                    planned.remove(index);
                    return Err(error.into());
                }
                *spared -= 1;
            }
            Ok(())
        })
    }

    /// Whether everything that was planned has happened.
    fn is_over(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// Where writes wait while it is shut.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn pass(&self) {
        let closed = self
            .opened
            .wait_while(self.open.lock().unwrap(), |open| !*open);
        drop(closed.unwrap());
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

fn write(operation: Operation) -> bool {
    matches!(operation, Operation::Write { .. })
}

fn copy(operation: Operation) -> bool {
    matches!(operation, Operation::Copy { .. })
}

fn record(operation: Operation) -> bool {
    operation == Operation::Record
}

fn sync(operation: Operation) -> bool {
    operation == Operation::Sync
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_keeps_what_was_written_and_goes_on_when_there_is_room() {
    let place = Place::new(Durability::Never);
    let sabotage = Sabotage::default();
    let backend = place.open_with(sabotage.fault());
    let bytes = content(4000);
    for mode in [CommitMode::Progressive, CommitMode::Atomic] {
        let name = match mode {
            CommitMode::Progressive => "progressive",
            CommitMode::Atomic => "atomic",
        };
        let lease = backend.create(new(name, 4000)).await.unwrap();
        let mut writer = begin(lease, mode).await;
        writer.write(vec![bytes.slice(..1000)]).await.unwrap();
        // More chunks than the kernel takes at once, so that a part of the write succeeds.
        let chunks = (1000..4000).map(|at| bytes.slice(at..=at)).collect();
        sabotage.fail(write, 1, io::ErrorKind::StorageFull);
        assert_eq!(kind(writer.write(chunks).await), ErrorKind::Full);
        assert!(sabotage.is_over());
        let lease = writer.commit().await.unwrap();
        let here = usize::try_from(lease.info().offset).unwrap();
        assert!(here > 1000 && here < 4000, "{here}");
        assert_eq!(fs::read(place.path(name)).unwrap(), bytes[..here]);
        let mut lease = append(lease, mode, &bytes.slice(here..)).await;
        lease.complete().await.unwrap();
        assert_eq!(read(&backend, name, ByteRange::ALL).await, bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_write_left_in_the_file_does_not_count() {
    let place = Place::new(Durability::Never);
    let data = place.path("a");
    let failing = Arc::new(AtomicBool::new(true));
    let backend = place.open_with({
        let failing = Arc::clone(&failing);
        Arc::new(move |operation| {
            if !write(operation) || !failing.swap(false, Ordering::SeqCst) {
                return Ok(());
            }
            fs::write(&data, "half a block of something")?;
            Err(io::Error::other("the disk is broken"))
        })
    });
    let lease = backend.create(new("a", 100)).await.unwrap();
    let mut writer = begin(lease, CommitMode::Progressive).await;
    let outcome = writer.write(vec![content(100)]).await;
    assert_eq!(kind(outcome), ErrorKind::Other);
    assert_eq!(offset(&backend, "a").await, 0);
    let lease = writer.commit().await.unwrap();
    let mut lease = append(lease, CommitMode::Progressive, &content(100)).await;
    lease.complete().await.unwrap();
    assert_eq!(read(&backend, "a", ByteRange::ALL).await, content(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_creates_nothing() {
    for (which, spared) in [(record as fn(_) -> _, 0), (|o| o == Operation::Create, 1)] {
        let place = Place::new(Durability::Acknowledgement);
        let sabotage = Sabotage::default();
        let backend = place.open_with(sabotage.fault());
        sabotage.fail(which, spared, io::ErrorKind::StorageFull);
        assert_eq!(kind(backend.create(new("a", 1)).await), ErrorKind::Full);
        assert!(place.names().is_empty());
        drop(backend.create(new("a", 1)).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_cannot_be_made_durable_is_undone() {
    for spared in 0..3 {
        let place = Place::new(Durability::Acknowledgement);
        let sabotage = Sabotage::default();
        let backend = place.open_with(sabotage.fault());
        sabotage.fail(sync, spared, io::ErrorKind::Other);
        assert_eq!(kind(backend.create(new("a", 1)).await), ErrorKind::Other);
        assert!(place.names().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_a_final_upload_as_recorded() {
    let place = Place::new(Durability::Never);
    let sabotage = Sabotage::default();
    let backend = place.open_with(sabotage.fault());
    upload(&backend, "p", &content(100)).await;
    let lease = backend.create(final_of("f", &["p", "p"])).await.unwrap();
    sabotage.fail(copy, 2, io::ErrorKind::StorageFull);
    assert_eq!(kind(lease.assemble().await), ErrorKind::Full);
    assert!(sabotage.is_over());
    assert_eq!(fs::metadata(place.path("f")).unwrap().len(), 0);
    let lease = acquire(&backend, "f").await;
    assert_eq!(
        (lease.info().offset, lease.info().phase),
        (0, Phase::Receiving)
    );
    let mut lease = lease.assemble().await.unwrap();
    lease.complete().await.unwrap();
    let expected = [content(100), content(100)].concat();
    assert_eq!(read(&backend, "f", ByteRange::ALL).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_at_completion_goes_back_to_what_is_certain() {
    for (durability, certain) in [
        (Durability::Completion, 0),
        (Durability::Acknowledgement, 100),
    ] {
        let place = Place::new(durability);
        let sabotage = Sabotage::default();
        let backend = place.open_with(sabotage.fault());
        let bytes = content(100);
        let lease = backend.create(new("a", 100)).await.unwrap();
        let mut lease = append(lease, CommitMode::Progressive, &bytes).await;
        sabotage.fail(sync, 0, io::ErrorKind::Other);
        assert_eq!(kind(lease.complete().await), ErrorKind::Other);
        let seen = backend.info(&id("a")).await.unwrap();
        assert_eq!(&seen, lease.info());
        assert_eq!(seen.offset, certain, "{durability}");
        assert_eq!(seen.phase == Phase::Received, certain == 100);
        let crashed = place.copy();
        assert_eq!(offset(&crashed.open(), "a").await, certain);
        // Nor would it count if a power failure brought the bytes back.
        fs::write(crashed.path("a"), [0xff; 100]).unwrap();
        assert_eq!(offset(&crashed.open(), "a").await, certain);

        let here = usize::try_from(certain).unwrap();
        let mut lease = match here {
            100 => lease,
            _ => append(lease, CommitMode::Progressive, &bytes.slice(here..)).await,
        };
        lease.complete().await.unwrap();
        assert_eq!(read(&backend, "a", ByteRange::ALL).await, bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_of_the_state_leaves_the_upload_received() {
    let place = Place::new(Durability::Completion);
    let sabotage = Sabotage::default();
    let backend = place.open_with(sabotage.fault());
    let lease = backend.create(new("a", 100)).await.unwrap();
    let mut lease = append(lease, CommitMode::Progressive, &content(100)).await;
    for spared in [1, 2] {
        sabotage.fail(sync, spared, io::ErrorKind::Other);
        assert_eq!(kind(lease.complete().await), ErrorKind::Other);
        assert!(sabotage.is_over());
        assert_eq!(lease.info().phase, Phase::Received);
        assert_eq!(&backend.info(&id("a")).await.unwrap(), lease.info());
    }
    lease.complete().await.unwrap();
    assert_eq!(read(&backend, "a", ByteRange::ALL).await, content(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_at_commit_takes_the_append_back() {
    for (mode, spared) in [
        (CommitMode::Progressive, 0),
        (CommitMode::Atomic, 0),
        (CommitMode::Atomic, 1),
    ] {
        let place = Place::new(Durability::Acknowledgement);
        let sabotage = Sabotage::default();
        let backend = place.open_with(sabotage.fault());
        let bytes = content(100);
        let lease = backend.create(new("a", 100)).await.unwrap();
        let lease = append(lease, mode, &bytes.slice(..30)).await;
        let mut writer = begin(lease, mode).await;
        writer.write(vec![bytes.slice(30..)]).await.unwrap();
        sabotage.fail(sync, spared, io::ErrorKind::Other);
        assert_eq!(kind(writer.commit().await), ErrorKind::Other);
        assert!(sabotage.is_over());
        assert_eq!(offset(&backend, "a").await, 30, "{mode:?}");
        let crashed = place.copy();
        assert_eq!(offset(&crashed.open(), "a").await, 30, "{mode:?}");
        assert_eq!(fs::metadata(place.path("a")).unwrap().len(), 30);
        let lease = acquire(&backend, "a").await;
        let mut lease = append(lease, mode, &bytes.slice(30..)).await;
        lease.complete().await.unwrap();
        assert_eq!(read(&backend, "a", ByteRange::ALL).await, bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_is_staged_over_a_mark_that_may_be_lost() {
    let place = Place::new(Durability::Completion);
    let sabotage = Sabotage::default();
    let backend = place.open_with(sabotage.fault());
    let bytes = content(100);
    let lease = backend.create(new("a", 100)).await.unwrap();
    let mut writer = begin(lease, CommitMode::Atomic).await;
    sabotage.fail(sync, 0, io::ErrorKind::Other);
    assert_eq!(
        kind(writer.write(vec![bytes.clone()]).await),
        ErrorKind::Other
    );
    assert_eq!(fs::metadata(place.path("a")).unwrap().len(), 0);
    writer.write(vec![bytes.clone()]).await.unwrap();
    let mut lease = writer.commit().await.unwrap();
    lease.complete().await.unwrap();
    assert_eq!(read(&backend, "a", ByteRange::ALL).await, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_certain_is_not_told() {
    // The bytes may be lost. The record is not: it is written again.
    for (spared, certain) in [(0, 0), (1, 60)] {
        let place = Place::new(Durability::Acknowledgement);
        let sabotage = Sabotage::default();
        let backend = place.open_with(sabotage.fault());
        let lease = backend.create(new("a", 100)).await.unwrap();
        let lease = append(lease, CommitMode::Progressive, &content(60)).await;
        lease.release().await.unwrap();
        sabotage.fail(sync, spared, io::ErrorKind::Other);
        assert_eq!(kind(backend.info(&id("a")).await), ErrorKind::Other);
        assert_eq!(offset(&backend, "a").await, certain);

        let lease = append(
            acquire(&backend, "a").await,
            CommitMode::Progressive,
            &content(9),
        )
        .await;
        lease.release().await.unwrap();
        sabotage.fail(sync, spared, io::ErrorKind::Other);
        let outcome = backend.acquire(&id("a"), Acquire::Try).await;
        assert_eq!(kind(outcome), ErrorKind::Other);
        assert!(sabotage.is_over());
        let certain = if certain == 0 { 0 } else { certain + 9 };
        assert_eq!(acquire(&backend, "a").await.info().offset, certain);
    }
}

/// A client that goes away drops its request in the middle of a sync. That sync is not tried again,
/// so its failure must have its consequence all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_counts_though_nobody_waits_for_it() {
    for by_lease in [false, true] {
        let place = Place::new(Durability::Acknowledgement);
        let armed = Arc::new(AtomicBool::new(false));
        let gate = Arc::new(Gate::default());
        let (entered, entering) = mpsc::channel();
        let backend = place.open_with({
            let (armed, gate) = (Arc::clone(&armed), Arc::clone(&gate));
            Arc::new(move |operation| {
                if !sync(operation) || !armed.swap(false, Ordering::SeqCst) {
                    return Ok(());
                }
                entered.send(()).unwrap();
                gate.pass();
                Err(io::Error::other("the disk is broken"))
            })
        });
        let lease = backend.create(new("a", 100)).await.unwrap();
        let lease = append(lease, CommitMode::Progressive, &content(60)).await;
        lease.release().await.unwrap();

        armed.store(true, Ordering::SeqCst);
        let (asking, a) = (backend.clone(), id("a"));
        let request = tokio::spawn(async move {
            match by_lease {
                true => asking.acquire(&a, Acquire::Try).await.map(drop),
                false => asking.info(&a).await.map(drop),
            }
        });
        tokio::task::spawn_blocking(move || entering.recv_timeout(PATIENCE))
            .await
            .unwrap()
            .unwrap();
        request.abort();
        assert!(request.await.unwrap_err().is_cancelled());
        gate.open();

        let began = Instant::now();
        while fs::metadata(place.path("a")).unwrap().len() > 0 {
            assert!(began.elapsed() < PATIENCE, "bytes count that may be lost");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(offset(&backend, "a").await, 0);
    }
}

/// The upload is completed, synced by its holder, while the sync of a HEAD is about to fail.
#[tokio::test(flavor = "multi_thread")]
async fn a_complete_upload_is_not_taken_back_by_a_failed_sync() {
    let place = Place::new(Durability::Acknowledgement);
    let gate = Arc::new(Gate::default());
    let (entered, entering) = mpsc::channel();
    let reader = place.open_with({
        let gate = Arc::clone(&gate);
        Arc::new(move |operation| {
            if !sync(operation) {
                return Ok(());
            }
            let _ = entered.send(());
            gate.pass();
            Err(io::Error::other("the disk is broken"))
        })
    });
    let writer = place.open();
    let lease = writer.create(new("a", 100)).await.unwrap();
    let mut lease = append(lease, CommitMode::Progressive, &content(100)).await;
    let looking = tokio::spawn(async move { reader.info(&id("a")).await });
    tokio::task::spawn_blocking(move || entering.recv_timeout(PATIENCE))
        .await
        .unwrap()
        .unwrap();
    lease.complete().await.unwrap();
    lease.release().await.unwrap();
    gate.open();
    assert_eq!(kind(looking.await.unwrap()), ErrorKind::Other);
    assert_eq!(read(&writer, "a", ByteRange::ALL).await, content(100));
}

/// A runtime that shuts down takes no more work for its blocking threads, while tasks are still
/// being polled: a sync that never ran says nothing about the bytes.
#[test]
fn a_sync_that_the_end_of_the_runtime_prevents_costs_nothing() {
    let place = Place::new(Durability::Completion);
    let backend = place.open();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut lease = runtime.block_on(async {
        let lease = backend.create(new("a", 100)).await.unwrap();
        append(lease, CommitMode::Progressive, &content(100)).await
    });
    let handle = runtime.handle().clone();
    drop(runtime);
    let entered = handle.enter();
    let outcome = lease.complete().now_or_never().unwrap();
    drop(entered);
    assert_eq!(kind(outcome), ErrorKind::Unavailable);
    assert_eq!(lease.info().phase, Phase::Received);
    assert_eq!(fs::read(place.path("a")).unwrap(), content(100));
}

/// To free the blocks of a file takes a second or more where it has some gigabytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_are_not_cut_off_or_removed_on_a_thread_of_the_runtime() {
    let place = Place::new(Durability::Never);
    let (entry, entries) = mpsc::channel();
    let backend = place.open_with(Arc::new(move |operation| {
        if matches!(operation, Operation::Truncate | Operation::Remove) {
            entry.send((operation, tokio::task::try_id())).unwrap();
        }
        Ok(())
    }));
    let task = tokio::spawn(async move {
        let lease = backend.create(new("a", 100)).await.unwrap();
        let mut writer = begin(lease, CommitMode::Atomic).await;
        writer.write(vec![content(100)]).await.unwrap();
        writer.rollback().await.unwrap().terminate().await.unwrap();
        tokio::task::id()
    });
    let task = task.await.unwrap();
    let entries: Vec<_> = entries.try_iter().collect();
    assert_eq!(entries.len(), 3, "{entries:?}");
    for (operation, within) in entries {
        assert_ne!(within, Some(task), "{operation:?}");
    }
}

/// The disk hangs. That must cost the runtime no more than the threads it can spare.
#[test]
fn a_disk_that_hangs_leaves_the_rest_of_the_process_alone() {
    let place = Place::new(Durability::Never);
    let gate = Arc::new(Gate::default());
    let inside = Arc::new(AtomicUsize::new(0));
    let backend = place.open_with({
        let (gate, inside) = (Arc::clone(&gate), Arc::clone(&inside));
        Arc::new(move |operation| {
            if write(operation) {
                inside.fetch_add(1, Ordering::SeqCst);
                gate.pass();
            }
            Ok(())
        })
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let uploads: Vec<_> = (0..8)
        .map(|n| {
            let backend = backend.clone();
            runtime.spawn(async move { upload(&backend, &format!("u{n}"), &content(100)).await })
        })
        .collect();
    let began = Instant::now();
    while inside.load(Ordering::SeqCst) < uploads.len() {
        assert!(began.elapsed() < PATIENCE, "some uploads wait for others");
        std::thread::sleep(Duration::from_millis(1));
    }
    let (sender, receiver) = mpsc::channel();
    for n in 0..100 {
        let sender = sender.clone();
        runtime.spawn(async move {
            tokio::task::yield_now().await;
            sender.send(n)
        });
    }
    for _ in 0..100 {
        receiver
            .recv_timeout(PATIENCE)
            .expect("other tasks should run");
    }
    gate.open();
    runtime.block_on(async {
        for upload in uploads {
            upload.await.unwrap();
        }
        for n in 0..8 {
            let bytes = read(&backend, &format!("u{n}"), ByteRange::ALL).await;
            assert_eq!(bytes, content(100));
        }
    });
}

/// A writer that is dropped while the disk is busy keeps its lock until the disk is done.
#[test]
fn a_write_in_flight_keeps_the_lock() {
    let place = Place::new(Durability::Never);
    let gate = Arc::new(Gate::default());
    let (entered, entering) = mpsc::channel();
    let backend = place.open_with({
        let gate = Arc::clone(&gate);
        Arc::new(move |operation| {
            if write(operation) {
                let _ = entered.send(());
                gate.pass();
            }
            Ok(())
        })
    });
    // A single thread: every write is on another.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let lease = backend.create(new("a", 100)).await.unwrap();
        let mut writer = begin(lease, CommitMode::Progressive).await;
        {
            let write = writer.write(vec![content(100)]);
            let dropped = tokio::time::timeout(Duration::from_millis(1), write).await;
            assert!(dropped.is_err());
        }
        drop(writer);
        entering.recv().unwrap();
        let other = place.open();
        let attempt = other.acquire(&id("a"), Acquire::Try).await;
        assert_eq!(kind(attempt), ErrorKind::Locked);
        gate.open();
        let lease = loop {
            match other.acquire(&id("a"), Acquire::Try).await {
                Ok(lease) => break lease,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Locked),
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        assert_eq!(lease.info().offset, 100);
        assert_eq!(fs::read(place.path("a")).unwrap(), content(100));
    });
}
