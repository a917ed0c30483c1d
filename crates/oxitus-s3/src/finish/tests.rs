//! Finishing on a store that errs for a while, or for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{
    Acquire, AppendOptions, CommitMode, ErrorKind, Lease, Result, StorageBackend as _,
};
use oxitus_testkit::s3;

use crate::backend::S3Backend;
use crate::layout::Layout;
use crate::record::State;
use crate::store::StoreTraits;
use crate::testing::place::{PART_SIZE, Place, content, id, node};
use crate::testing::wire;

const LENGTH: u64 = 3 * PART_SIZE;

/// A node whose first `times` requests that `is_refused` knows by method and address are answered
/// so.
fn refused(
    place: &Place,
    times: usize,
    is_refused: fn(&str, &str) -> bool,
    status: u16,
    body: &'static str,
) -> S3Backend {
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let count = AtomicUsize::new(0);
    let config = wire::scripted(&server, move |request| {
        let is_one = is_refused(request.method(), request.uri());
        let is_first = is_one && count.fetch_add(1, Ordering::Relaxed) < times;
        is_first.then(|| wire::answer(status, body))
    });
    let bucket = wire::bucket(&config, s3::BUCKET, StoreTraits::new());
    node(Arc::new(bucket), &place.clock, &place.layout)
}

fn is_complete(method: &str, uri: &str) -> bool {
    method == "POST" && uri.contains("uploadId=")
}

fn is_of_multipart(method: &str, uri: &str) -> bool {
    is_complete(method, uri) || method == "GET" && uri.contains("uploadId=")
}

/// An upload of which every byte is recorded, and no more.
async fn received(place: &Place) {
    place.create("up", LENGTH).await;
    let lease = acquire(&place.backend).await.unwrap();
    let options = AppendOptions::new(0, CommitMode::Progressive);
    let mut append = lease.append(options).await.unwrap();
    append.write(vec![content(LENGTH)]).await.unwrap();
    append.commit().await.unwrap().release().await.unwrap();
}

async fn acquire(backend: &S3Backend) -> Result<Box<dyn Lease>> {
    backend.acquire(&id("up"), Acquire::Try).await
}

async fn complete(backend: &S3Backend) -> Result<(), ErrorKind> {
    let complete = async { acquire(backend).await?.complete().await };
    complete.await.map_err(|error| error.kind())
}

#[tokio::test(start_paused = true)]
async fn parts_that_are_refused_for_a_moment_cost_no_upload_its_bytes() {
    for (is_refused, status, body) in [
        (
            is_complete as fn(&str, &str) -> bool,
            400,
            "<Error><Code>InvalidPart</Code></Error>",
        ),
        (
            is_complete,
            400,
            "<Error><Code>EntityTooSmall</Code></Error>",
        ),
        (
            is_of_multipart,
            404,
            "<Error><Code>NoSuchUpload</Code></Error>",
        ),
    ] {
        let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
        received(&place).await;
        let backend = refused(&place, 2, is_refused, status, body);
        assert_eq!(complete(&backend).await, Err(ErrorKind::Unavailable));
        assert_eq!(place.record("up").await.state, State::Finishing);
        place.clock.advance(Duration::from_secs(1));
        while complete(&backend).await.is_err() {}
        assert_eq!(place.read("up").await, content(LENGTH));
        assert_eq!(place.record("up").await.doubted, None);
    }
}

#[tokio::test(start_paused = true)]
async fn parts_that_are_not_listed_are_not_given_up() {
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    received(&place).await;
    let invalid = "<Error><Code>InvalidPart</Code></Error>";
    let backend = refused(&place, 1, is_complete, 400, invalid);
    let shown = place.record("up").await;
    let mut fewer = shown.next();
    fewer.parts[0].number = 9_000;
    let version = place.records().load(&id("up")).await.unwrap();
    let fewer = place.records().replace(&version, fewer).await.unwrap();
    assert_eq!(complete(&backend).await, Err(ErrorKind::Unavailable));
    drop(fewer);
    let version = place.records().load(&id("up")).await.unwrap();
    let mut next = version.record.next();
    next.parts = shown.parts;
    place.records().replace(&version, next).await.unwrap();
    assert_eq!(complete(&backend).await, Ok(()));
    assert_eq!(place.read("up").await, content(LENGTH));
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_parts_are_denied_for_long_has_failed() {
    let invalid = (400, "<Error><Code>InvalidPart</Code></Error>");
    let unknown = (404, "<Error><Code>NoSuchUpload</Code></Error>");
    for (status, body) in [invalid, unknown] {
        let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
        received(&place).await;
        if status == 404 {
            let multipart = place.record("up").await.multipart().unwrap();
            place
                .bucket
                .0
                .abort_multipart_upload(&multipart.key, &multipart.id)
                .unwrap();
        }
        let backend = refused(&place, usize::MAX, is_complete, status, body);
        for minutes in [0, 30, 29] {
            place.clock.advance(Duration::from_secs(minutes * 60));
            assert_eq!(complete(&backend).await, Err(ErrorKind::Unavailable));
            let upload = place.backend.info(&id("up")).await.unwrap();
            assert_eq!((upload.offset, upload.phase), (LENGTH, Phase::Received));
        }
        place.clock.advance(Duration::from_secs(60));
        assert_eq!(complete(&backend).await, Err(ErrorKind::Gone));
        assert_eq!(place.record("up").await.state, State::Failed);
    }
}

/// A store that shows another ETag of a part each time.
#[tokio::test(start_paused = true)]
async fn what_is_not_complete_is_not_told_to_be() {
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    received(&place).await;
    let parts = place.record("up").await.parts;
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let count = AtomicUsize::new(0);
    let config = wire::scripted(&server, move |request| {
        if is_complete(request.method(), request.uri()) {
            return Some(wire::answer(400, "<Error><Code>InvalidPart</Code></Error>"));
        }
        is_of_multipart(request.method(), request.uri()).then(|| {
            let etag = count.fetch_add(1, Ordering::Relaxed);
            let parts = parts.iter().map(|part| {
                let (number, size) = (part.number, part.size);
                format!("<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>{etag}</ETag></Part>")
            });
            let parts: String = parts.collect();
            let body = format!("<ListPartsResult>{parts}</ListPartsResult>");
            wire::answer(200, body.leak())
        })
    });
    let bucket = wire::bucket(&config, s3::BUCKET, StoreTraits::new());
    let backend = node(Arc::new(bucket), &place.clock, &place.layout);
    assert_eq!(complete(&backend).await, Err(ErrorKind::Locked));
    assert_eq!(place.record("up").await.state, State::Finishing);
}
