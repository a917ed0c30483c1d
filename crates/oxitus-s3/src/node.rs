//! [`Node`]: what all leases of one backend share.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::Result;
use tokio::sync::Semaphore;

use crate::adopt::Live;
use crate::bucket::Bucket;
use crate::budget::Budget;
use crate::cache::Cache;
use crate::holders::Holders;
use crate::nonce::Nonce;
use crate::record::{Record, Segment};
use crate::records::{Records, Version};
use crate::settings::Settings;
use crate::sweep::Quiet;

/// One of the processes that share a bucket.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) bucket: Arc<dyn Bucket>,
    pub(crate) records: Records,
    pub(crate) settings: Settings,
    pub(crate) holders: Holders,
    pub(crate) cache: Cache,
    pub(crate) budget: Budget,
    /// One permit for each part on its way.
    pub(crate) uploads: Arc<Semaphore>,
    /// What the sweeper need not look at.
    pub(crate) quiet: Quiet,
}

impl Node {
    pub(crate) fn new(bucket: Arc<dyn Bucket>, settings: Settings) -> Self {
        // What is remembered between requests is memory too.
        let cached = settings.memory / 8;
        Self {
            records: Records::new(Arc::clone(&bucket), settings.layout.clone()),
            holders: Holders::default(),
            cache: Cache::new(cached),
            budget: Budget::new(settings.memory - cached),
            uploads: Arc::new(Semaphore::new(settings.concurrency)),
            quiet: Quiet::default(),
            bucket,
            settings,
        }
    }

    /// A name for a new claim, which no claim of any node ever had.
    pub(crate) fn claimant(&self) -> String {
        Nonce::random().to_string()
    }

    /// Replaces a version, and removes the pending segments that the new one references no more.
    pub(crate) async fn replace(&self, current: &Version, next: Record) -> Result<Version> {
        let stored = self.records.replace(current, next).await?;
        self.remove_dropped(&current.record, &stored.record);
        Ok(stored)
    }

    fn remove_dropped(&self, before: &Record, after: &Record) {
        let keys = before.pending.iter().filter_map(Segment::key);
        let dropped = keys.filter(|key| !after.references(key)).map(str::to_owned);
        self.remove_unreferenced(dropped.collect());
    }

    /// Removes pending segments that no record references, nor ever will. What cannot be removed
    /// now is left to the sweeper.
    pub(crate) fn remove_unreferenced(&self, keys: Vec<String>) {
        if !keys.is_empty() {
            tokio::spawn(remove(Arc::clone(&self.bucket), keys));
        }
    }

    /// Removes pending segments that were stored for a version to follow `base`, which has been lost,
    /// or of which nobody knows whether it has landed. Where another version is stored by now, it may
    /// have been built upon the lost one, and reference them; if it does not, no later one will:
    /// each is built upon it, and the lost one, should it be on its way still, is refused. In any
    /// other case they are left to the sweeper: that there is no record some stores say by mistake.
    pub(crate) fn remove_lost(&self, base: &Record, mut keys: Vec<String>) {
        if keys.is_empty() {
            return;
        }
        let (id, nonce) = (base.head.id.clone(), base.nonce.clone());
        let (bucket, records) = (Arc::clone(&self.bucket), self.records.clone());
        tokio::spawn(async move {
            match records.load(&id).await {
                Ok(Version { record, .. }) if record.nonce != nonce => {
                    keys.retain(|key| !record.references(key));
                    remove(bucket, keys).await;
                }
                _ => tracing::debug!(%id, "pending segments stay for the sweeper"),
            }
        });
    }

    /// Sends a request when it is its turn among those of this process that carry many bytes. Whoever
    /// needs memory for it waits for that first.
    pub(crate) async fn in_turn<T>(&self, request: impl Future<Output = T>) -> T {
        // The semaphore is never closed.
        let _permit = self.uploads.acquire().await;
        request.await
    }

    /// The record of an upload as a HEAD may show it.
    pub(crate) async fn settled(&self, id: &UploadId) -> Result<Version> {
        let version = self.records.load(id).await?;
        self.adopt(version, Live::Writer).await
    }
}

async fn remove(bucket: Arc<dyn Bucket>, keys: Vec<String>) {
    for key in keys {
        if let Err(error) = bucket.delete(&key).await {
            tracing::debug!(%error, "a pending segment stays for the sweeper");
        }
    }
}
