//! [`FsAppend`]: bytes on their way into an upload.

use async_trait::async_trait;
use bytes::Bytes;
use oxitus_core::proto::upload::Phase;
use oxitus_core::storage::{self, Append, AppendOptions, CommitMode, Intent, Lease};

use crate::error::{Failure, Result};
use crate::files::Files;
use crate::lease::{FsLease, Held};
use crate::pace::Effort;
use crate::record::State;
use crate::store::Store;

/// A write in progress.
///
/// A progressive append writes bytes, which count with the length of the file. An atomic one first
/// puts a mark into the record, above which nothing counts, and takes it away at the end. Dropping
/// one needs nothing done: what a mark leaves behind is cut off by the next lease.
#[derive(Debug)]
pub(crate) struct FsAppend {
    held: Held,
    mode: CommitMode,
    /// The state to go back to.
    before: State,
    /// The state to arrive at.
    after: State,
    /// Where it began.
    start: u64,
    /// Behind the last byte that was accepted.
    position: u64,
    /// Whether the record is ready for bytes.
    prepared: bool,
}

impl FsAppend {
    pub(crate) fn begin(held: Held, options: AppendOptions) -> Result<Self> {
        let AppendOptions {
            offset,
            mode,
            declare_length,
            ..
        } = options;
        let upload = held.upload();
        let ended = upload.phase == Phase::Complete || held.is_final();
        let too_short = declare_length.is_some_and(|length| length < offset);
        let twice =
            declare_length.is_some() && upload.length.is_some() && declare_length != upload.length;
        if ended || offset != upload.offset || too_short || twice {
            return Err(Failure::OffsetMismatch);
        }
        let before = held.state();
        Ok(Self {
            mode,
            before,
            after: State {
                length: upload.length.or(declare_length),
                // One that was complete, and lost bytes, is to be completed anew.
                phase: Phase::Receiving,
                ..before
            },
            start: offset,
            position: offset,
            prepared: false,
            held,
        })
    }

    /// Brings the record into the state in which bytes may follow.
    async fn prepare(&mut self) -> Result<()> {
        let state = match self.mode {
            CommitMode::Progressive => self.after,
            CommitMode::Atomic => State {
                staged_from: Some(self.start),
                ..self.before
            },
        };
        if state != self.held.state() {
            self.held.put(state).await?;
        }
        if self.mode == CommitMode::Atomic && self.held.store().durability.syncs() {
            self.held.sync_record_or_put(self.before).await?;
        }
        self.prepared = true;
        Ok(())
    }

    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let total = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        let end = self
            .position
            .checked_add(total)
            .ok_or(Failure::OffsetMismatch)?;
        if self.after.length.is_some_and(|length| end > length) {
            return Err(Failure::OffsetMismatch);
        }
        if total == 0 {
            return Ok(());
        }
        if !self.prepared {
            self.prepare().await?;
        }
        let files = self.held.files().clone();
        let position = self.position;
        let (written, outcome) = self
            .held
            .store()
            .run(Effort::Change, move |store| {
                Ok(write_at(store, &files, position, &chunks))
            })
            .await?;
        self.position += written;
        outcome
    }

    async fn commit(mut self) -> Result<Held> {
        let always = self.held.store().durability.syncs_always();
        if always && self.position > self.start {
            self.held.sync_data_or_fall_back(self.before).await?;
        }
        if self.after != self.held.state() {
            self.held.put(self.after).await?;
        }
        if always {
            self.held.sync_record_or_fall_back(self.before).await?;
        }
        self.held.refresh().await?;
        if always {
            self.held.is_certain();
        }
        Ok(self.held)
    }

    async fn rollback(mut self) -> Result<Held> {
        if self.prepared {
            self.held.truncate(self.start).await?;
        }
        if self.before != self.held.state() {
            if self.mode == CommitMode::Atomic && self.held.store().durability.syncs() {
                self.held.sync_data_or_fall_back(self.before).await?;
            }
            self.held.put(self.before).await?;
        }
        self.held.refresh().await?;
        Ok(self.held)
    }
}

/// Writes at `position`, and says how much of it was written, also where it failed. Behind that the
/// file ends.
fn write_at(store: &Store, files: &Files, position: u64, chunks: &[Bytes]) -> (u64, Result<()>) {
    let mut written = 0;
    let outcome = store
        .disk
        .write(&files.data, position, chunks, &mut written);
    if outcome.is_err()
        && let Err(failure) = files.truncate(&store.disk, position + written)
    {
        tracing::warn!(%failure, "could not cut off a write that failed");
    }
    (written, outcome)
}

#[async_trait]
impl Append for FsAppend {
    async fn write(&mut self, chunks: Vec<Bytes>) -> storage::Result<()> {
        Ok(self.write(chunks).await?)
    }

    /// What is written is visible already.
    async fn checkpoint(&mut self) -> storage::Result<()> {
        Ok(())
    }

    async fn wanted(&mut self) -> Intent {
        self.held.wanted().await
    }

    async fn commit(self: Box<Self>) -> storage::Result<Box<dyn Lease>> {
        let held = (*self).commit().await?;
        Ok(Box::new(FsLease { held }))
    }

    async fn rollback(self: Box<Self>) -> storage::Result<Box<dyn Lease>> {
        let held = (*self).rollback().await?;
        Ok(Box::new(FsLease { held }))
    }
}
