//! Files of every version that was ever written, and of one that never was.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use oxitus_core::proto::upload::{Kind, Phase};
use oxitus_core::storage::{Acquire, ByteRange, CommitMode, ErrorKind, StorageBackend as _};
use oxitus_fs::Durability;

use crate::support::{Place, acquire, age, append, id, kind, offset, read};

const HELLO: Bytes = Bytes::from_static(b"hello world");

/// A place that holds the fixtures of a version. Data files are named `<id>.data` among them.
fn fixtures(version: &str) -> Place {
    let place = Place::new(Durability::Completion);
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(version);
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        fs::copy(entry.path(), place.path(name.trim_end_matches(".data"))).unwrap();
    }
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_upload_of_version_1_goes_on() {
    let place = fixtures("version-1");
    let backend = place.open();
    let upload = backend.info(&id("good")).await.unwrap();
    let created = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_790_000_000_123_456_789);
    assert_eq!(upload.created, created);
    assert_eq!((upload.offset, upload.length), (5, Some(11)));
    assert_eq!((upload.kind, upload.phase), (Kind::Whole, Phase::Receiving));
    assert_eq!(upload.max_size, Some(1000));
    assert_eq!(upload.time_to_live, Some(Duration::from_millis(86_400_500)));
    assert_eq!(upload.metadata.unwrap().as_str(), "filename d29ybGQ=,k");
    let rest = HELLO.slice(5..);
    let mut lease = append(acquire(&backend, "good").await, CommitMode::Atomic, &rest).await;
    lease.complete().await.unwrap();
    assert_eq!(read(&backend, "good", ByteRange::ALL).await, HELLO);
}

#[tokio::test(flavor = "multi_thread")]
async fn staged_bytes_of_version_1_do_not_count() {
    let place = fixtures("version-1");
    let backend = place.open();
    let upload = backend.info(&id("deferred")).await.unwrap();
    assert_eq!((upload.offset, upload.length), (5, None));
    drop(acquire(&backend, "deferred").await);
    assert_eq!(fs::read(place.path("deferred")).unwrap(), HELLO[..5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concatenation_of_version_1_is_understood() {
    let place = fixtures("version-1");
    let backend = place.open();
    let part = backend.info(&id("part")).await.unwrap();
    assert_eq!((part.kind, part.phase), (Kind::Partial, Phase::Complete));
    let joined = backend.info(&id("final")).await.unwrap();
    assert_eq!(
        (joined.offset, joined.length, joined.phase),
        (22, Some(22), Phase::Received)
    );
    let Kind::Final(concatenation) = joined.kind else {
        panic!("it is a final upload");
    };
    assert_eq!(&*concatenation.raw, "final;/some /urls");
    assert_eq!(*concatenation.parts, [id("part"), id("part")]);
    acquire(&backend, "final").await.complete().await.unwrap();
    let expected = [HELLO, HELLO].concat();
    assert_eq!(read(&backend, "final", ByteRange::ALL).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_slot_of_version_1_is_as_if_never_written() {
    let place = fixtures("version-1");
    let backend = place.open();
    let upload = backend.info(&id("torn")).await.unwrap();
    assert_eq!((upload.offset, upload.phase), (11, Phase::Received));
    acquire(&backend, "torn").await.complete().await.unwrap();
    assert_eq!(read(&backend, "torn", ByteRange::ALL).await, HELLO);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_wrote_is_left_alone() {
    let place = fixtures("version-1");
    let backend = place.open();
    let files = ["newer", "newer.info", "empty-newer", "empty-newer.info"];
    let before = files.map(|name| fs::read(place.path(name)).unwrap());
    for name in ["newer", "empty-newer"] {
        assert_eq!(kind(backend.info(&id(name)).await), ErrorKind::Corrupt);
        assert_eq!(
            kind(backend.acquire(&id(name), Acquire::Try).await),
            ErrorKind::Corrupt
        );
        assert_eq!(
            kind(backend.read(&id(name), ByteRange::ALL).await),
            ErrorKind::Corrupt
        );
    }
    for name in files {
        age(&place.path(name), Duration::from_secs(10 * 24 * 60 * 60));
    }
    backend.sweep(SystemTime::now(), None, 100).await.unwrap();
    assert_eq!(
        files.map(|name| fs::read(place.path(name)).unwrap()),
        before
    );
    assert_eq!(offset(&backend, "good").await, 5, "the others are of use");
}
