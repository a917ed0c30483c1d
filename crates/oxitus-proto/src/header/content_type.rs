//! `Content-Type: application/offset+octet-stream`, the only type that PATCH takes.

use http::{HeaderMap, header};

use super::{InvalidHeader, singleton};

const OFFSET_OCTET_STREAM: &[u8] = b"application/offset+octet-stream";

/// Whether a request declares its body as `application/offset+octet-stream`.
///
/// Media types are compared without regard to case, and parameters are ignored.
///
/// # Errors
/// [`InvalidHeader`] where `Content-Type` stands more than once.
pub fn is_offset_octet_stream(headers: &HeaderMap) -> Result<bool, InvalidHeader> {
    let value = singleton(headers, &header::CONTENT_TYPE)?;
    let essence = value.and_then(|value| value.as_bytes().split(|byte| *byte == b';').next());
    Ok(essence.is_some_and(|essence| {
        essence
            .trim_ascii()
            .eq_ignore_ascii_case(OFFSET_OCTET_STREAM)
    }))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn compares_the_media_type_only() {
        let read = |value: &'static str| {
            let headers =
                HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
            is_offset_octet_stream(&headers)
        };
        for good in [
            "application/offset+octet-stream",
            "Application/Offset+Octet-Stream",
            "application/offset+octet-stream; charset=utf-8",
        ] {
            assert_eq!(read(good), Ok(true), "{good}");
        }
        for bad in ["", "text/plain", "application/octet-stream", ";"] {
            assert_eq!(read(bad), Ok(false), "{bad}");
        }
        assert_eq!(is_offset_octet_stream(&HeaderMap::new()), Ok(false));
    }
}
