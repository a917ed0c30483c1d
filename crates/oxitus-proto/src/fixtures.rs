//! What the unit tests of several modules are made of.

use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};

use crate::header::{UploadMetadata, VERSION};
use crate::id::UploadId;
use crate::mount::Mount;
use crate::protocol::Protocol;
use crate::refusal::Refusal;
use crate::upload::{Concatenation, Kind, Phase, Upload};

pub(crate) const OFFSET_OCTET_STREAM: (&str, &str) =
    ("content-type", "application/offset+octet-stream");
pub(crate) const SPOKEN: (&str, &str) = ("tus-resumable", VERSION);

/// Everything on offer below `/files`, up to 1000 bytes.
pub(crate) fn protocol() -> Protocol {
    Protocol {
        max_size: Some(1_000),
        ..Protocol::new(Mount::new("/files"))
    }
}

/// As [`protocol`], without a limit on the size.
pub(crate) fn unlimited() -> Protocol {
    Protocol::new(Mount::new("/files"))
}

pub(crate) fn id(text: &str) -> UploadId {
    UploadId::parse(text).unwrap()
}

/// One header line for each pair, in order.
pub(crate) fn headers<V: AsRef<[u8]>>(lines: &[(&str, V)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_ref()).unwrap());
    }
    headers
}

/// A request of HTTP/1.1 that has a `Host`.
pub(crate) fn parts(method: &str, path: &str, lines: &[(&str, &str)]) -> Parts {
    let (mut parts, ()) = Request::builder()
        .method(method)
        .uri(path)
        .body(())
        .unwrap()
        .into_parts();
    parts.headers = headers(lines);
    parts
        .headers
        .append(header::HOST, HeaderValue::from_static("example.org"));
    parts
}

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

/// An ordinary upload without a time to live, in the phase that its numbers say.
pub(crate) fn upload(offset: u64, length: Option<u64>) -> Upload {
    let is_complete = length == Some(offset);
    Upload {
        offset,
        phase: if is_complete {
            Phase::Complete
        } else {
            Phase::Receiving
        },
        ..Upload::new(id("abc"), length, now())
    }
}

pub(crate) fn partial(offset: u64, length: Option<u64>) -> Upload {
    Upload {
        kind: Kind::Partial,
        ..upload(offset, length)
    }
}

/// A final upload made of two parts.
pub(crate) fn final_upload(phase: Phase, offset: u64, length: Option<u64>) -> Upload {
    Upload {
        kind: Kind::Final(Concatenation::new(FINAL, [id("a"), id("b")])),
        phase,
        ..upload(offset, length)
    }
}

pub(crate) const FINAL: &str = "final; /files/a  http://example.org/files/b";

/// The same upload with a minute to live.
pub(crate) fn expiring(upload: Upload) -> Upload {
    Upload {
        time_to_live: Some(Duration::from_secs(60)),
        ..upload
    }
}

/// Long after every upload of [`expiring`] has expired.
pub(crate) fn too_late() -> SystemTime {
    now() + Duration::from_secs(3_600)
}

pub(crate) fn metadata(value: &str) -> Option<UploadMetadata> {
    Some(UploadMetadata::parse(value.as_bytes()).unwrap())
}

/// The status that a result is answered with, `accepted` where it is no refusal.
pub(crate) fn status<T>(result: &Result<T, Refusal>, accepted: u16) -> u16 {
    result
        .as_ref()
        .err()
        .map_or(accepted, |refusal| refusal.status().as_u16())
}

pub(crate) fn every_refusal_with_an_offset(offset: u64) -> Vec<Refusal> {
    let stored = Some(offset);
    vec![
        Refusal::OffsetMismatch { offset },
        Refusal::Stalled { offset: stored },
        Refusal::BodyTooLong { offset: stored },
        Refusal::UploadTooLarge {
            limit: 1_000,
            offset: stored,
        },
        Refusal::StorageFull { offset: stored },
    ]
}

pub(crate) fn too_large() -> Refusal {
    Refusal::UploadTooLarge {
        limit: 1_000,
        offset: None,
    }
}
