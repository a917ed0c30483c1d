//! The storage contract, clause by clause, without a wire in between.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use oxitus_core::clock::Clock as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{NewUpload, StorageBackend};
use oxitus_testkit::clock::ManualClock;
use oxitus_testkit::contract::Fixture;
use oxitus_testkit::s3::{self, Payload};

use crate::attributes::{RECORD, TOKEN};
use crate::backend::S3Backend;
use crate::bucket::{Attributes, Bucket as _, Condition, ETag, Multipart};
use crate::layout::{Key, Layout};
use crate::record::{Part, State, decode};
use crate::records::Records;
use crate::settings::Settings;
use crate::testing::{DirectBucket, settings};

const PART_SIZE: u64 = 64 * 1024;

/// What a store takes: so that some parts of the suite are too small, and some are not.
const SMALLEST_PART: u64 = 4 * 1024;

const DAY: Duration = Duration::from_secs(24 * 3600);

struct InBucket {
    bucket: DirectBucket,
    clock: ManualClock,
    backend: Arc<S3Backend>,
}

impl InBucket {
    fn new(mut dialect: s3::Dialect) -> Self {
        dialect.minimum_part_size = SMALLEST_PART;
        let clock = ManualClock::default();
        let builder = s3::Bucket::builder().dialect(dialect).clock(clock.clone());
        let bucket = DirectBucket(builder.build());
        Self {
            backend: Arc::new(open(&bucket, &clock)),
            bucket,
            clock,
        }
    }

    fn records(&self) -> Records {
        Records::new(Arc::new(self.bucket.clone()), layout())
    }

    fn is_tombstone(&self, key: &str) -> bool {
        let object = self.bucket.0.get(key, &s3::Condition::None).unwrap();
        let record = decode(&object.content.bytes()).unwrap();
        matches!(record.state, State::Terminated { .. })
    }

    /// Makes an upload and removes it.
    async fn leave_tombstone(&self, id: &UploadId) {
        let new = NewUpload::new(id.clone(), Some(10), self.clock.now());
        let lease = self.backend.create(new).await.unwrap();
        lease.terminate().await.unwrap();
    }

    async fn leave_object(&self, id: &UploadId) {
        self.put(&layout().data(id), id).await;
    }

    async fn leave_segment(&self, id: &UploadId) {
        let key = format!("{}0123", layout().pending(id));
        self.put(&key, id).await;
    }

    async fn put(&self, key: &str, id: &UploadId) {
        let attributes = Attributes {
            metadata: vec![
                (TOKEN.to_owned(), "0123".to_owned()),
                (RECORD.to_owned(), layout().record(id)),
            ],
            ..Attributes::default()
        };
        let body = Bytes::from_static(b"late");
        let put = self.bucket.put(key, body, Condition::None, &attributes);
        put.await.unwrap();
    }

    async fn leave_multipart(&self, id: &UploadId) -> Multipart {
        let (key, none) = (layout().data(id), Attributes::default());
        let create = self.bucket.create_multipart(&key, &none);
        let multipart = create.await.unwrap();
        let part = Bytes::from_static(b"late");
        self.bucket.upload_part(&multipart, 1, part).await.unwrap();
        multipart
    }
}

fn layout() -> Layout {
    settings(PART_SIZE).layout
}

fn open(bucket: &DirectBucket, clock: &ManualClock) -> S3Backend {
    let mut settings = Settings {
        clock: Arc::new(clock.clone()),
        ..settings(PART_SIZE)
    };
    settings.part_sizes.smallest = SMALLEST_PART;
    let part_sizes = bucket.0.dialect().part_sizes;
    settings.traits.equal_parts = part_sizes == s3::PartSizes::Equal;
    S3Backend::new(Arc::new(bucket.clone()), settings)
}

/// Not cramped: parts that were sent and given up take room until their upload has ended, so a bucket
/// that was full stays so for longer than the suite expects.
#[async_trait]
impl Fixture for InBucket {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::clone(&self.backend) as Arc<dyn StorageBackend>
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        Arc::new(open(&self.bucket, &self.clock))
    }

    fn writes_behind(&self) -> bool {
        true
    }

    fn boundary(&self) -> usize {
        PART_SIZE as usize
    }

    async fn traces(&self, id: &UploadId) -> Option<Vec<String>> {
        let (layout, bucket) = (layout(), &self.bucket.0);
        let objects = bucket.list("", None, usize::MAX).objects.into_iter();
        let objects = objects.map(|object| object.key).filter(|key| {
            let found = layout.read(key);
            match &found {
                Some(Key::Data(its) | Key::Pending(its)) => its == id,
                Some(Key::Record(its)) => its == id && !self.is_tombstone(key),
                None => false,
            }
        });
        let multiparts = bucket.list_multipart_uploads("", None, usize::MAX).uploads;
        let multiparts = multiparts.into_iter().map(|upload| upload.key);
        let multiparts = multiparts.filter(|key| *key == layout.data(id));
        Some(objects.chain(multiparts).collect())
    }

    async fn wreck(&self) -> Option<Vec<UploadId>> {
        let ids = [
            "multipart-forgotten",
            "segment-alone",
            "object-alone",
            "segment-late",
            "object-late",
            "multipart-late",
            "segment-later",
        ]
        .map(|id| UploadId::parse(id).unwrap());
        let [
            multipart,
            segment,
            object,
            of_young,
            late_object,
            late_multipart,
            later_segment,
        ] = &ids;
        let present = self.clock.now();
        self.clock.set(present - 3 * DAY);
        self.leave_multipart(multipart).await;
        self.leave_tombstone(multipart).await;
        self.leave_segment(segment).await;
        self.leave_object(object).await;
        self.leave_segment(of_young).await;
        for id in [late_object, late_multipart, later_segment] {
            self.leave_tombstone(id).await;
        }
        self.leave_object(late_object).await;
        self.leave_multipart(late_multipart).await;
        self.leave_segment(later_segment).await;
        self.clock.set(present);
        self.leave_tombstone(of_young).await;
        Some(ids.to_vec())
    }

    async fn fast_forward(&self, id: &UploadId, offset: u64) -> bool {
        let records = self.records();
        let version = records.load(id).await.unwrap();
        let mut next = version.record.next();
        let attributes = Attributes {
            metadata: vec![(TOKEN.to_owned(), next.head.token.to_string())],
            ..Attributes::default()
        };
        let multipart = self
            .bucket
            .create_multipart(&next.head.key, &attributes)
            .await
            .unwrap();
        let Multipart { key, id } = &multipart;
        let zeros = Payload::hollow(offset);
        let etag = self.bucket.0.upload_part(key, id, 1, zeros).unwrap();
        next.parts = vec![Part {
            number: 1,
            size: offset,
            etag: ETag(etag.to_string()),
        }];
        next.multipart = Some(multipart.id);
        next.next_number = 2;
        next.offset = offset;
        records.replace(&version, next).await.unwrap();
        true
    }
}

mod aws {
    use super::*;
    oxitus_testkit::contract_tests!(InBucket::new(s3::Dialect::aws()));
}

mod minio {
    use super::*;
    oxitus_testkit::contract_tests!(InBucket::new(s3::Dialect::minio()));
}

mod versitygw {
    use super::*;
    oxitus_testkit::contract_tests!(InBucket::new(s3::Dialect::versitygw()));
}

/// Where every part but the last has the same size.
mod r2 {
    use super::*;
    oxitus_testkit::contract_tests!(InBucket::new(s3::Dialect::r2()));
}
