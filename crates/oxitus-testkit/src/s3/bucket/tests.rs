//! What no client sees of a bucket, or sees only when it looks twice.

use std::thread;
use std::time::{Duration, SystemTime};

use super::*;
use crate::clock::ManualClock;
use crate::s3::Operation;

fn put(bucket: &Bucket, key: &str, bytes: &'static str) -> ETag {
    bucket
        .put(key, bytes, Attributes::default(), &Condition::None)
        .unwrap()
}

#[test]
fn of_writers_who_race_one_wins_each_round() {
    let bucket = Bucket::default();
    put(&bucket, "counter", "0");
    let increment = || loop {
        let object = bucket.get("counter", &Condition::None).unwrap();
        let count: u32 = str::from_utf8(&object.content.bytes())
            .unwrap()
            .parse()
            .unwrap();
        let next = (count + 1).to_string();
        let condition = Condition::matches(object.etag);
        match bucket.put("counter", next, Attributes::default(), &condition) {
            Err(S3Error::PreconditionFailed) => {}
            written => break written.unwrap(),
        }
    };
    thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                for _ in 0..100 {
                    increment();
                }
            });
        }
    });
    let counter = bucket.get("counter", &Condition::None).unwrap();
    assert_eq!(counter.content.bytes(), "800");
}

#[test]
fn of_parts_that_race_the_upload_has_each() {
    let bucket = Bucket::default();
    let id = bucket.create_multipart_upload("key", Attributes::default());
    thread::scope(|threads| {
        for thread in 0..8 {
            let (bucket, id) = (&bucket, &id);
            threads.spawn(move || {
                for number in (1..=100).map(|number| thread * 100 + number) {
                    bucket.upload_part("key", id, number, "x").unwrap();
                }
            });
        }
    });
    let page = bucket.list_parts("key", &id, 0, usize::MAX).unwrap();
    assert!(page.parts.iter().map(|part| part.number).eq(1..=800));
    assert_eq!(bucket.used(), 800);
}

#[test]
fn moments_are_those_of_the_clock() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
    let clock = ManualClock::at(start);
    let bucket = Bucket::builder().clock(clock.clone()).build();
    let minute = Duration::from_secs(60);
    let id = bucket.create_multipart_upload("key", Attributes::default());
    clock.advance(minute);
    let part = bucket.upload_part("key", &id, 1, "x").unwrap();
    clock.advance(minute);
    bucket
        .complete_multipart_upload("key", &id, &[(1, part)], None, &Condition::None)
        .unwrap();
    let other = bucket.create_multipart_upload("key", Attributes::default());
    bucket.upload_part("key", &other, 1, "x").unwrap();
    assert_eq!(
        bucket.list("", None, 9).objects[0].last_modified,
        start + minute * 2
    );
    let object = bucket.get("key", &Condition::None).unwrap();
    assert_eq!(object.last_modified, start + minute * 2);
    let uploads = bucket.list_multipart_uploads("", None, 9).uploads;
    assert_eq!(uploads[0].initiated, start + minute * 2);
    let parts = bucket.list_parts("key", &other, 0, 9).unwrap().parts;
    assert_eq!(parts[0].last_modified, start + minute * 2);
    assert_eq!(bucket.now(), start + minute * 2);
}

#[test]
fn a_part_is_named_once_and_in_order() {
    let bucket = Bucket::default();
    let id = bucket.create_multipart_upload("key", Attributes::default());
    let one = (1, bucket.upload_part("key", &id, 1, "x").unwrap());
    let two = (2, bucket.upload_part("key", &id, 2, "x").unwrap());
    let none = Condition::None;
    for wrong in [[one, one], [two, one]] {
        assert_eq!(
            bucket.complete_multipart_upload("key", &id, &wrong, None, &none),
            Err(S3Error::InvalidPartOrder)
        );
    }
    assert_eq!(
        bucket.complete_multipart_upload("key", &id, &[], None, &none),
        Err(S3Error::MalformedXml)
    );
}

#[test]
fn pages_of_uploads_go_on_where_they_ended() {
    let bucket = Bucket::default();
    let begin = |key: &str| {
        (
            key.to_owned(),
            bucket.create_multipart_upload(key, Attributes::default()),
        )
    };
    let expected: Vec<_> = ["a", "b", "b", "b", "ba", "c"].map(begin).into();
    let mut found: Vec<(String, String)> = Vec::new();
    loop {
        let after = found
            .last()
            .map(|(key, id)| (key.as_str(), Some(id.as_str())));
        let page = bucket.list_multipart_uploads("", after, 2);
        let uploads = page.uploads.into_iter();
        found.extend(uploads.map(|upload| (upload.key, upload.upload_id)));
        if !page.truncated {
            break;
        }
    }
    assert_eq!(found, expected);
    let after_b = bucket.list_multipart_uploads("", Some(("b", None)), 9);
    assert_eq!(after_b.uploads.len(), 2);
    let with_prefix = bucket.list_multipart_uploads("b", Some(("a", None)), 9);
    assert_eq!(with_prefix.uploads.len(), 4);
    assert!(!bucket.list_multipart_uploads("", None, 0).truncated);
}

#[test]
fn a_check_says_what_a_write_would_say() {
    let bucket = Bucket::default();
    let etag = put(&bucket, "key", "x");
    let bogus = Condition::IfMatch("\"deadbeefdeadbeefdeadbeefdeadbeef\"".to_owned());
    for operation in [
        Operation::PutObject,
        Operation::CompleteMultipartUpload,
        Operation::DeleteObject,
    ] {
        let check = |key, condition: &Condition| bucket.check(operation, key, condition);
        assert_eq!(check("key", &Condition::matches(etag)), Ok(()));
        assert_eq!(check("key", &bogus), Err(S3Error::PreconditionFailed));
        let missing = match operation {
            Operation::DeleteObject => Ok(()),
            _ => Err(S3Error::NoSuchKey),
        };
        assert_eq!(check("other", &bogus), missing);
        assert_eq!(check("other", &Condition::IfMatch("*".to_owned())), missing);
    }
    let other_value = Condition::IfNoneMatch(etag.to_string());
    let written = bucket.put("key", "x", Attributes::default(), &other_value);
    assert_eq!(written, Err(S3Error::NotImplemented));
}
