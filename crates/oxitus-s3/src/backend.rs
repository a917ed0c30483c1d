//! [`S3Backend`]: the storage contract on a bucket.

use std::sync::Arc;

use crate::bucket::Bucket;
use crate::builder::S3Builder;
use crate::settings::Settings;
use crate::store::StoreTraits;

/// Uploads in a bucket; the [crate](crate) docs tell how.
///
/// A clone is the same backend. Needs a tokio runtime with time enabled.
#[derive(Clone, Debug)]
pub struct S3Backend {
    pub(crate) bucket: Arc<dyn Bucket>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) traits: StoreTraits,
}

impl S3Backend {
    /// A backend that keeps its uploads in the bucket of this name, where `config` leads: it gives
    /// the endpoint, the region, the credentials and, if it has one, the HTTP client.
    pub fn builder(config: aws_sdk_s3::Config, bucket: impl Into<String>) -> S3Builder {
        S3Builder::new(config, bucket.into())
    }

    pub(crate) fn new(bucket: Arc<dyn Bucket>, settings: Settings, traits: StoreTraits) -> Self {
        Self {
            bucket,
            settings: Arc::new(settings),
            traits,
        }
    }
}
