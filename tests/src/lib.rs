//! The harness of the black-box tests: it starts the real server, speaks to it over real sockets,
//! and looks at nothing but its answers, what it stores and its exit.
//!
//! ```text
//! Server ── client(Http::One │ Http::Two) ──▶ Client ── send ──▶ Response, checked by History
//!    │                                          └────── begin ──▶ Pending: a body half sent
//!    └── kill, terminate, restart ── Storage: files
//! ```
//!
//! - [`server`] runs `oxitus-server`, which [`binary`] finds or builds.
//! - [`storage`] is where it keeps uploads: a directory, or a bucket of an S3 server.
//! - [`http1`] writes HTTP/1.1 by hand, so that it can send anything, well-formed or not;
//!   [`http2`] stands on the `h2` crate, and watches its frames go by ([`frames`]).
//! - [`client`] puts both behind one face. Every answer that goes through it is held against what
//!   must be true of every answer ([`history`]).
//! - [`socket_queues`] asks the kernel what is still on its way, so that a test that cuts a
//!   connection knows what had arrived before.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a harness: what it does not expect is a failed test"
)]

pub mod binary;
pub mod checksum;
pub mod client;
pub mod frames;
pub mod history;
pub mod http1;
pub mod http2;
pub mod payload;
pub mod process_memory;
pub mod request;
pub mod response;
pub mod server;
pub mod socket_queues;
pub mod storage;
pub mod tus;
pub mod wait;
