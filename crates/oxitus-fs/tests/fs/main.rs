//! What the file system backend promises beyond the storage contract.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod crashes;
mod durability;
mod every_step;
mod faults;
mod format;
mod readers;
mod support;
mod sweeping;
