//! Request headers: one line each, and numbers that are digits.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::answer::Refusal;

/// The value of a header that may stand in one line only, without white space around it.
pub(crate) fn single<'headers>(
    headers: &'headers HeaderMap,
    name: &str,
) -> Result<Option<&'headers [u8]>, Refusal> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next();
    if lines.next().is_some() {
        return Err(Refusal::malformed(format!(
            "{name} stands in more than one line"
        )));
    }
    Ok(first.map(|value| value.as_bytes().trim_ascii()))
}

/// As [`single`], for a header whose values are text of ASCII.
pub(crate) fn text<'headers>(
    headers: &'headers HeaderMap,
    name: &str,
) -> Result<Option<&'headers str>, Refusal> {
    single(headers, name)?
        .map(|value| {
            std::str::from_utf8(value)
                .ok()
                .filter(|text| text.is_ascii())
                .ok_or_else(|| Refusal::malformed(format!("{name} is not ASCII")))
        })
        .transpose()
}

/// The number in a header: digits only. What is too large becomes `u64::MAX`, and is judged as a number.
pub(crate) fn number(headers: &HeaderMap, name: &str) -> Result<Option<u64>, Refusal> {
    let Some(value) = single(headers, name)? else {
        return Ok(None);
    };
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::malformed(format!(
            "{name} is not a number of digits"
        )));
    }
    Ok(Some(value.iter().fold(0_u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    })))
}

/// Whether a header that is a list of names holds this one.
pub(crate) fn lists(headers: &HeaderMap, name: &str, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

/// Whether the body is what the protocol calls it. Names of media types know no case.
pub(crate) fn is_offset_octet_stream(headers: &HeaderMap) -> Result<bool, Refusal> {
    let value = single(headers, CONTENT_TYPE.as_str())?.unwrap_or_default();
    let media_type = value.split(|byte| *byte == b';').next().unwrap_or_default();
    Ok(media_type
        .trim_ascii()
        .eq_ignore_ascii_case(b"application/offset+octet-stream"))
}
