//! Looking at one record: is it due, is it a tombstone, has the store lost something of it?

use std::time::{Duration, SystemTime};

use oxitus_core::proto::upload::Upload;
use oxitus_core::storage::{ErrorKind, Result, Sweep};

use super::Moment;
use super::group::Group;
use crate::adopt::Live;
use crate::bucket::{ErrorKind as Failure, ListedObject, ListedPart};
use crate::node::Node;
use crate::record::{Record, State};
use crate::records::Version;

/// No store removes a multipart upload sooner, so whether one is still there is of no interest
/// before, nor again before so long.
const MULTIPARTS_LAST: Duration = Duration::from_secs(24 * 3600);

/// What a store does that was told so, or does so unless told otherwise.
const LIFECYCLE_FAULT: &str = "the store has removed its parts; see the bucket's lifecycle rules";

/// How long after its expiry an upload is left alone, if its time to live is not short: the clocks
/// of two nodes differ a little, and an append that is under way records that it is a little late.
const GRACE: Duration = Duration::from_secs(15 * 60);

/// The part of a short time to live that the grace is.
const GRACE_SHARE: u32 = 4;

impl Node {
    /// The upload of a group, if it is due; and its record, if it had to be read.
    pub(super) async fn look_at(
        &self,
        group: &Group,
        moment: Moment,
    ) -> Result<(Option<Upload>, Option<Version>)> {
        let Some(listed) = &group.record else {
            return Ok((None, None));
        };
        if self
            .quiet
            .is_quiet(&listed.key, &listed.etag, moment.latest())
        {
            return Ok((None, None));
        }
        let version = self.records.load(&group.id).await?;
        if let State::Terminated { .. } = version.record.state {
            self.bury(listed, &version, moment).await?;
            return Ok((None, Some(version)));
        }
        let version = self.check_multipart(version, listed, moment).await?;
        let expiry = expiry(&version, listed, moment);
        let overdue = expiry.is_some_and(|expiry| expiry <= moment.now);
        let version = match overdue {
            true => match self.spared_until(&version, moment).await? {
                Some(later) => {
                    self.keep_quiet(listed, &version, Some(later));
                    return Ok((None, Some(version)));
                }
                None => self.adopt(version, Live::Writer).await?,
            },
            false => version,
        };
        let upload = version.record.snapshot();
        let is_due =
            Sweep::concerns(&upload, moment.now) && (overdue || !upload.is_expired(moment.now));
        if !is_due {
            let check = needs_multipart(&version.record)
                .then(|| moment.after(MULTIPARTS_LAST))
                .flatten();
            self.keep_quiet(
                listed,
                &version,
                [expiry, check].into_iter().flatten().min(),
            );
        }
        Ok((is_due.then_some(upload), Some(version)))
    }

    fn keep_quiet(&self, listed: &ListedObject, version: &Version, until: Option<SystemTime>) {
        self.quiet.keep(&listed.key, &version.etag, until);
    }

    /// Removes a tombstone, and whatever has come back, when no request can be that late.
    pub(super) async fn bury(
        &self,
        listed: &ListedObject,
        version: &Version,
        moment: Moment,
    ) -> Result<()> {
        if !is_as_listed(version, listed) {
            return Ok(());
        }
        let age = moment.age(listed.modified);
        if let Some(left) = self.settings.tombstones_last.checked_sub(age)
            && !left.is_zero()
        {
            self.keep_quiet(listed, version, moment.after(left));
            return Ok(());
        }
        // Without it nothing would tell that these were an upload's.
        self.abort_all(&version.record).await?;
        // Only one of those who come by at a time, and for the others it is young again: when it is
        // gone its id may be used for another upload.
        let tombstone = match self.records.replace(version, version.record.next()).await {
            Ok(taken) => taken.record,
            Err(error) if error.kind() == ErrorKind::LeaseLost => return Ok(()),
            Err(error) => return Err(error),
        };
        self.remove_everything(&tombstone).await?;
        self.records.remove(&tombstone.head.id).await
    }

    /// Until when an upload that has expired is spared: somebody may be sending parts that he has not
    /// recorded yet.
    async fn spared_until(&self, version: &Version, moment: Moment) -> Result<Option<SystemTime>> {
        let record = &version.record;
        let (Some(multipart), Some(time_to_live)) = (record.multipart(), record.head.time_to_live)
        else {
            return Ok(None);
        };
        if record.claim.is_none() || record.state != State::Open {
            return Ok(None);
        }
        let last = record.parts.last().map_or(0, |part| part.number);
        let parts = match self.bucket.list_parts(&multipart, last).await {
            Ok(parts) => parts,
            Err(error) if error.kind == Failure::NoSuchUpload => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let age = |part: &ListedPart| moment.age(part.modified);
        let youngest = parts.iter().map(age).min();
        Ok(youngest
            .and_then(|age| time_to_live.checked_sub(age))
            .filter(|left| !left.is_zero())
            .and_then(|left| moment.after(left)))
    }

    /// Records that the store has removed the parts of an upload, if it has.
    async fn check_multipart(
        &self,
        version: Version,
        listed: &ListedObject,
        moment: Moment,
    ) -> Result<Version> {
        match moment.age(listed.modified) < MULTIPARTS_LAST {
            true => Ok(version),
            false => self.fail_if_gone(version).await,
        }
    }

    /// Records that the store has removed the parts of an open upload, if it says so twice, and the
    /// record is the same in between.
    pub(crate) async fn fail_if_gone(&self, version: Version) -> Result<Version> {
        if !needs_multipart(&version.record) || !self.is_gone(&version.record).await? {
            return Ok(version);
        }
        let now = self.records.load(&version.record.head.id).await?;
        if now.record.nonce != version.record.nonce || !self.is_gone(&now.record).await? {
            return Ok(now);
        }
        let id = &now.record.head.id;
        let mut next = now.record.next();
        next.claim = None;
        if next.parts.is_empty() {
            tracing::warn!(%id, "the store has removed an empty multipart upload");
            next.multipart = None;
        } else {
            tracing::error!(%id, "an upload has failed: {LIFECYCLE_FAULT}");
            next.state = State::Failed;
        }
        self.replace(&now, next).await
    }

    /// Whether the store does not know the multipart upload of a record.
    async fn is_gone(&self, record: &Record) -> Result<bool> {
        let Some(multipart) = record.multipart() else {
            return Ok(false);
        };
        let last = record.parts.last().map_or(0, |part| part.number);
        match self.bucket.list_parts(&multipart, last).await {
            Ok(_) => Ok(false),
            Err(error) if error.kind == Failure::NoSuchUpload => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether bytes of an upload are lost with its multipart upload.
fn needs_multipart(record: &Record) -> bool {
    record.state == State::Open && record.multipart.is_some()
}

/// When an upload has expired, grace included: by the node's clock, and by the store's. The node's
/// may be wrong, and so may be that of the node which recorded the last activity. But each activity
/// writes the record anew, and how long ago that was the store knows.
fn expiry(version: &Version, listed: &ListedObject, moment: Moment) -> Option<SystemTime> {
    let expires = version.record.snapshot().expires()?;
    let time_to_live = version.record.head.time_to_live?;
    let grace = GRACE.min(time_to_live / GRACE_SHARE);
    let since = moment.now_by_store.duration_since(listed.modified);
    let age = match is_as_listed(version, listed) {
        true => since.unwrap_or_default(),
        false => Duration::ZERO,
    };
    let left = time_to_live.saturating_add(grace).saturating_sub(age);
    let by_store = match left.is_zero() {
        true => expires,
        false => moment.after(left)?,
    };
    Some(by_store.max(expires.checked_add(grace)?))
}

/// Whether a version is the one that was listed, and not a later one.
fn is_as_listed(version: &Version, listed: &ListedObject) -> bool {
    let quotes = '"';
    listed.etag.0.trim_matches(quotes) == version.etag.0.trim_matches(quotes)
}
