//! [`Scripted`]: the memory backend, with a word of the test in between.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::Uri;
use oxitus_core::memory::MemoryBackend;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{
    Acquire, Append, AppendOptions, ByteRange, Capabilities, Cursor, Download, Intent, Lease,
    NewUpload, Result, StorageBackend, Sweep,
};

/// What happens beside the work of the backend. By default nothing.
#[async_trait]
pub(crate) trait Script: fmt::Debug + Send + Sync + 'static {
    /// Between a look at an upload and the answer.
    async fn looked(&self, upload: &Upload) {
        let _ = upload;
    }

    /// How a lease is taken that is to be taken like this.
    fn acquiring(&self, how: Acquire) -> Acquire {
        how
    }

    /// Where the bytes of an upload are to be had, if not here.
    fn elsewhere(&self) -> Option<Uri> {
        None
    }

    /// Before parts are joined.
    async fn assembling(&self, upload: &Upload) -> Result<()> {
        let _ = upload;
        Ok(())
    }

    /// Before bytes are written.
    async fn writing(&self, chunks: &[Bytes]) {
        let _ = chunks;
    }
}

#[derive(Debug)]
pub(crate) struct Scripted<S> {
    backend: MemoryBackend,
    script: Arc<S>,
}

impl<S: Script> Scripted<S> {
    pub(crate) fn new(script: &Arc<S>) -> Self {
        Self {
            backend: MemoryBackend::new(),
            script: Arc::clone(script),
        }
    }

    fn lease(&self, lease: Box<dyn Lease>) -> Box<dyn Lease> {
        Box::new(ScriptedLease {
            lease,
            script: Arc::clone(&self.script),
        })
    }
}

#[async_trait]
impl<S: Script> StorageBackend for Scripted<S> {
    fn capabilities(&self) -> Capabilities {
        self.backend.capabilities()
    }

    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>> {
        Ok(self.lease(self.backend.create(new).await?))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        let how = self.script.acquiring(how);
        Ok(self.lease(self.backend.acquire(id, how).await?))
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        let upload = self.backend.info(id).await?;
        self.script.looked(&upload).await;
        Ok(upload)
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        let download = self.backend.read(id, range).await?;
        Ok(match self.script.elsewhere() {
            Some(uri) => Download::redirect(download.upload, uri),
            None => download,
        })
    }

    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, limit: usize) -> Result<Sweep> {
        self.backend.sweep(now, from, limit).await
    }
}

#[derive(Debug)]
struct ScriptedLease<S> {
    lease: Box<dyn Lease>,
    script: Arc<S>,
}

#[async_trait]
impl<S: Script> Lease for ScriptedLease<S> {
    fn info(&self) -> &Upload {
        self.lease.info()
    }

    async fn wanted(&mut self) -> Intent {
        self.lease.wanted().await
    }

    async fn append(self: Box<Self>, options: AppendOptions) -> Result<Box<dyn Append>> {
        let append = self.lease.append(options).await?;
        Ok(Box::new(ScriptedAppend {
            append,
            script: self.script,
        }))
    }

    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>> {
        self.script.assembling(self.lease.info()).await?;
        self.lease.assemble().await
    }

    async fn complete(&mut self) -> Result<()> {
        self.lease.complete().await
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        self.lease.terminate().await
    }

    async fn release(self: Box<Self>) -> Result<()> {
        self.lease.release().await
    }
}

#[derive(Debug)]
struct ScriptedAppend<S> {
    append: Box<dyn Append>,
    script: Arc<S>,
}

#[async_trait]
impl<S: Script> Append for ScriptedAppend<S> {
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        self.script.writing(&chunks).await;
        self.append.write(chunks).await
    }

    async fn checkpoint(&mut self) -> Result<()> {
        self.append.checkpoint().await
    }

    async fn wanted(&mut self) -> Intent {
        self.append.wanted().await
    }

    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>> {
        self.append.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>> {
        self.append.rollback().await
    }
}
