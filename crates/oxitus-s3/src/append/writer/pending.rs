//! The bytes that are no part yet, as segments in the bucket.

use oxitus_core::storage::{CommitMode, Result};

use super::Writer;
use crate::rules::{Rule, holds};

impl Writer {
    /// Gives memory back that others wait for.
    pub(in crate::append) async fn spill(&mut self) -> Result<()> {
        if self.has_gap || self.is_lost {
            // Its bytes will never be part of the upload.
            self.tail.discard();
            return Ok(());
        }
        self.store_tail().await?;
        self.tail.unload();
        if self.mode == CommitMode::Progressive {
            self.publish().await?;
            // Where segments were joined, they are in memory again.
            self.tail.unload();
        }
        Ok(())
    }

    /// Has every byte of the tail stored.
    pub(super) async fn store_tail(&mut self) -> Result<()> {
        let record = &self.memory.version.record;
        self.tail.store(&self.node, record).await?;
        self.own.add(self.tail.stored(), record);
        Ok(())
    }

    /// Has one segment in place of many.
    pub(super) async fn join_segments(&mut self) -> Result<()> {
        self.load().await?;
        let record = &self.memory.version.record;
        self.tail.join(&self.node, record).await?;
        self.own.add(self.tail.stored(), record);
        Ok(())
    }

    /// Stores the tail anew before the sweeper takes it for something that was left behind: the
    /// segments of an append whose bytes are not to be seen yet are in no record.
    pub(super) async fn renew_segments_if_due(&mut self) -> Result<()> {
        let is_due = self.tail.is_older_than(self.node.settings.orphans_last / 2);
        match is_due && self.tail.stored() != self.record().pending {
            true => self.join_segments().await,
            false => Ok(()),
        }
    }

    /// Whether the record has the tail as it is.
    pub(super) fn is_recorded(&self) -> bool {
        !self.tail.has_fresh() && self.tail.stored() == self.record().pending
    }

    /// Removes the segments that this append has stored and no record references, at its end.
    pub(super) fn remove_own_segments(&mut self) {
        let own = self.own.take();
        if (self.is_in_doubt || self.is_lost) && holds(Rule::LostIsUnknown) {
            self.node.remove_lost(self.record(), own);
        } else {
            self.node.remove_unreferenced(own);
        }
    }
}
