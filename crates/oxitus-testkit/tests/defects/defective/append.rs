//! [`DefectiveAppend`].

use std::future;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt as _;
use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{
    Append, AppendOptions, CommitMode, Error, ErrorKind, Intent, Lease, Result,
};

use super::Defect::*;
use super::Defective;

#[derive(Debug)]
pub(super) struct DefectiveAppend {
    inner: Option<Box<dyn Append>>,
    backend: Defective,
    before: Upload,
    options: AppendOptions,
    written: Vec<Bytes>,
    checkpointed: bool,
    failed: Option<ErrorKind>,
}

impl DefectiveAppend {
    pub(super) fn new(
        inner: Box<dyn Append>,
        backend: Defective,
        before: Upload,
        options: AppendOptions,
    ) -> Self {
        Self {
            inner: Some(inner),
            backend,
            before,
            options,
            written: Vec::new(),
            checkpointed: false,
            failed: None,
        }
    }

    fn inner(&mut self) -> &mut Box<dyn Append> {
        self.inner.as_mut().unwrap()
    }

    /// The chunks as the backend takes them for what they are not.
    fn mistake(&self, mut chunks: Vec<Bytes>) -> Vec<Bytes> {
        match self.backend.defect {
            TakesAThousandChunks => chunks.truncate(1000),
            StopsAtAnEmptyChunk => {
                let end = chunks.iter().position(Bytes::is_empty);
                chunks.truncate(end.unwrap_or(chunks.len()));
            }
            LosesAByteAtTheBoundary => {
                for chunk in &mut chunks {
                    if chunk.len() == 64 * 1024 {
                        *chunk = damaged(chunk);
                    }
                }
            }
            DamagesWhatIsDropped => chunks = chunks.iter().map(damaged).collect(),
            MixesUploads => {
                for chunk in &mut chunks {
                    let this = (self.before.id.clone(), chunk.clone());
                    let latest = self.backend.memory().latest.replace(this);
                    if let Some((id, other)) = latest
                        && id != self.before.id
                        && other.len() == chunk.len()
                    {
                        *chunk = other;
                    }
                }
            }
            _ => {}
        }
        chunks
    }

    /// Takes back what was written, and writes it again as it should be.
    async fn write_again(&mut self) -> Result<()> {
        let lease = self.inner.take().unwrap().rollback().await?;
        let mut append = lease.append(self.options).await?;
        append.write(self.written.clone()).await?;
        self.inner = Some(append);
        Ok(())
    }

    /// Writes as much of it as the length allows.
    async fn fill(&mut self, chunks: &[Bytes]) -> Result<()> {
        let length = self.before.length.or(self.options.declare_length);
        let written: usize = self.written.iter().map(Bytes::len).sum();
        let room = length.unwrap() - self.options.offset - written as u64;
        let piece: Bytes = chunks.concat().into();
        let piece = piece.slice(..piece.len().min(room as usize));
        self.written.push(piece.clone());
        self.inner().write(vec![piece]).await
    }
}

/// Bytes whose last one is wrong.
fn damaged(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}

#[async_trait]
impl Append for DefectiveAppend {
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        if self.backend.has(WritesTheEndFirst) {
            let bytes: Bytes = chunks.concat().into();
            let middle = bytes.len() / 2;
            self.inner().write(vec![bytes.slice(middle..)]).await?;
            tokio::task::yield_now().await;
            self.written.extend(chunks);
            return self.write_again().await;
        }
        let mistaken = self.mistake(chunks.clone());
        let Err(error) = self.inner().write(mistaken).await else {
            self.written.extend(chunks);
            return Ok(());
        };
        self.failed = Some(error.kind());
        match self.backend.defect {
            KeepsWhatFits if error.kind() == ErrorKind::OffsetMismatch => {
                self.fill(&chunks).await?;
            }
            RefusesInOtherWords => return Err(Error::new(ErrorKind::Other, "no")),
            _ => {}
        }
        Err(error)
    }

    async fn checkpoint(&mut self) -> Result<()> {
        self.checkpointed = true;
        self.inner().checkpoint().await
    }

    async fn wanted(&mut self) -> Intent {
        if self.backend.has(IsDeafWhileItAppends) {
            return future::pending().await;
        }
        self.inner().wanted().await
    }

    async fn commit(mut self: Box<Self>) -> Result<Box<dyn Lease>> {
        match (self.backend.defect, self.failed) {
            (FailsFromThenOn, Some(kind)) => return Err(Error::new(kind, "it failed before")),
            (DamagesWhatIsDropped, _) => self.write_again().await?,
            _ => {}
        }
        let inner = self.inner.take().unwrap();
        let lease = match (self.backend.defect, self.failed) {
            (CommitsNothing, _) | (LosesAllWhenFull, Some(ErrorKind::Full)) => {
                inner.rollback().await?
            }
            (RecordsTheLengthAtTheEnd, _) => {
                let lease = inner.commit().await?;
                let options = AppendOptions::new(lease.info().offset, CommitMode::Atomic);
                let options = options.declare_length(self.options.declare_length);
                lease.append(options).await?.commit().await?
            }
            _ => inner.commit().await?,
        };
        Ok(self.backend.lease(lease))
    }

    async fn rollback(mut self: Box<Self>) -> Result<Box<dyn Lease>> {
        let inner = self.inner.take().unwrap();
        let lease = match self.backend.defect {
            KeepsWhatIsRolledBack => inner.commit().await?,
            KeepsWhatFollowsACheckpoint if self.checkpointed => inner.commit().await?,
            KeepsTheLengthThatIsRolledBack => {
                let lease = inner.rollback().await?;
                let options = AppendOptions::new(lease.info().offset, CommitMode::Atomic);
                let options = options.declare_length(self.options.declare_length);
                lease.append(options).await?.commit().await?
            }
            _ => inner.rollback().await?,
        };
        Ok(self.backend.lease(lease))
    }
}

impl Drop for DefectiveAppend {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else {
            return;
        };
        // Nothing of the memory backend ever waits here.
        match self.backend.defect {
            CommitsWhatIsDropped => drop(inner.commit().now_or_never()),
            RollsBackWhatIsDropped => drop(inner.rollback().now_or_never()),
            KeepsWhatIsDropped => std::mem::forget(inner),
            _ => {}
        }
    }
}
