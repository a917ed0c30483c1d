//! [`Lease`] and [`Append`]: the exclusive right to change an upload, and a write in progress.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use oxitus_proto::upload::Upload;

use super::{Intent, Result};

/// The exclusive right to change one upload. Every change goes through one; see the
/// [module](super) for the contract.
#[async_trait]
pub trait Lease: fmt::Debug + Send {
    /// The upload as it stands. Only the holder can change it, so it stays true.
    fn info(&self) -> &Upload;

    /// Waits until somebody in another process asks for this upload. Cancel-safe.
    async fn wanted(&mut self) -> Intent;

    /// Begins to write at the offset.
    ///
    /// # Errors
    /// [`OffsetMismatch`](super::ErrorKind::OffsetMismatch) where the upload is complete or does
    /// not stand at `options.offset`; the lease is gone then.
    async fn append(self: Box<Self>, options: AppendOptions) -> Result<Box<dyn Append>>;

    /// Joins the parts of a final upload. The lease comes back `Received`; on an upload that is so
    /// already nothing is done.
    ///
    /// # Errors
    /// [`PartMissing`](super::ErrorKind::PartMissing),
    /// [`PartUnfinished`](super::ErrorKind::PartUnfinished), [`Full`](super::ErrorKind::Full). The
    /// lease is gone then, and the upload is as it was recorded.
    async fn assemble(self: Box<Self>) -> Result<Box<dyn Lease>>;

    /// Finishes an upload that is `Received`. On one that is `Complete` it does nothing.
    ///
    /// # Errors
    /// What can befall any storage; the upload stays `Received`, unless bytes turned out to be
    /// lost: then the offset goes back to the last that is certain, and the phase with it.
    async fn complete(&mut self) -> Result<()>;

    /// Removes the upload.
    ///
    /// # Errors
    /// What can befall any storage; the upload may be gone all the same.
    async fn terminate(self: Box<Self>) -> Result<()>;

    /// Gives the lease up. Dropping it does so too, a little later.
    ///
    /// # Errors
    /// What can befall any storage; the lease is gone all the same.
    async fn release(self: Box<Self>) -> Result<()>;
}

/// A write in progress; both of its ends give the lease back.
#[async_trait]
pub trait Append: fmt::Debug + Send {
    /// Writes `chunks` in order, behind what was written before.
    ///
    /// A progressive append has them visible when this returns, where the backend can do that
    /// cheaply; else after [`checkpoint`](Self::checkpoint) or `commit`.
    ///
    /// # Errors
    /// [`Full`](super::ErrorKind::Full), [`LeaseLost`](super::ErrorKind::LeaseLost),
    /// [`OffsetMismatch`](super::ErrorKind::OffsetMismatch) for a write beyond the length,
    /// [`TooLarge`](super::ErrorKind::TooLarge) for one beyond what the storage can hold. What
    /// was written before is intact, and how much of this write was kept shows after `commit`.
    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()>;

    /// Says that no byte has come for about a second: a progressive append makes visible what was
    /// written, where [`write`](Self::write) has not. An atomic one does nothing.
    ///
    /// # Errors
    /// As for [`write`](Self::write).
    async fn checkpoint(&mut self) -> Result<()>;

    /// Waits until somebody in another process asks for this upload. Cancel-safe.
    async fn wanted(&mut self) -> Intent;

    /// Makes what was written, and a declared length, part of the upload.
    ///
    /// # Errors
    /// What can befall any storage, [`Gone`](super::ErrorKind::Gone) where it turns out that the
    /// upload can never be completed; the lease is gone then.
    async fn commit(self: Box<Self>) -> Result<Box<dyn Lease>>;

    /// Takes back what was written, and a declared length. On a backend whose progressive appends
    /// are made visible by checkpoints, what a checkpoint has made visible stays.
    ///
    /// # Errors
    /// What can befall any storage; the lease is gone then.
    async fn rollback(self: Box<Self>) -> Result<Box<dyn Lease>>;
}

/// How to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppendOptions {
    /// Where the first byte goes; must be where the upload stands.
    pub offset: u64,
    /// What becomes of the bytes before the end.
    pub mode: CommitMode,
    /// A length to record, in bytes.
    pub declare_length: Option<u64>,
    /// How many bytes will come, where that is known.
    pub expected: Option<u64>,
}

impl AppendOptions {
    /// An append at `offset` without anything else.
    #[must_use]
    pub const fn new(offset: u64, mode: CommitMode) -> Self {
        Self {
            offset,
            mode,
            declare_length: None,
            expected: None,
        }
    }

    /// Records the length with it.
    #[must_use]
    pub const fn declare_length(mut self, length: Option<u64>) -> Self {
        self.declare_length = length;
        self
    }

    /// Tells how many bytes will come, in case a backend can prepare for them.
    #[must_use]
    pub const fn expected(mut self, bytes: Option<u64>) -> Self {
        self.expected = bytes;
        self
    }
}

/// What becomes of the bytes of an append before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitMode {
    /// They count as they come: a client that vanishes loses nothing.
    Progressive,
    /// They count when all are there, or not at all: somebody still has to verify them.
    Atomic,
}
