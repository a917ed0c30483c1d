//! [`Store`]: what the backend, its leases and its appends share.

use std::fs::File;
use std::sync::Arc;

use oxitus_core::proto::id::UploadId;

use crate::disk::{Disk, Operation};
use crate::durability::Durability;
use crate::error::Result;
use crate::layout::Layout;
use crate::pace::{Effort, Pace, Running};

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) layout: Layout,
    pub(crate) durability: Durability,
    pub(crate) disk: Disk,
    pub(crate) pace: Pace,
}

impl Store {
    /// Uses the disk: on this thread while it is quick, else on another. Short work only.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        effort: Effort,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.start(effort, work).await?
    }

    /// The same, for those who wait in more than one future: it begins at once.
    pub(crate) fn start<T: Send + 'static>(
        self: &Arc<Self>,
        effort: Effort,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Running<Result<T>> {
        match self.pace.on_the_spot() {
            Some(_leave) => Running::Done(Some(self.pace.timed(effort, || work(self)))),
            None => {
                let store = Arc::clone(self);
                Running::Elsewhere(tokio::task::spawn_blocking(move || {
                    store.pace.timed(effort, || work(&store))
                }))
            }
        }
    }

    /// Uses the disk for long: always on another thread.
    pub(crate) async fn run_long<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&store)).await?
    }

    /// Brings the names of an upload's files to the disk, and the names of the directories they are
    /// in.
    pub(crate) fn sync_directories(&self, id: &UploadId) -> Result<()> {
        for directory in self.layout.directories(id) {
            let directory = self
                .disk
                .perform(Operation::Open, || File::open(directory))?;
            self.disk
                .perform(Operation::Sync, || directory.sync_all())?;
        }
        Ok(())
    }
}
