//! What a fault may know of a request.

use http::request::Parts;
use http::{HeaderMap, Method, Uri, Version};

/// A request as the client sent it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method on the request line.
    pub method: Method,
    /// The request target.
    pub target: Uri,
    /// The version of HTTP.
    pub version: Version,
    /// All headers.
    pub headers: HeaderMap,
}

impl Seen {
    pub(crate) fn of(parts: &Parts) -> Self {
        Self {
            method: parts.method.clone(),
            target: parts.uri.clone(),
            version: parts.version,
            headers: parts.headers.clone(),
        }
    }

    /// The method that counts: that of `X-HTTP-Method-Override`, if it names one.
    #[must_use]
    pub fn effective_method(&self) -> Method {
        let named = self
            .headers
            .get("x-http-method-override")
            .map(http::HeaderValue::as_bytes);
        named
            .and_then(|name| Method::from_bytes(name).ok())
            .unwrap_or_else(|| self.method.clone())
    }

    /// Whether the target is below a path, and not the path itself: an upload and not the creation URL.
    #[must_use]
    pub fn is_below(&self, path: &str) -> bool {
        let rest = self.target.path().strip_prefix(path).unwrap_or_default();
        !rest.trim_matches('/').is_empty()
    }

    /// The value of a header if it is text; of more than one line, the first.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
