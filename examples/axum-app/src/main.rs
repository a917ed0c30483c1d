//! Uploads beside a route of the application's own, in axum.
//!
//! ```text
//! cargo run -p example-axum-app
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Router, serve};
use oxitus::{BoxError, Config, EventKind, FsBackend, TusService};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let storage = FsBackend::builder("./uploads").open()?;
    let uploads = TusService::new(storage, Config::new("/files"));
    let completed = count_completed(&uploads);

    let app = Router::new()
        .route("/", get(status))
        .with_state(completed)
        .merge(oxitus::axum::routes(uploads.clone()));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("upload to http://127.0.0.1:3000/files/, and look at http://127.0.0.1:3000/");
    serve(listener, app)
        .with_graceful_shutdown(async move {
            let _ = tokio::signal::ctrl_c().await;
            // axum waits for every request, and an upload may take for ever: end them, with what
            // came of them kept.
            uploads.shutdown(Duration::from_secs(10)).await;
        })
        .await?;
    Ok(())
}

async fn status(State(completed): State<Arc<AtomicU64>>) -> String {
    format!("{} uploads so far\n", completed.load(Ordering::Relaxed))
}

/// Counts the uploads that are completed from now on.
fn count_completed(uploads: &TusService) -> Arc<AtomicU64> {
    let completed = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&completed);
    let mut events = uploads.events();
    tokio::spawn(async move {
        while let Ok(event) = events.recv().await {
            if event.kind == EventKind::Completed {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    completed
}
