//! The requests of the SDK against servers of others, and against the one in memory.

use oxitus_testkit::real_s3::{Implementation, RealS3};
use oxitus_testkit::s3::{BUCKET, Dialect};

use crate::bucket::contract;
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
    if let Some(server) = RealS3::start(implementation) {
        let bucket = wire::bucket(&wire::real(&server), &server.bucket, traits);
        contract::holds_for(&bucket).await;
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
        let server = wire::server(dialect);
        contract::holds_for(&wire::bucket(&wire::in_memory(&server), BUCKET, traits)).await;
    }
}
