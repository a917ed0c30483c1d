//! The end of an append: what came counts, or is taken back.

use oxitus_core::storage::Result;

use super::{Writer, missing_part};
use crate::append::tail::Tail;
use crate::error;
use crate::lease::S3Lease;
use crate::record::State;
use crate::rules::{Rule, holds};

impl Writer {
    /// Makes what came part of the upload; after a gap, what came before it.
    pub(in crate::append) async fn commit(mut self) -> Result<S3Lease> {
        let committed = self.record_all().await;
        self.remove_own_segments();
        committed?;
        self.into_lease()
    }

    async fn record_all(&mut self) -> Result<()> {
        if self.is_lost {
            return Err(error::lost());
        }
        let had_gap = self.has_gap;
        let gathered = match (had_gap, self.has_told) {
            (false, _) => self.gather().await,
            (true, true) => Ok(()),
            (true, false) => Err(missing_part()),
        };
        if gathered.is_err() && !self.has_gap {
            // The bytes are there, but cannot be stored: what is uploaded counts.
            self.tail = Tail::empty();
        }
        let mut next = self.record().next();
        self.add_sealed(&mut next);
        if gathered.is_ok() && !had_gap {
            self.add_tail(&mut next);
            next.length = self.length;
            self.finish_if_full(&mut next);
        }
        let is_changed = next.offset != self.record().offset || next.length != self.record().length;
        if is_changed || self.uses_numbers() {
            if next.state == State::Finishing && !holds(Rule::ObjectFollowsRecord) {
                let _ = self.node.make_object(&next, None).await;
            }
            self.keep_or_return_numbers(&mut next);
            self.record_as(next).await?;
        } else {
            // What is remembered may be out of date, and nothing has tried it.
            self.node.records.confirm(&self.memory.version).await?;
        }
        gathered
    }

    /// Has every byte stored.
    pub(super) async fn gather(&mut self) -> Result<()> {
        self.settle_all().await?;
        let is_last_part = self.length == Some(self.end) && !self.is_small();
        if is_last_part && self.tail.len() > 0 {
            self.seal().await?;
            self.settle_all().await
        } else if self.tail.is_fragmented() && !self.is_recorded() {
            self.join_segments().await
        } else {
            self.renew_segments_if_due().await?;
            self.store_tail().await
        }
    }

    /// Takes back what came since the record was last changed.
    pub(in crate::append) async fn rollback(mut self) -> Result<S3Lease> {
        let has_sent = !self.uploads.is_empty() || !self.sealed.is_empty() || self.uses_numbers();
        self.uploads.give_up();
        self.sealed.clear();
        self.burn();
        self.tail = Tail::of(self.record());
        self.remove_own_segments();
        if self.is_lost {
            // Not a lease of what is known to be out of date, which the next request would rely on.
            return Err(error::lost());
        }
        let is_open_to_adoption = self
            .record()
            .claim
            .as_ref()
            .is_some_and(|claim| claim.adoptable);
        if has_sent && is_open_to_adoption {
            let mut next = self.record().next();
            if let Some(first) = self.unused() {
                next.next_number = first;
            }
            next.claim = None;
            self.memory.numbers = None;
            self.record_as(next).await?;
        }
        self.into_lease()
    }

    fn into_lease(self) -> Result<S3Lease> {
        let Self {
            node,
            hold,
            mut memory,
            tail,
            ..
        } = self;
        memory.tail = tail.into_kept();
        memory.streak += 1;
        let upload = memory.version.record.upload()?;
        Ok(S3Lease {
            node,
            memory,
            upload,
            hold,
        })
    }
}
