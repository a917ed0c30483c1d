//! The probe: what a store does with a few small requests, before uploads are entrusted to it.
//!
//! Stores that speak S3 differ where it hurts. Some refuse conditional writes, which is fine; some
//! ignore them, or check the condition and then write, and uploads on those are silently corrupted
//! as soon as two nodes meet. So a backend is opened only where a store was seen to keep what the
//! protocol rests on, and the manners that merely differ come back as [`StoreTraits`].
//!
//! | step | otherwise |
//! |---|---|
//! | an object with metadata, and an empty one, come back as they were stored | refused |
//! | what is not there is not there, rather than forbidden | refused |
//! | keys are listed | refused |
//! | `If-None-Match: *` and a wrong `If-Match` do not overwrite (`conditions`) | refused |
//! | an ETag is recognised in `If-Match` | a form without quotes is tried, then refused |
//! | of many that write at once with one condition, one wins (`race`) | refused |
//! | a part with a wrong ETag completes nothing (`parts`) | refused |
//! | a part number may be left out | refused |
//! | open uploads are listed by prefix, … | a trait |
//!
//! The keys of the probe can be no upload's, and nobody else has them. What is under them is
//! removed at the end, also where the probe fails or its caller goes away.

mod conditions;
mod parts;
mod race;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use crate::bucket::{
    Attributes, Bucket, Condition, ETag, ErrorKind, Multipart, SdkBucket, is_md5_of,
};
use crate::layout::Layout;
use crate::nonce::Nonce;
use crate::open_error::{OpenError, Unsuitable};
use crate::store::StoreTraits;

type Result<T, E = OpenError> = std::result::Result<T, E>;

/// How long the probe may take in all.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long it may take to clean up.
const TIDINESS: Duration = Duration::from_secs(30);

/// What the keys of the probe have behind the prefixes; no id begins so.
const NAME: &str = "_probe-";

/// Finds out the manners of the store behind `bucket`, whose own traits do not matter. Whether its
/// conditional writes are worth anything is found out where they are to be used: `conditional`.
///
/// # Errors
/// [`OpenError`] where the store refuses what is needed, or is not one for uploads.
pub(crate) async fn probe(
    bucket: SdkBucket,
    layout: &Layout,
    conditional: bool,
) -> Result<StoreTraits> {
    let mut probe = Probe::new(bucket, layout);
    let probing = async move {
        let done = timeout(PATIENCE, probe.run(conditional)).await;
        let has_failed = !matches!(done, Ok(Ok(_)));
        if timeout(TIDINESS, probe.clean_up(has_failed)).await.is_err() {
            tracing::warn!(name = %probe.name, "the objects of the probe could not be removed");
        }
        done.unwrap_or(Err(OpenError::Slow(PATIENCE.as_secs())))?;
        Ok(probe.traits)
    };
    // A task of its own, so that what it made is removed even where nobody waits any more.
    match tokio::spawn(probing).await {
        Ok(done) => done,
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    }
}

/// A probe that is under way.
struct Probe {
    bucket: SdkBucket,
    traits: StoreTraits,
    /// What all of its keys have in common.
    name: String,
    /// Where records would be.
    record: String,
    /// Where pending bytes would be.
    pending: String,
    /// Where objects would be.
    data: String,
    /// All keys under which something may have been stored.
    keys: Vec<String>,
    /// All multipart uploads that were begun.
    uploads: Vec<Multipart>,
}

impl Probe {
    fn new(bucket: SdkBucket, layout: &Layout) -> Self {
        let name = format!("{NAME}{}", Nonce::random());
        let traits = StoreTraits::new();
        Self {
            bucket: bucket.with_traits(traits.clone()),
            traits,
            record: format!("{}{name}.info", layout.record_prefix),
            pending: format!("{}{name}.pending", layout.pending_prefix),
            data: format!("{}{name}", layout.data_prefix),
            keys: Vec::new(),
            uploads: Vec::new(),
            name,
        }
    }

    async fn run(&mut self, conditional: bool) -> Result<()> {
        let stored = self.stores_objects().await?;
        self.tells_what_is_not_there().await?;
        if conditional {
            let current = self.keeps_conditions(stored).await?;
            self.lets_one_win(current).await?;
        } else {
            self.recognises_etags(&stored).await?;
        }
        self.makes_objects_of_parts().await
    }

    /// An object with metadata and an empty one; the ETag of the first.
    async fn stores_objects(&mut self) -> Result<ETag> {
        let empty = self.key(|probe| &probe.pending);
        let attributes = Attributes::default();
        self.bucket
            .put(&empty, Bytes::new(), Condition::None, &attributes)
            .await
            .map_err(|error| OpenError::at("store an empty object", error))?;

        let (key, token) = (self.key(|probe| &probe.record), Nonce::random());
        let body = Bytes::from(token.to_string());
        let attributes = with_token(&token);
        let etag = self
            .bucket
            .put(&key, body.clone(), Condition::None, &attributes)
            .await
            .map_err(|error| OpenError::at("store an object with metadata", error))?;
        self.shows_metadata(&key, &token).await?;
        let shown = self.bucket.get(&key).await;
        let object = shown.map_err(|error| vanished("read an object", error))?;
        if object.etag.bare() != etag.bare() || object.body != body {
            return Err(Unsuitable::Inconsistent.into());
        }
        self.adopt(|traits| traits.etags_are_md5(is_md5_of(&etag, &body)));
        Ok(etag)
    }

    async fn shows_metadata(&self, key: &str, token: &Nonce) -> Result<()> {
        let head = self.bucket.head(key).await;
        let head = head.map_err(|error| vanished("tell of an object", error))?;
        // A gateway may add some of its own.
        let stored = with_token(token).metadata;
        if !stored.iter().all(|pair| head.metadata.contains(pair)) {
            return Err(Unsuitable::MetadataDropped.into());
        }
        Ok(())
    }

    async fn tells_what_is_not_there(&self) -> Result<()> {
        match self.bucket.get(&self.data).await {
            Err(error) if error.kind == ErrorKind::NoSuchKey => {}
            Err(error) => {
                let step = "tell that there is no object, for which it must be allowed to list";
                return Err(OpenError::at(step, error));
            }
            Ok(_) => return Err(Unsuitable::Inconsistent.into()),
        }
        let listing = self.bucket.list(&self.record, None).await;
        let listing = listing.map_err(|error| OpenError::at("list objects", error))?;
        let listed = listing.objects.iter().any(|it| it.key == self.record);
        listed
            .then_some(())
            .ok_or_else(|| Unsuitable::Inconsistent.into())
    }

    /// A key of the probe, which from now on is cleaned up.
    fn key(&mut self, which: impl Fn(&Self) -> &String) -> String {
        let key = which(self).clone();
        if !self.keys.contains(&key) {
            self.keys.push(key.clone());
        }
        key
    }

    /// Learns something about the store, and talks to it accordingly.
    fn adopt(&mut self, learn: impl FnOnce(StoreTraits) -> StoreTraits) {
        self.traits = learn(self.traits.clone());
        self.bucket = self.bucket.clone().with_traits(self.traits.clone());
    }

    /// Where the probe has failed, its error says why; that the rest fails too is no news.
    async fn clean_up(&self, has_failed: bool) {
        let tell = |key: &str, error: crate::bucket::Error| {
            if has_failed {
                tracing::debug!(key, %error, "something of the probe could not be removed");
            } else {
                tracing::warn!(key, %error, "something of the probe could not be removed");
            }
        };
        for upload in &self.uploads {
            if let Err(error) = self.bucket.abort_multipart(upload).await {
                tell(&upload.key, error);
            }
        }
        for key in &self.keys {
            if let Err(error) = self.bucket.delete(key).await {
                tell(key, error);
            }
        }
    }
}

fn with_token(token: &Nonce) -> Attributes {
    Attributes {
        metadata: vec![("oxitus-token".to_owned(), token.to_string())],
        ..Attributes::default()
    }
}

/// The error for a request about an object that must be there.
fn vanished(step: &'static str, error: crate::bucket::Error) -> OpenError {
    match error.kind {
        ErrorKind::NoSuchKey => Unsuitable::Inconsistent.into(),
        _ => OpenError::at(step, error),
    }
}
