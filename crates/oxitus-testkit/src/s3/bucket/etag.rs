//! [`ETag`]: the name of one version of an object.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use md5::{Digest as _, Md5};

use super::S3Error;

/// The MD5 of an object, or of the MD5s of its parts, followed by their number.
///
/// It is written with its quotes, as it comes in answers, and read with them or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ETag {
    digest: [u8; 16],
    parts: Option<NonZeroU16>,
}

impl ETag {
    /// That of an object, or of a part.
    pub(crate) const fn of_digest(digest: [u8; 16]) -> Self {
        let parts = None;
        Self { digest, parts }
    }

    /// That of an object that was put together.
    pub(super) fn of_parts(parts: &[Self]) -> Self {
        let mut md5 = Md5::new();
        for part in parts {
            md5.update(part.digest);
        }
        Self {
            digest: md5.finalize().into(),
            parts: u16::try_from(parts.len()).ok().and_then(NonZeroU16::new),
        }
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{:032x}", u128::from_be_bytes(self.digest))?;
        match self.parts {
            Some(parts) => write!(formatter, "-{parts}\""),
            None => formatter.write_str("\""),
        }
    }
}

/// Fails where no object can have it, as [`S3Error::InvalidArgument`].
impl FromStr for ETag {
    type Err = S3Error;

    fn from_str(text: &str) -> Result<Self, S3Error> {
        let bare = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        let (digest, parts) = match bare.split_once('-') {
            None => (bare, None),
            Some((digest, parts)) => (
                digest,
                Some(parts.parse().map_err(|_| S3Error::InvalidArgument)?),
            ),
        };
        let hexadecimal = digest.len() == 32 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        match u128::from_str_radix(digest, 16) {
            Ok(digest) if hexadecimal => Ok(Self {
                digest: digest.to_be_bytes(),
                parts,
            }),
            _ => Err(S3Error::InvalidArgument),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_read_as_it_was_written() {
        let part = ETag::of_digest(Md5::digest(b"hello").into());
        assert_eq!(part.to_string(), "\"5d41402abc4b2a76b9719d911017c592\"");
        let whole = ETag::of_parts(&[part, part]);
        assert!(whole.to_string().ends_with("-2\""));
        for etag in [part, whole] {
            let text = etag.to_string();
            assert_eq!(text.parse(), Ok(etag));
            assert_eq!(text.trim_matches('"').parse(), Ok(etag));
        }
    }

    #[test]
    fn what_no_object_has_is_no_etag() {
        for text in [
            "",
            "\"\"",
            "5d41402abc4b2a76b9719d911017c59",
            "+d41402abc4b2a76b9719d911017c592",
            "5d41402abc4b2a76b9719d911017c592-0",
            "5d41402abc4b2a76b9719d911017c592-",
            "W/\"5d41402abc4b2a76b9719d911017c592\"",
        ] {
            assert_eq!(
                text.parse::<ETag>(),
                Err(S3Error::InvalidArgument),
                "{text}"
            );
        }
    }
}
