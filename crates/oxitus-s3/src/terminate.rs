//! Removing an upload.
//!
//! The record goes first, or rather it stays: as a tombstone, which every writer's conditional PUT
//! fails at, while what is in flight may still land. A late part revives an aborted multipart upload
//! on some stores, and a late PUT or Complete makes the object anew. So the sweeper removes
//! everything once more, and the tombstone last, when no request can be that late.

use oxitus_core::storage::{ErrorKind, Result};

use crate::bucket::{self, ErrorKind as Failure, Multipart};
use crate::node::Node;
use crate::record::{Record, Segment, State};
use crate::records::Version;
use crate::rules::{Rule, holds};

/// How often a multipart upload is aborted whose parts do not go away.
const ABORTS: usize = 4;

impl Node {
    /// Removes an upload, unless somebody has changed it meanwhile: what was decided of the version
    /// that is given may not hold for another.
    ///
    /// # Errors
    /// `LeaseLost` where somebody has.
    pub(crate) async fn terminate(&self, version: &Version) -> Result<()> {
        let id = &version.record.head.id;
        let mut next = version.record.next();
        next.state = State::Terminated {
            at: self.settings.clock.now(),
        };
        next.claim = None;
        // Not as other versions are replaced: what this one references is still to be removed.
        let tombstone = match self.records.replace(version, next).await {
            Ok(tombstone) => tombstone.record,
            Err(error) if error.kind() == ErrorKind::LeaseLost => {
                return match self.records.load(id).await {
                    Ok(now) if !now.record.is_terminated() => Err(error),
                    Err(unknown) if unknown.kind() != ErrorKind::NotFound => Err(unknown),
                    _ => Ok(()),
                };
            }
            Err(error) => return Err(error),
        };
        if let Err(error) = self.remove_everything(&tombstone).await {
            tracing::warn!(%error, %id, "of a removed upload something stays for the sweeper");
        }
        if !holds(Rule::TombstonesStay) {
            self.records.remove(id).await?;
        }
        Ok(())
    }

    /// Removes what the record of a removed upload references, as far as it can. Can be repeated.
    pub(crate) async fn remove_everything(&self, record: &Record) -> bucket::Result<()> {
        let mut removed = match record.multipart() {
            Some(multipart) => self.abort(&multipart).await,
            None => Ok(()),
        };
        for key in record.pending.iter().filter_map(Segment::key) {
            removed = removed.and(self.bucket.delete(key).await);
        }
        removed.and(self.bucket.delete(&record.head.key).await)
    }

    /// Aborts a multipart upload until none of its parts is left: those that were under way may have
    /// arrived meanwhile.
    async fn abort(&self, multipart: &Multipart) -> bucket::Result<()> {
        for _ in 0..ABORTS {
            self.bucket.abort_multipart(multipart).await?;
            match self.bucket.list_parts(multipart, 0).await {
                Ok(parts) if !parts.is_empty() => {}
                Ok(_) => return Ok(()),
                // Some stores refuse to list the parts of what is not there.
                Err(error) if matches!(error.kind, Failure::NoSuchUpload | Failure::Refused) => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Err(bucket::Error::new(Failure::Unknown, "AbortMultipartUpload"))
    }
}
