//! A whole server in about a page: HTTP/1.1 and HTTP/2, and an end that loses nothing.
//!
//! What `oxitus-server` does beyond this, for the sake of strangers: it bounds the number of
//! connections, and the time before the first byte of each.
//!
//! ```text
//! cargo run -p example-standalone
//! ```

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use oxitus::{BoxError, Config, FsBackend, TusService};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let storage = FsBackend::builder("./uploads").open()?;
    let config = Config::new("/files")
        .max_size(Some(10 * 1024 * 1024 * 1024))
        .expire_after(Some(Duration::from_secs(24 * 60 * 60)));
    let uploads = TusService::new(storage, config);

    let listener = TcpListener::bind("127.0.0.1:1080").await?;
    println!("upload to http://127.0.0.1:1080/files/");

    let http = http();
    let connections = GracefulShutdown::new();
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            _ = &mut interrupt => break,
        };
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(uploads.clone());
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection broke: {error}");
            }
        });
    }

    // No new connections; bodies are ended, what came of them is kept; last answers are sent.
    drop(listener);
    uploads.shutdown(Duration::from_secs(10)).await;
    tokio::time::timeout(Duration::from_secs(5), connections.shutdown()).await?;
    Ok(())
}

/// "What to set on the server" in the documentation of `oxitus` has the reasons.
fn http() -> Builder<TokioExecutor> {
    const STREAMS: u32 = 16;
    const STREAM_WINDOW: u32 = 1024 * 1024;
    const MAX_HEAD: u32 = 64 * 1024;

    let mut http = Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .max_buf_size(256 * 1024)
        .half_close(true);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(STREAMS * STREAM_WINDOW)
        .max_header_list_size(MAX_HEAD);
    http
}
