//! Property tests of the protocol: the code of this crate itself, on three nodes that share one
//! bucket, in the worst [weather](weather) there is.
//!
//! ```text
//! clients ──▶ nodes (S3Backend, crash at any time) ──▶ weather ──▶ bucket in memory
//!                                                                    │ after every request
//!                                                                  oracle
//! ```
//!
//! A [run](scenario) is drawn from one number, its seed, and takes place in virtual time: so it is
//! over in a few milliseconds, and what a seed has found it finds again. The [oracle] looks at the
//! bucket after each request that the store has carried out, and at each answer that a client got.
//! That it can see is proved too: with any one of the [rules](crate::rules) switched off, it finds
//! bytes lost.

mod cast;
mod chance;
mod client;
mod clock;
mod oracle;
mod scenario;
mod story;
mod tests;
mod trace;
mod weather;
