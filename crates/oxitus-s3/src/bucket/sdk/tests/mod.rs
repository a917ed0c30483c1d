//! The requests of the SDK against servers of others, and against the one in memory.

mod failures;
mod pages;
mod shape;

use oxitus_testkit::real_s3::{Implementation, RealS3};
use oxitus_testkit::s3::{BUCKET, Dialect};

use crate::bucket::{SdkBucket, contract};
use crate::settings::Integrity;
use crate::store::{EtagForm, StoreTraits};
use crate::testing::wire;

#[tokio::test]
async fn versitygw_is_a_bucket() {
    real_server_is_a_bucket(Implementation::Versitygw).await;
}

#[tokio::test]
async fn minio_is_a_bucket() {
    real_server_is_a_bucket(Implementation::Minio).await;
}

async fn real_server_is_a_bucket(implementation: Implementation) {
    let traits = StoreTraits::new().etags_are_md5(true);
    for integrity in [Integrity::Md5, Integrity::Sha256, Integrity::None] {
        if let Some(server) = RealS3::start(implementation) {
            let config = wire::real(&server);
            let writing = wire::writing(integrity);
            let name = server.bucket.clone();
            let bucket = SdkBucket::new(&config, name, writing, traits.clone(), 8);
            contract::holds_for(&bucket, 5 << 20).await;
        }
    }
}

#[tokio::test]
async fn servers_in_memory_are_buckets() {
    for (dialect, form) in [
        (Dialect::aws(), EtagForm::Quoted),
        (Dialect::aws(), EtagForm::Unquoted),
        (Dialect::minio(), EtagForm::Quoted),
        (Dialect::versitygw(), EtagForm::Quoted),
        (Dialect::r2(), EtagForm::Quoted),
        (Dialect::ceph(), EtagForm::Unquoted),
    ] {
        let traits = StoreTraits::new().etags_are_md5(true).etag_form(form);
        let server = wire::server(Dialect {
            minimum_part_size: 1_000,
            ..dialect
        });
        let bucket = wire::bucket(&wire::in_memory(&server), BUCKET, traits);
        contract::holds_for(&bucket, 1_000).await;
    }
}
