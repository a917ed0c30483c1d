//! What no record references, and no request under way can still come to reference: it is older
//! than any of them lives.
//!
//! Others may keep objects under the same prefix, and so may a node that was told to keep its records
//! elsewhere, by mistake. So what has no record is removed only if it says itself that its record
//! would be in the place where there is none. A multipart upload cannot say so: without a record it
//! stays. So all that a removed upload has are aborted before its tombstone goes.

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{ErrorKind, Result};

use super::Moment;
use super::group::Group;
use crate::bucket::{ETag, ErrorKind as Failure, ListedObject, Multipart};
use crate::layout::Key;
use crate::node::Node;
use crate::record::{Record, State};
use crate::records::Version;

impl Node {
    /// Removes the pending segments and the object of a group that no record references. `version` is
    /// the record, if it is at hand.
    pub(super) async fn remove_orphans(
        &self,
        group: &Group,
        version: Option<Version>,
        moment: Moment,
    ) -> Result<()> {
        let is_suspect = |object: &&ListedObject| {
            self.is_old(object, moment)
                && !self
                    .quiet
                    .is_quiet(&object.key, &object.etag, moment.latest())
        };
        let segments: Vec<_> = group.pending.iter().filter(is_suspect).collect();
        let record_key = self.settings.layout.record(&group.id);
        let is_listed = group.record.is_some() || self.quiet.has_seen(&record_key);
        let data = group.data.as_ref().filter(is_suspect);
        let data = data.filter(|_| !is_listed);
        if segments.is_empty() && data.is_none() {
            return Ok(());
        }
        let record = match version {
            Some(version) => Some(version.record),
            None => match self.records.load(&group.id).await {
                Ok(version) => Some(version.record),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        let Some(record) = record else {
            // One that is listed and cannot be read has just been removed, or the store errs.
            if !is_listed {
                for object in segments.into_iter().chain(data) {
                    self.remove_if_ours(&group.id, object).await?;
                }
            }
            return Ok(());
        };
        for segment in segments {
            if record.references(&segment.key) {
                let later = moment.after(self.settings.orphans_last);
                self.quiet.keep(&segment.key, &segment.etag, later);
            } else {
                tracing::info!(key = %segment.key, "a forgotten pending segment is removed");
                self.bucket.delete(&segment.key).await?;
            }
        }
        Ok(())
    }

    /// Removes what an upload without a record has left behind, if it is an upload's, and the record
    /// is missing where that upload had it.
    async fn remove_if_ours(&self, id: &UploadId, object: &ListedObject) -> Result<()> {
        let head = match self.bucket.head(&object.key).await {
            Ok(head) => head,
            Err(error) if error.kind == Failure::NoSuchKey => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if head.metadata.contains(&self.record_mark(id)) {
            tracing::info!(key = %object.key, "something of a removed upload has come back, and is removed");
            self.bucket.delete(&object.key).await?;
        } else {
            self.quiet.keep(&object.key, &object.etag, None);
        }
        Ok(())
    }

    /// Aborts every multipart upload that a removed upload has. One whose creation nobody has heard of
    /// may be too young to have been aborted before, or its record could not be read then.
    pub(super) async fn abort_all(&self, tombstone: &Record) -> Result<()> {
        for multipart in self.bucket.multiparts_of(&tombstone.head.key).await? {
            self.bucket.abort_multipart(&multipart).await?;
        }
        Ok(())
    }

    /// Aborts the multipart uploads of uploads whose records do not reference them.
    pub(super) async fn abort_orphans(&self, moment: Moment) -> Result<()> {
        let prefix = &self.settings.layout.data_prefix;
        for open in self.bucket.list_multiparts(prefix).await? {
            if moment.age(open.initiated) >= self.settings.orphans_last
                && let Err(error) = self.abort_if_orphan(&open.multipart, moment).await
            {
                let key = &open.multipart.key;
                tracing::warn!(%key, %error, "a multipart upload could not be looked at");
            }
        }
        Ok(())
    }

    async fn abort_if_orphan(&self, multipart: &Multipart, moment: Moment) -> Result<()> {
        let Some(Key::Data(id)) = self.settings.layout.read(&multipart.key) else {
            return Ok(());
        };
        // One that is referenced stays so, for the most part until it is completed or aborted.
        let name = format!("{} {}", multipart.key, multipart.id);
        let version = ETag(String::new());
        if self.quiet.is_quiet(&name, &version, moment.latest()) {
            return Ok(());
        }
        let is_needed = match self.records.load(&id).await {
            Ok(found) if found.record.head.key == multipart.key => {
                let is_complete = matches!(found.record.state, State::Complete { .. });
                !is_complete && found.record.multipart().as_ref() == Some(multipart)
            }
            // Anybody's.
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(error),
        };
        if is_needed {
            let later = moment.after(self.settings.orphans_last);
            self.quiet.keep(&name, &version, later);
        } else {
            tracing::info!(key = %multipart.key, "a forgotten multipart upload is removed");
            self.bucket.abort_multipart(multipart).await?;
        }
        Ok(())
    }

    fn is_old(&self, object: &ListedObject, moment: Moment) -> bool {
        moment.age(object.modified) >= self.settings.orphans_last
    }
}
