//! `oxitus-server`: resumable uploads into a directory or a bucket, started with one command.
//!
//! ```text
//! cli ─▶ main ─▶ serve: accepts ─▶ connection: one client ─▶ site: one request ─▶ TusService
//!          │       ▲                                          (access_log around it)      │
//!          │       └─ shutdown: stops accepting, ends bodies, waits                       │
//!          └─▶ storage: a directory, or a bucket ◀────────────────────────────────────────┘
//! ```

mod access_log;
mod bucket;
mod cli;
mod connection;
mod failure;
mod logging;
mod pages;
mod serve;
mod shutdown;
mod site;
mod storage;
mod welcome;

use std::process::ExitCode;

use oxitus::{Config, Engine, TusService};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use self::cli::Cli;
use self::failure::Failure;
use self::site::Site;

fn main() -> ExitCode {
    let cli = Cli::of_this_process();
    logging::start(cli.log_format);
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("oxitus-server: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let runtime = Runtime::new().map_err(Failure::Runtime)?;
    let ended = runtime.block_on(run_server(cli));
    // Whatever was worth waiting for has been waited for: a disk that hangs keeps nobody here.
    runtime.shutdown_background();
    ended
}

async fn run_server(cli: Cli) -> Result<(), Failure> {
    let listener = TcpListener::bind(cli.listen)
        .await
        .map_err(|source| Failure::listen(cli.listen, source))?;
    let address = listener
        .local_addr()
        .map_err(|source| Failure::listen(cli.listen, source))?;
    let storage = storage::open(&cli).await?;
    let signals = shutdown::Signals::listen().map_err(Failure::Signals)?;

    let config = Config::new(cli.base_path.as_str())
        .max_size(cli.max_size)
        .expire_after(cli.expire_after);
    let uploads = TusService::from(Engine::new(storage.backend, config));
    uploads.engine().start();
    let server = serve::start(listener, Site::new(uploads.clone(), &cli.base_path));
    welcome::print(address, &cli.base_path, &storage.place);

    shutdown::when_asked(signals, server, &uploads).await
}
