//! The reference server as a process, which a test can kill and start again.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tus_reference::{Behaviour, Fault, Server, Settings};

/// A TUS 1.0.0 server for tests. Prints the upload creation URL in a line when it can be used.
#[derive(Debug, Parser)]
struct Arguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where uploads are kept; without it they are lost with the process.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// How long an unfinished upload lives, such as 2s.
    #[arg(long, default_value = "1h")]
    time_to_live: humantime::Duration,
    /// How long a body may be silent, such as 500ms.
    #[arg(long, default_value = "3s")]
    body_timeout: humantime::Duration,
    /// The largest upload, in bytes.
    #[arg(long, default_value_t = 1 << 60)]
    max_size: u64,
    /// A rule to break.
    #[arg(long)]
    behaviour: Vec<Behaviour>,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let settings = Settings {
        listen: arguments.listen,
        directory: arguments.dir,
        time_to_live: arguments.time_to_live.into(),
        body_timeout: arguments.body_timeout.into(),
        max_size: Some(arguments.max_size),
        ..Settings::default()
    };
    let fault = arguments
        .behaviour
        .into_iter()
        .map(Fault::behaviour)
        .fold(Fault::none(), Fault::and);
    let server = Server::start(settings, fault).await?;
    writeln!(io::stdout(), "{}", server.url())?;
    // Everything is on disk already.
    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}
