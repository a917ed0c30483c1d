//! HTTP as a judge needs it: what is sent is what a case says, byte for byte.
//!
//! [`Connection`] speaks one of two versions. [`Http1`] is written by hand, since a case must be able
//! to send what clients refuse to send, to stop in the middle, and to see what exactly comes back.
//! [`Http2`] is that of the `h2` crate.

mod connection;
mod connector;
mod http1;
mod http2;
mod protocol;
mod request;
mod response;

pub(crate) use connection::Connection;
pub(crate) use connector::Connector;
pub(crate) use http1::Http1;
pub(crate) use http2::Http2;
pub use protocol::Protocol;
pub(crate) use request::{Framing, Request, SECRET};
pub(crate) use response::Response;
