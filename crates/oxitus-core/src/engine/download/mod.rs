//! GET: a completed upload comes back. Plain HTTP, not part of the protocol.

mod disposition;
mod range;

use std::time::SystemTime;

use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt, IfMatch, IfModifiedSince,
    IfNoneMatch, IfRange, IfUnmodifiedSince, LastModified,
};
use http::header::{CACHE_CONTROL, RANGE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use oxitus_proto::header::name;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::response::{Asked, respond_with};
use oxitus_proto::upload::{Kind, Phase, Upload};

use self::disposition::describe;
use self::range::RequestedRange;
use super::{Engine, failure};
use crate::body::ResponseBody;
use crate::storage::ByteRange;

impl Engine {
    /// Gives a completed upload back: whole, or the one range that was asked for. One that is not
    /// complete, or only a part of another, is not there.
    pub(in crate::engine) async fn download(
        &self,
        id: &UploadId,
        parts: &Parts,
        asked: &Asked,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let upload = self.settled(id).await?;
        if upload.phase != Phase::Complete || upload.kind == Kind::Partial {
            return Err(Refusal::NotFound);
        }
        let tag = entity_tag(&upload)?;
        let modified = upload.last_activity;
        let is_new = check_conditions(&parts.headers, &tag, modified)?;
        let range = if is_new {
            requested_range(&parts.headers, &upload, &tag)?
        } else {
            None
        };
        let status = match (is_new, range) {
            (false, _) => StatusCode::NOT_MODIFIED,
            (true, None) => StatusCode::OK,
            (true, Some(_)) => StatusCode::PARTIAL_CONTENT,
        };
        let mut response = respond_with(status, asked, self.protocol());
        let headers = response.headers_mut();
        headers.remove(name::TUS_RESUMABLE);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.typed_insert(tag);
        headers.typed_insert(LastModified::from(modified));
        if !is_new {
            return Ok(response.map(|()| ResponseBody::empty()));
        }
        describe(headers, upload.metadata.as_ref());
        headers.typed_insert(AcceptRanges::bytes());
        if let Some(range) = range {
            let bounds = range.start..range.start + range.length;
            let content_range = ContentRange::bytes(bounds, upload.offset);
            headers.typed_insert(content_range.map_err(|_| Refusal::Failed)?);
        }
        let range = range.unwrap_or(ByteRange {
            start: 0,
            length: upload.offset,
        });
        headers.typed_insert(ContentLength(range.length));
        let download = self.0.backend.read(id, range).await;
        let download = download.map_err(|error| failure::refusal(&error, None))?;
        Ok(response.map(|()| ResponseBody::stream(download.bytes)))
    }
}

/// Whether the client does not have these bytes already (RFC 9110, section 13.2.2).
fn check_conditions(
    headers: &HeaderMap,
    tag: &ETag,
    modified: SystemTime,
) -> Result<bool, Refusal> {
    let is_the_same = match headers.typed_get::<IfMatch>() {
        Some(condition) => condition.precondition_passes(tag),
        None => headers
            .typed_get::<IfUnmodifiedSince>()
            .is_none_or(|condition| condition.precondition_passes(modified)),
    };
    if !is_the_same {
        return Err(Refusal::PreconditionFailed);
    }
    Ok(match headers.typed_get::<IfNoneMatch>() {
        Some(condition) => condition.precondition_passes(tag),
        None => headers
            .typed_get::<IfModifiedSince>()
            .is_none_or(|condition| condition.is_modified(modified)),
    })
}

/// A completed upload never changes, and an id is never used again: the id is the tag.
fn entity_tag(upload: &Upload) -> Result<ETag, Refusal> {
    format!("\"{}\"", upload.id)
        .parse()
        .map_err(|_| Refusal::Failed)
}

/// The range to send; `None` for all of it.
fn requested_range(
    headers: &HeaderMap,
    upload: &Upload,
    tag: &ETag,
) -> Result<Option<ByteRange>, Refusal> {
    let Some(range) = headers.get(RANGE).and_then(RequestedRange::parse) else {
        return Ok(None);
    };
    let modified = LastModified::from(upload.last_activity);
    let is_for_another = headers
        .typed_get::<IfRange>()
        .is_some_and(|condition| condition.is_modified(Some(tag), Some(&modified)));
    if is_for_another {
        return Ok(None);
    }
    let length = upload.offset;
    match range.within(length) {
        Some(range) => Ok(Some(range)),
        None => Err(Refusal::RangeNotSatisfiable { length }),
    }
}
