//! Log lines, on standard error. `RUST_LOG` says which; what happens to uploads is told at
//! `debug`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Which lines are written unless `RUST_LOG` says. Where credentials cannot be found the server says
/// so itself; each place where the SDK looks in vain says it at length.
const DEFAULT: &str = "info,aws_config=off";

/// Begins to write log lines.
pub(crate) fn start(format: LogFormat) {
    let told = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let which = Some(told.as_str()).filter(|told| !told.is_empty());
    let filter = EnvFilter::builder().parse_lossy(which.unwrap_or(DEFAULT));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
