//! The TUS 1.0.0 resumable upload protocol without I/O.
//!
//! Nothing in here waits, reads a clock, draws a random number or touches a file: requests and
//! uploads go in as values, decisions and answers come out as values, and `now` is an argument.
//! `oxitus-core` drives it.
//!
//! ```text
//! http::request::Parts ── route ──▶ Operation ── Creation::read │ Append::read ──▶ typed request
//!                                                                                      │
//! http::Response ◀── respond │ refuse ── Outcome │ Refusal ◀── decide(request, Upload, now)
//! ```
//!
//! - [`header`] has one typed header per file; each is parsed once and prints itself back.
//! - [`request`] reads requests, [`decide`] judges them, [`refusal`] holds every way to say no with
//!   its status, and [`response`] is the only writer of response headers.
//! - [`mount`] knows which URL names which upload, and [`id`] is the only thing a stranger sends
//!   that ever becomes a path or a key.
//!
//! # What the specification leaves open
//!
//! - `Tus-Resumable` may be missing from HEAD and GET; a wrong one is refused with 412 on every
//!   method but GET and OPTIONS.
//! - Numbers are `1*DIGIT`. One that is well-formed and too large for any upload is judged by its
//!   meaning: 413 for a length, 409 for an offset.
//! - `Upload-Metadata` and `Upload-Concat` are kept and echoed byte for byte, less white space at
//!   the ends.
//! - A header of an extension that is not offered is refused with 400, since to ignore it would
//!   change what the request means.
//! - A digest that comes as a trailer must be announced by `Trailer: Upload-Checksum`
//!   ([`request::ChecksumSource::expected`] says why).
//! - CRC-32 digests are four bytes, big-endian.
//!
//! # Every statement of the specification
//!
//! is in the [`catalogue`], with where it is tested or why it does not apply.

#[cfg(doc)]
#[doc = include_str!("../docs/catalogue.md")]
pub mod catalogue {}
pub mod cors;
pub mod decide;
pub mod extension;
#[cfg(test)]
mod fixtures;
pub mod header;
mod host;
pub mod id;
pub mod mount;
pub mod protocol;
pub mod refusal;
pub mod request;
pub mod response;
pub mod upload;
