//! Serves an S3 bucket in memory until it is interrupted:
//!
//! ```text
//! cargo run -p oxitus-testkit --features s3 --example s3-in-memory -- --port 9000
//! ```
//!
//! It prints the endpoint, the bucket and the key pair, and tells under `/-/counters` what came.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::future::pending;

use clap::{Parser, ValueEnum};
use oxitus_testkit::s3::{
    ACCESS_KEY_ID, BUCKET, Bucket, Dialect, InMemoryS3, REGION, SECRET_ACCESS_KEY,
};

/// Serves an S3 bucket in memory.
#[derive(Debug, Parser)]
struct Options {
    /// The port of 127.0.0.1 to listen on; any that is free where it is 0.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Which store to be like.
    #[arg(long, default_value = "aws")]
    dialect: Store,
    /// How many bytes each part of an upload needs but the last.
    #[arg(long)]
    minimum_part_size: Option<u64>,
    /// Keep the bytes of keys that contain this, and of no others.
    #[arg(long)]
    keep: Vec<String>,
}

#[derive(Clone, Debug, ValueEnum)]
enum Store {
    Aws,
    Ceph,
    Minio,
    R2,
    Versitygw,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let mut dialect = match options.dialect {
        Store::Aws => Dialect::aws(),
        Store::Ceph => Dialect::ceph(),
        Store::Minio => Dialect::minio(),
        Store::R2 => Dialect::r2(),
        Store::Versitygw => Dialect::versitygw(),
    };
    if let Some(minimum) = options.minimum_part_size {
        dialect.minimum_part_size = minimum;
    }
    let keep = options.keep;
    let is_hollow =
        move |key: &str| !keep.is_empty() && !keep.iter().any(|part| key.contains(part));
    let bucket = Bucket::builder().dialect(dialect).hollow(is_hollow).build();
    let server = InMemoryS3::new(bucket).serve_on(options.port).await?;
    println!("endpoint={}", server.endpoint_url());
    println!("bucket={BUCKET}");
    println!("region={REGION}");
    println!("access_key_id={ACCESS_KEY_ID}");
    println!("secret_access_key={SECRET_ACCESS_KEY}");
    pending().await
}
