//! [`Settings`]: how the backend uses its bucket. The [builder](crate::S3Builder) documents each.

use std::sync::Arc;
use std::time::Duration;

use oxitus_core::clock::Clock;

use crate::layout::Layout;
use crate::part_size::PartSizes;
use crate::store::StoreTraits;

/// How many pending bytes stand in the record itself, if nobody says otherwise.
pub(crate) const INLINE: usize = 16 * 1024;

/// What the builder collected.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) layout: Layout,
    pub(crate) part_sizes: PartSizes,
    /// So many pending bytes stand in the record itself, which saves a request.
    pub(crate) inline: usize,
    /// How many bytes of uploads may be in memory, in all.
    pub(crate) memory: u64,
    /// How many parts of one upload may be on their way at once.
    pub(crate) parts_in_flight: usize,
    /// How many parts may be on their way at once, in all.
    pub(crate) concurrency: usize,
    /// Which keys of `Upload-Metadata` the object carries as user metadata.
    pub(crate) metadata_keys: Arc<[String]>,
    /// How long the record of a removed upload stays.
    pub(crate) tombstones_last: Duration,
    /// How old something must be that no record references before it is removed.
    pub(crate) orphans_last: Duration,
    pub(crate) downloads: Downloads,
    pub(crate) clock: Arc<dyn Clock>,
    /// The manners of the store.
    pub(crate) traits: StoreTraits,
}

/// How completed uploads are given to those who download them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Downloads {
    /// Their bytes go through the server.
    Through,
    /// The client is redirected to the store, with a presigned URL that is good for this long:
    /// for 7 days at most, and no longer than the credentials that sign it, if those are temporary. It
    /// must be able to reach the store, and whoever gets hold of the URL can read the object
    /// meanwhile.
    Redirect(Duration),
}

/// How the store checks that the bytes of a part arrived as they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integrity {
    /// `Content-MD5`, which every store knows.
    Md5,
    /// The SHA-256 that is part of the signature. Costs most.
    Sha256,
    /// Not at all, beyond what TLS and TCP do.
    None,
}

/// With which key the store encrypts objects.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encryption {
    /// As the bucket is set up.
    Bucket,
    /// With a key of the store's own (SSE-S3).
    S3,
    /// With a key of the key management service (SSE-KMS); its id, or the default one.
    Kms(Option<String>),
}
