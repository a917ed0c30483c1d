//! The reference server is right: what its judges find in it is a mistake of theirs.
//!
//! Requests are written by hand, for they are to be wrong at times, and bytes are read back.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod append;
mod behaviours;
mod checksum;
mod client;
mod concatenation;
mod creation;
mod discovery;
mod download;
mod faults;
mod http2;
mod lifetime;
mod resilience;
mod restart;
mod transport;
