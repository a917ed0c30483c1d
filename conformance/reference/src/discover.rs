//! OPTIONS: what the server can do; and what browsers must know of every answer.

use http::Method;

use crate::answer::{Answer, With as _, answer};
use crate::checksum;
use crate::route;
use crate::service::Call;
use crate::settings::Extension;

const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Origin, X-Requested-With, X-Request-ID, \
    X-HTTP-Method-Override, Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Defer-Length, \
    Upload-Concat, Upload-Checksum, Upload-Complete, Upload-Draft-Interop-Version, Content-Digest, Repr-Digest, \
    If-Match, Range";

const EXPOSED_HEADERS: &str = "Location, Upload-Offset, Upload-Length, Upload-Defer-Length, Upload-Metadata, \
    Upload-Expires, Upload-Concat, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, \
    Upload-Complete, Upload-Limit, Upload-Draft-Interop-Version, Retry-After, ETag, Content-Disposition, Content-Range";

/// Answers OPTIONS.
pub(crate) fn options(call: &Call, allowed: &[Method]) -> Answer {
    let settings = call.settings();
    let extensions: Vec<_> = settings
        .extensions
        .iter()
        .map(|extension| extension.name())
        .collect();
    let algorithms = settings.offers(Extension::Checksum).then(checksum::names);
    answer(204)
        .with("allow", route::join(allowed))
        .with("tus-version", "1.0.0")
        .with_some("tus-max-size", settings.max_size)
        .with_some(
            "tus-extension",
            (!extensions.is_empty()).then(|| extensions.join(",")),
        )
        .with_some("tus-checksum-algorithm", algorithms)
}

/// Adds the CORS headers to an answer for a page of an origin that may use the server.
pub(crate) fn allow_origin(call: &Call, answer: Answer) -> Answer {
    let headers = &call.parts.headers;
    let Some(origin) = headers
        .get("origin")
        .and_then(|origin| origin.to_str().ok())
    else {
        return answer;
    };
    let origins = call.settings().origins.as_ref();
    if origins.is_some_and(|origins| !origins.iter().any(|allowed| allowed == origin)) {
        return answer.with("vary", "Origin");
    }
    let answer = answer
        .with("access-control-allow-origin", origin)
        .with("vary", "Origin");
    let is_preflight = call.parts.method == Method::OPTIONS
        && headers.contains_key("access-control-request-method");
    if is_preflight {
        answer
            .with(
                "access-control-allow-methods",
                "POST, HEAD, PATCH, GET, DELETE, OPTIONS",
            )
            .with("access-control-allow-headers", ALLOWED_HEADERS)
            .with("access-control-max-age", 86_400)
    } else {
        answer.with("access-control-expose-headers", EXPOSED_HEADERS)
    }
}
