//! GET: a completed upload comes back. Plain HTTP, not part of the protocol.
//!
//! What is stored came from a stranger, and so did its name and type. Only types that a browser
//! does not execute are shown in place; everything else is a download, and all of it is sandboxed.

use std::time::SystemTime;

use headers::{
    AcceptRanges, ContentLength, ContentRange, ETag, HeaderMapExt, IfMatch, IfModifiedSince,
    IfNoneMatch, IfRange, IfUnmodifiedSince, LastModified,
};
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RANGE,
    TRANSFER_ENCODING,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use mime::Mime;
use oxitus_proto::header::{UploadMetadata, name};
use oxitus_proto::id::UploadId;
use oxitus_proto::refusal::Refusal;
use oxitus_proto::response::{Asked, respond_with};
use oxitus_proto::upload::{Kind, Phase, Upload};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Engine, failure};
use crate::body::ResponseBody;
use crate::storage::ByteRange;

/// What a browser may show in place: it executes nothing in them.
const SHOWN_IN_PLACE: [&str; 15] = [
    "text/plain",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/bmp",
    "image/webp",
    "image/avif",
    "audio/wav",
    "audio/mpeg",
    "audio/ogg",
    "audio/webm",
    "video/mp4",
    "video/ogg",
    "video/webm",
    "application/ogg",
];

/// The longest file name in an answer, in characters.
const LONGEST_NAME: usize = 255;

/// What RFC 8187 lets stand as it is in an extended value.
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

impl Engine {
    /// Gives a completed upload back: whole, or the one range that was asked for. One that is not
    /// complete, or only a part of another, is not there.
    pub(super) async fn download(
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
        let status = self.precondition(&parts.headers, &tag, modified)?;
        let range = match status {
            StatusCode::OK => requested_range(&parts.headers, &upload, &tag)?,
            _ => None,
        };
        let status = if range.is_some() {
            StatusCode::PARTIAL_CONTENT
        } else {
            status
        };
        let mut response =
            respond_with(status, asked, self.protocol()).map(|()| ResponseBody::empty());
        let headers = response.headers_mut();
        headers.remove(name::TUS_RESUMABLE);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.typed_insert(tag);
        headers.typed_insert(LastModified::from(modified));
        if status == StatusCode::NOT_MODIFIED {
            return Ok(response);
        }
        describe(headers, upload.metadata.as_ref());
        let range = range.unwrap_or(ByteRange {
            start: 0,
            length: upload.offset,
        });
        headers.typed_insert(AcceptRanges::bytes());
        headers.typed_insert(ContentLength(range.length));
        headers.remove(TRANSFER_ENCODING);
        if status == StatusCode::PARTIAL_CONTENT {
            let bounds = range.start..range.start + range.length;
            let content_range = ContentRange::bytes(bounds, upload.offset);
            headers.typed_insert(content_range.map_err(|_| Refusal::Failed)?);
        }
        let download = self.0.backend.read(id, range).await;
        let download = download.map_err(|error| failure::refusal(&error, None))?;
        Ok(response.map(|_| ResponseBody::stream(download.bytes)))
    }

    /// The status that the conditions of a request allow (RFC 9110, section 13.2.2).
    fn precondition(
        &self,
        headers: &HeaderMap,
        tag: &ETag,
        modified: SystemTime,
    ) -> Result<StatusCode, Refusal> {
        let unchanged = match headers.typed_get::<IfMatch>() {
            Some(condition) => condition.precondition_passes(tag),
            None => headers
                .typed_get::<IfUnmodifiedSince>()
                .is_none_or(|condition| condition.precondition_passes(modified)),
        };
        if !unchanged {
            return Err(Refusal::PreconditionFailed);
        }
        let changed = match headers.typed_get::<IfNoneMatch>() {
            Some(condition) => condition.precondition_passes(tag),
            None => headers
                .typed_get::<IfModifiedSince>()
                .is_none_or(|condition| condition.is_modified(modified)),
        };
        Ok(if changed {
            StatusCode::OK
        } else {
            StatusCode::NOT_MODIFIED
        })
    }
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

/// One range of bytes (RFC 9110, section 14.1.2). Read here, since the libraries for it refuse a
/// suffix that is longer than the whole, which the RFC wants answered with the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RequestedRange {
    /// From the first to the last, both counted from 0; to the end for `None`.
    From(u64, Option<u64>),
    /// So many at the end.
    Suffix(u64),
}

impl RequestedRange {
    /// `None` for what is malformed, for other units, and for several ranges: all of them may be
    /// ignored, and an answer to several could be made to cost more than the upload.
    fn parse(value: &HeaderValue) -> Option<Self> {
        let (unit, range) = value.to_str().ok()?.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first, last) {
            ("", suffix) => Some(Self::Suffix(position(suffix)?)),
            (first, "") => Some(Self::From(position(first)?, None)),
            (first, last) => {
                let (first, last) = (position(first)?, position(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }

    /// The bytes that it means of so many; `None` where there are none.
    fn within(self, length: u64) -> Option<ByteRange> {
        let (start, end) = match self {
            Self::From(first, None) => (first, length),
            Self::From(first, Some(last)) => (first, last.saturating_add(1).min(length)),
            Self::Suffix(suffix) => (length.saturating_sub(suffix), length),
        };
        (start < end).then(|| ByteRange {
            start,
            length: end - start,
        })
    }
}

/// `1*DIGIT`. What is too large to be counted lies beyond every end all the same.
fn position(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Type and name, as far as the client's metadata can be trusted with them.
fn describe(headers: &mut HeaderMap, metadata: Option<&UploadMetadata>) {
    let text = |keys: [&str; 2]| {
        let value = keys.into_iter().find_map(|key| metadata?.get(key))?;
        String::from_utf8(value).ok()
    };
    let media_type = text(["filetype", "type"]).and_then(|text| text.parse::<Mime>().ok());
    let in_place = media_type
        .as_ref()
        .is_some_and(|media_type| SHOWN_IN_PLACE.contains(&media_type.essence_str()));
    let content_type = media_type
        .and_then(|media_type| HeaderValue::from_str(media_type.as_ref()).ok())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_TYPE, content_type);
    let file_name = text(["filename", "name"]).and_then(|name| safe_file_name(&name));
    let disposition = disposition(in_place, file_name.as_deref());
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
}

/// The last segment of what a client calls its file, without characters that mean something to a
/// file system, a terminal or a header.
fn safe_file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .filter(|character| !character.is_control() && !is_bidirectional_control(*character))
        .take(LONGEST_NAME)
        .collect();
    let safe = safe.trim().trim_matches('.');
    (!safe.is_empty()).then(|| safe.to_owned())
}

/// Characters that turn the direction of writing, and can make `exe.gpj` of `jpg.exe`.
fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// RFC 6266: an ASCII name for old clients, and the whole one as RFC 8187 spells it.
fn disposition(in_place: bool, file_name: Option<&str>) -> String {
    let kind = if in_place { "inline" } else { "attachment" };
    let Some(name) = file_name else {
        return kind.to_owned();
    };
    let ascii: String = name
        .chars()
        .map(|character| match character {
            '"' | '%' => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect();
    let extended = utf8_percent_encode(name, ATTRIBUTE);
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{extended}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (name, expected) in [
            (
                "a.txt",
                r#"attachment; filename="a.txt"; filename*=UTF-8''a.txt"#,
            ),
            (
                "a\".html",
                r#"attachment; filename="a_.html"; filename*=UTF-8''a%22.html"#,
            ),
            (
                "a\r\nX: y",
                r#"attachment; filename="aX: y"; filename*=UTF-8''aX%3A%20y"#,
            ),
            (
                "../../etc/x",
                r#"attachment; filename="x"; filename*=UTF-8''x"#,
            ),
            ("a\\b", r#"attachment; filename="b"; filename*=UTF-8''b"#),
            (
                "ж.txt",
                r#"attachment; filename="_.txt"; filename*=UTF-8''%D0%B6.txt"#,
            ),
            (
                "\u{202e}gpj.exe",
                r#"attachment; filename="gpj.exe"; filename*=UTF-8''gpj.exe"#,
            ),
            ("\0", "attachment"),
            ("..", "attachment"),
            ("", "attachment"),
        ] {
            let safe = safe_file_name(name);
            assert_eq!(disposition(false, safe.as_deref()), expected, "{name:?}");
        }
        assert_eq!(safe_file_name(&"x".repeat(5_000)).unwrap().len(), 255);
    }

    #[test]
    fn a_range_is_read_as_the_rfc_writes_it() {
        let within = |value: &'static str, length| {
            let range = RequestedRange::parse(&HeaderValue::from_static(value));
            range.map(|range| {
                range
                    .within(length)
                    .map(|range| (range.start, range.length))
            })
        };
        for (value, range) in [
            ("bytes=0-0", (0, 1)),
            ("bytes=2-4", (2, 3)),
            ("Bytes=7-", (7, 3)),
            ("bytes=7-99999999999999999999", (7, 3)),
            ("bytes=-3", (7, 3)),
            ("bytes=-99", (0, 10)),
        ] {
            assert_eq!(within(value, 10), Some(Some(range)), "{value}");
        }
        for value in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(within(value, 10), Some(None), "{value}");
        }
        for value in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(within(value, 0), Some(None), "{value}");
        }
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=4-2",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=--1",
            "items=0-4",
            "bytes=0-1,3-4",
        ] {
            assert_eq!(within(value, 10), None, "{value}");
        }
    }

    #[test]
    fn only_harmless_types_are_shown_in_place() {
        for (media_type, in_place) in [
            ("image/png", true),
            ("IMAGE/PNG", true),
            ("text/plain;charset=utf-8", true),
            ("text/html", false),
            ("TEXT/HTML", false),
            ("text/html;charset=x", false),
            ("image/svg+xml", false),
            ("x", false),
        ] {
            let metadata = UploadMetadata::from_pairs([("filetype", media_type.as_bytes())]);
            let mut headers = HeaderMap::new();
            describe(&mut headers, metadata.ok().as_ref());
            let expected = if in_place { "inline" } else { "attachment" };
            assert_eq!(headers[CONTENT_DISPOSITION], expected, "{media_type}");
        }
    }
}
