//! [`S3Backend`]: the storage contract on a bucket.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{
    Acquire, ByteRange, Capabilities, Cursor, Download, Lease, NewUpload, Result, Scope,
    StorageBackend, Sweep,
};

use crate::bucket::Bucket;
use crate::builder::S3Builder;
use crate::lease::S3Lease;
use crate::node::Node;
use crate::part_size::NUMBERS;
use crate::record::Record;
use crate::settings::Settings;

/// Keeps uploads in an S3 bucket, which any number of processes may share.
#[derive(Clone, Debug)]
pub struct S3Backend(pub(crate) Arc<Node>);

impl S3Backend {
    /// A backend that keeps its uploads in the bucket of this name, where `config` leads: it gives
    /// the endpoint, the region, the credentials and, if it has one, the HTTP client.
    pub fn builder(config: aws_sdk_s3::Config, bucket: impl Into<String>) -> S3Builder {
        S3Builder::new(config, bucket.into())
    }

    pub(crate) fn new(bucket: Arc<dyn Bucket>, settings: Settings) -> Self {
        Self(Arc::new(Node::new(bucket, settings)))
    }
}

#[async_trait]
impl StorageBackend for S3Backend {
    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::all(Scope::Process);
        capabilities.max_size = Some(self.0.settings.part_sizes.largest_upload());
        capabilities.max_concat_parts = Some(usize::from(NUMBERS));
        capabilities
    }

    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>> {
        let settings = &self.0.settings;
        let part_size = settings.part_sizes.choose(new.length, new.max_size)?;
        let key = settings.layout.data(&new.id);
        let pending = settings.layout.pending(&new.id);
        let record = Record::new(new, key, pending, part_size);
        let lease = S3Lease::create(Arc::clone(&self.0), record).await?;
        Ok(Box::new(lease))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        let lease = S3Lease::acquire(Arc::clone(&self.0), id, how).await?;
        Ok(Box::new(lease))
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        self.0.settled(id).await?.record.upload()
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        self.0.read(id, range).await
    }

    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, limit: usize) -> Result<Sweep> {
        self.0.sweep(now, from, limit).await
    }
}
