//! Final uploads, on stores of different manners.

use std::sync::Arc;

use bytes::Bytes;
use oxitus_core::proto::upload::{Concatenation, Kind, Phase};
use oxitus_core::storage::{Acquire, ErrorKind, Lease, Result, StorageBackend as _};
use oxitus_testkit::s3::{self, Condition, Operation};

use crate::backend::S3Backend;
use crate::layout::Layout;
use crate::store::StoreTraits;
use crate::testing::place::{PART_SIZE, Place, SMALLEST_PART, content, id, node};
use crate::testing::wire;

/// Makes complete parts of these sizes, and a final upload of them; its bytes.
async fn record(place: &Place, name: &str, sizes: &[u64]) -> Bytes {
    let names: Vec<_> = (0..sizes.len())
        .map(|part| format!("{name}-{part}"))
        .collect();
    let mut bytes = Vec::new();
    for (part, size) in names.iter().zip(sizes) {
        let mut new = place.new_upload(part, *size);
        new.kind = Kind::Partial;
        drop(place.backend.create(new).await.unwrap());
        place.append(part, &content(*size)).await;
        bytes.push(content(*size));
    }
    let mut new = place.new_upload(name, 0);
    new.length = None;
    let parts: Vec<_> = names.iter().map(|part| id(part)).collect();
    new.kind = Kind::Final(Concatenation::new("final;", parts));
    drop(place.backend.create(new).await.unwrap());
    bytes.concat().into()
}

async fn assemble(backend: &S3Backend, name: &str) -> Result<Box<dyn Lease>> {
    let lease = backend.acquire(&id(name), Acquire::Try).await?;
    lease.assemble().await
}

#[tokio::test]
async fn no_more_is_downloaded_than_must_be() {
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    let large = 8 * PART_SIZE;
    let bytes = record(&place, "final", &[large, 100, 0, large, large, 10]).await;
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let bucket = wire::bucket(&wire::in_memory(&server), s3::BUCKET, StoreTraits::new());
    let backend = node(Arc::new(bucket), &place.clock, &place.layout);
    let mut lease = assemble(&backend, "final").await.unwrap();
    lease.complete().await.unwrap();
    let traffic = server.counters().snapshot();
    // Some of it are records.
    assert!(
        traffic.bytes_in + traffic.bytes_out < 4 * SMALLEST_PART + 20_000,
        "{traffic:?}"
    );
    assert_eq!(traffic.of(Operation::UploadPartCopy), 4);
    assert_eq!(traffic.of(Operation::UploadPart), 1);
    assert_eq!(place.read("final").await, bytes);
}

#[tokio::test]
async fn what_is_small_becomes_an_object_at_once() {
    for place in Place::all() {
        for (name, sizes) in [
            ("nothing", &[0, 0][..]),
            ("inline", &[3, 0, 4]),
            ("segment", &[100, 0, SMALLEST_PART - 100]),
        ] {
            let bytes = record(&place, name, sizes).await;
            let mut lease = assemble(&place.backend, name).await.unwrap();
            assert_eq!(place.record(name).await.multipart, None);
            lease.complete().await.unwrap();
            assert_eq!(place.read(name).await, bytes);
        }
    }
}

#[tokio::test]
async fn of_two_nodes_at_it_one_wins_and_both_go_on() {
    for place in Place::all() {
        for (name, sizes) in [
            ("large", [2 * PART_SIZE, 100, PART_SIZE]),
            ("small", [100, 1, 100]),
        ] {
            let bytes = record(&place, name, &sizes).await;
            let mut leases = Vec::new();
            for node in [0; 3].map(|_| place.another_node()) {
                leases.push(node.acquire(&id(name), Acquire::Try).await.unwrap());
            }
            for lease in leases {
                let mut lease = lease.assemble().await.unwrap();
                assert!(lease.info().is_received());
                lease.complete().await.unwrap();
            }
            assert_eq!(place.read(name).await, bytes);
        }
    }
}

#[tokio::test]
async fn parts_that_are_lost_or_do_not_fit_fail_it() {
    for place in Place::all() {
        record(&place, "lost", &[PART_SIZE, 2 * PART_SIZE]).await;
        let key = place.layout.data(&id("lost-1"));
        place.bucket.0.delete(&key, &Condition::None).unwrap();
        let lost = assemble(&place.backend, "lost").await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Corrupt);

        record(&place, "replaced", &[PART_SIZE, 100]).await;
        place.put(&place.layout.data(&id("replaced-1")), &[]);
        let replaced = assemble(&place.backend, "replaced").await.unwrap_err();
        assert_eq!(replaced.kind(), ErrorKind::Corrupt);

        record(&place, "missing", &[PART_SIZE, 100]).await;
        place.terminate("missing-1").await;
        let missing = assemble(&place.backend, "missing").await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::PartMissing);

        record(&place, "longer", &[PART_SIZE, 100]).await;
        let version = place.records().load(&id("longer")).await.unwrap();
        let mut next = version.record.next();
        next.length = Some(PART_SIZE + 101);
        place.records().replace(&version, next).await.unwrap();
        let longer = assemble(&place.backend, "longer").await.unwrap_err();
        assert_eq!(longer.kind(), ErrorKind::Corrupt);

        for name in ["lost", "replaced", "missing", "longer"] {
            let upload = place.backend.info(&id(name)).await.unwrap();
            assert_eq!((upload.offset, upload.phase), (0, Phase::Receiving));
        }
        let multiparts = place.bucket.0.list_multipart_uploads("", None, 9).uploads;
        assert!(multiparts.is_empty(), "{multiparts:?}");
    }
}
