//! A storage backend of one's own: [`Quota`] puts a bound on all uploads together.
//!
//! ```text
//! cargo run -p example-custom-backend
//! ```

mod quota;

use oxitus::{BoxError, Config, MemoryBackend, TusService};
use tokio::net::TcpListener;

use self::quota::Quota;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let storage = Quota::new(MemoryBackend::default(), 100 * 1024 * 1024);
    let uploads = TusService::new(storage, Config::new("/files"));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("upload up to 100 MiB to http://127.0.0.1:3000/files/");
    axum::serve(listener, oxitus::axum::routes(uploads)).await?;
    Ok(())
}
