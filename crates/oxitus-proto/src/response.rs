//! The only writer of response headers.

use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_RANGE, CONTENT_TYPE, LOCATION, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version, request};

use crate::extension::Extension;
use crate::header::{ChecksumAlgorithm, UploadExpires, VERSION, effective_method, name};
use crate::protocol::Protocol;
use crate::refusal::Refusal;
use crate::request::{Operation, allowed_methods};
use crate::upload::{Kind, Phase, Upload};

/// How long a client should wait before it tries again, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// A request that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer to OPTIONS.
    Options,
    /// An upload was made.
    Created(Upload),
    /// An upload as it stands, for HEAD.
    Described(Upload),
    /// Bytes were stored, or there were none.
    Appended(Upload),
    /// An upload was removed.
    Terminated,
}

/// A request, as far as its answer depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'r> {
    parts: &'r request::Parts,
    is_options: bool,
    is_head: bool,
}

impl<'r> Asked<'r> {
    /// The request `parts`, and its `operation` where one was found.
    #[must_use]
    pub fn new(parts: &'r request::Parts, operation: Option<&Operation>) -> Self {
        let means_head = effective_method(&parts.method, &parts.headers) == Ok(Method::HEAD);
        Self {
            parts,
            is_options: operation == Some(&Operation::Options),
            is_head: parts.method == Method::HEAD || means_head,
        }
    }
}

/// Answers a request that was carried out.
#[must_use]
pub fn respond(outcome: &Outcome, asked: &Asked<'_>, protocol: &Protocol) -> Response<()> {
    let status = match outcome {
        Outcome::Created(_) => StatusCode::CREATED,
        Outcome::Described(_) => StatusCode::OK,
        Outcome::Options | Outcome::Appended(_) | Outcome::Terminated => StatusCode::NO_CONTENT,
    };
    let mut response = respond_with(status, asked, protocol);
    let headers = response.headers_mut();
    match outcome {
        Outcome::Options => describe_server(headers, asked, protocol),
        Outcome::Created(upload) => {
            set(headers, LOCATION, protocol.mount.location(&upload.id));
            set_progress(headers, upload, protocol);
        }
        Outcome::Described(upload) => {
            describe_upload(headers, upload);
            set_progress(headers, upload, protocol);
        }
        Outcome::Appended(upload) => set_progress(headers, upload, protocol),
        Outcome::Terminated => {}
    }
    response
}

/// Answers a request that was refused; the reason is the body.
#[must_use]
pub fn refuse(refusal: &Refusal, asked: &Asked<'_>, protocol: &Protocol) -> Response<String> {
    let mut response = respond_with(refusal.status(), asked, protocol);
    let headers = response.headers_mut();
    match refusal {
        Refusal::UnsupportedVersion => set(headers, name::TUS_VERSION, VERSION),
        Refusal::UploadTooLarge { limit, .. } => set(headers, name::TUS_MAX_SIZE, limit),
        Refusal::BodyTooLong { .. } => set_max_size(headers, protocol),
        Refusal::RangeNotSatisfiable { length } => {
            set(headers, CONTENT_RANGE, format_args!("bytes */{length}"));
        }
        Refusal::MethodNotAllowed { allow } => set_allow(headers, allow),
        _ => {}
    }
    if let Some(offset) = refusal.offset() {
        set(headers, name::UPLOAD_OFFSET, offset);
    }
    if refusal.is_temporary() {
        headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    if refusal.ends_connection() {
        end_connection(headers, asked);
    }
    if asked.is_head {
        return response.map(|()| String::new());
    }
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response.map(|()| format!("{refusal}\n"))
}

/// Says that the connection ends after this answer. HTTP/2 has no such header.
pub fn end_connection(headers: &mut HeaderMap, asked: &Asked<'_>) {
    if asked.parts.version <= Version::HTTP_11 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// An answer with `status` and the headers that every answer has; for downloads too.
#[must_use]
pub fn respond_with(status: StatusCode, asked: &Asked<'_>, protocol: &Protocol) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(name::TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(cors) = &protocol.cors {
        cors.apply(&asked.parts.headers, asked.is_options, headers);
    }
    response
}

/// TUS 1.0.0, "OPTIONS".
fn describe_server(headers: &mut HeaderMap, asked: &Asked<'_>, protocol: &Protocol) {
    if let Some(target) = protocol.mount.target(asked.parts.uri.path()) {
        set_allow(headers, &allowed_methods(&target, protocol));
    }
    set(headers, name::TUS_VERSION, VERSION);
    if !protocol.extensions.is_empty() {
        set(headers, name::TUS_EXTENSION, protocol.extensions);
    }
    set_max_size(headers, protocol);
    if protocol.offers(Extension::Checksum) {
        let algorithms = ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::name);
        set(headers, name::TUS_CHECKSUM_ALGORITHM, algorithms.join(","));
    }
}

/// TUS 1.0.0, "HEAD", but for what [`set_progress`] says.
fn describe_upload(headers: &mut HeaderMap, upload: &Upload) {
    match &upload.kind {
        Kind::Whole => {}
        Kind::Partial => set(headers, name::UPLOAD_CONCAT, "partial"),
        Kind::Final(concatenation) => set(headers, name::UPLOAD_CONCAT, &concatenation.raw),
    }
    match (upload.length, &upload.kind) {
        (Some(length), _) => set(headers, name::UPLOAD_LENGTH, length),
        // Nobody has deferred it: it is the sum of the parts, once all of theirs are known.
        (None, Kind::Final(_)) => {}
        (None, Kind::Whole | Kind::Partial) => set(headers, name::UPLOAD_DEFER_LENGTH, 1),
    }
    if let Some(metadata) = &upload.metadata {
        set(headers, name::UPLOAD_METADATA, metadata);
    }
}

/// How far the upload is, and how long it may take. A final upload shows no offset before its parts
/// are joined (TUS 1.0.0, "Concatenation"); only what may expire has a date (TUS 1.0.0,
/// "Expiration").
fn set_progress(headers: &mut HeaderMap, upload: &Upload, protocol: &Protocol) {
    let is_final = matches!(upload.kind, Kind::Final(_));
    if !is_final || upload.phase == Phase::Complete {
        set(headers, name::UPLOAD_OFFSET, upload.offset);
    }
    let expires = upload.expires().map(UploadExpires);
    if let Some(expires) = expires.filter(|_| protocol.offers(Extension::Expiration)) {
        set(headers, name::UPLOAD_EXPIRES, expires);
    }
}

fn set_max_size(headers: &mut HeaderMap, protocol: &Protocol) {
    if protocol.max_size.is_some() {
        set(headers, name::TUS_MAX_SIZE, protocol.size_limit());
    }
}

fn set_allow(headers: &mut HeaderMap, methods: &[Method]) {
    let methods: Vec<_> = methods.iter().map(Method::as_str).collect();
    set(headers, ALLOW, methods.join(", "));
}

/// Sets a header to a value that is known to be one: a number, a date, or text that was parsed as
/// a header before. What is not is left out.
fn set(headers: &mut HeaderMap, name: HeaderName, value: impl std::fmt::Display) {
    if let Ok(value) = HeaderValue::try_from(value.to_string()) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
