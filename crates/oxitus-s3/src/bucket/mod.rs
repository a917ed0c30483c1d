//! [`Bucket`]: what the backend needs of an object store, and no more.
//!
//! The protocol of this crate is written against these few operations. [`sdk`] sends them to a real
//! store; the property tests put a store in between that crashes, delays and loses what it likes.

#[cfg(test)]
pub(crate) mod contract;
mod error;
mod locked;
mod sdk;

use std::fmt::Debug;
use std::ops::Range;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use http::Uri;

pub(crate) use self::error::{Error, ErrorKind, Result};
pub(crate) use self::locked::LockedBucket;
pub(crate) use self::sdk::{SdkBucket, Writing, is_md5_of};

/// One bucket of an object store that is strongly consistent.
///
/// An error of the kind [`ErrorKind::Unknown`] says nothing about whether the request was carried
/// out, or will be: a request may still arrive when its sender has given up.
#[async_trait]
pub(crate) trait Bucket: Debug + Send + Sync + 'static {
    /// A whole object; for those that are small.
    async fn get(&self, key: &str) -> Result<Object>;

    /// The bytes in `range` of an object, which must have the ETag.
    async fn read(&self, key: &str, etag: &ETag, range: Range<u64>) -> Result<ByteStream>;

    /// An address at which anybody can read an object, for so long.
    async fn presign(&self, key: &str, lasts: Duration) -> Result<Uri>;

    /// What is known of an object without its bytes.
    async fn head(&self, key: &str) -> Result<Head>;

    /// Stores an object, where `condition` holds.
    async fn put(
        &self,
        key: &str,
        body: Bytes,
        condition: Condition,
        attributes: &Attributes,
    ) -> Result<ETag>;

    /// Removes an object; one that is not there is no error.
    async fn delete(&self, key: &str) -> Result<()>;

    /// A page of the keys that begin with `prefix` and come after `after`, in order.
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Listing>;

    /// Begins a multipart upload.
    async fn create_multipart(&self, key: &str, attributes: &Attributes) -> Result<Multipart>;

    /// Uploads a part; one of the same number is replaced.
    async fn upload_part(&self, multipart: &Multipart, number: u16, body: Bytes) -> Result<ETag>;

    /// Makes a part of bytes that another object has.
    async fn copy_part(&self, multipart: &Multipart, number: u16, source: &Source) -> Result<ETag>;

    /// The parts whose numbers are above `after`, in order. No more than a hint: a store may show
    /// fewer than there are.
    async fn list_parts(&self, multipart: &Multipart, after: u16) -> Result<Vec<ListedPart>>;

    /// Makes the object out of `parts`.
    async fn complete_multipart(
        &self,
        multipart: &Multipart,
        parts: &[CompletedPart],
    ) -> Result<ETag>;

    /// Removes a multipart upload and its parts; one that is not there is no error.
    async fn abort_multipart(&self, multipart: &Multipart) -> Result<()>;

    /// The open multipart uploads under `prefix`, as far as the store shows them.
    async fn list_multiparts(&self, prefix: &str) -> Result<Vec<OpenMultipart>>;

    /// The open multipart uploads of this very key.
    async fn multiparts_of(&self, key: &str) -> Result<Vec<Multipart>>;
}

/// The version of an object or a part, verbatim as the store gave it, quotes included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct ETag(pub(crate) String);

impl ETag {
    /// As all answers of a store have it, of which some quote it and some do not.
    pub(crate) fn bare(&self) -> &str {
        self.0.trim_matches('"')
    }
}

/// What must hold for an object to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Nothing; for keys that nobody else can know.
    None,
    /// There is no object of that key.
    Absent,
    /// The object has this ETag.
    Is(ETag),
}

/// What is stored beside the bytes of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    /// User metadata: lower-case names without `x-amz-meta-`, and printable ASCII values.
    pub(crate) metadata: Vec<(String, String)>,
    /// Whether it is the object of an upload, for which the settings for storage class apply, and
    /// not one that the backend keeps for itself.
    pub(crate) is_data: bool,
}

/// A small object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) etag: ETag,
    pub(crate) body: Bytes,
}

/// What is known of an object without its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) etag: ETag,
    pub(crate) size: u64,
    pub(crate) metadata: Vec<(String, String)>,
}

/// The bytes of an object, as they come.
pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A page of keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) objects: Vec<ListedObject>,
    /// Whether there are more keys after the last.
    pub(crate) truncated: bool,
    /// The store's own clock, where it told.
    pub(crate) date: Option<SystemTime>,
}

/// An object as a listing shows it.
#[derive(Clone, Debug)]
pub(crate) struct ListedObject {
    pub(crate) key: String,
    pub(crate) etag: ETag,
    pub(crate) modified: SystemTime,
}

/// A multipart upload of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Multipart {
    pub(crate) key: String,
    pub(crate) id: String,
}

/// The bytes of another object.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) key: String,
    pub(crate) etag: ETag,
    /// Which of them; `None` for all. Of an object of 5 MB or less Amazon copies no range.
    pub(crate) range: Option<Range<u64>>,
}

/// A part as the store shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedPart {
    pub(crate) number: u16,
    pub(crate) size: u64,
    pub(crate) etag: ETag,
    pub(crate) modified: SystemTime,
}

/// A part of the object to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CompletedPart {
    pub(crate) number: u16,
    pub(crate) etag: ETag,
}

/// A multipart upload that nobody has completed or aborted.
#[derive(Clone, Debug)]
pub(crate) struct OpenMultipart {
    pub(crate) multipart: Multipart,
    pub(crate) initiated: SystemTime,
}
