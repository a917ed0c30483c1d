//! Sending parts, and what it means that one could not be sent.

use oxitus_core::storage::{Error, ErrorKind, Result};

use super::Writer;
use crate::append::tail::Tail;
use crate::bucket::{self, ErrorKind as Failure};
use crate::error;
use crate::record::State;

impl Writer {
    /// Sends the tail as a part.
    pub(super) async fn seal(&mut self) -> Result<()> {
        self.load().await?;
        while self.uploads.len() >= self.node.settings.parts_in_flight {
            self.settle_first().await?;
        }
        let number = self.number().await?;
        let Some(multipart) = self.record().multipart() else {
            return Err(Error::new(ErrorKind::Corrupt, "a claim without an upload"));
        };
        let (bytes, reservation) = self.tail.cut();
        self.used = self.used.saturating_add(1);
        self.uploads
            .start(&self.node, multipart, number, bytes, reservation);
        Ok(())
    }

    /// Waits for the first part on its way.
    pub(super) async fn settle_first(&mut self) -> Result<()> {
        match self.uploads.first().await {
            Ok(part) => {
                self.sealed.extend(part);
                Ok(())
            }
            Err(error) => {
                self.cut_off();
                Err(self.judge(error).await)
            }
        }
    }

    pub(super) async fn settle_all(&mut self) -> Result<()> {
        while !self.uploads.is_empty() {
            self.settle_first().await?;
        }
        Ok(())
    }

    /// What it means that a part could not be uploaded. Somebody may have completed or removed the
    /// upload meanwhile, and some stores hang up on whoever sends a part of one that they do not
    /// know.
    async fn judge(&mut self, error: bucket::Error) -> Error {
        let id = &self.record().head.id;
        let is_changed = match self.node.records.load(id).await {
            Ok(now) => now.record.nonce != self.record().nonce,
            Err(unknown) => unknown.kind() == ErrorKind::NotFound,
        };
        self.is_lost |= is_changed;
        let is_denied = matches!(error.kind, Failure::NoSuchUpload | Failure::Unknown);
        if !is_changed && is_denied && self.is_gone().await {
            return error::failed();
        }
        if !self.is_lost && error.kind != Failure::NoSuchUpload {
            return error.into();
        }
        Error::with_source(
            ErrorKind::LeaseLost,
            "the upload has ended or gone on elsewhere",
            error,
        )
    }

    /// Whether the store has removed what was uploaded, and the upload has failed. It does not help
    /// to send a part again then.
    async fn is_gone(&mut self) -> bool {
        let version = self.memory.version.clone();
        let nonce = version.record.nonce.clone();
        match self.node.fail_if_gone(version).await {
            Ok(now) => {
                self.is_lost |= now.record.nonce != nonce;
                now.record.state == State::Failed
            }
            Err(error) => {
                self.is_lost |= error.kind() == ErrorKind::LeaseLost;
                false
            }
        }
    }

    /// Gives up what comes after the parts that are uploaded: there is a gap.
    fn cut_off(&mut self) {
        self.has_gap = true;
        self.burn();
        let record = &self.memory.version.record;
        self.tail = if self.sealed.is_empty() {
            Tail::of(record)
        } else {
            Tail::empty()
        };
        self.end = self.sealed_end() + self.tail.len() as u64;
    }
}
