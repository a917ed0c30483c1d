//! The requests of the SDK against servers of others.

use aws_sdk_s3::Config;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use oxitus_testkit::real_s3::{Implementation, RealS3};

use super::{SdkBucket, Writing};
use crate::bucket::contract;
use crate::settings::{Encryption, Integrity};
use crate::store::StoreTraits;

#[tokio::test]
async fn versitygw_is_a_bucket() {
    if let Some(server) = RealS3::start(Implementation::Versitygw) {
        contract::holds_for(&bucket(&server, Integrity::Md5)).await;
    }
}

#[tokio::test]
async fn minio_is_a_bucket() {
    if let Some(server) = RealS3::start(Implementation::Minio) {
        contract::holds_for(&bucket(&server, Integrity::Md5)).await;
    }
}

fn bucket(server: &RealS3, integrity: Integrity) -> SdkBucket {
    let writing = Writing {
        integrity,
        storage_class: None,
        encryption: Encryption::Bucket,
    };
    let traits = StoreTraits::new().etags_are_md5(true);
    SdkBucket::new(&config(server), server.bucket.clone(), writing, traits, 8)
}

fn config(server: &RealS3) -> Config {
    let credentials = Credentials::new(&server.access_key, &server.secret_key, None, None, "test");
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&server.endpoint)
        .region(Region::new(server.region.clone()))
        .credentials_provider(credentials)
        .force_path_style(true)
        .build()
}
