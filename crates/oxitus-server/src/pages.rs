//! Answers that have nothing to do with uploads: health, a greeting, and that there is nothing.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;

/// The server runs and takes requests.
pub(crate) fn health(method: &Method) -> Response<Full<Bytes>> {
    page(method, "ok\n")
}

/// Somebody opened the server in a browser.
pub(crate) fn greeting(method: &Method, base_path: &str) -> Response<Full<Bytes>> {
    page(
        method,
        format!(
            "This is oxitus, a server for resumable uploads (https://tus.io).\n\
             Point a TUS client at {base_path} on this server.\n"
        ),
    )
}

/// The path names nothing.
pub(crate) fn not_found() -> Response<Full<Bytes>> {
    text(StatusCode::NOT_FOUND, "there is nothing here\n")
}

/// Something broke that never should.
pub(crate) fn internal_error() -> Response<Full<Bytes>> {
    text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "this server has failed\n",
    )
}

fn page(method: &Method, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    if [Method::GET, Method::HEAD].contains(method) {
        return text(StatusCode::OK, body);
    }
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "this is only to be read\n");
    let allow = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(ALLOW, allow);
    response
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
