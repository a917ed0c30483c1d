//! Readers without a lock, while somebody writes.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use oxitus_core::storage::{AppendOptions, CommitMode, StorageBackend as _};
use oxitus_fs::{Durability, Operation};

use crate::support::{Place, begin, content, id, new, offset};

/// Every order of one step of a writer and the steps of a reader.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_overtaken_looks_again() {
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let mut states = Vec::new();
    let mut state = || {
        let files = ["a.info", "a"].map(|name| fs::read(place.path(name)).unwrap());
        states.push(files);
    };
    let lease = backend.create(new("a", 200)).await.unwrap();
    state();
    let mut append = begin(lease, CommitMode::Atomic).await;
    append.write(vec![content(100)]).await.unwrap();
    state();
    let mut append = begin(append.rollback().await.unwrap(), CommitMode::Atomic).await;
    state();
    append.write(vec![content(70)]).await.unwrap();
    state();
    drop(append.commit().await.unwrap());
    state();

    for (step, offsets) in states.windows(2).zip([[0, 0], [0, 0], [0, 0], [0, 70]]) {
        for moment in 0.. {
            for (name, bytes) in ["a.info", "a"].iter().zip(&step[0]) {
                fs::write(place.path(name), bytes).unwrap();
            }
            let count = AtomicUsize::new(0);
            let next = step[1].clone();
            let paths = ["a.info", "a"].map(|name| place.path(name));
            let overtaken = Arc::new(AtomicBool::new(false));
            let overtake = Arc::clone(&overtaken);
            let reader = place.open_with(Arc::new(move |operation| {
                let looks = matches!(operation, Operation::Read | Operation::Stat);
                if looks && count.fetch_add(1, Ordering::SeqCst) == moment {
                    overtake.store(true, Ordering::SeqCst);
                    for (path, bytes) in paths.iter().zip(&next) {
                        let file = File::options().write(true).open(path)?;
                        file.write_all_at(bytes, 0)?;
                        file.set_len(bytes.len() as u64)?;
                    }
                }
                Ok(())
            }));
            let here = offset(&reader, "a").await;
            assert!(
                offsets.contains(&here),
                "{here} instead of {offsets:?} at {moment}"
            );
            if !overtaken.load(Ordering::SeqCst) {
                assert!(moment > 2, "a reader looks three times");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_ever_sees_what_is_not_committed() {
    const STEP: u64 = 1000;
    const ROUNDS: u64 = 150;
    let place = Place::new(Durability::Never);
    let backend = place.open();
    let mut lease = backend.create(new("a", STEP * ROUNDS)).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (backend, done) = (place.open(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let here = offset(&backend, "a").await;
                    assert_eq!(here % STEP, 0);
                    assert!(here >= last, "it went back from {last} to {here}");
                    last = here;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..ROUNDS {
        for commits in [false, true] {
            let options = AppendOptions::new(round * STEP, CommitMode::Atomic);
            let mut append = lease.append(options).await.unwrap();
            append.write(vec![Bytes::from(vec![1; 777])]).await.unwrap();
            append.write(vec![Bytes::from(vec![1; 223])]).await.unwrap();
            lease = match commits {
                true => append.commit().await.unwrap(),
                false => append.rollback().await.unwrap(),
            };
        }
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(backend.info(&id("a")).await.unwrap().offset, STEP * ROUNDS);
}
