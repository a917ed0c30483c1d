//! [`FaultyBackend`], and the leases and appends that come from it.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, future};
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, ByteRange, Capabilities, Content, Cursor, Download, Intent,
    Lease, NewUpload, Result, StorageBackend, Sweep,
};

use super::{Faults, Operation};

/// Passes every call on to another backend, but for those that are to fail.
///
/// A failed call leaves what the contract promises: whoever gave a lease or an append away has
/// lost it.
#[derive(Clone, Debug)]
pub struct FaultyBackend {
    inner: Arc<dyn StorageBackend>,
    faults: Faults,
}

impl FaultyBackend {
    /// A backend that does what `inner` does where `faults` let it.
    #[must_use]
    pub fn new(inner: Arc<dyn StorageBackend>, faults: Faults) -> Self {
        Self { inner, faults }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl StorageBackend for FaultyBackend {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>> {
        let call = self.inner.create(new);
        let lease = self.faults.around(Operation::Create, call).await?;
        Ok(FaultyLease::wrap(lease, &self.faults))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        let call = self.inner.acquire(id, how);
        let lease = self.faults.around(Operation::Acquire, call).await?;
        Ok(FaultyLease::wrap(lease, &self.faults))
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        let call = self.inner.info(id);
        self.faults.around(Operation::Info, call).await
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        let call = self.inner.read(id, range);
        let download = self.faults.around(Operation::Read, call).await?;
        let Content::Here(bytes) = download.content else {
            return Ok(download);
        };
        let faults = self.faults.clone();
        let bytes = bytes.then(move |chunk| {
            let faults = faults.clone();
            async move {
                let call = future::ready(chunk);
                faults.around(Operation::ReadChunk, call).await
            }
        });
        Ok(Download::new(download.upload, Box::pin(bytes)))
    }

    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, limit: usize) -> Result<Sweep> {
        let call = self.inner.sweep(now, from, limit);
        self.faults.around(Operation::Sweep, call).await
    }
}

#[derive(Debug)]
struct FaultyLease {
    inner: Box<dyn Lease>,
    faults: Faults,
}

impl FaultyLease {
    fn wrap(inner: Box<dyn Lease>, faults: &Faults) -> Box<dyn Lease> {
        let faults = faults.clone();
        Box::new(Self { inner, faults })
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Lease for FaultyLease {
    fn info(&self) -> &Upload {
        self.inner.info()
    }

    async fn wanted(&mut self) -> Intent {
        self.inner.wanted().await
    }

    async fn append(self: Box<Self>, options: AppendOptions) -> Result<Box<dyn Append>> {
        let Self { inner, faults } = *self;
        let call = inner.append(options);
        let inner = faults.around(Operation::Append, call).await?;
        Ok(Box::new(FaultyAppend { inner, faults }))
    }

    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let call = self.inner.assemble();
        let lease = self.faults.around(Operation::Assemble, call).await?;
        Ok(Self::wrap(lease, &self.faults))
    }

    async fn complete(&mut self) -> Result<()> {
        let call = self.inner.complete();
        self.faults.around(Operation::Complete, call).await
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        let call = self.inner.terminate();
        self.faults.around(Operation::Terminate, call).await
    }

    async fn release(self: Box<Self>) -> Result<()> {
        let call = self.inner.release();
        self.faults.around(Operation::Release, call).await
    }
}

#[derive(Debug)]
struct FaultyAppend {
    inner: Box<dyn Append>,
    faults: Faults,
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Append for FaultyAppend {
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let call = self.inner.write(chunks);
        self.faults.around(Operation::Write, call).await
    }

    async fn checkpoint(&mut self) -> Result<()> {
        let call = self.inner.checkpoint();
        self.faults.around(Operation::Checkpoint, call).await
    }

    async fn wanted(&mut self) -> Intent {
        self.inner.wanted().await
    }

    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let call = self.inner.commit();
        let lease = self.faults.around(Operation::Commit, call).await?;
        Ok(FaultyLease::wrap(lease, &self.faults))
    }

    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let call = self.inner.rollback();
        let lease = self.faults.around(Operation::Rollback, call).await?;
        Ok(FaultyLease::wrap(lease, &self.faults))
    }
}
