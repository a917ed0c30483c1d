//! Whole requests: whatever comes, there is an answer, and it is a proper one.

use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use oxitus_proto::cors::Cors;
use oxitus_proto::extension::Extensions;
use oxitus_proto::header::{Number, UploadMetadata};
use oxitus_proto::id::UploadId;
use oxitus_proto::mount::Mount;
use oxitus_proto::protocol::Protocol;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::request::{Append, BodySize, Creation, Operation, Wanted, route};
use oxitus_proto::response::{Asked, Outcome, refuse, respond, respond_with};
use oxitus_proto::upload::{Concatenation, Kind, Phase, Upload};

use super::{check_value, leads_back};

/// A request as text, for the upload that its first line describes:
///
/// ```text
/// METHOD path version offset length kind
/// Name: value
/// …
/// ```
pub(crate) fn request(input: &[u8]) {
    let Some((parts, upload)) = read(input) else {
        return;
    };
    let mut limited = Protocol::new(Mount::new("/files"));
    limited.max_size = Some(1_000);
    limited.cors = Some(Cors::default().credentials(true));
    let mut core_only = Protocol::new(Mount::new("/files"));
    core_only.extensions = Extensions::NONE;
    core_only.downloads = false;
    for protocol in [limited, core_only] {
        answer(&parts, &upload, &protocol);
    }
}

fn read(input: &[u8]) -> Option<(Parts, Upload)> {
    let mut lines = input.split(|byte| *byte == b'\n');
    let first = str::from_utf8(lines.next()?).ok()?;
    let mut words = first.split(' ');
    let (mut parts, ()) = Request::builder()
        .method(words.next()?)
        .uri(words.next()?)
        .version(match words.next()? {
            "1.0" => Version::HTTP_10,
            "2" => Version::HTTP_2,
            _ => Version::HTTP_11,
        })
        .body(())
        .ok()?
        .into_parts();
    let stored = words
        .next()?
        .parse()
        .ok()
        .filter(|stored| *stored <= Number::MAX)?;
    let length = words
        .next()?
        .parse()
        .ok()
        .filter(|length| *length >= stored);
    parts.headers = HeaderMap::new();
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        parts
            .headers
            .try_append(
                HeaderName::from_bytes(name).ok()?,
                HeaderValue::from_bytes(value.get(1..)?.trim_ascii()).ok()?,
            )
            .ok()?;
    }
    Some((parts, describe(words.next(), stored, length)?))
}

fn describe(kind: Option<&str>, stored: u64, length: Option<u64>) -> Option<Upload> {
    let id = UploadId::parse("abc").ok()?;
    let parts = [id.clone(), id.clone()];
    let mut upload = Upload::new(id, length, now());
    upload.offset = stored;
    upload.time_to_live = Some(Duration::from_secs(60));
    upload.kind = match kind {
        Some("partial") => Kind::Partial,
        Some("final") => Kind::Final(Concatenation::new("final;abc abc", parts)),
        _ => Kind::Whole,
    };
    if length == Some(stored) {
        upload.phase = Phase::Complete;
    }
    Some(upload)
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

fn answer(parts: &Parts, upload: &Upload, protocol: &Protocol) {
    let operation = route(parts, protocol);
    let asked = Asked::new(parts, operation.as_ref().ok());
    let result = operation.and_then(|operation| carry_out(operation, parts, upload, protocol));
    let response = match &result {
        Ok(Some(outcome)) => respond(outcome, &asked, protocol),
        Ok(None) => respond_with(StatusCode::OK, &asked, protocol),
        Err(refusal) => {
            let response = refuse(refusal, &asked, protocol);
            check_refusal(refusal, &response, parts, upload);
            response.map(drop)
        }
    };
    check_headers(&response, parts);
    if let Ok(Some(Outcome::Created(upload))) = result {
        let described = respond(&Outcome::Described(upload.clone()), &asked, protocol);
        check_headers(&described, parts);
        let echo = |name| described.headers().get(name)?.to_str().ok();
        assert_eq!(
            echo("upload-metadata"),
            upload.metadata.as_ref().map(UploadMetadata::as_str)
        );
        if let Kind::Final(concatenation) = upload.kind {
            assert_eq!(echo("upload-concat"), Some(&*concatenation.raw));
        }
    }
}

/// Does what an engine would do with its storage in order; `None` for a download.
fn carry_out(
    operation: Operation,
    parts: &Parts,
    upload: &Upload,
    protocol: &Protocol,
) -> Result<Option<Outcome>, Refusal> {
    let body = body_size(parts);
    Ok(Some(match operation {
        Operation::Options => Outcome::Options,
        Operation::Create => {
            let creation = Creation::read(&parts.headers, body, protocol)?;
            Outcome::Created(create(creation, protocol))
        }
        Operation::Head(_) => Outcome::Described(upload.clone()),
        Operation::Append(_) => {
            let append = Append::read(&parts.headers, body, protocol)?;
            Outcome::Appended(store(append, upload, protocol)?)
        }
        Operation::Download(_) => return Ok(None),
        Operation::Terminate(_) => Outcome::Terminated,
    }))
}

fn body_size(parts: &Parts) -> BodySize {
    let length = parts.headers.get("content-length");
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    match length {
        Some(length) => BodySize::Exact(length),
        None if parts.headers.contains_key("transfer-encoding") => BodySize::Unknown,
        None => BodySize::Exact(0),
    }
}

/// The upload that is made, its body stored.
fn create(creation: Creation, protocol: &Protocol) -> Upload {
    let (length, kind) = match creation.wanted {
        Wanted::Whole { length } => (length, Kind::Whole),
        Wanted::Partial { length } => (length, Kind::Partial),
        Wanted::Final { raw, parts } => {
            assert!(!parts.is_empty() && creation.body.is_empty());
            assert!(parts.iter().all(|part| leads_back(&protocol.mount, part)));
            (None, Kind::Final(Concatenation::new(raw, parts)))
        }
    };
    let ceiling = length.unwrap_or_else(|| protocol.size_limit());
    assert!(ceiling <= protocol.size_limit());
    let mut upload = Upload::new(UploadId::from_random_bits(0), length, now());
    if let BodySize::Exact(bytes) = creation.body {
        assert!(bytes <= ceiling);
        upload.offset = bytes;
    }
    upload.kind = kind;
    upload.metadata = creation.metadata;
    upload
}

fn store(append: Append, upload: &Upload, protocol: &Protocol) -> Result<Upload, Refusal> {
    let body = append.body;
    let declared = append.length;
    let plan = append.decide(upload, protocol, now())?;
    assert_eq!(plan.offset, upload.offset);
    assert!(plan.offset <= plan.ceiling.offset());
    assert!(plan.ceiling.offset() <= upload.length.unwrap_or_else(|| protocol.size_limit()));
    assert!(upload.length.is_none() || plan.declare_length.is_none());
    assert!(
        plan.declare_length
            .is_none_or(|length| declared == Some(Number::Exact(length)))
    );
    let mut upload = upload.clone();
    upload.length = upload.length.or(plan.declare_length);
    assert!(
        upload
            .length
            .is_none_or(|length| length == plan.ceiling.offset())
    );
    if let BodySize::Exact(bytes) = body {
        let end = plan.offset.checked_add(bytes);
        assert!(end.is_some_and(|end| end <= plan.ceiling.offset()));
        upload.offset = end.unwrap_or(upload.offset);
    }
    Ok(upload)
}

/// A client's doing is answered with 4xx, and 409 tells where the upload stands.
fn check_refusal(refusal: &Refusal, response: &Response<String>, parts: &Parts, upload: &Upload) {
    assert!(response.status().is_client_error(), "{refusal:?}");
    let header = |name: &str| response.headers().get(name)?.to_str().ok();
    let stored = upload.offset.to_string();
    match response.status().as_u16() {
        405 => assert!(header("allow").is_some_and(|allow| allow.ends_with("OPTIONS"))),
        409 => assert_eq!(header("upload-offset"), Some(stored.as_str())),
        412 => assert_eq!(header("tus-version"), Some("1.0.0")),
        _ => {}
    }
    if let Some(offset) = refusal.offset() {
        assert_eq!(offset, upload.offset);
    }
    let body = response.body();
    if parts.method == http::Method::HEAD {
        assert!(body.is_empty());
    } else if !parts.headers.contains_key("x-http-method-override") {
        assert!(body.ends_with('\n') && body.lines().count() == 1);
    }
}

fn check_headers(response: &Response<()>, parts: &Parts) {
    let headers = response.headers();
    assert_eq!(
        headers.get_all("tus-resumable").iter().collect::<Vec<_>>(),
        ["1.0.0"]
    );
    assert!(!headers.contains_key("connection") || parts.version <= Version::HTTP_11);
    for (name, value) in headers {
        check_value(name, value.as_bytes());
    }
    for name in ["upload-offset", "upload-length", "tus-max-size"] {
        let Some(value) = headers.get(name) else {
            continue;
        };
        let number = value
            .to_str()
            .ok()
            .and_then(|value| value.parse::<u64>().ok());
        let is_canonical = number.is_some_and(|number| *value == *number.to_string());
        assert!(is_canonical, "{name}: {value:?}");
    }
}
