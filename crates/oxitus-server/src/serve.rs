//! The accept loop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection;
use crate::site::Site;

/// How many connections there are at once, if the process may open enough files. Others wait in the
/// queue of the listening socket.
const MAX_CONNECTIONS: u64 = 10_000;

/// How many files to set aside for each connection: itself, and those of an upload.
const FILES_PER_CONNECTION: u64 = 4;

/// How many files a process may usually open, unless it asks for more: so few for the sake of
/// programs that use `select`.
const USUAL_FILES: u64 = 1_024;

/// How long to wait when a connection could not be accepted for want of something that may come
/// back: file descriptors, memory.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Takes no new connections, and has every connection end after what it is answering.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
    }

    /// Waits until every connection has ended. Cancel-safe.
    pub(crate) async fn ended(&self) {
        self.tasks.wait().await;
    }
}

/// Begins to take connections.
pub(crate) fn start(listener: TcpListener, site: Site) -> Server {
    let server = Server {
        stopping: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    let stopping = server.stopping.clone();
    let tasks = server.tasks.clone();
    server.tasks.spawn(async move {
        let accept_all = accept_all(&listener, &site, &tasks, &stopping);
        stopping.run_until_cancelled(accept_all).await;
        tasks.close();
    });
    server
}

async fn accept_all(
    listener: &TcpListener,
    site: &Site,
    tasks: &TaskTracker,
    stopping: &CancellationToken,
) {
    let places = Arc::new(Semaphore::new(max_connections()));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = accept(listener).await;
        let connection = connection::serve(stream, site.clone(), stopping.clone());
        tasks.spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_about_the_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Whether only the connection that was to be accepted has failed, and the next may be fine.
fn is_about_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// Raises the number of files that the process may open as far as it goes. What it comes to bounds
/// the connections: those that are idle must not leave uploads without files.
fn max_connections() -> usize {
    let files = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot raise the number of open files");
        USUAL_FILES
    });
    let connections = (files / FILES_PER_CONNECTION).clamp(1, MAX_CONNECTIONS);
    tracing::debug!(files, connections, "limits");
    usize::try_from(connections).unwrap_or(usize::MAX)
}
