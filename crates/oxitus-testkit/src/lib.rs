//! What tests of oxitus, and of backends for it, are made with.
//!
//! - [`contract`] is the storage contract as a test suite: [`contract_tests!`] makes the tests of
//!   every clause for a backend.
//! - [`fault`] makes a backend fail when it is told to.
//! - [`body`] has request bodies that follow a script.
//! - [`clock`] has a clock that stands still until it is turned.
#![cfg_attr(
    feature = "s3",
    doc = "- [`s3`] has an S3 server in memory, with faults and dialects, and [`real_s3`] S3 servers \
           over TCP, of others and this one (feature `s3`)."
)]

pub mod body;
pub mod clock;
pub mod contract;
pub mod fault;
#[cfg(feature = "s3")]
pub mod real_s3;
#[cfg(feature = "s3")]
pub mod s3;
