//! GET: the bytes of a finished upload.

use std::ops::Range;

use bytes::Bytes;
use http::HeaderMap;

use crate::answer::{Answer, Handled, Refusal, With as _, answer};
use crate::service::Call;
use crate::store::Kind;
use crate::{disposition, fields, metadata};

/// Answers GET. A partial upload is a piece of something else, and not to be had.
pub(crate) fn get(call: &Call, id: &str) -> Handled {
    let headers = &call.parts.headers;
    let found = call.store().with(id, |upload| {
        let is_readable = upload.is_complete() && upload.record.kind != Kind::Partial;
        is_readable.then(|| {
            (
                Bytes::copy_from_slice(&upload.content),
                upload.record.metadata.clone(),
            )
        })
    })?;
    let (content, metadata) =
        found.ok_or_else(|| Refusal::new(404, "this upload is not complete"))?;
    let etag = format!("\"{id}\"");
    if headers.contains_key("if-match") && !names_tag(headers, "if-match", &etag) {
        return Err(Refusal::new(412, "the upload has another ETag"));
    }
    if names_tag(headers, "if-none-match", &etag) {
        return Ok(describe(304, &etag, metadata.as_deref()));
    }

    let length = content.len() as u64;
    let if_range = fields::text(headers, "if-range")?;
    let range = if if_range.is_none_or(|tag| tag == etag) {
        requested(headers, length)
    } else {
        Requested::All
    };
    match range {
        Requested::All => Ok(describe(200, &etag, metadata.as_deref()).map(|_| content)),
        Requested::Nothing => Err(Refusal::new(416, "the range is not in the upload")
            .with("content-range", format!("bytes */{length}"))),
        Requested::Some(range) => {
            let bounds = format!(
                "bytes {}-{}/{length}",
                range.start,
                range.end.saturating_sub(1)
            );
            let answer = describe(206, &etag, metadata.as_deref()).with("content-range", bounds);
            Ok(answer.map(|_| content.slice(range)))
        }
    }
}

/// An answer that says what the bytes are. They never change, but they may be deleted.
fn describe(status: u16, etag: &str, metadata: Option<&str>) -> Answer {
    let value = |keys: [&str; 2]| keys.iter().find_map(|key| metadata::value(metadata, key));
    let (file_type, file_name) = (value(["filetype", "type"]), value(["filename", "name"]));
    let (content_type, disposition) = disposition::of(file_type.as_deref(), file_name.as_deref());
    answer(status)
        .with("accept-ranges", "bytes")
        .with("cache-control", "private, no-cache")
        .with("content-disposition", disposition)
        .with("content-security-policy", "sandbox; default-src 'none'")
        .with("content-type", content_type)
        .with("etag", etag)
        .with("x-content-type-options", "nosniff")
}

fn names_tag(headers: &HeaderMap, name: &str, etag: &str) -> bool {
    fields::lists(headers, name, etag) || fields::lists(headers, name, "*")
}

/// What a `Range` header asks for.
enum Requested {
    /// Everything: there is none, or none that we understand, or more than one.
    All,
    /// These bytes.
    Some(Range<usize>),
    /// None that are there.
    Nothing,
}

fn requested(headers: &HeaderMap, length: u64) -> Requested {
    let Ok(Some(value)) = fields::text(headers, "range") else {
        return Requested::All;
    };
    let Some((first, last)) = value
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Requested::All;
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(first) || !is_number(last) {
        return Requested::All;
    }
    // What is too large for a number is beyond every end.
    let [start, end] = [first, last].map(|text| {
        if text.is_empty() {
            None
        } else {
            Some(text.parse().unwrap_or(u64::MAX))
        }
    });
    let (start, end) = match (start, end) {
        (None, None) => return Requested::All,
        (Some(start), Some(end)) if end < start => return Requested::All,
        (None, Some(count)) => (
            length.saturating_sub(count),
            if count == 0 { 0 } else { length },
        ),
        (Some(start), None) => (start, length),
        (Some(start), Some(end)) => (start, end.saturating_add(1).min(length)),
    };
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start < end => Requested::Some(start..end),
        _ => Requested::Nothing,
    }
}
