//! Whatever a bucket is asked to do, it is what a naive model of it says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::s3::{DeadUpload, SecondComplete};

const CAPACITY: usize = 60;
const MINIMUM_PART_SIZE: usize = 3;

/// Anything that a bucket may be asked to do, with few keys and few numbers.
#[derive(Clone, Debug)]
enum Step {
    Put {
        key: u8,
        size: usize,
    },
    Delete {
        key: u8,
    },
    Begin {
        key: u8,
    },
    Part {
        upload: Place,
        number: u32,
        size: usize,
    },
    Copy {
        upload: Place,
        number: u32,
        source: u8,
    },
    Complete {
        upload: Place,
        named: Named,
    },
    Abort {
        upload: Place,
    },
}

/// One of the uploads that were begun, open or not; now and then with the key of another.
#[derive(Clone, Debug)]
struct Place {
    upload: usize,
    key: Option<u8>,
}

#[derive(Clone, Debug)]
enum Named {
    /// Those of the parts that are there whose places are marked.
    Some([bool; 4]),
    /// Whatever comes to mind.
    Any(Vec<u32>),
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..3u8;
    let size = || 0..7usize;
    let number = || 1..5u32;
    prop_oneof![
        2 => (key(), size()).prop_map(|(key, size)| Step::Put { key, size }),
        1 => key().prop_map(|key| Step::Delete { key }),
        2 => key().prop_map(|key| Step::Begin { key }),
        5 => (place(), number(), size())
            .prop_map(|(upload, number, size)| Step::Part { upload, number, size }),
        2 => (place(), number(), key())
            .prop_map(|(upload, number, source)| Step::Copy { upload, number, source }),
        3 => (place(), named()).prop_map(|(upload, named)| Step::Complete { upload, named }),
        1 => place().prop_map(|upload| Step::Abort { upload }),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    let key = prop_oneof![9 => Just(None), 1 => (0..3u8).prop_map(Some)];
    (0..9usize, key).prop_map(|(upload, key)| Place { upload, key })
}

fn named() -> impl Strategy<Value = Named> {
    prop_oneof![
        3 => any::<[bool; 4]>().prop_map(Named::Some),
        1 => proptest::collection::vec(1..5u32, 0..4).prop_map(Named::Any),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bucket_is_what_the_model_says(
        steps in proptest::collection::vec(step(), 0..80),
        late_parts_revive: bool,
    ) {
        let mut both = Both::new(late_parts_revive);
        for step in steps {
            both.take(step);
            assert_eq!(both.bucket.used(), both.used() as u64);
        }
        both.compare();
    }
}

type Upload = (String, String);

/// The bucket, and what should be in it.
struct Both {
    bucket: Bucket,
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<Upload, BTreeMap<u32, Vec<u8>>>,
    begun: Vec<Upload>,
    aborted: BTreeSet<Upload>,
    late_parts_revive: bool,
    bytes_made: u8,
}

impl Both {
    fn new(late_parts_revive: bool) -> Self {
        let dialect = Dialect {
            minimum_part_size: MINIMUM_PART_SIZE as u64,
            capacity: Some(CAPACITY as u64),
            late_parts_revive,
            second_complete: SecondComplete::NoSuchUpload,
            abort_of_dead_upload: DeadUpload::NoSuchUpload,
            ..Dialect::aws()
        };
        Self {
            bucket: Bucket::with_dialect(dialect),
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
            begun: Vec::new(),
            aborted: BTreeSet::new(),
            late_parts_revive,
            bytes_made: 0,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Put { key, size } => self.put(name(key), size),
            Step::Delete { key } => {
                let deleted = self.bucket.delete(&name(key), &Condition::None);
                assert_eq!(deleted, Ok(()));
                self.objects.remove(&name(key));
            }
            Step::Begin { key } => {
                let key = name(key);
                let id = self
                    .bucket
                    .create_multipart_upload(&key, Attributes::default());
                self.uploads
                    .insert((key.clone(), id.clone()), BTreeMap::new());
                self.begun.push((key, id));
            }
            Step::Part {
                upload,
                number,
                size,
            } => {
                let (key, id) = self.upload(&upload);
                let body = self.make(size);
                let outcome = self.bucket.upload_part(&key, &id, number, body.clone());
                self.part((key, id), number, Some(body), outcome.map(|_| ()));
            }
            Step::Copy {
                upload,
                number,
                source,
            } => {
                let (key, id) = self.upload(&upload);
                let body = self.objects.get(&name(source)).cloned();
                let source = CopySource {
                    key: name(source),
                    ..CopySource::default()
                };
                let outcome = self.bucket.upload_part_copy(&key, &id, number, &source);
                self.part((key, id), number, body, outcome.map(|_| ()));
            }
            Step::Complete { upload, named } => self.complete(self.upload(&upload), named),
            Step::Abort { upload } => {
                let upload = self.upload(&upload);
                let outcome = self.bucket.abort_multipart_upload(&upload.0, &upload.1);
                assert_eq!(outcome.is_ok(), self.uploads.remove(&upload).is_some());
                if outcome.is_ok() {
                    self.aborted.insert(upload);
                }
            }
        }
    }

    fn put(&mut self, key: String, size: usize) {
        let body = self.make(size);
        let replaced = self.objects.get(&key).map_or(0, Vec::len);
        let none = Condition::None;
        let outcome = self
            .bucket
            .put(&key, body.clone(), Attributes::default(), &none);
        assert_eq!(outcome.is_ok(), self.fits(size, replaced));
        if outcome.is_ok() {
            self.objects.insert(key, body);
        }
    }

    fn part(&mut self, upload: Upload, number: u32, body: Option<Vec<u8>>, outcome: Result<()>) {
        if self.late_parts_revive && self.aborted.contains(&upload) {
            self.uploads.entry(upload.clone()).or_default();
        }
        let expected = match (self.uploads.get(&upload), &body) {
            (None, _) => Err(S3Error::NoSuchUpload),
            (_, None) => Err(S3Error::NoSuchKey),
            (Some(parts), Some(body)) => {
                let replaced = parts.get(&number).map_or(0, Vec::len);
                let fits = self.fits(body.len(), replaced);
                fits.then_some(()).ok_or(S3Error::StorageFull)
            }
        };
        assert_eq!(outcome, expected);
        if let (Ok(()), Some(body)) = (outcome, body) {
            self.uploads.get_mut(&upload).unwrap().insert(number, body);
        }
    }

    fn complete(&mut self, upload: Upload, named: Named) {
        let there = self.uploads.get(&upload).cloned().unwrap_or_default();
        let numbers: Vec<u32> = match named {
            Named::Any(numbers) => numbers,
            Named::Some(marks) => {
                let marked = there.keys().zip(marks).filter(|(_, mark)| *mark);
                marked.map(|(number, _)| *number).collect()
            }
        };
        let listed = self.bucket.list_parts(&upload.0, &upload.1, 0, 9);
        let listed = listed.unwrap_or_default().parts;
        let etag = |number: &u32| {
            let part = listed.iter().find(|part| part.number == *number);
            part.map_or_else(|| ETag::of_digest([0; 16]), |part| part.etag)
        };
        let parts: Vec<_> = numbers
            .iter()
            .map(|number| (*number, etag(number)))
            .collect();
        let none = Condition::None;
        let outcome = self
            .bucket
            .complete_multipart_upload(&upload.0, &upload.1, &parts, None, &none);
        let bodies: Option<Vec<_>> = numbers.iter().map(|number| there.get(number)).collect();
        let expected = bodies.filter(|bodies| {
            let mut others = bodies.iter().rev().skip(1);
            !bodies.is_empty()
                && numbers.is_sorted_by(|one, next| one < next)
                && others.all(|body| body.len() >= MINIMUM_PART_SIZE)
        });
        assert_eq!(outcome.is_ok(), expected.is_some());
        if let Some(bodies) = expected {
            let bodies: Vec<u8> = bodies.into_iter().flatten().copied().collect();
            self.uploads.remove(&upload);
            self.aborted.remove(&upload);
            self.objects.insert(upload.0, bodies);
        }
    }

    fn compare(&self) {
        let bytes = |object: &Object| Vec::from(object.content.bytes());
        let listed = self.bucket.list("", None, 9).objects.into_iter();
        let objects: BTreeMap<_, _> = listed
            .map(|listed| {
                let object = self.bucket.get(&listed.key, &Condition::None).unwrap();
                (listed.key, bytes(&object))
            })
            .collect();
        assert_eq!(objects, self.objects);
        for ((key, id), parts) in &self.uploads {
            let listed = self.bucket.list_parts(key, id, 0, 9).unwrap().parts;
            let listed: BTreeMap<_, _> = listed
                .into_iter()
                .map(|part| (part.number, Vec::from(part.content.bytes())))
                .collect();
            assert_eq!(&listed, parts);
        }
        let listed = self
            .bucket
            .list_multipart_uploads("", None, usize::MAX)
            .uploads;
        let open = self
            .uploads
            .keys()
            .filter(|upload| !self.aborted.contains(*upload));
        let listed = listed
            .into_iter()
            .map(|upload| (upload.key, upload.upload_id));
        assert!(listed.eq(open.cloned()));
    }

    fn upload(&self, place: &Place) -> Upload {
        let missing = || (name(0), "no upload".to_owned());
        let upload = self.begun.iter().cycle().nth(place.upload);
        let (key, id) = upload.cloned().unwrap_or_else(missing);
        (place.key.map_or(key, name), id)
    }

    fn fits(&self, added: usize, removed: usize) -> bool {
        added <= removed || self.used() - removed + added <= CAPACITY
    }

    fn used(&self) -> usize {
        let parts = self.uploads.values().flat_map(BTreeMap::values);
        self.objects.values().chain(parts).map(Vec::len).sum()
    }

    /// Bytes that were not there before.
    fn make(&mut self, size: usize) -> Vec<u8> {
        let byte = || {
            self.bytes_made = self.bytes_made.wrapping_add(1);
            self.bytes_made
        };
        std::iter::repeat_with(byte).take(size).collect()
    }
}

fn name(key: u8) -> String {
    format!("key-{key}")
}
