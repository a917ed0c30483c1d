//! Sweeps that are misled: by a wrong clock, by prefixes that were changed, by a proxy, by another
//! sweep. None of them removes what somebody needs.

use std::sync::atomic::{AtomicBool, Ordering};

use oxitus_core::storage::{AppendOptions, CommitMode};
use oxitus_testkit::clock::ManualClock;

use super::super::Moment;
use super::*;
use crate::bucket::ListedObject;

/// An object of an upload, one of its open multipart uploads, and its pending bytes.
async fn furnish(place: &Place) -> (Multipart, Bytes) {
    place.create("done", 20).await;
    place.append("done", &content(20)).await;
    let bytes = content(5 * PART_SIZE);
    place.create("open", bytes.len() as u64).await;
    place.append("open", &bytes.slice(..100_000)).await;
    let multipart = place.record("open").await.multipart().unwrap();
    (multipart, bytes)
}

#[tokio::test]
async fn records_that_are_looked_for_elsewhere_cost_no_upload_its_bytes() {
    for place in Place::all() {
        let (multipart, bytes) = furnish(&place).await;
        let everything = place.keys();
        place.clock.advance(25 * HOUR);
        for prefix in ["elsewhere/", "uploads/elsewhere/", ""] {
            let moved = Layout {
                record_prefix: format!("{prefix}{}", place.layout.record_prefix),
                pending_prefix: place.layout.data_prefix.clone(),
                ..place.layout.clone()
            };
            let other = node(Arc::new(place.bucket.clone()), &place.clock, &moved);
            for _ in 0..2 {
                assert_eq!(names(&sweep(&other, place.clock.now()).await), [""; 0]);
            }
            assert_eq!(place.keys(), everything);
            assert!(place.has_multipart(&multipart));
        }
        place.append("open", &bytes.slice(100_000..)).await;
        assert_eq!(place.read("open").await, bytes);
        assert_eq!(place.read("done").await, content(20));
    }
}

#[tokio::test]
async fn multiparts_of_an_upload_end_before_its_tombstone() {
    for place in Place::all() {
        place.create("up", 5 * PART_SIZE).await;
        let forgotten = place.begin_multipart(&place.layout.data(&id("up")));
        place.clock.advance(MINUTE);
        place.terminate("up").await;
        place.clock.advance(25 * HOUR);
        sweep(&place.backend, place.clock.now()).await;
        assert!(!place.has_multipart(&forgotten));
        assert_eq!(place.keys(), [""; 0]);
    }
}

/// Its creation was on its way when the upload was removed, and nobody has heard of it.
#[tokio::test]
async fn a_multipart_younger_than_the_tombstone_ends_with_it() {
    for place in Place::all() {
        place.create("up", 5 * PART_SIZE).await;
        place.create("up2", 5 * PART_SIZE).await;
        place.terminate("up").await;
        place.clock.advance(MINUTE);
        let late = place.begin_multipart(&place.layout.data(&id("up")));
        let of_another = place.begin_multipart(&place.layout.data(&id("up2")));
        place.clock.advance(24 * HOUR - MINUTE / 2);
        sweep(&place.backend, place.clock.now()).await;
        assert!(!place.has(&place.layout.record(&id("up"))));
        assert!(!place.has_multipart(&late));
        assert!(place.has_multipart(&of_another));
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_expires_nothing() {
    for place in Place::all() {
        place.create_with("live", 900, HOUR).await;
        let ahead = ManualClock::default();
        let other = node(Arc::new(place.bucket.clone()), &ahead, &place.layout);
        for _ in 0..3 {
            place.clock.advance(50 * MINUTE);
            place.append("live", &content(20)).await;
            ahead.set(place.clock.now() + 2 * HOUR);
            assert_eq!(names(&sweep(&other, ahead.now()).await), [""; 0]);
        }
        place.clock.advance(75 * MINUTE);
        ahead.set(place.clock.now() + 2 * HOUR);
        assert_eq!(names(&sweep(&other, ahead.now()).await), ["live"]);
    }
}

#[tokio::test]
async fn what_a_node_with_a_clock_that_is_behind_has_recorded_is_spared() {
    for place in Place::all() {
        place.create_with("live", 900, HOUR).await;
        place.clock.advance(50 * MINUTE);
        let behind = ManualClock::default();
        behind.set(place.clock.now() - 2 * HOUR);
        let other = node(Arc::new(place.bucket.clone()), &behind, &place.layout);
        let lease = other.acquire(&id("live"), Acquire::Try).await.unwrap();
        let options = AppendOptions::new(0, CommitMode::Progressive);
        let mut append = lease.append(options).await.unwrap();
        append.write(vec![content(20)]).await.unwrap();
        append.commit().await.unwrap().release().await.unwrap();
        assert!(place.record("live").await.last_activity < place.clock.now() - HOUR);
        place.clock.advance(74 * MINUTE);
        for _ in 0..2 {
            assert_eq!(
                names(&sweep(&place.backend, place.clock.now()).await),
                [""; 0]
            );
        }
        place.clock.advance(MINUTE);
        assert_eq!(
            names(&sweep(&place.backend, place.clock.now()).await),
            ["live"]
        );
    }
}

#[tokio::test]
async fn a_proxy_without_a_store_costs_no_upload_its_bytes() {
    for (status, body) in [
        (404, ""),
        (404, "<html>no backend</html>"),
        // A store that errs: the listing of it shows the record.
        (404, "<Error><Code>NoSuchKey</Code></Error>"),
    ] {
        for place in Place::all() {
            let (multipart, bytes) = furnish(&place).await;
            let everything = place.keys();
            place.clock.advance(25 * HOUR);
            let server = s3::InMemoryS3::new(place.bucket.0.clone());
            let config = wire::scripted(&server, move |request| {
                let is_record = request.method() == "GET" && request.uri().contains(".info");
                is_record.then(|| wire::answer(status, body))
            });
            let bucket = wire::bucket(&config, s3::BUCKET, StoreTraits::new());
            let misled = node(Arc::new(bucket), &place.clock, &place.layout);
            sweep(&misled, place.clock.now()).await;
            assert_eq!(place.keys(), everything);
            assert!(place.has_multipart(&multipart));
            place.append("open", &bytes.slice(100_000..)).await;
            assert_eq!(place.read("open").await, bytes);
        }
    }
}

#[tokio::test]
async fn a_proxy_without_a_store_does_not_say_that_an_upload_is_gone() {
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    place.create("up", 20).await;
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let config = wire::scripted(&server, |_| Some(wire::answer(404, "<html></html>")));
    let bucket = wire::bucket(&config, s3::BUCKET, StoreTraits::new());
    let misled = node(Arc::new(bucket), &place.clock, &place.layout);
    let unknown = misled.info(&id("up")).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_sweep_that_comes_too_late_to_a_tombstone_leaves_the_next_upload_alone() {
    for place in Place::all() {
        place.create("up", 20).await;
        place.append("up", &content(20)).await;
        place.terminate("up").await;
        let slow = place.another_node();
        let version = place.records().load(&id("up")).await.unwrap();
        let listed = ListedObject {
            key: place.layout.record(&id("up")),
            etag: version.etag.clone(),
            modified: place.clock.now(),
        };
        place.clock.advance(25 * HOUR);
        sweep(&place.backend, place.clock.now()).await;
        place.create("up", 30).await;
        place.append("up", &content(30)).await;

        let now = place.clock.now();
        let moment = Moment::new(now, now, now);
        slow.0.bury(&listed, &version, moment).await.unwrap();
        assert_eq!(place.read("up").await, content(30));
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_parts_the_store_has_removed_fails_at_the_next_part() {
    for dialect in [s3::Dialect::aws(), s3::Dialect::minio()] {
        let place = Place::new(dialect, Layout::under("uploads/"));
        let bytes = content(5 * PART_SIZE);
        let some = PART_SIZE as usize + 100;
        place.create("gone", bytes.len() as u64).await;
        place.append("gone", &bytes.slice(..some)).await;
        let multipart = place.record("gone").await.multipart().unwrap();
        place.bucket.abort_multipart(&multipart).await.unwrap();
        for backend in [place.another_node(), place.another_node()] {
            let Ok(lease) = backend.acquire(&id("gone"), Acquire::Try).await else {
                continue;
            };
            let options = AppendOptions::new(some as u64, CommitMode::Progressive);
            let Ok(mut append) = lease.append(options).await else {
                continue;
            };
            let written = append.write(vec![bytes.slice(some..)]).await;
            let committed = append.commit().await;
            assert!(written.is_err() || committed.is_err());
        }
        let gone = place.backend.info(&id("gone")).await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::Gone);
    }
}

#[tokio::test(start_paused = true)]
async fn parts_that_are_refused_once_cost_no_upload_its_bytes() {
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let is_first = AtomicBool::new(true);
    let config = wire::scripted(&server, move |request| {
        let is_part = request.method() == "PUT" && request.uri().contains("partNumber=");
        let body = "<Error><Code>NoSuchUpload</Code></Error>";
        (is_part && is_first.swap(false, Ordering::Relaxed)).then(|| wire::answer(404, body))
    });
    let bucket = wire::bucket(&config, s3::BUCKET, StoreTraits::new());
    let backend = node(Arc::new(bucket), &place.clock, &place.layout);
    let bytes = content(5 * PART_SIZE);
    place.create("up", bytes.len() as u64).await;
    let lease = backend.acquire(&id("up"), Acquire::Try).await.unwrap();
    let mut append = lease
        .append(AppendOptions::new(0, CommitMode::Progressive))
        .await
        .unwrap();
    let written = append.write(vec![bytes.clone()]).await;
    assert!(written.is_err() || append.commit().await.is_err());
    let rest = place.record("up").await.offset as usize;
    place.append("up", &bytes.slice(rest..)).await;
    assert_eq!(place.read("up").await, bytes);
}
