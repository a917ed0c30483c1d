//! [`S3Append`]: takes bytes, gathers them into parts, and sends these while the next one fills.

mod own;
mod tail;
#[cfg(test)]
mod tests;
mod uploads;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use oxitus_core::storage::{Append, AppendOptions, Error, ErrorKind, Intent, Lease, Result};
use tokio::sync::Mutex;

use self::writer::Writer;
use crate::budget::Spill;
use crate::holders::Hold;
use crate::lease::S3Lease;

/// A write in progress. Whoever needs memory may reach into one that is idle, hence the lock.
#[derive(Debug)]
pub(crate) struct S3Append {
    hold: Arc<Hold>,
    writer: Arc<Shared>,
}

/// The writer, until its append has ended.
#[derive(Debug)]
struct Shared(Mutex<Option<Writer>>);

impl S3Append {
    /// Begins to write what `options` say to an upload that has, or will have, this length.
    pub(crate) fn new(lease: S3Lease, length: Option<u64>, options: &AppendOptions) -> Self {
        let hold = Arc::clone(&lease.hold);
        let writer = Arc::new_cyclic(|shared: &std::sync::Weak<Shared>| {
            let writer = Writer::new(lease, length, options, shared.clone());
            Shared(Mutex::new(Some(writer)))
        });
        Self { hold, writer }
    }

    /// Has it give its memory back, as if others waited for it.
    #[cfg(test)]
    pub(crate) async fn spill(&self) {
        self.writer.spill().await;
    }

    /// Ends the append, whichever way.
    async fn end(self) -> Result<Writer> {
        let writer = self.writer.0.lock().await.take();
        writer.ok_or_else(over)
    }
}

#[async_trait]
impl Spill for Shared {
    async fn spill(&self) {
        if let Some(writer) = self.0.lock().await.as_mut()
            && let Err(error) = writer.spill().await
        {
            tracing::debug!(%error, "an idle upload keeps its memory");
        }
    }
}

#[async_trait]
impl Append for S3Append {
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let mut writer = self.writer.0.lock().await;
        writer.as_mut().ok_or_else(over)?.write(chunks).await
    }

    async fn checkpoint(&mut self) -> Result<()> {
        let mut writer = self.writer.0.lock().await;
        writer.as_mut().ok_or_else(over)?.checkpoint().await
    }

    async fn wanted(&mut self) -> Intent {
        self.hold.wanted().await
    }

    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.end().await?.commit().await?;
        Ok(Box::new(lease))
    }

    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>> {
        let lease = self.end().await?.rollback().await?;
        Ok(Box::new(lease))
    }
}

fn over() -> Error {
    Error::new(ErrorKind::Other, "the append has ended")
}
