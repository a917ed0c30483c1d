//! [`Connection`]: one that speaks either version.

use std::io;

use bytes::Bytes;

use super::{Connector, Http1, Http2, Protocol, Request, Response};

/// A connection to the server, with a request that may be under way. Dropping it closes it (FIN).
pub(crate) enum Connection {
    Http1(Http1),
    Http2(Http2),
}

impl Connection {
    pub(crate) async fn open(connector: &Connector) -> io::Result<Self> {
        Ok(match connector.protocol() {
            Protocol::Http1 => Self::Http1(Http1::open(connector).await?),
            Protocol::Http2 => Self::Http2(Http2::open(connector).await?),
        })
    }

    /// Sends the head of a request.
    pub(crate) async fn begin(&mut self, request: &Request) -> io::Result<()> {
        match self {
            Self::Http1(connection) => connection.begin(request).await,
            Self::Http2(connection) => connection.begin(request).await,
        }
    }

    /// Sends a piece of the content.
    pub(crate) async fn send(&mut self, content: &Bytes) -> io::Result<()> {
        match self {
            Self::Http1(connection) => connection.send(content).await,
            Self::Http2(connection) => connection.send(content).await,
        }
    }

    /// Ends the content.
    pub(crate) async fn finish(&mut self, trailers: &[(String, Vec<u8>)]) -> io::Result<()> {
        match self {
            Self::Http1(connection) => connection.finish(trailers).await,
            Self::Http2(connection) => connection.finish(trailers).await,
        }
    }

    /// Reads the answer to the request that was begun.
    pub(crate) async fn response(&mut self) -> io::Result<Response> {
        match self {
            Self::Http1(connection) => connection.response().await,
            Self::Http2(connection) => connection.response().await,
        }
    }

    /// Sends a request and reads its answer, also one that comes before all is sent. Called again,
    /// the next request goes over the same connection.
    pub(crate) async fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        match self {
            Self::Http1(connection) => connection.exchange(request).await,
            Self::Http2(connection) => connection.exchange(request).await,
        }
    }

    /// Breaks the request off as a client does that dies: by RST, or by `RST_STREAM`.
    pub(crate) async fn reset(self) -> io::Result<()> {
        match self {
            Self::Http1(connection) => connection.reset(),
            Self::Http2(mut connection) => {
                connection.cancel().await?;
                // The frame is to leave before the connection does.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                Ok(())
            }
        }
    }
}
