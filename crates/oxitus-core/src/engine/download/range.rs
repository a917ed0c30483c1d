//! `Range`: which bytes of a download are asked for.

use http::HeaderValue;

use crate::storage::ByteRange;

/// One range of bytes (RFC 9110, section 14.1.2). Read here, since the libraries for it refuse a
/// suffix that is longer than the whole, which the RFC wants answered with the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// From the first to the last, both counted from 0; to the end for `None`.
    From(u64, Option<u64>),
    /// So many at the end.
    Suffix(u64),
}

impl RequestedRange {
    /// `None` for what is malformed, for other units, and for several ranges: all of them may be
    /// ignored, and an answer to several could be made to cost more than the upload.
    pub(super) fn parse(value: &HeaderValue) -> Option<Self> {
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
    pub(super) fn within(self, length: u64) -> Option<ByteRange> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
