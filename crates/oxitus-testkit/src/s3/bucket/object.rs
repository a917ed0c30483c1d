//! [`Object`], and what a client says about one: [`Attributes`].

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::{Content, ETag};

/// An object, as it was written at once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Object {
    /// Its bytes.
    pub content: Content,
    /// The name of this version.
    pub etag: ETag,
    /// When it was written.
    pub last_modified: SystemTime,
    /// What the client said about it.
    pub attributes: Attributes,
}

/// What a client says about an object. It comes back as it was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `x-amz-storage-class`.
    pub storage_class: Option<String>,
    /// `x-amz-server-side-encryption`.
    pub server_side_encryption: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`.
    pub kms_key_id: Option<String>,
    /// `x-amz-meta-…`, the names without that prefix and in lower case.
    pub metadata: BTreeMap<String, String>,
}

impl Attributes {
    /// Metadata, and nothing else.
    #[must_use]
    pub fn of_metadata<N: Into<String>, V: Into<String>>(
        metadata: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let metadata = metadata
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self {
            metadata,
            ..Self::default()
        }
    }
}
