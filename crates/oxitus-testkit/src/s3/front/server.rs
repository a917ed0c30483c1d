//! The front end over TCP.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use super::exchange::Front;
use crate::s3::InMemoryS3;

/// A server that listens on a port of 127.0.0.1. Dropping it closes the port and all connections.
#[derive(Debug)]
#[must_use = "it stops when it is dropped"]
pub struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl InMemoryS3 {
    /// Serves this bucket over TCP on a free port. There may be several servers for one bucket.
    ///
    /// # Errors
    /// What the system says about listening.
    pub async fn serve(&self) -> io::Result<Server> {
        self.serve_on(0).await
    }

    /// Serves this bucket over TCP on a port.
    ///
    /// # Errors
    /// What the system says about listening.
    pub async fn serve_on(&self, port: u16) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Front::new(self.clone())));
        Ok(Server {
            address,
            accepting: accepting.abort_handle(),
        })
    }
}

impl Server {
    /// What a client takes as its endpoint.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Connections end with the future that has accepted them.
async fn accept(listener: TcpListener, front: Front) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        // What fails is this connection; the next one may come.
        let Ok((stream, _)) = accepted else { continue };
        let front = front.clone();
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let front = front.clone();
            async move { front.answer(request.map(s3s::Body::from)).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        connections.spawn(connection);
    }
}
