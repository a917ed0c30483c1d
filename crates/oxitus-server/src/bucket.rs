//! An S3 bucket as the place where uploads are kept: how it is reached, and with whose rights.

use std::sync::Arc;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::ProvideCredentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use http::Uri;
use oxitus::S3Backend;
use oxitus::s3::{Coordination, Downloads};

use crate::cli::S3Options;
use crate::failure::{Failure, with_causes};
use crate::storage::Storage;

/// How many of the largest parts the memory has room for.
const PARTS_IN_MEMORY: u64 = 4;

/// The largest part that S3 takes.
const LARGEST_PART: u64 = 5 << 30;

/// The part size of uploads whose length is told later, where nothing else is to be considered.
const DEFERRED_PART: u64 = 16 << 20;

/// The region of a server that has none: it is part of what is signed, and S3 servers of one's own
/// expect this one.
const NO_REGION: Region = Region::from_static("us-east-1");

/// Opens the bucket, and finds out first whether it can be used.
pub(crate) async fn open(options: &S3Options, max_size: Option<u64>) -> Result<Storage, Failure> {
    let failure = |reason: String| Failure::bucket(&options.bucket, reason);
    let shared = load(options).await;
    check(&shared).await.map_err(failure)?;
    let mut config =
        aws_sdk_s3::config::Builder::from(&shared).force_path_style(options.path_style);
    // The backend brings one of its own, which is made for many connections to one host.
    config.set_http_client(None);
    let endpoint = options.endpoint.as_deref().or(shared.endpoint_url());
    if let Some(endpoint) = &options.endpoint {
        config = config.endpoint_url(endpoint);
    }
    let largest_part = (options.memory / PARTS_IN_MEMORY).min(LARGEST_PART);
    if largest_part < options.part_size {
        let reason = "--s3-memory must be four times --s3-part-size, or more";
        return Err(failure(reason.to_owned()));
    }
    let mut builder = S3Backend::builder(config.build(), &options.bucket)
        .prefix(&options.prefix)
        .max_size(max_size)
        .equal_parts(options.equal_parts || endpoint.is_some_and(is_r2))
        .memory(options.memory)
        .part_size(options.part_size)
        .largest_part_size(largest_part)
        .deferred_part_size(DEFERRED_PART.min(largest_part).max(options.part_size));
    if let Some(lifetime) = options.redirect_downloads {
        builder = builder.downloads(Downloads::Redirect(lifetime));
    }
    if options.single_process {
        builder = builder.coordination(Coordination::SingleProcess);
    }
    let backend = builder
        .open()
        .await
        .map_err(|error| failure(in_flags(&with_causes(&error))))?;
    Ok(Storage {
        backend: Arc::new(backend),
        place: place(options),
    })
}

/// What every program on the AWS SDK takes from its surroundings: a region, and credentials.
async fn load(options: &S3Options) -> SdkConfig {
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http_client);
    let region = options.region.clone().map(Region::new);
    let loader = match (region, &options.endpoint) {
        (Some(region), _) => loader.region(region),
        (None, Some(_)) => {
            let told = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                .or_else(ProfileFileRegionProvider::new());
            loader.region(told.or_else(NO_REGION))
        }
        (None, None) => loader,
    };
    loader.load().await
}

/// Whether there is what a request needs. The SDK would tell only at the first one, and at length.
async fn check(config: &SdkConfig) -> Result<(), String> {
    if config.region().is_none() {
        return Err("there is no region; say one with --s3-region or AWS_REGION".to_owned());
    }
    let found = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.is_ok(),
        None => false,
    };
    if !found {
        return Err(
            "there are no credentials; say them with AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY, or with a profile or role"
                .to_owned(),
        );
    }
    Ok(())
}

/// What the library says about its settings, as it is said on the command line.
fn in_flags(reason: &str) -> String {
    reason.replace("Coordination::SingleProcess", "--s3-single-process")
}

/// Whether an endpoint is Cloudflare's, whose parts must all have one size.
fn is_r2(endpoint: &str) -> bool {
    const R2: &str = ".r2.cloudflarestorage.com";
    let uri = endpoint.parse::<Uri>();
    let host = uri.ok().and_then(|uri| uri.host().map(str::to_lowercase));
    host.is_some_and(|host| host.ends_with(R2))
}

fn place(options: &S3Options) -> String {
    let address = format!("s3://{}/{}", options.bucket, options.prefix);
    match &options.endpoint {
        Some(endpoint) => format!("{address} at {endpoint}"),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_endpoints_of_r2() {
        for (endpoint, is_its) in [
            ("https://abc123.r2.cloudflarestorage.com", true),
            ("https://abc123.eu.R2.cloudflarestorage.com:443/", true),
            ("https://r2.cloudflarestorage.com.example.org", false),
            ("https://example.org/a.r2.cloudflarestorage.com", false),
            ("http://127.0.0.1:7070", false),
        ] {
            assert_eq!(is_r2(endpoint), is_its, "{endpoint}");
        }
    }
}
