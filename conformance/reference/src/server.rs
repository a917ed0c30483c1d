//! A running server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::connection;
use crate::fault::Fault;
use crate::service::Service;
use crate::settings::Settings;

/// A server on a port of its own. It stops, and drops its connections, when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    path: String,
    listening: JoinHandle<()>,
}

impl Server {
    /// Starts a server in the background of this Tokio runtime. With a directory, the uploads in it are there.
    ///
    /// # Errors
    ///
    /// When the address is taken, or the directory or what is in it cannot be read.
    pub async fn start(settings: Settings, fault: Fault) -> io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let path = settings.path.clone();
        let service = Arc::new(Service::new(settings, fault)?);
        let listening = tokio::spawn(accept(listener, service));
        Ok(Self {
            address,
            path,
            listening,
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The upload creation URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Serves each connection in a task. All of them end with this one.
async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection::serve(stream, Arc::clone(&service)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
