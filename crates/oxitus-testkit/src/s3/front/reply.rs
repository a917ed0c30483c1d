//! From the bucket's words to those of S3, and back.

use std::convert::Infallible;
use std::ops::Range;

use futures_util::stream;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE,
};
use http::{HeaderMap, HeaderName};
use s3s::dto::{self, StreamingBlob};

use crate::s3::{Condition, Content, ETag, Result, S3Error};

impl From<S3Error> for s3s::S3Error {
    fn from(refusal: S3Error) -> Self {
        let code = s3s::S3ErrorCode::from_bytes(refusal.code().as_bytes());
        let mut error = Self::new(code.unwrap_or(s3s::S3ErrorCode::InternalError));
        error.set_status_code(refusal.status());
        error
    }
}

/// The ETag as s3s takes it, which adds the quotes.
pub(super) fn etag(etag: ETag) -> dto::ETag {
    dto::ETag::Strong(etag.to_string().trim_matches('"').to_owned())
}

/// The condition as it was written, which s3s does not tell.
pub(super) fn condition(headers: &HeaderMap) -> Condition {
    condition_of(headers, "if-match", "if-none-match")
}

/// That of the object that is copied.
pub(super) fn source_condition(headers: &HeaderMap) -> Condition {
    condition_of(
        headers,
        "x-amz-copy-source-if-match",
        "x-amz-copy-source-if-none-match",
    )
}

fn condition_of(headers: &HeaderMap, if_match: &str, if_none_match: &str) -> Condition {
    let text = |name| headers.get(name)?.to_str().ok().map(str::to_owned);
    match (text(if_match), text(if_none_match)) {
        (Some(etag), _) => Condition::IfMatch(etag),
        (None, Some(etag)) => Condition::IfNoneMatch(etag),
        (None, None) => Condition::None,
    }
}

/// Bytes on their way out, of which only those before the cut are sent. Whoever has been told how
/// many there are to be sees the connection end too early.
pub(super) fn body(content: &Content, cut_off: Option<u64>) -> StreamingBlob {
    let sent = content.slice(0..cut_off.unwrap_or(u64::MAX));
    StreamingBlob::wrap(stream::iter(sent.chunks().map(Ok::<_, Infallible>)))
}

/// A number of bytes as S3 has it.
pub(super) fn size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// How many entries a page may have.
pub(super) fn limit(asked: Option<i32>) -> usize {
    asked.map_or(PAGE, |asked| usize::try_from(asked).unwrap_or(0).min(PAGE))
}

const PAGE: usize = 1000;

/// Numbers below zero are none that a part can have, as zero is none.
pub(super) fn part_number(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Of a part that is named without its ETag, or with one that no part has, there is none.
pub(super) fn named_part(part: &dto::CompletedPart) -> Result<(u32, ETag)> {
    let etag = part.e_tag.as_ref().ok_or(S3Error::InvalidPart)?;
    let etag = etag.value().parse().map_err(|_| S3Error::InvalidPart)?;
    Ok((part_number(part.part_number.unwrap_or_default()), etag))
}

/// `bytes=first-last`, with both ends.
pub(super) fn copy_range(text: &str) -> Result<Range<u64>> {
    match dto::Range::parse(text) {
        Ok(dto::Range::Int {
            first,
            last: Some(last),
        }) => Ok(first..last.saturating_add(1)),
        _ => Err(S3Error::InvalidArgument),
    }
}

/// Headers that the request says how to send.
pub(super) fn overridden(input: &dto::GetObjectInput) -> impl Iterator<Item = HeaderName> {
    [
        (CACHE_CONTROL, input.response_cache_control.is_some()),
        (
            CONTENT_DISPOSITION,
            input.response_content_disposition.is_some(),
        ),
        (CONTENT_ENCODING, input.response_content_encoding.is_some()),
        (CONTENT_LANGUAGE, input.response_content_language.is_some()),
        (CONTENT_TYPE, input.response_content_type.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is_overridden)| is_overridden.then_some(name))
}
