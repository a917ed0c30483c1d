//! Making what is uploaded part of the record.

use std::time::Duration;

use oxitus_core::proto::upload::Kind;
use oxitus_core::storage::{CommitMode, ErrorKind, Result};
use tokio::time::Instant;

use super::Writer;
use crate::record::{Record, State};
use crate::rules::{Rule, holds};

/// How long an append may go on without its upload's expiry being put off.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// How long checkpoints are apart at most: a client that drips costs a request for each.
const CHECKPOINTS_APART: Duration = Duration::from_secs(30);

impl Writer {
    /// Makes visible what came, if it may be. A client that drips makes for ever fewer of them.
    pub(in crate::append) async fn checkpoint(&mut self) -> Result<()> {
        let apart = (Duration::from_secs(1) * self.checkpoints).min(CHECKPOINTS_APART);
        if self.checkpoints > 0 && self.changed.elapsed() < apart {
            return Ok(());
        }
        let published = self.publish().await;
        self.has_told |= published.is_err();
        published
    }

    pub(super) async fn publish(&mut self) -> Result<()> {
        let is_stopped = self.has_gap || self.is_lost;
        if self.mode == CommitMode::Atomic || is_stopped || self.end == self.record().offset {
            return Ok(());
        }
        self.gather().await?;
        let mut next = self.record().next();
        self.add_sealed(&mut next);
        self.add_tail(&mut next);
        self.finish_if_full(&mut next);
        next.claim = self.claim_that_goes_on(&next);
        self.checkpoints += 1;
        self.record_as(next).await
    }

    /// Puts off the expiry of an upload whose bytes come slowly.
    pub(super) async fn renew_if_due(&mut self) -> Result<()> {
        let Some(time_to_live) = self.record().head.time_to_live else {
            return Ok(());
        };
        if self.changed.elapsed() < RENEW_EVERY.min(time_to_live / 4) {
            return Ok(());
        }
        while self.mode == CommitMode::Progressive && self.uploads.first_is_done() {
            self.settle_first().await?;
        }
        let mut next = self.progress();
        next.last_activity = self.node.settings.clock.now();
        next.claim = self.claim_that_goes_on(&next);
        self.record_as(next).await
    }

    /// The next version of the record, with every part that is uploaded, if it may show.
    fn progress(&self) -> Record {
        let mut next = self.record().next();
        if self.mode == CommitMode::Progressive {
            self.add_sealed(&mut next);
            self.finish_if_full(&mut next);
        }
        next
    }

    /// Makes the uploaded parts part of the record.
    pub(super) fn add_sealed(&self, next: &mut Record) {
        if self.sealed.is_empty() {
            return;
        }
        next.parts.extend(self.sealed.iter().cloned());
        next.pending.clear();
        self.move_on(next);
    }

    /// Makes the stored bytes behind the parts part of the record.
    pub(super) fn add_tail(&self, next: &mut Record) {
        next.pending = self.tail.stored().to_vec();
        self.move_on(next);
    }

    /// Moves the offset to where the bytes end.
    fn move_on(&self, next: &mut Record) {
        let offset = next.sealed() + next.pending_size();
        if offset > self.record().offset {
            next.last_activity = self.node.settings.clock.now();
            next.length = self.length;
        }
        next.offset = offset;
    }

    pub(super) fn finish_if_full(&self, next: &mut Record) {
        if self.length == Some(next.offset) && !matches!(next.head.kind, Kind::Final(_)) {
            next.length = self.length;
            next.state = State::Finishing;
        }
    }

    /// Replaces the record.
    pub(super) async fn record_as(&mut self, next: Record) -> Result<()> {
        let taken = next.parts.len() - self.record().parts.len();
        let replaced = self.node.replace(&self.memory.version, next).await;
        match replaced {
            Ok(version) => {
                self.hold.stands_at(version.record.offset);
                self.memory.version = version;
                // One that was sent before is refused from now on.
                self.is_in_doubt = false;
                self.sealed.drain(..taken);
                self.changed = Instant::now();
                let record = &self.memory.version.record;
                let unneeded = self.own.take_unneeded(record, self.tail.stored());
                self.node.remove_unreferenced(unneeded);
                Ok(())
            }
            Err(error) => {
                self.is_lost |= error.kind() == ErrorKind::LeaseLost;
                self.is_in_doubt = true;
                if !holds(Rule::LostIsUnknown) {
                    self.remove_own_segments();
                }
                Err(error)
            }
        }
    }
}
