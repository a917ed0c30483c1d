//! GET: a completed upload comes back. Plain HTTP, not part of the protocol.

mod disposition;
mod range;

use std::time::SystemTime;

use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt, IfMatch, IfModifiedSince,
    IfNoneMatch, IfRange, IfUnmodifiedSince, LastModified,
};
use http::header::{CACHE_CONTROL, LOCATION, RANGE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, Uri};
use oxitus_proto::header::name;
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::response::{Asked, respond_with};
use oxitus_proto::upload::{Kind, Phase, Upload};

use self::disposition::describe;
use self::range::RequestedRange;
use super::{Engine, failure};
use crate::body::ResponseBody;
use crate::storage::{ByteRange, Content};

impl Engine {
    /// Gives a completed upload back: whole, or the one range that was asked for, or the place where
    /// the client gets it. One that is not complete, or only a part of another, is not there.
    pub(in crate::engine) async fn download(
        &self,
        id: &UploadId,
        parts: &Parts,
        asked: &Asked<'_>,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let upload = self.settled(id).await?;
        if upload.phase != Phase::Complete || upload.kind == Kind::Partial {
            return Err(Refusal::NotFound);
        }
        let tag = entity_tag(&upload)?;
        let modified = upload.last_activity;
        if !check_conditions(&parts.headers, &tag, modified)? {
            let response = self.validated(StatusCode::NOT_MODIFIED, tag, modified, asked);
            return Ok(response.map(|()| ResponseBody::empty()));
        }
        let range = requested_range(&parts.headers, &upload, &tag)?;
        let status = match range {
            None => StatusCode::OK,
            Some(_) => StatusCode::PARTIAL_CONTENT,
        };
        let wanted = range.unwrap_or(ByteRange {
            start: 0,
            length: upload.offset,
        });
        let download = self.0.backend.read(id, wanted).await;
        let download = download.map_err(|error| failure::refusal(&error, None))?;
        let bytes = match download.content {
            Content::Here(bytes) => bytes,
            Content::Elsewhere(uri) => return self.redirect(&uri, asked),
        };
        let mut response = self.validated(status, tag, modified, asked);
        let headers = response.headers_mut();
        describe(headers, upload.metadata.as_ref());
        headers.typed_insert(AcceptRanges::bytes());
        headers.typed_insert(ContentLength(wanted.length));
        if range.is_some() {
            let bounds = wanted.start..wanted.start + wanted.length;
            let content_range = ContentRange::bytes(bounds, upload.offset);
            headers.typed_insert(content_range.map_err(|_| Refusal::Failed)?);
        }
        Ok(response.map(|()| ResponseBody::stream(bytes)))
    }

    /// An answer by which the client can tell later whether it has these bytes.
    fn validated(
        &self,
        status: StatusCode,
        tag: ETag,
        modified: SystemTime,
        asked: &Asked<'_>,
    ) -> Response<()> {
        let mut response = self.plain(status, asked);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.typed_insert(tag);
        headers.typed_insert(LastModified::from(modified));
        response
    }

    /// Sends the client to where the bytes are. It repeats its range there. The place is good for a
    /// while only, and nothing that may be stored.
    fn redirect(&self, uri: &Uri, asked: &Asked<'_>) -> Result<Response<ResponseBody>, Refusal> {
        let mut response = self.plain(StatusCode::TEMPORARY_REDIRECT, asked);
        let location = HeaderValue::try_from(uri.to_string()).map_err(|_| Refusal::Failed)?;
        response.headers_mut().insert(LOCATION, location);
        Ok(response.map(|()| ResponseBody::empty()))
    }

    /// An answer of plain HTTP.
    fn plain(&self, status: StatusCode, asked: &Asked<'_>) -> Response<()> {
        let mut response = respond_with(status, asked, self.protocol());
        response.headers_mut().remove(name::TUS_RESUMABLE);
        response
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
