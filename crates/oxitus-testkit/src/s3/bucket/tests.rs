//! What has to hold whatever a bucket is asked to do.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;
use crate::s3::{DeadUpload, Operation, SecondComplete};

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

/// Anything that a bucket may be asked to do, with few keys and few numbers.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, usize),
    Delete(u8),
    Begin(u8),
    Part(u8, usize, u32, usize),
    Copy(u8, usize, u32, u8),
    Complete(u8, usize, Vec<u32>),
    Abort(u8, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (key, upload, number, size) = (0..3u8, 0..6usize, 1..5u32, 0..9usize);
    let numbers = proptest::collection::vec(number.clone(), 0..4);
    prop_oneof![
        (key.clone(), size.clone()).prop_map(|(key, size)| Step::Put(key, size)),
        key.clone().prop_map(Step::Delete),
        key.clone().prop_map(Step::Begin),
        (key.clone(), upload.clone(), number.clone(), size)
            .prop_map(|(key, upload, number, size)| Step::Part(key, upload, number, size)),
        (key.clone(), upload.clone(), number, key.clone())
            .prop_map(|(key, upload, number, source)| Step::Copy(key, upload, number, source)),
        (key.clone(), upload.clone(), numbers)
            .prop_map(|(key, upload, numbers)| Step::Complete(key, upload, numbers)),
        (key, upload).prop_map(|(key, upload)| Step::Abort(key, upload)),
    ]
}

/// What a bucket should be: bytes by key, and bytes by upload and number.
#[derive(Default)]
struct Model {
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<(String, String), BTreeMap<u32, Vec<u8>>>,
}

impl Model {
    fn used(&self) -> usize {
        let parts = self.uploads.values().flat_map(BTreeMap::values);
        self.objects.values().chain(parts).map(Vec::len).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bucket_is_what_the_model_says(
        steps in proptest::collection::vec(step(), 0..80),
        revive: bool,
    ) {
        let bucket = Bucket::with_dialect(Dialect {
            minimum_part_size: 3,
            capacity: Some(40),
            late_parts_revive: revive,
            second_complete: SecondComplete::NoSuchUpload,
            abort_of_dead_upload: DeadUpload::NoSuchUpload,
            ..Dialect::aws()
        });
        let mut model = Model::default();
        let mut aborted = Vec::new();
        let mut ids = Vec::new();
        let mut bytes = 0..;
        let mut body = |size| bytes.by_ref().take(size).map(|byte: u32| byte as u8).collect::<Vec<u8>>();
        let name = |key: u8| format!("key-{key}");
        let id = |ids: &[String], upload: usize| ids.get(upload).cloned().unwrap_or_default();
        for step in steps {
            match step {
                Step::Put(key, size) => {
                    let (key, body) = (name(key), body(size));
                    let replaced = model.objects.get(&key).map_or(0, Vec::len);
                    let fits = body.len() <= replaced || model.used() - replaced + body.len() <= 40;
                    let put = bucket.put(&key, body.clone(), Attributes::default(), &Condition::None);
                    prop_assert_eq!(put.is_ok(), fits);
                    if fits {
                        model.objects.insert(key, body);
                    }
                }
                Step::Delete(key) => {
                    bucket.delete(&name(key), &Condition::None).unwrap();
                    model.objects.remove(&name(key));
                }
                Step::Begin(key) => {
                    let id = bucket.create_multipart_upload(&name(key), Attributes::default());
                    model.uploads.insert((name(key), id.clone()), BTreeMap::new());
                    ids.push(id);
                }
                Step::Part(key, upload, number, size) => {
                    let place = (name(key), id(&ids, upload));
                    let body = body(size);
                    let outcome = bucket.upload_part(&place.0, &place.1, number, body.clone());
                    part(&mut model, &aborted, revive, place, number, Some(body), outcome.map(drop))?;
                }
                Step::Copy(key, upload, number, source) => {
                    let place = (name(key), id(&ids, upload));
                    let body = model.objects.get(&name(source)).cloned();
                    let source = CopySource { key: name(source), ..CopySource::default() };
                    let outcome = bucket.upload_part_copy(&place.0, &place.1, number, &source);
                    part(&mut model, &aborted, revive, place, number, body, outcome.map(drop))?;
                }
                Step::Complete(key, upload, numbers) => {
                    let place = (name(key), id(&ids, upload));
                    let listed = bucket.list_parts(&place.0, &place.1, 0, 9).unwrap_or_default();
                    let etag = |number: &u32| {
                        let part = listed.parts.iter().find(|part| part.number == *number);
                        (*number, part.map_or_else(|| ETag::of_digest([0; 16]), |part| part.etag))
                    };
                    let named: Vec<_> = numbers.iter().map(etag).collect();
                    let outcome = bucket
                        .complete_multipart_upload(&place.0, &place.1, &named, None, &Condition::None);
                    let bodies: Option<Vec<_>> = model.uploads.get(&place).and_then(|parts| {
                        numbers.iter().map(|number| parts.get(number).cloned()).collect()
                    });
                    let expected = bodies.filter(|bodies| {
                        let small = bodies.iter().rev().skip(1).any(|body| body.len() < 3);
                        !bodies.is_empty() && !small && numbers.is_sorted_by(|one, next| one < next)
                    });
                    prop_assert_eq!(outcome.is_ok(), expected.is_some());
                    if let Some(bodies) = expected {
                        model.uploads.remove(&place);
                        model.objects.insert(place.0, bodies.concat());
                    }
                }
                Step::Abort(key, upload) => {
                    let place = (name(key), id(&ids, upload));
                    let outcome = bucket.abort_multipart_upload(&place.0, &place.1);
                    prop_assert_eq!(outcome.is_ok(), model.uploads.remove(&place).is_some());
                    if outcome.is_ok() {
                        aborted.push(place);
                    }
                }
            }
            prop_assert_eq!(bucket.used(), model.used() as u64);
        }
        let listed = bucket.list("", None, 9).objects;
        prop_assert!(listed.iter().map(|object| &object.key).eq(model.objects.keys()));
        for (key, body) in &model.objects {
            prop_assert_eq!(bucket.get(key, &Condition::None).unwrap().content.bytes(), body);
        }
        for ((key, id), parts) in &model.uploads {
            let listed = bucket.list_parts(key, id, 0, 9).unwrap().parts;
            let listed: BTreeMap<u32, Vec<u8>> = listed
                .into_iter()
                .map(|part| (part.number, part.content.bytes().into()))
                .collect();
            prop_assert_eq!(&listed, parts);
        }
    }
}

/// What a part does to the model, and whether the bucket said so.
fn part(
    model: &mut Model,
    aborted: &[(String, String)],
    revive: bool,
    place: (String, String),
    number: u32,
    body: Option<Vec<u8>>,
    outcome: Result<()>,
) -> std::result::Result<(), TestCaseError> {
    if revive && aborted.contains(&place) {
        model.uploads.entry(place.clone()).or_default();
    }
    let Some(parts) = model.uploads.get(&place) else {
        prop_assert_eq!(outcome, Err(S3Error::NoSuchUpload));
        return Ok(());
    };
    let Some(body) = body else {
        prop_assert_eq!(outcome, Err(S3Error::NoSuchKey));
        return Ok(());
    };
    let replaced = parts.get(&number).map_or(0, Vec::len);
    let fits = body.len() <= replaced || model.used() - replaced + body.len() <= 40;
    prop_assert_eq!(
        outcome,
        if fits {
            Ok(())
        } else {
            Err(S3Error::StorageFull)
        }
    );
    if fits && let Some(parts) = model.uploads.get_mut(&place) {
        parts.insert(number, body);
    }
    Ok(())
}
