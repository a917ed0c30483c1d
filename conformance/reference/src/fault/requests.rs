//! Faults that make the server blind or lenient: they change what it sees of a request.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method};

use super::{Fault, Step};

impl Fault {
    /// Changes a request before the server checks it.
    #[must_use]
    pub fn request(change: impl Fn(&mut Parts) + Send + Sync + 'static) -> Self {
        Self::step(Step::Request(Arc::new(change)))
    }

    /// Does not see a request header.
    #[must_use]
    pub fn ignore_header(name: &'static str) -> Self {
        Self::request(move |parts| {
            parts.headers.remove(name);
        })
    }

    /// Sees this value instead of the ones in the request, if any, and also if there is none.
    #[must_use]
    pub fn replace_header(name: &'static str, value: &'static str) -> Self {
        Self::request(move |parts| {
            parts.headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        })
    }

    /// Sees another value in each line of a header. Bytes that are not UTF-8 are replaced first.
    #[must_use]
    pub fn rewrite_header(
        name: &'static str,
        change: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        Self::request(move |parts| {
            let name = HeaderName::from_static(name);
            let http::header::Entry::Occupied(mut lines) = parts.headers.entry(name) else {
                return;
            };
            for line in lines.iter_mut() {
                if let Ok(value) =
                    HeaderValue::try_from(change(&String::from_utf8_lossy(line.as_bytes())))
                {
                    *line = value;
                }
            }
        })
    }

    /// Sees the first of several lines of a header only.
    #[must_use]
    pub fn first_line_of(name: &'static str) -> Self {
        Self::request(move |parts| {
            if let Some(first) = parts.headers.get(name).cloned() {
                parts.headers.insert(HeaderName::from_static(name), first);
            }
        })
    }

    /// Takes the request for one with another method.
    #[must_use]
    pub fn read_method_as(method: Method) -> Self {
        Self::request(move |parts| parts.method = method.clone())
    }
}
