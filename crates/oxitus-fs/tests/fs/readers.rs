//! Readers without a lock, while somebody writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use oxitus_core::storage::{AppendOptions, CommitMode, StorageBackend as _};
use oxitus_fs::Durability;

use crate::support::{Place, id, new, offset};

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
