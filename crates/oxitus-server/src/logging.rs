//! Log lines, on standard error. `RUST_LOG` says which.

use std::io::IsTerminal;

use oxitus::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Begins to write log lines.
pub(crate) fn start(format: LogFormat) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

/// Writes a line for everything that happens to uploads, until nothing can happen any more.
pub(crate) fn log_events(mut events: Receiver<Event>) {
    tokio::spawn(async move {
        loop {
            match events.recv().await {
                Ok(event) => tracing::debug!(?event),
                Err(RecvError::Lagged(missed)) => tracing::debug!(missed, "events came too fast"),
                Err(RecvError::Closed) => break,
            }
        }
    });
}
