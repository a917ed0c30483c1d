//! Resumable uploads in an S3 bucket, for any number of nodes.

mod bucket;
mod error;
mod layout;
mod nonce;
mod part_size;
mod record;
mod settings;
