//! The flags for uploads in an S3 bucket.

use std::time::Duration;

use clap::Args;

use super::values::{parse_duration, parse_endpoint, parse_size};

/// What all of these flags are called together.
pub(super) const GROUP: &str = "s3";

/// Where and how uploads are kept in a bucket.
#[derive(Clone, Debug, Args)]
#[group(id = GROUP)]
#[command(next_help_heading = "Uploads in an S3 bucket")]
pub(crate) struct S3Options {
    /// The bucket to keep uploads in, instead of a directory. Several servers may share it.
    /// Credentials are those of the AWS SDK: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a
    /// profile, a web identity, or the role of the container or machine.
    #[arg(
        id = "bucket",
        long = "s3-bucket",
        env = "OXITUS_S3_BUCKET",
        value_name = "NAME",
        required = false
    )]
    pub(crate) bucket: String,

    /// Where the S3 server is, such as http://127.0.0.1:7070. Without it, at Amazon's.
    #[arg(
        long = "s3-endpoint",
        env = "OXITUS_S3_ENDPOINT",
        value_name = "URL",
        value_parser = parse_endpoint,
        requires = "bucket"
    )]
    pub(crate) endpoint: Option<String>,

    /// The region of the bucket. Without it, that of the AWS SDK (AWS_REGION, a profile, the
    /// machine), or us-east-1 for an endpoint of one's own.
    #[arg(
        long = "s3-region",
        env = "OXITUS_S3_REGION",
        value_name = "REGION",
        requires = "bucket"
    )]
    pub(crate) region: Option<String>,

    /// Says the name of the bucket in the path and not in the name of the host, as many S3 servers
    /// want it.
    #[arg(
        long = "s3-path-style",
        env = "OXITUS_S3_PATH_STYLE",
        requires = "bucket"
    )]
    pub(crate) path_style: bool,

    /// What the names of all objects begin with, such as uploads/. All servers that share uploads
    /// have the same.
    #[arg(
        long = "s3-prefix",
        env = "OXITUS_S3_PREFIX",
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true,
        requires = "bucket"
    )]
    pub(crate) prefix: String,

    /// How large the parts are that uploads of up to 5,000 of them are sent in; larger uploads have
    /// larger parts. 5 MiB at least. Clients that send multiples of it cause the fewest requests.
    #[arg(
        long = "s3-part-size",
        env = "OXITUS_S3_PART_SIZE",
        value_name = "SIZE",
        default_value = "8MiB",
        value_parser = parse_size,
        requires = "bucket"
    )]
    pub(crate) part_size: u64,

    /// How much of all uploads may be in memory at once. A quarter of it is the largest part, and
    /// 5,000 parts are the largest upload: 312 GiB, and 5 TiB with 8GiB.
    #[arg(
        long = "s3-memory",
        env = "OXITUS_S3_MEMORY",
        value_name = "SIZE",
        default_value = "256MiB",
        value_parser = parse_size,
        requires = "bucket"
    )]
    pub(crate) memory: u64,

    /// Redirects those who download to the S3 server, with an address that is good for this long,
    /// such as 15min; 7days at most. Without it the bytes go through this server.
    #[arg(
        long = "s3-redirect-downloads",
        env = "OXITUS_S3_REDIRECT_DOWNLOADS",
        value_name = "DURATION",
        value_parser = parse_duration,
        requires = "bucket"
    )]
    pub(crate) redirect_downloads: Option<Duration>,

    /// Joins uploads in parts of one size, as Cloudflare R2 wants it, which is known by its endpoint.
    #[arg(
        long = "s3-equal-parts",
        env = "OXITUS_S3_EQUAL_PARTS",
        requires = "bucket"
    )]
    pub(crate) equal_parts: bool,

    /// Uses an S3 server without conditional writes, or one where they are not atomic, which is
    /// refused otherwise. Then this must be the only process that uses these uploads.
    #[arg(
        long = "s3-single-process",
        env = "OXITUS_S3_SINGLE_PROCESS",
        requires = "bucket"
    )]
    pub(crate) single_process: bool,
}
