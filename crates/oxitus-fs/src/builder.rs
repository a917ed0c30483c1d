//! [`FsBackendBuilder`]: how a directory is to be used.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use oxitus_core::storage::Result;

use crate::backend::FsBackend;
use crate::disk::{Disk, Fault};
use crate::durability::Durability;
use crate::layout::Layout;
use crate::pace::Pace;
use crate::store::Store;

/// How a directory is to be used. Made by [`FsBackend::builder`].
#[derive(Clone)]
#[must_use]
pub struct FsBackendBuilder {
    root: PathBuf,
    durability: Durability,
    shard_depth: u8,
    fault: Option<Fault>,
}

impl FsBackendBuilder {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            durability: Durability::default(),
            shard_depth: 0,
            fault: None,
        }
    }

    /// What a power failure may take; [`Durability::Completion`] unless told otherwise. Processes
    /// that share a directory may differ in it, each promises for itself.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How many levels of directories to spread the uploads over; 0 to 3, and 0 unless told
    /// otherwise. Each level is named after two more characters of the id, so one level is about a
    /// thousand directories. From some hundred thousand uploads on it makes sweeps cheaper, and is
    /// kinder to tools.
    ///
    /// It is fixed when a directory is first opened.
    pub fn shard_depth(mut self, levels: u8) -> Self {
        self.shard_depth = levels;
        self
    }

    /// Lets the disk fail, or be slow, for tests: called before each operation.
    #[doc(hidden)]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Opens the directory, which is made where there is none. Blocks for a moment.
    ///
    /// # Errors
    /// [`Corrupt`](oxitus_core::storage::ErrorKind::Corrupt) where the directory was made by a newer
    /// version, [`Other`](oxitus_core::storage::ErrorKind::Other) where it was made with another
    /// shard depth or cannot be used at all.
    pub fn open(self) -> Result<FsBackend> {
        let layout = Layout::new(self.root, self.shard_depth);
        layout.establish(self.durability.syncs())?;
        Ok(FsBackend::new(Arc::new(Store {
            layout,
            durability: self.durability,
            disk: Disk::new(self.fault),
            pace: Pace::default(),
        })))
    }
}

impl fmt::Debug for FsBackendBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FsBackendBuilder")
            .field("root", &self.root)
            .field("durability", &self.durability)
            .field("shard_depth", &self.shard_depth)
            .finish_non_exhaustive()
    }
}
