//! The server in a process of its own: this program, when it is called as the judge is told to.

use std::env;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;

use tokio::runtime::Runtime;
use tus_conformance::Options;
use tus_reference::{Fault, Server, Settings};

use crate::world::{World, target};

/// The first argument of a call that asks for the server.
const SERVE: &str = "serve";

/// What the judge is told of a server that it is to start, on a free port, with the fault of a row.
pub(crate) fn options(directory: &Path, row: Option<usize>) -> Result<Options, String> {
    let address = free_address().map_err(|error| error.to_string())?;
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let (program, directory) = (program.display(), directory.display());
    let row = row.map(|row| row.to_string()).unwrap_or_default();
    let mut options = Options::new(target(&format!("http://{address}/files"))?);
    options.start = Some(format!(
        "exec '{program}' {SERVE} {address} '{directory}' {row}"
    ));
    Ok(options)
}

/// Serves until it is killed, if that is what this program is called for.
pub(crate) fn serve_if_asked() -> Option<ExitCode> {
    let mut arguments = env::args().skip(1);
    if arguments.next()? != SERVE {
        return None;
    }
    let settings = Settings {
        listen: arguments.next()?.parse().ok()?,
        directory: Some(arguments.next()?.into()),
        ..World::Process.settings()
    };
    let row = arguments.next().and_then(|row| row.parse().ok());
    let row = row.and_then(|row: usize| crate::rows().into_iter().nth(row));
    let fault = row.map_or_else(Fault::none, |row| row.fault);
    Some(serve(settings, fault))
}

fn serve(settings: Settings, fault: Fault) -> ExitCode {
    let Ok(runtime) = Runtime::new() else {
        return ExitCode::FAILURE;
    };
    runtime.block_on(async {
        match Server::start(settings, fault).await {
            Ok(_server) => std::future::pending().await,
            Err(_) => ExitCode::FAILURE,
        }
    })
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
