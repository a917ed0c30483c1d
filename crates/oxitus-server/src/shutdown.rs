//! The end: no new connections, bodies that are coming in are ended and kept, and what was asked
//! is still answered.

use std::io;
use std::time::Duration;

use oxitus::TusService;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::failure::Failure;
use crate::serve::Server;

/// How long uploads may take to bring to disk what arrived.
const UPLOADS: Duration = Duration::from_secs(10);

/// How long connections may take after that, to send their last answers.
const CONNECTIONS: Duration = Duration::from_secs(5);

/// The signals that ask for the end.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on these signals no longer end the process by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one. Cancel-safe.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits for a signal, and then for the server to come to its end.
///
/// # Errors
/// [`Failure::CutOff`] where a second signal came before that.
pub(crate) async fn when_asked(
    mut signals: Signals,
    server: Server,
    uploads: &TusService,
) -> Result<(), Failure> {
    signals.next().await;
    tracing::info!("shutting down");
    server.stop();
    let drained = async {
        if !uploads.shutdown(UPLOADS).await {
            tracing::warn!("some uploads did not come to disk in time");
        }
        if timeout(CONNECTIONS, server.ended()).await.is_err() {
            tracing::info!("some connections did not end in time");
        }
    };
    tokio::select! {
        () = drained => Ok(()),
        () = signals.next() => Err(Failure::CutOff),
    }
}
