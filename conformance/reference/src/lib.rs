//! A small TUS 1.0.0 server for the conformance tool's own tests, right by default and wrong on request.
//!
//! A test of a test needs two servers: one that keeps every rule, on which each case must pass, and
//! one that breaks exactly one rule, on which the case of that rule must fail. This is both:
//! [`Server::start`] takes [`Settings`] and a [`Fault`], and [`Fault::none`] is the server that is right.
//!
//! It is written from the specification alone and shares no code with any other server, because a
//! parser that the judge's subject and the judge's model have in common hides its bugs from both.
//!
//! # What a request goes through
//!
//! 1. `connection`: sockets, timeouts, hyper; HTTP/1.1 and HTTP/2 with prior knowledge on one port.
//!    The bytes pass [`wire`], where a fault may change heads before they are parsed.
//! 2. `service`: one request from the first check to the answer. Faults change the request before,
//!    and the answer after. What is left of a body is read here, or the connection is closed.
//! 3. `route`: the order of checks, up to the method.
//! 4. One module for each method: `discover` (OPTIONS), `create` (POST), `inspect` (HEAD), `append`
//!    (PATCH), `terminate` (DELETE) and `download` (GET).
//! 5. `store`: the uploads, in memory, and on disk too if there is a directory; who may write.
//!
//! Where a rule cannot be broken from outside, code asks [`Behaviour`].

mod answer;
mod append;
mod body;
mod checksum;
mod concat;
mod connection;
mod create;
mod discover;
mod disposition;
mod download;
mod fault;
mod fields;
mod inspect;
mod metadata;
mod route;
mod server;
mod service;
mod settings;
mod store;
mod terminate;
mod transfer;
mod verification;
mod wire;

pub use answer::Answer;
pub use fault::{Behaviour, Fault, Seen};
pub use server::Server;
pub use settings::{Extension, Settings};
