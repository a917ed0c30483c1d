//! The routes for axum.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]
#![cfg(feature = "axum")]

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use oxitus::{Config, MemoryBackend, TusService};
use tower::ServiceExt;

fn uploads(base_path: &str) -> TusService {
    TusService::new(MemoryBackend::default(), Config::new(base_path))
}

async fn call(app: &Router, method: &str, path: &str, body: &'static str) -> Response<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", "example.org")
        .header("Tus-Resumable", "1.0.0")
        .header("Content-Type", "application/offset+octet-stream")
        .header("Upload-Length", body.len())
        .body(Body::from(body))
        .unwrap();
    let Ok(response) = app.clone().oneshot(request).await;
    response
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Uploads something at `collection` and fetches it from where it then is.
async fn upload_and_fetch(app: &Router, collection: &str, base_path: &str) {
    let created = call(app, "POST", collection, "hello").await;
    assert_eq!(created.status(), StatusCode::CREATED, "{collection}");
    let location = created.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(base_path), "{location}");
    for path in [location, &format!("{location}/")] {
        let fetched = call(app, "GET", path, "").await;
        assert_eq!(fetched.status(), StatusCode::OK, "{path}");
        assert_eq!(text(fetched).await, "hello");
    }
}

#[tokio::test]
async fn uploads_live_beside_other_routes() {
    let app = Router::new()
        .route("/", get(|| async { "home" }))
        .route("/files/{id}/thumbnail", get(|| async { "a thumbnail" }))
        .merge(oxitus::axum::routes(uploads("/files")));
    upload_and_fetch(&app, "/files", "/files/").await;
    upload_and_fetch(&app, "/files/", "/files/").await;
    assert_eq!(text(call(&app, "GET", "/", "").await).await, "home");
    let thumbnail = call(&app, "GET", "/files/abc/thumbnail", "").await;
    assert_eq!(text(thumbnail).await, "a thumbnail");
    let elsewhere = call(&app, "GET", "/elsewhere", "").await;
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn uploads_can_live_at_the_root() {
    let app = Router::new()
        .route("/status", get(|| async { "fine" }))
        .merge(oxitus::axum::routes(uploads("/")));
    upload_and_fetch(&app, "/", "/").await;
    assert_eq!(text(call(&app, "GET", "/status", "").await).await, "fine");
}

#[tokio::test]
async fn a_router_that_cuts_paths_can_nest_the_service() {
    let config = Config::new("/api/files").prefix_is_stripped(true);
    let uploads = TusService::new(MemoryBackend::default(), config);
    let app = Router::new().nest_service("/api/files", uploads);
    upload_and_fetch(&app, "/api/files", "/api/files/").await;
}
