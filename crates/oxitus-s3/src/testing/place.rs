//! [`Place`]: a bucket in memory with what belongs to it, and what a test does there.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use oxitus_core::clock::Clock as _;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{
    Acquire, AppendOptions, ByteRange, CommitMode, NewUpload, StorageBackend,
};
use oxitus_testkit::clock::ManualClock;
use oxitus_testkit::s3::{self, Condition};

use super::{DirectBucket, settings};
use crate::backend::S3Backend;
use crate::bucket::{self, Multipart};
use crate::layout::Layout;
use crate::record::Record;
use crate::records::Records;
use crate::settings::Settings;

/// The size of a part.
pub(crate) const PART_SIZE: u64 = 64 * 1024;

/// The smallest part that the store takes.
pub(crate) const SMALLEST_PART: u64 = 4 * 1024;

/// A bucket, and a clock that nodes and store share.
pub(crate) struct Place {
    pub(crate) bucket: DirectBucket,
    pub(crate) clock: ManualClock,
    pub(crate) layout: Layout,
    pub(crate) backend: S3Backend,
}

impl Place {
    pub(crate) fn new(dialect: s3::Dialect, layout: Layout) -> Self {
        let dialect = s3::Dialect {
            minimum_part_size: SMALLEST_PART,
            ..dialect
        };
        let clock = ManualClock::default();
        let builder = s3::Bucket::builder().dialect(dialect).clock(clock.clone());
        let bucket = DirectBucket(builder.build());
        Self {
            backend: node(Arc::new(bucket.clone()), &clock, &layout),
            bucket,
            clock,
            layout,
        }
    }

    /// One of each sort.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let versitygw = s3::Dialect {
            late_parts_revive: true,
            ..s3::Dialect::versitygw()
        };
        let dialects = [s3::Dialect::aws(), s3::Dialect::minio(), versitygw];
        let apart = Layout {
            data_prefix: "data/".to_owned(),
            record_prefix: "records/".to_owned(),
            pending_prefix: "pending/".to_owned(),
        };
        let layouts = [Layout::under(""), Layout::under("uploads/"), apart];
        let places = move |dialect: s3::Dialect| {
            layouts
                .clone()
                .map(|layout| Self::new(dialect.clone(), layout))
        };
        dialects.into_iter().flat_map(places)
    }

    pub(crate) fn another_node(&self) -> S3Backend {
        node(Arc::new(self.bucket.clone()), &self.clock, &self.layout)
    }

    pub(crate) fn records(&self) -> Records {
        Records::new(Arc::new(self.bucket.clone()), self.layout.clone())
    }

    pub(crate) async fn record(&self, name: &str) -> Record {
        self.records().load(&id(name)).await.unwrap().record
    }

    pub(crate) fn new_upload(&self, name: &str, length: u64) -> NewUpload {
        NewUpload::new(id(name), Some(length), self.clock.now())
    }

    /// Makes an upload that expires.
    pub(crate) async fn create_with(&self, name: &str, length: u64, time_to_live: Duration) {
        let mut new = self.new_upload(name, length);
        new.time_to_live = Some(time_to_live);
        drop(self.backend.create(new).await.unwrap());
    }

    pub(crate) async fn create(&self, name: &str, length: u64) {
        drop(
            self.backend
                .create(self.new_upload(name, length))
                .await
                .unwrap(),
        );
    }

    /// Appends bytes, and completes the upload if they are all there.
    pub(crate) async fn append(&self, name: &str, bytes: &Bytes) {
        let lease = self.backend.acquire(&id(name), Acquire::Try).await.unwrap();
        let options = AppendOptions::new(lease.info().offset, CommitMode::Progressive);
        let mut append = lease.append(options).await.unwrap();
        append.write(vec![bytes.clone()]).await.unwrap();
        let mut lease = append.commit().await.unwrap();
        if lease.info().phase == Phase::Received {
            lease.complete().await.unwrap();
        }
        lease.release().await.unwrap();
    }

    pub(crate) async fn terminate(&self, name: &str) {
        let lease = self.backend.acquire(&id(name), Acquire::Try).await.unwrap();
        lease.terminate().await.unwrap();
    }

    pub(crate) async fn read(&self, name: &str) -> Bytes {
        let download = self.backend.read(&id(name), ByteRange::ALL).await.unwrap();
        let chunks = download.into_bytes().unwrap();
        let chunks: Vec<Bytes> = chunks.try_collect().await.unwrap();
        chunks.concat().into()
    }

    pub(crate) fn put(&self, key: &str, metadata: &[(&str, &str)]) {
        let attributes = s3::Attributes::of_metadata(metadata.iter().copied());
        let put = self.bucket.0.put(key, "late", attributes, &Condition::None);
        put.unwrap();
    }

    pub(crate) fn begin_multipart(&self, key: &str) -> Multipart {
        let attributes = s3::Attributes::default();
        let multipart = Multipart {
            key: key.to_owned(),
            id: self.bucket.0.create_multipart_upload(key, attributes),
        };
        self.put_part(&multipart, 1, b"late").unwrap();
        multipart
    }

    pub(crate) fn put_part(
        &self,
        Multipart { key, id }: &Multipart,
        number: u32,
        bytes: &'static [u8],
    ) -> s3::Result<s3::ETag> {
        let bytes = Bytes::from_static(bytes);
        self.bucket.0.upload_part(key, id, number, bytes)
    }

    /// Whether the store has the parts of a multipart upload, be they listed or not.
    pub(crate) fn has_multipart(&self, Multipart { key, id }: &Multipart) -> bool {
        self.bucket.0.list_parts(key, id, 0, 1).is_ok()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.bucket.0.head(key, &Condition::None).is_ok()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        let objects = self.bucket.0.list("", None, usize::MAX).objects;
        objects.into_iter().map(|object| object.key).collect()
    }
}

/// A node that uses the bucket.
pub(crate) fn node(
    bucket: Arc<dyn bucket::Bucket>,
    clock: &ManualClock,
    layout: &Layout,
) -> S3Backend {
    let mut settings = Settings {
        layout: layout.clone(),
        clock: Arc::new(clock.clone()),
        inline: 10,
        ..settings(PART_SIZE)
    };
    settings.part_sizes.smallest = SMALLEST_PART;
    S3Backend::new(bucket, settings)
}

pub(crate) fn id(name: &str) -> UploadId {
    UploadId::parse(name).unwrap()
}

/// Bytes that differ.
pub(crate) fn content(size: u64) -> Bytes {
    (0..size).map(|byte| (byte % 251) as u8).collect()
}
