//! Nothing but hyper: its HTTP/1 connection, and a function for each request. No tower, no router.
//!
//! ```text
//! cargo run -p example-bare-hyper
//! ```

use std::convert::Infallible;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use oxitus::{BoxError, Config, FsBackend, TusService};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let storage = FsBackend::builder("./uploads").open()?;
    let uploads = TusService::new(storage, Config::new("/files"));
    let listener = TcpListener::bind("127.0.0.1:1080").await?;
    println!("upload to http://127.0.0.1:1080/files/");

    loop {
        let (stream, _) = listener.accept().await?;
        let uploads = uploads.clone();
        let service = service_fn(move |request| {
            let engine = uploads.engine().clone();
            async move { Ok::<_, Infallible>(engine.handle(request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new()) // for its timeout of 30 seconds for a head
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("a connection broke: {error}");
            }
        });
    }
}
