//! The engine of oxitus: it drives the protocol of `oxitus-proto` over a storage backend.
//!
//! ```text
//! http::Request ─▶ engine ─▶ proto: what is asked, may it be? ─▶ writers: whose turn is it?
//!                    │                                                  │
//!                    │            ┌─────────────────────────────────────┘
//!                    │            ▼
//!                    │   reception (never cut off): body ─▶ checksum ─▶ storage append
//!                    │            │                                 commit │ rollback
//!                    ▼            ▼
//!            http::Response ◀─ outcome ─▶ events
//! ```
//!
//! - [`engine`] answers requests; [`config`] is what it was told, [`hook`] whom it asks and
//!   [`event`] whom it tells.
//! - [`storage`] is the contract with the places where uploads live. [`memory`] is the smallest
//!   one; the others are crates of their own.
//! - [`proto`] is the protocol without I/O.

pub mod body;
mod checksum;
pub mod clock;
pub mod config;
pub mod engine;
pub mod event;
pub mod hook;
pub mod memory;
pub mod storage;

pub use oxitus_proto as proto;
