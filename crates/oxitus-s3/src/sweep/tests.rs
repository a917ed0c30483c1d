//! Sweeps over buckets in which things have gone wrong, by the store's own dialects and clock.

mod misled;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use oxitus_core::clock::Clock as _;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{Acquire, ErrorKind, StorageBackend as _};
use oxitus_testkit::s3::{self, Condition, Operation};

use crate::attributes::{RECORD, TOKEN};
use crate::backend::S3Backend;
use crate::bucket::{Bucket as _, ETag, Multipart};
use crate::layout::Layout;
use crate::record::{Claim, State};
use crate::store::StoreTraits;
use crate::testing::place::{PART_SIZE, Place, content, id, node};
use crate::testing::wire;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

async fn sweep(backend: &S3Backend, now: SystemTime) -> Vec<Upload> {
    let mut due = Vec::new();
    let mut cursor = None;
    loop {
        let step = backend.sweep(now, cursor, 100).await.unwrap();
        due.extend(step.due);
        cursor = step.next;
        if cursor.is_none() {
            return due;
        }
    }
}

fn names(due: &[Upload]) -> Vec<&str> {
    due.iter().map(|upload| upload.id.as_str()).collect()
}

#[tokio::test]
async fn of_completed_uploads_little_more_than_a_listing_is_asked_for() {
    const UPLOADS: u64 = 10_000;
    let place = Place::new(s3::Dialect::aws(), Layout::under("uploads/"));
    for number in 0..UPLOADS {
        let name = format!("upload-{number}");
        place.create(&name, 20).await;
        place.append(&name, &content(20)).await;
    }
    place.clock.advance(48 * HOUR);
    let server = s3::InMemoryS3::new(place.bucket.0.clone());
    let bucket = wire::bucket(&wire::in_memory(&server), s3::BUCKET, StoreTraits::new());
    let backend = node(Arc::new(bucket), &place.clock, &place.layout);
    let mut traffic = Vec::new();
    for _ in 0..3 {
        let before = server.counters().snapshot();
        assert_eq!(names(&sweep(&backend, place.clock.now()).await), [""; 0]);
        traffic.push(server.counters().snapshot().since(&before));
        place.clock.advance(HOUR);
    }
    assert_eq!(traffic[0].of(Operation::GetObject), UPLOADS);
    assert_eq!(traffic[0].of(Operation::HeadObject), 0);
    for again in &traffic[1..] {
        assert!(again.total() <= 30, "{again:?}");
    }
    assert_eq!(place.keys().len() as u64, 2 * UPLOADS);
}

#[tokio::test]
async fn what_no_record_references_goes_when_it_is_old() {
    for place in Place::all() {
        let (layout, bytes) = (place.layout.clone(), content(5 * PART_SIZE));
        place.create("complete", 20).await;
        place.append("complete", &content(20)).await;
        place.create("open", bytes.len() as u64).await;
        let some = 2 * PART_SIZE as usize + 100;
        place.append("open", &bytes.slice(..some)).await;
        let open = place.record("open").await;
        let needed = [
            open.pending[0].key().unwrap().to_owned(),
            layout.data(&id("complete")),
            // What does not say that its record would be here may be anybody's.
            layout.data(&id("foreign")),
            format!("{}1", layout.pending(&id("foreign"))),
            format!("{}FOREIGN", layout.data_prefix),
            "foreign/key.pending.1".to_owned(),
        ];
        for foreign in &needed[2..] {
            place.put(foreign, &[("tus", "no")]);
        }
        let orphans = [
            ("open", format!("{}1", layout.pending(&id("open")))),
            ("complete", format!("{}1", layout.pending(&id("complete")))),
            ("unknown", format!("{}1", layout.pending(&id("unknown")))),
            ("unknown", layout.data(&id("unknown"))),
        ];
        for (name, orphan) in &orphans {
            let record = layout.record(&id(name));
            place.put(orphan, &[(TOKEN, "0123"), (RECORD, &record)]);
        }
        let needed_multiparts = [
            open.multipart().unwrap(),
            place.begin_multipart("foreign/FOREIGN"),
            place.begin_multipart(&format!("{}FOREIGN", layout.data_prefix)),
            // Without a record it may be anybody's too.
            place.begin_multipart(&layout.data(&id("unknown-multipart"))),
        ];
        let orphan_multiparts =
            ["open", "complete"].map(|name| place.begin_multipart(&layout.data(&id(name))));

        // Nobody needs what is left of the one that an object was made of.
        let version = place.records().load(&id("complete")).await.unwrap();
        let mut next = version.record.next();
        next.multipart = Some(orphan_multiparts[1].id.clone());
        place.records().replace(&version, next).await.unwrap();

        place.clock.advance(23 * HOUR);
        let everything = place.keys();
        assert_eq!(
            names(&sweep(&place.backend, place.clock.now()).await),
            [""; 0]
        );
        assert_eq!(place.keys(), everything);
        assert!(
            orphan_multiparts
                .iter()
                .all(|orphan| place.has_multipart(orphan))
        );

        place.clock.advance(2 * HOUR);
        let backends = [&place.backend, &place.another_node()];
        let now = place.clock.now();
        tokio::join!(sweep(backends[0], now), sweep(backends[1], now));
        sweep(&place.backend, place.clock.now()).await;
        for (_, orphan) in &orphans {
            assert!(!place.has(orphan), "{orphan}");
        }
        for orphan in &orphan_multiparts {
            assert!(!place.has_multipart(orphan), "{orphan:?}");
        }
        for key in &needed {
            assert!(place.has(key), "{key}");
        }
        for multipart in &needed_multiparts {
            assert!(place.has_multipart(multipart), "{multipart:?}");
        }
        place.append("open", &bytes.slice(some..)).await;
        assert_eq!(place.read("open").await, bytes);
        assert_eq!(place.read("complete").await, content(20));
    }
}

#[tokio::test]
async fn nothing_comes_back_that_was_removed() {
    for place in Place::all() {
        for name in ["late-part", "late-complete", "late-put", "late-segment"] {
            place.create(name, 5 * PART_SIZE).await;
            place.append(name, &content(2 * PART_SIZE + 100)).await;
            let record = place.record(name).await;
            let multipart = record.multipart().unwrap();
            place.terminate(name).await;
            let tombstone = vec![place.layout.record(&id(name))];
            assert_eq!(place.keys(), tombstone);
            assert!(!place.has_multipart(&multipart));

            match name {
                "late-part" => drop(place.put_part(&multipart, 3, b"late")),
                "late-complete" => {
                    // Begun before the upload was removed, and carried out after it.
                    let multipart = place.begin_multipart(&record.head.key);
                    let part = place.put_part(&multipart, 1, b"late").unwrap();
                    let (key, id) = (&multipart.key, &multipart.id);
                    let parts = [(1, part)];
                    let none = Condition::None;
                    let bucket = &place.bucket.0;
                    bucket
                        .complete_multipart_upload(key, id, &parts, None, &none)
                        .unwrap();
                }
                "late-put" => {
                    place.put(&record.head.key, &[(TOKEN, record.head.token.as_str())]);
                }
                _ => place.put(record.pending[0].key().unwrap(), &[]),
            }
            place.clock.advance(23 * HOUR);
            sweep(&place.backend, place.clock.now()).await;
            assert!(place.has(&tombstone[0]));
            let taken = place.backend.create(place.new_upload(name, 9)).await;
            assert_eq!(taken.unwrap_err().kind(), ErrorKind::AlreadyExists);

            place.clock.advance(2 * HOUR);
            sweep(&place.backend, place.clock.now()).await;
            assert_eq!(place.keys(), [""; 0], "{name}");
            assert!(!place.has_multipart(&multipart));
            assert_eq!(place.bucket.0.used(), 0, "{name}");
        }
    }
}

#[tokio::test]
async fn an_upload_whose_parts_the_store_has_removed_has_failed() {
    for place in Place::all() {
        let bytes = content(5 * PART_SIZE);
        let some = PART_SIZE as usize + 100;
        for name in ["gone", "there"] {
            place.create(name, bytes.len() as u64).await;
            place.append(name, &bytes.slice(..some)).await;
        }
        let multipart = place.record("gone").await.multipart().unwrap();
        place.bucket.abort_multipart(&multipart).await.unwrap();
        place.clock.advance(23 * HOUR);
        sweep(&place.backend, place.clock.now()).await;
        assert!(place.backend.info(&id("gone")).await.is_ok());
        for _ in 0..2 {
            place.clock.advance(25 * HOUR);
            assert_eq!(
                names(&sweep(&place.backend, place.clock.now()).await),
                [""; 0]
            );
            let gone = place.backend.info(&id("gone")).await.unwrap_err();
            assert_eq!(gone.kind(), ErrorKind::Gone);
        }
        place.append("there", &bytes.slice(some..)).await;
        assert_eq!(place.read("there").await, bytes);
    }
}

#[tokio::test]
async fn an_empty_multipart_upload_that_the_store_has_removed_is_replaced() {
    for place in Place::all() {
        let bytes = content(5 * PART_SIZE);
        place.create("early", bytes.len() as u64).await;
        let version = place.records().load(&id("early")).await.unwrap();
        let mut next = version.record.next();
        let multipart = place.begin_multipart(&next.head.key);
        place.bucket.abort_multipart(&multipart).await.unwrap();
        next.multipart = Some(multipart.id);
        place.records().replace(&version, next).await.unwrap();
        place.clock.advance(25 * HOUR);
        sweep(&place.backend, place.clock.now()).await;
        place.append("early", &bytes).await;
        assert_eq!(place.read("early").await, bytes);
    }
}

#[tokio::test]
async fn an_upload_is_given_some_grace() {
    for place in Place::all() {
        for (name, time_to_live) in [("hour", HOUR), ("seconds", 4 * Duration::from_secs(1))] {
            place.create_with(name, 9, time_to_live).await;
        }
        let started = place.clock.now();
        for (elapsed, expected) in [
            (4, &[][..]),
            (5, &["seconds"]),
            (3_600, &["seconds"]),
            (3_600 + 899, &["seconds"]),
            (3_600 + 900, &["hour", "seconds"]),
        ] {
            place.clock.set(started + Duration::from_secs(elapsed));
            assert_eq!(
                names(&sweep(&place.backend, place.clock.now()).await),
                expected,
                "{elapsed}"
            );
        }
        place.create_with("part", 9, HOUR).await;
        let mut part = place.new_upload("complete-part", 9);
        part.kind = Kind::Partial;
        part.time_to_live = Some(HOUR);
        drop(place.backend.create(part).await.unwrap());
        place.append("complete-part", &content(9)).await;
        place.clock.advance(74 * MINUTE);
        assert_eq!(
            names(&sweep(&place.backend, place.clock.now()).await),
            ["hour", "seconds"]
        );
        place.clock.advance(MINUTE);
        let expected = ["complete-part", "hour", "part", "seconds"];
        assert_eq!(
            names(&sweep(&place.backend, place.clock.now()).await),
            expected
        );
    }
}

/// Claims numbers for an upload, as a node does that then uploads parts and dies.
async fn claim(place: &Place, name: &str) -> Multipart {
    let records = place.records();
    let version = records.load(&id(name)).await.unwrap();
    let mut next = version.record.next();
    let token = next.head.token.to_string();
    let attributes = s3::Attributes::of_metadata([(TOKEN, token)]);
    let key = next.head.key.clone();
    let multipart = Multipart {
        id: place.bucket.0.create_multipart_upload(&key, attributes),
        key,
    };
    next.multipart = Some(multipart.id.clone());
    next.claim = Some(Claim {
        owner: "another node".to_owned(),
        first: 1,
        count: 4,
        base: 0,
        adoptable: true,
        length: None,
    });
    next.next_number = 5;
    records.replace(&version, next).await.unwrap();
    multipart
}

#[tokio::test]
async fn an_upload_to_which_somebody_sends_parts_is_spared() {
    for place in Place::all() {
        let bytes = content(2 * PART_SIZE);
        let part = PART_SIZE as usize;
        for name in ["begun", "whole"] {
            place.create_with(name, bytes.len() as u64, HOUR).await;
        }
        let [begun, whole] = [claim(&place, "begun").await, claim(&place, "whole").await];
        place.clock.advance(70 * MINUTE);
        let upload = async |multipart: &Multipart, number: u16, bytes: Bytes| -> ETag {
            let uploaded = place.bucket.upload_part(multipart, number, bytes);
            uploaded.await.unwrap()
        };
        upload(&begun, 1, bytes.slice(..part)).await;
        upload(&whole, 1, bytes.slice(..part)).await;
        upload(&whole, 2, bytes.slice(part..)).await;
        for _ in 0..2 {
            place.clock.advance(29 * MINUTE);
            assert_eq!(
                names(&sweep(&place.backend, place.clock.now()).await),
                [""; 0]
            );
            assert_eq!(place.record("begun").await.offset, 0);
        }
        place.clock.advance(2 * MINUTE);
        let due = sweep(&place.backend, place.clock.now()).await;
        // One has expired, with what had been uploaded of it; the other has all its bytes.
        assert_eq!(names(&due), ["begun", "whole"]);
        assert_eq!((due[0].offset, due[0].phase), (PART_SIZE, Phase::Receiving));
        assert!(due[0].is_expired(place.clock.now()));
        assert_eq!(due[1].phase, Phase::Received);
        let mut lease = place
            .backend
            .acquire(&id("whole"), Acquire::Try)
            .await
            .unwrap();
        lease.complete().await.unwrap();
        assert_eq!(place.read("whole").await, bytes);
    }
}

#[tokio::test]
async fn one_upload_that_cannot_be_read_keeps_no_other() {
    for place in Place::all() {
        for name in ["first", "last"] {
            place.create_with(name, 9, MINUTE).await;
        }
        for (name, record) in [("broken", "{"), ("newer", r#"{"v": 2, "state": "open"}"#)] {
            let key = place.layout.record(&id(name));
            let none = s3::Attributes::default();
            let put = place.bucket.0.put(&key, record, none, &Condition::None);
            put.unwrap();
            place.put(&format!("{}1", place.layout.pending(&id(name))), &[]);
        }
        place.put(&place.layout.data(&id("newer")), &[(TOKEN, "0123")]);
        place.clock.advance(48 * HOUR);
        assert_eq!(
            names(&sweep(&place.backend, place.clock.now()).await),
            ["first", "last"]
        );
        for name in ["broken", "newer"] {
            assert!(place.has(&place.layout.record(&id(name))));
            assert!(place.has(&format!("{}1", place.layout.pending(&id(name)))));
        }
        assert!(place.has(&place.layout.data(&id("newer"))));
    }
}

#[tokio::test]
async fn a_record_that_changed_is_looked_at_again() {
    for place in Place::all() {
        place.create_with("slow", 9, HOUR).await;
        place.clock.advance(50 * MINUTE);
        sweep(&place.backend, place.clock.now()).await;
        place.append("slow", &content(1)).await;
        place.clock.advance(50 * MINUTE);
        assert_eq!(
            names(&sweep(&place.backend, place.clock.now()).await),
            [""; 0]
        );
        place.terminate("slow").await;
        assert!(matches!(
            place.record("slow").await.state,
            State::Terminated { .. }
        ));
        place.clock.advance(25 * HOUR);
        sweep(&place.backend, place.clock.now()).await;
        assert_eq!(place.keys(), [""; 0]);
    }
}
