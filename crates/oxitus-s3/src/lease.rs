//! [`S3Lease`]: the right of this process to try and change an upload.
//!
//! Within the process it is exclusive. Beyond it, it is as good as the version of the record that
//! it was taken with: each change replaces that version, and no other.

use std::sync::Arc;

use async_trait::async_trait;
use oxitus_core::proto::id::UploadId;
use oxitus_core::proto::upload::{Kind, Phase, Upload};
use oxitus_core::storage::{Acquire, Append, AppendOptions, Intent, Lease, Result};
use tokio::time;

use crate::adopt::Live;
use crate::append::S3Append;
use crate::cache::Memory;
use crate::error;
use crate::holders::Hold;
use crate::kept::Kept;
use crate::node::Node;
use crate::record::{Record, State};

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct S3Lease {
    pub(crate) node: Arc<Node>,
    pub(crate) memory: Memory,
    pub(crate) upload: Upload,
    pub(crate) hold: Arc<Hold>,
}

impl S3Lease {
    /// Makes an upload and takes its lease.
    pub(crate) async fn create(node: Arc<Node>, record: Record) -> Result<Self> {
        // Whoever holds it has it, or is about to.
        let hold = node.holders.hold(&record.head.id);
        let hold = hold.map_err(|_| error::taken())?;
        let version = node.records.create(record).await?;
        Self::new(node, hold, Memory::of(version))
    }

    /// Takes the lease of an upload.
    pub(crate) async fn acquire(node: Arc<Node>, id: &UploadId, how: Acquire) -> Result<Self> {
        let (hold, wanted) = match how {
            Acquire::Try => (node.holders.hold(id)?, None),
            Acquire::Ask { intent, timeout } => {
                let hold = time::timeout(timeout, node.holders.ask(id, intent)).await;
                (hold.unwrap_or_else(|_| Err(error::locked()))?, Some(intent))
            }
        };
        let remembered = node.cache.take(id);
        let memory = match (wanted, remembered) {
            (Some(Intent::Append { offset }), Some(memory)) if is_fit(&memory, offset, &node) => {
                memory
            }
            (_, remembered) => {
                let version = node.records.load(id).await?;
                let is_known =
                    |memory: &Memory| memory.version.record.nonce == version.record.nonce;
                match (remembered.filter(is_known), how) {
                    (Some(memory), _) => memory,
                    // A newcomer that knows where it wants to append does without what another
                    // writer has not recorded; anybody else is to see all there is.
                    (None, Acquire::Ask { .. }) => Memory::of(version),
                    (None, Acquire::Try) => Memory::of(node.adopt(version, Live::Held).await?),
                }
            }
        };
        let lease = Self::new(node, hold, memory)?;
        match wanted {
            Some(Intent::Append { offset }) if offset != lease.upload.offset => {
                Err(error::misplaced())
            }
            _ => Ok(lease),
        }
    }

    /// A lease of what `memory` says.
    pub(crate) fn new(node: Arc<Node>, hold: Hold, memory: Memory) -> Result<Self> {
        let record = &memory.version.record;
        // One that has failed can be removed all the same.
        let upload = match record.state {
            State::Failed => record.snapshot(),
            _ => record.upload()?,
        };
        hold.stands_at(upload.offset);
        Ok(Self {
            node,
            memory,
            upload,
            hold: Arc::new(hold),
        })
    }

    /// Begins to write where the upload stands.
    pub(crate) fn into_append(self, options: AppendOptions) -> Result<S3Append> {
        let takes_bytes = matches!(
            self.memory.version.record.state,
            State::Open | State::Finishing
        ) && !matches!(self.upload.kind, Kind::Final(_));
        if !takes_bytes || options.offset != self.upload.offset {
            return Err(error::misplaced());
        }
        let length = match (self.upload.length, options.declare_length) {
            (Some(known), Some(declared)) if known != declared => return Err(error::misplaced()),
            (known, declared) => known.or(declared),
        };
        if length.is_some_and(|length| length < options.offset) {
            return Err(error::misplaced());
        }
        let record = &self.memory.version.record;
        let is_promise = record.length.is_none();
        if is_promise && length.is_some_and(|length| length > record.promised_capacity()) {
            return Err(error::too_large());
        }
        let part_size = record.head.part_size;
        let expects_bytes = length.is_none_or(|length| length > options.offset);
        if expects_bytes {
            let largest = length.map_or(part_size, |length| length.min(part_size));
            self.node.budget.check(largest)?;
        }
        Ok(S3Append::new(self, length, &options))
    }

    /// Remembers for the next request what this one knows, and lets go.
    fn let_go(self) {
        let Self {
            node,
            memory,
            upload,
            hold,
        } = self;
        if memory.version.record.state == State::Open {
            node.cache.put(upload.id, memory);
        }
        drop(hold);
    }
}

/// Whether what is remembered will do for an append at `offset`, such that nothing would be refused
/// because of it.
fn is_fit(memory: &Memory, offset: u64, node: &Node) -> bool {
    let record = &memory.version.record;
    record.state == State::Open
        && record.offset == offset
        && !record.snapshot().is_expired(node.settings.clock.now())
}

#[async_trait]
impl Lease for S3Lease {
    fn info(&self) -> &Upload {
        &self.upload
    }

    async fn wanted(&mut self) -> Intent {
        self.hold.wanted().await
    }

    async fn append(self: Box<Self>, options: AppendOptions) -> Result<Box<dyn Append>> {
        Ok(Box::new(self.into_append(options)?))
    }

    async fn assemble(mut self: Box<Self>) -> Result<Box<dyn Lease>> {
        if self.upload.phase == Phase::Receiving {
            let version = &self.memory.version;
            self.memory = Memory::of(self.node.assemble(version).await?);
            self.upload = self.memory.version.record.upload()?;
        }
        Ok(self)
    }

    async fn complete(&mut self) -> Result<()> {
        let (tail, _room) = self.memory.tail.take().and_then(Kept::take).unzip();
        let version = self.node.finish(&self.memory.version, tail).await?;
        self.upload = version.record.upload()?;
        self.memory = Memory::of(version);
        Ok(())
    }

    async fn terminate(self: Box<Self>) -> Result<()> {
        self.node.terminate(&self.memory.version).await
    }

    async fn release(self: Box<Self>) -> Result<()> {
        self.let_go();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
