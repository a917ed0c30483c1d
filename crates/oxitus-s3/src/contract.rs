//! The storage contract, clause by clause, without a wire in between.

use std::sync::Arc;

use async_trait::async_trait;
use oxitus_core::storage::StorageBackend;
use oxitus_testkit::contract::Fixture;
use oxitus_testkit::s3;

use crate::backend::S3Backend;
use crate::testing::{DirectBucket, settings};

const PART_SIZE: u64 = 64 * 1024;

struct InBucket {
    bucket: DirectBucket,
    backend: Arc<S3Backend>,
}

impl InBucket {
    fn new(dialect: s3::Dialect) -> Self {
        let bucket = DirectBucket(s3::Bucket::with_dialect(dialect));
        Self {
            backend: Arc::new(open(&bucket)),
            bucket,
        }
    }
}

fn open(bucket: &DirectBucket) -> S3Backend {
    S3Backend::new(Arc::new(bucket.clone()), settings(PART_SIZE))
}

#[async_trait]
impl Fixture for InBucket {
    fn backend(&self) -> Arc<dyn StorageBackend> {
        Arc::clone(&self.backend) as Arc<dyn StorageBackend>
    }

    async fn reopen(&self) -> Arc<dyn StorageBackend> {
        Arc::new(open(&self.bucket))
    }

    fn boundary(&self) -> usize {
        PART_SIZE as usize
    }
}

mod aws {
    use super::*;

    fn dialect() -> s3::Dialect {
        let mut dialect = s3::Dialect::aws();
        dialect.minimum_part_size = 0;
        dialect
    }

    oxitus_testkit::contract_tests!(InBucket::new(dialect()));
}
