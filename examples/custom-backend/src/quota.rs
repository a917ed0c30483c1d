//! [`Quota`]: another backend, with a bound on the bytes in it.
//!
//! What does not concern the quota is handed on. The attribute on each `impl` makes the compiler
//! say so when a trait gains a method that should be handed on too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use oxitus::proto::id::UploadId;
use oxitus::proto::upload::Upload;
use oxitus::storage::{
    Acquire, Append, AppendOptions, ByteRange, Capabilities, Cursor, Download, Error, ErrorKind,
    Intent, Lease, NewUpload, Result, StorageBackend, Sweep,
};

/// Keeps uploads in `storage`, as long as there is space.
///
/// It counts from nothing, which is right for a storage that begins empty, as memory does. For one
/// that outlives the process the count would have to be kept with it.
#[derive(Debug)]
pub(crate) struct Quota<S> {
    storage: S,
    space: Space,
}

impl<S> Quota<S> {
    /// At most `bytes` in `storage`.
    pub(crate) fn new(storage: S, bytes: u64) -> Self {
        Self {
            storage,
            space: Space(Arc::new(AtomicU64::new(bytes))),
        }
    }

    fn guard(&self, lease: Box<dyn Lease>) -> Box<dyn Lease> {
        Box::new(QuotaLease {
            lease,
            space: self.space.clone(),
        })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: StorageBackend> StorageBackend for Quota<S> {
    fn capabilities(&self) -> Capabilities {
        self.storage.capabilities()
    }

    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>> {
        self.storage
            .create(new)
            .await
            .map(|lease| self.guard(lease))
    }

    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>> {
        let lease = self.storage.acquire(id, how).await?;
        Ok(self.guard(lease))
    }

    async fn info(&self, id: &UploadId) -> Result<Upload> {
        self.storage.info(id).await
    }

    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download> {
        self.storage.read(id, range).await
    }

    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, limit: usize) -> Result<Sweep> {
        self.storage.sweep(now, from, limit).await
    }
}

/// How many bytes may still come.
#[derive(Clone, Debug)]
struct Space(Arc<AtomicU64>);

impl Space {
    fn take(&self, bytes: u64) -> Result<()> {
        self.0
            .fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes))
            .map(drop)
            .map_err(|_| Error::new(ErrorKind::Full, "the quota is used up"))
    }

    fn give_back(&self, bytes: u64) {
        self.0.fetch_add(bytes, Relaxed);
    }
}

#[derive(Debug)]
struct QuotaLease {
    lease: Box<dyn Lease>,
    space: Space,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Lease for QuotaLease {
    fn info(&self) -> &Upload {
        self.lease.info()
    }

    async fn wanted(&mut self) -> Intent {
        self.lease.wanted().await
    }

    async fn append(self: Box<Self>, options: AppendOptions) -> Result<Box<dyn Append>> {
        Ok(Box::new(QuotaAppend {
            append: self.lease.append(options).await?,
            space: self.space,
            start: options.offset,
            taken: 0,
        }))
    }

    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let Self { lease, space } = *self;
        let length = lease.info().length.unwrap_or(0);
        space.take(length)?;
        match lease.assemble().await {
            Ok(lease) => Ok(Box::new(Self { lease, space })),
            Err(error) => {
                space.give_back(length);
                Err(error)
            }
        }
    }

    async fn complete(&mut self) -> Result<()> {
        self.lease.complete().await
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        let bytes = self.lease.info().offset;
        self.lease.terminate().await?;
        self.space.give_back(bytes);
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<()> {
        self.lease.release().await
    }
}

#[derive(Debug)]
struct QuotaAppend {
    append: Box<dyn Append>,
    space: Space,
    /// Where it began.
    start: u64,
    /// How much space its writes have taken.
    taken: u64,
}

impl QuotaAppend {
    /// Gives the space back that turned out not to be needed.
    fn settle(lease: Box<dyn Lease>, space: Space, start: u64, taken: u64) -> Box<dyn Lease> {
        let kept = lease.info().offset.saturating_sub(start);
        space.give_back(taken.saturating_sub(kept));
        Box::new(QuotaLease { lease, space })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Append for QuotaAppend {
    /// Too much is refused before any of it is written: what came before stays, and the client is
    /// answered 507.
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let bytes = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        self.space.take(bytes)?;
        self.taken += bytes;
        self.append.write(chunks).await
    }

    async fn checkpoint(&mut self) -> Result<()> {
        self.append.checkpoint().await
    }

    async fn wanted(&mut self) -> Intent {
        self.append.wanted().await
    }

    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.append.commit().await?;
        Ok(Self::settle(lease, self.space, self.start, self.taken))
    }

    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.append.rollback().await?;
        Ok(Self::settle(lease, self.space, self.start, self.taken))
    }
}

#[cfg(test)]
mod tests {
    use oxitus::MemoryBackend;
    use oxitus::storage::CommitMode;

    use super::*;

    async fn create(storage: &Quota<MemoryBackend>, id: &str) -> Box<dyn Lease> {
        let id = UploadId::parse(id).unwrap();
        let new = NewUpload::new(id, Some(6), SystemTime::now());
        storage.create(new).await.unwrap()
    }

    async fn append(lease: Box<dyn Lease>, bytes: &'static [u8]) -> (Result<()>, Box<dyn Lease>) {
        let options = AppendOptions::new(lease.info().offset, CommitMode::Progressive);
        let mut append = lease.append(options).await.unwrap();
        let written = append.write(vec![Bytes::from_static(bytes)]).await;
        (written, append.commit().await.unwrap())
    }

    #[tokio::test]
    async fn refuses_what_is_too_much_and_takes_it_once_there_is_space() {
        let storage = Quota::new(MemoryBackend::default(), 10);

        let (written, first) = append(create(&storage, "first").await, b"abcdef").await;
        written.unwrap();

        let (written, second) = append(create(&storage, "second").await, b"ghij").await;
        written.unwrap();
        let (written, second) = append(second, b"k").await;
        assert_eq!(written.unwrap_err().kind(), ErrorKind::Full);
        assert_eq!(second.info().offset, 4);

        first.terminate().await.unwrap();
        let (written, mut second) = append(second, b"kl").await;
        written.unwrap();
        assert_eq!(second.info().offset, 6);
        second.complete().await.unwrap();
    }
}
