//! `Upload-Checksum`: the digest of a request's body.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderName;

use super::{SingletonHeader, name};

/// The algorithm and the digest that a client sent for one body (TUS 1.0.0, "Upload-Checksum").
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadChecksum {
    /// How the digest was made.
    pub algorithm: ChecksumAlgorithm,
    /// The digest, as long as the algorithm makes it.
    pub digest: Vec<u8>,
}

impl SingletonHeader for UploadChecksum {
    const NAME: HeaderName = name::UPLOAD_CHECKSUM;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        let mut fields = value.splitn(2, |byte| *byte == b' ');
        let (Some(name), Some(encoded)) = (fields.next(), fields.next()) else {
            return Err("must be an algorithm, one space, and a digest in base64");
        };
        let algorithm = ChecksumAlgorithm::from_name(name)
            .ok_or("the algorithm is not one of those in Tus-Checksum-Algorithm")?;
        let digest = BASE64_STANDARD
            .decode(encoded)
            .map_err(|_| "the digest must be base64, padded, in the standard alphabet")?;
        if digest.len() != algorithm.digest_length() {
            return Err("the digest does not have the length that the algorithm makes");
        }
        Ok(Self { algorithm, digest })
    }
}

impl fmt::Display for UploadChecksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = BASE64_STANDARD.encode(&self.digest);
        write!(formatter, "{} {digest}", self.algorithm.name())
    }
}

/// An algorithm for `Upload-Checksum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC), its four bytes in big-endian order: the specification does not say how a
    /// CRC is to be written.
    Crc32,
    /// MD5.
    Md5,
    /// SHA-1, which every server with the extension must know.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl ChecksumAlgorithm {
    /// Every algorithm, in the order in which they are announced.
    pub const ALL: [Self; 5] = [
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
        Self::Crc32,
    ];

    /// The name in `Tus-Checksum-Algorithm` and `Upload-Checksum`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// How long its digests are, in bytes.
    #[must_use]
    pub const fn digest_length(self) -> usize {
        match self {
            Self::Crc32 => 4,
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().as_bytes() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<UploadChecksum, &'static str> {
        UploadChecksum::parse(value.as_bytes())
    }

    #[test]
    fn prints_back_what_it_read() {
        for value in [
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "crc32 DUoRhQ==",
            "md5 XrY7u+Ae7tCTyyK7j1rNww==",
        ] {
            assert_eq!(parse(value).unwrap().to_string(), value);
        }
    }

    #[test]
    fn refuses_what_is_not_exactly_that() {
        for value in [
            "",
            "sha1",
            "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "Sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "sha-1 AAAA",
            "foo AAAA",
            "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "sha1\tKq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "sha1 !!!",
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
            "sha1 Kq5sNclPz7QV2-lfQIuc6R7oRu0=",
            "sha1 AAAA",
            "sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",
        ] {
            assert!(parse(value).is_err(), "{value}");
        }
    }
}
