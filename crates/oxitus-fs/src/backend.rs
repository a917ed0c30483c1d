//! [`FsBackend`]: the storage contract on a file system.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{
    self, Acquire, ByteRange, Capabilities, Cursor, Download, Lease, NewUpload, Scope,
    StorageBackend, Sweep,
};

use crate::acquire::acquire;
use crate::assemble::MOST_PARTS;
use crate::builder::FsBackendBuilder;
use crate::create::create;
use crate::download::download;
use crate::info::info;
use crate::lease::FsLease;
use crate::store::Store;
use crate::sweep::sweep;

/// Uploads in a directory of a local file system; the [crate](crate) docs tell how.
///
/// A clone is the same backend. Needs a tokio runtime with time enabled.
#[derive(Clone, Debug)]
pub struct FsBackend {
    store: Arc<Store>,
}

impl FsBackend {
    /// A backend that keeps its uploads under `root`.
    pub fn builder(root: impl Into<PathBuf>) -> FsBackendBuilder {
        FsBackendBuilder::new(root.into())
    }

    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl StorageBackend for FsBackend {
    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::all(Scope::Host);
        capabilities.max_size = Some(i64::MAX.cast_unsigned()); // the kernel's offsets are signed
        capabilities.max_concat_parts = Some(MOST_PARTS);
        capabilities
    }

    async fn create(&self, new: NewUpload) -> storage::Result<Box<dyn Lease>> {
        let held = create(&self.store, new).await?;
        Ok(Box::new(FsLease { held }))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> storage::Result<Box<dyn Lease>> {
        let held = acquire(&self.store, id, how).await?;
        Ok(Box::new(FsLease { held }))
    }

    async fn info(&self, id: &UploadId) -> storage::Result<Upload> {
        Ok(info(&self.store, id).await?)
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> storage::Result<Download> {
        Ok(download(&self.store, id, range).await?)
    }

    async fn sweep(
        &self,
        now: SystemTime,
        from: Option<Cursor>,
        limit: usize,
    ) -> storage::Result<Sweep> {
        Ok(sweep(&self.store, now, from, limit).await?)
    }
}
