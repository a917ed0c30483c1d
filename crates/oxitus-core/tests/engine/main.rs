//! The engine over memory, without sockets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod concatenation;
mod downloads;
mod economy;
mod held;
mod lifecycle;
mod losing;
mod reception;
mod removing;
mod reserving;
mod scripted;
mod support;
