//! The ways in: S3 over TCP, and under the SDK in the same process.

mod attributes;
mod connector;
mod digests;
mod exchange;
mod reply;
mod server;
mod service;

pub use self::server::Server;
