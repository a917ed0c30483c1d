//! Three processes on one bucket of a real S3 server, each request to any of them, and everything
//! goes wrong that can: processes are killed and frozen, clients stall, race and delete.
//!
//! It takes minutes, so it is asked for by name:
//!
//! ```text
//! cargo test --release -p oxitus-tests --test nodes -- --include-ignored --nocapture
//! ```
//!
//! The bucket is one of versitygw's, or of the server that `OXITUS_TEST_STORAGE` names.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod deletion;
mod kill;
mod nodes;
mod race;
mod round;
mod rounds;
mod sending;
mod stall;
mod trickle;
