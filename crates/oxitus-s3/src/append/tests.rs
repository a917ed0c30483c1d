//! The memory of appends: what is held is reserved, and whoever waits for it gets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use oxitus_core::clock::Clock as _;
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, CommitMode, ErrorKind, Intent, Lease, StorageBackend as _,
};
use oxitus_testkit::s3;
use tokio::time;

use super::uploads::Uploads;
use crate::backend::S3Backend;
use crate::bucket::Bucket;
use crate::layout::Layout;
use crate::settings::Settings;
use crate::store::StoreTraits;
use crate::testing::place::{Place, content, id};
use crate::testing::{settings, wire};

const MIB: u64 = 1 << 20;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// What all uploads of a node may have in memory: an eighth is for what is kept between requests.
const MEMORY: u64 = 16 * MIB;
const BUDGET: u64 = MEMORY / 8 * 7;

fn place() -> Place {
    Place::new(s3::Dialect::aws(), Layout::under("uploads/"))
}

/// A node with these parts and this memory.
fn node(place: &Place, bucket: Arc<dyn Bucket>, part_size: u64, memory: u64) -> S3Backend {
    let settings = Settings {
        layout: place.layout.clone(),
        clock: Arc::new(place.clock.clone()),
        memory,
        ..settings(part_size)
    };
    S3Backend::new(bucket, settings)
}

/// A node with parts of 1 MiB.
fn usual(place: &Place) -> S3Backend {
    node(place, Arc::new(place.bucket.clone()), MIB, MEMORY)
}

async fn create(place: &Place, backend: &S3Backend, name: &str, length: u64) {
    drop(
        backend
            .create(place.new_upload(name, length))
            .await
            .unwrap(),
    );
}

async fn begin(backend: &S3Backend, name: &str, offset: u64, mode: CommitMode) -> Box<dyn Append> {
    let how = Acquire::Ask {
        intent: Intent::Append { offset },
        timeout: MINUTE,
    };
    let lease = backend.acquire(&id(name), how).await.unwrap();
    lease
        .append(AppendOptions::new(offset, mode))
        .await
        .unwrap()
}

/// Appends what `bytes` have from `offset` on to `end`.
async fn append(
    backend: &S3Backend,
    name: &str,
    bytes: &Bytes,
    offset: u64,
    end: u64,
) -> Box<dyn Lease> {
    let mut append = begin(backend, name, offset, CommitMode::Progressive).await;
    append.write(vec![of(bytes, offset, end)]).await.unwrap();
    append.commit().await.unwrap()
}

fn of(bytes: &Bytes, from: u64, to: u64) -> Bytes {
    bytes.slice(usize::try_from(from).unwrap()..usize::try_from(to).unwrap())
}

/// Whether the whole budget is free.
fn is_free(backend: &S3Backend) -> bool {
    backend.0.budget.reserve(BUDGET).now_or_never().is_some()
}

/// Waits for the whole budget, and gives it back.
async fn call_everything_in(backend: &S3Backend) {
    let reserved = time::timeout(HOUR, backend.0.budget.reserve(BUDGET));
    drop(reserved.await.unwrap().unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_tail_that_was_kept_is_reserved_and_called_in() {
    let place = place();
    let backend = usual(&place);
    let bytes = content(3 * MIB);
    create(&place, &backend, "kept", 3 * MIB).await;
    let lease = append(&backend, "kept", &bytes, 0, MIB - 1).await;
    lease.release().await.unwrap();

    let mut next = begin(&backend, "kept", MIB - 1, CommitMode::Progressive).await;
    assert!(!is_free(&backend));
    call_everything_in(&backend).await;

    next.write(vec![of(&bytes, MIB - 1, 3 * MIB)])
        .await
        .unwrap();
    let mut lease = next.commit().await.unwrap();
    lease.complete().await.unwrap();
    assert_eq!(place.read("kept").await, bytes);
    assert!(is_free(&backend));
}

#[tokio::test(start_paused = true)]
async fn a_small_upload_is_reserved_until_it_is_an_object() {
    let place = place();
    let backend = usual(&place);
    let bytes = content(MIB);
    for is_called_in in [false, true] {
        let name = if is_called_in { "called" } else { "small" };
        create(&place, &backend, name, MIB).await;
        let mut lease = append(&backend, name, &bytes, 0, MIB).await;
        assert!(!is_free(&backend));
        if is_called_in {
            call_everything_in(&backend).await;
        }
        lease.complete().await.unwrap();
        assert_eq!(place.read(name).await, bytes);
        assert!(is_free(&backend));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_loaded_without_a_reservation() {
    let place = place();
    let bytes = content(MIB + 1);
    for (name, length, stored) in [("part", MIB + 1, MIB - 1), ("small", MIB, MIB)] {
        create(&place, &usual(&place), name, length).await;
        let lease = append(&usual(&place), name, &bytes, 0, stored).await;
        drop(lease);

        // Another node, which has none of it in memory.
        let backend = usual(&place);
        let hog = backend.0.budget.reserve(BUDGET).await.unwrap();
        let finish = async {
            let mut lease = if stored < length {
                append(&backend, name, &bytes, stored, length).await
            } else {
                backend.acquire(&id(name), Acquire::Try).await.unwrap()
            };
            lease.complete().await.unwrap();
        };
        let mut finish = std::pin::pin!(finish);
        assert!(time::timeout(MINUTE, &mut finish).await.is_err());
        drop(hog);
        finish.await;
        assert_eq!(place.read(name).await, of(&bytes, 0, length));
    }
}

/// Nobody waits while he holds something: here both would, for the room that the other one has.
#[tokio::test(start_paused = true)]
async fn whoever_needs_more_than_was_expected_does_not_hold_what_he_has() {
    let place = place();
    let backend = usual(&place);
    let bytes = content(3 * MIB);
    let options = AppendOptions::new(0, CommitMode::Atomic).expected(Some(BUDGET / 16));
    let uploads = (0..16).map(async |number| {
        let name = format!("more-{number}");
        create(&place, &backend, &name, 3 * MIB).await;
        let lease = backend.acquire(&id(&name), Acquire::Try).await.unwrap();
        let mut append = lease.append(options).await.unwrap();
        for start in (0..3 * MIB).step_by(300 * 1024) {
            let end = (start + 300 * 1024).min(3 * MIB);
            append.write(vec![of(&bytes, start, end)]).await.unwrap();
            time::sleep(Duration::from_millis(1)).await;
        }
        append.commit().await.unwrap().complete().await.unwrap();
        assert_eq!(place.read(&name).await, bytes);
    });
    let all = futures_util::future::join_all(uploads);
    time::timeout(HOUR, all).await.unwrap();
    assert!(is_free(&backend));
}

#[tokio::test(start_paused = true)]
async fn parts_that_this_node_has_no_memory_for_are_refused() {
    let place = place();
    let large = node(&place, Arc::new(place.bucket.clone()), 16 * MIB, 64 * MIB);
    let small = node(&place, Arc::new(place.bucket.clone()), MIB, 4 * MIB);
    create(&place, &large, "large", 40 * MIB).await;
    create(&place, &large, "short", 2 * MIB).await;

    let lease = small.acquire(&id("large"), Acquire::Try).await.unwrap();
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let refused = lease.append(options).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);

    // What is shorter than a part fits, and whoever comes next is not kept waiting.
    let bytes = content(2 * MIB);
    let mut lease = append(&small, "short", &bytes, 0, 2 * MIB).await;
    lease.complete().await.unwrap();
    assert_eq!(place.read("short").await, bytes);
    let lease = small.acquire(&id("large"), Acquire::Try).await.unwrap();
    lease.terminate().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_spill_that_failed_is_tried_again() {
    let place = place();
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let failures = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&failures);
    let config = wire::scripted(&server, move |request| {
        let is_segment = request.method() == "PUT" && request.uri().contains(".pending.");
        (is_segment && counted.fetch_add(1, Ordering::Relaxed) < 3)
            .then(|| wire::answer(500, "<Error><Code>InternalError</Code></Error>"))
    });
    let bucket = wire::bucket(&config, s3::BUCKET, StoreTraits::new());
    let backend = node(&place, Arc::new(bucket), MIB, MEMORY);
    let bytes = content(2 * MIB);
    create(&place, &backend, "slow", 2 * MIB).await;
    let mut slow = begin(&backend, "slow", 0, CommitMode::Progressive).await;
    slow.write(vec![of(&bytes, 0, MIB / 2)]).await.unwrap();

    call_everything_in(&backend).await;
    assert!(failures.load(Ordering::Relaxed) > 3);
    slow.write(vec![of(&bytes, MIB / 2, 2 * MIB)])
        .await
        .unwrap();
    slow.commit().await.unwrap().complete().await.unwrap();
    assert_eq!(place.read("slow").await, bytes);
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_to_give_memory_back_goes_when_it_is_part_of_a_part() {
    for mode in [CommitMode::Progressive, CommitMode::Atomic] {
        let place = place();
        let backend = usual(&place);
        let bytes = content(3 * MIB);
        create(&place, &backend, "spilled", 3 * MIB).await;
        let mut append = begin(&backend, "spilled", 0, mode).await;
        for half in 0..6 {
            let (from, to) = (half * MIB / 2, (half + 1) * MIB / 2);
            append.write(vec![of(&bytes, from, to)]).await.unwrap();
            call_everything_in(&backend).await;
        }
        let mut lease = append.commit().await.unwrap();
        lease.complete().await.unwrap();
        // What is removed in the background is removed.
        time::sleep(Duration::from_millis(1)).await;
        assert_eq!(place.keys(), ["uploads/spilled", "uploads/spilled.info"]);
        assert_eq!(place.read("spilled").await, bytes);
    }
}

/// A checksum that does not match, say.
#[tokio::test(start_paused = true)]
async fn what_was_stored_of_what_is_taken_back_goes_with_it() {
    let place = place();
    let backend = usual(&place);
    create(&place, &backend, "back", 3 * MIB).await;
    let mut append = begin(&backend, "back", 0, CommitMode::Atomic).await;
    for _ in 0..3 {
        append.write(vec![content(MIB / 2)]).await.unwrap();
        call_everything_in(&backend).await;
    }
    append.rollback().await.unwrap().release().await.unwrap();
    time::sleep(Duration::from_millis(1)).await;
    assert_eq!(place.keys(), ["uploads/back.info"]);
}

#[tokio::test(start_paused = true)]
async fn an_append_that_is_lost_gives_its_memory_back() {
    for mode in [CommitMode::Progressive, CommitMode::Atomic] {
        let place = place();
        let backend = usual(&place);
        create(&place, &backend, "lost", 2 * MIB).await;
        let mut lost = begin(&backend, "lost", 0, mode).await;
        lost.write(vec![content(MIB / 2)]).await.unwrap();
        place.terminate("lost").await;
        call_everything_in(&backend).await;
        let written = lost.write(vec![content(MIB)]).await;
        let committed = lost.commit().await.map(drop);
        assert!(written.is_err() || committed.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_append_keeps_its_segments_from_the_sweeper() {
    let place = place();
    let backend = usual(&place);
    let bytes = content(MIB);
    create(&place, &backend, "slow", MIB).await;
    let mut slow = begin(&backend, "slow", 0, CommitMode::Atomic).await;
    let mut written = 0;
    for hour in 0..40 {
        let end = written + if hour == 0 { MIB / 2 } else { 1000 };
        slow.write(vec![of(&bytes, written, end)]).await.unwrap();
        written = end;
        if hour == 0 {
            call_everything_in(&backend).await;
        }
        time::advance(HOUR).await;
        place.clock.advance(HOUR);
        backend.sweep(place.clock.now(), None, 100).await.unwrap();
        // What is removed in the background is removed.
        time::sleep(Duration::from_millis(1)).await;
    }
    slow.write(vec![of(&bytes, written, MIB)]).await.unwrap();
    slow.commit().await.unwrap().complete().await.unwrap();
    assert_eq!(place.read("slow").await, bytes);
}

#[tokio::test]
async fn a_part_is_not_forgotten_where_nobody_waits_to_the_end() {
    let place = place();
    let backend = usual(&place);
    let multipart = place.begin_multipart("uploads/parts");
    let mut uploads = Uploads::default();
    uploads.start(&backend.0, multipart, 7, content(10), None);
    assert!(uploads.first().now_or_never().is_none());
    let part = uploads.first().await.unwrap().unwrap();
    assert_eq!((part.number, part.size), (7, 10));
    assert!(uploads.is_empty());
}
