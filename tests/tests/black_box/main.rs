//! Black-box tests: the real server, real sockets, and the bytes read back.
//!
//! One program, so that tests that mostly wait run beside tests that mostly work. Names of test
//! functions end in the statement of the protocol's catalogue that they test, where there is one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bad_input;
mod checksum;
mod cluster;
mod concatenation;
mod concatenation_crash;
mod core_protocol;
mod cors;
mod creation;
mod creation_with_upload;
mod defer_length;
mod disconnect;
mod download;
mod expiration;
mod kill;
mod race;
mod shutdown;
mod takeover;
mod termination;
mod transport;
