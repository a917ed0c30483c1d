//! The client of the SDK, made of what the embedder configured.

use std::time::Duration;

use aws_sdk_s3::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_s3::config::{
    BehaviorVersion, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient,
};
use aws_sdk_s3::{Client, Config};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::manner::Manner;

/// How long a connection that nobody uses stays open: less than stores wait before they close it.
const IDLE: Duration = Duration::from_secs(20);

/// How many failures in a row are answered with further attempts. A bucket of its own, so that
/// neither the embedder's other clients nor those of other backends use it up.
const RETRY_TOKENS: usize = 500;

/// A client with the endpoint, region, credentials and HTTP client of `config`, and none of its
/// other habits. Without an HTTP client there it has one of its own, which keeps as many
/// `connections` open.
///
/// Checksums that the SDK would add by itself are off: stores other than Amazon's refuse them, and
/// Amazon refuses gaps between part numbers where parts have them.
pub(super) fn derive(config: &Config, connections: usize) -> Client {
    let mut builder = config
        .to_builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_partition(
            RetryPartition::custom("oxitus")
                .token_bucket(TokenBucket::new(RETRY_TOKENS))
                .build(),
        );
    if config.http_client().is_none() {
        builder = builder.http_client(http_client(connections));
    }
    Client::from_conf(Manner::CONTROL.apply(builder).build())
}

/// One connection for each request that is under way, kept for the next.
fn http_client(connections: usize) -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(connections)
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}
