//! CORS: what browsers of other origins may do.
//!
//! Written here, and not left to a layer in front, for two reasons. OPTIONS is the protocol's own
//! discovery request, and a general CORS layer answers every OPTIONS itself; and the headers must
//! be on every answer, refusals included, else a browser shows its script no status and the
//! script tries again for ever.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};

const ALLOW_METHODS: HeaderValue =
    HeaderValue::from_static("POST, HEAD, PATCH, GET, DELETE, OPTIONS");

const ALLOW_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Origin, X-Requested-With, X-Request-ID, X-HTTP-Method-Override, \
     Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Defer-Length, \
     Upload-Concat, Upload-Checksum, Upload-Complete, Upload-Draft-Interop-Version, \
     Content-Digest, Repr-Digest, If-Match, If-None-Match, Range",
);

const EXPOSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Location, Upload-Offset, Upload-Length, Upload-Defer-Length, Upload-Metadata, \
     Upload-Expires, Upload-Concat, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, \
     Tus-Checksum-Algorithm, Upload-Complete, Upload-Limit, Upload-Draft-Interop-Version, \
     Retry-After, ETag, Content-Disposition, Content-Range",
);

const ONE_DAY: HeaderValue = HeaderValue::from_static("86400");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Which origins may use the server from a browser. The default is every origin, without
/// credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cors {
    origins: Origins,
    credentials: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Origins {
    #[default]
    Any,
    Listed(Vec<String>),
}

impl Cors {
    /// Allows only these origins, each as a browser writes it: `https://example.org`. A request of
    /// another origin is answered without CORS headers, which the browser takes as a no.
    #[must_use]
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = Origins::Listed(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Lets scripts send cookies and other credentials. With every origin allowed this means that
    /// any page a user visits can upload in the user's name, so list the origins.
    #[must_use]
    pub fn credentials(mut self, credentials: bool) -> Self {
        self.credentials = credentials;
        self
    }

    /// Adds the headers of an answer to a request with the headers `request`.
    pub(crate) fn apply(&self, request: &HeaderMap, is_options: bool, answer: &mut HeaderMap) {
        // The answer depends on the origin even where it is `*`: without one there are no headers,
        // and a browser must not take such an answer out of its cache for a script.
        answer.append(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = request.get(ORIGIN).filter(|origin| self.allows(origin)) else {
            return;
        };
        // Never `*` together with credentials.
        let reflects = self.credentials || self.origins != Origins::Any;
        let allowed = if reflects {
            origin.clone()
        } else {
            HeaderValue::from_static("*")
        };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials {
            answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        if is_options && request.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            answer.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS);
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOW_HEADERS);
            answer.insert(ACCESS_CONTROL_MAX_AGE, ONE_DAY);
        } else {
            answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSE_HEADERS);
        }
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        match &self.origins {
            Origins::Any => true,
            Origins::Listed(origins) => origins
                .iter()
                .any(|allowed| allowed.as_bytes() == origin.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests;
