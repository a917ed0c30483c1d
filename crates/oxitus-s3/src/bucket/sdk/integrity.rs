//! [`Digest`]: what tells the store whether it got the bytes that were sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};

use crate::bucket::ETag;
use crate::settings::Integrity;

/// From how many bytes on a digest is made on a thread where it keeps nobody waiting.
const LARGE: usize = 128 << 10;

/// The digest of a body, as far as it goes into a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    None,
    Md5([u8; 16]),
}

impl Digest {
    /// The digest of `body` that the setting asks for.
    pub(super) async fn of(body: &Bytes, integrity: Integrity) -> Self {
        if body.len() < LARGE || matches!(integrity, Integrity::None | Integrity::Sha256) {
            return Self::compute(body, integrity);
        }
        let apart = {
            let body = body.clone();
            tokio::task::spawn_blocking(move || Self::compute(&body, integrity))
        };
        apart
            .await
            .unwrap_or_else(|_| Self::compute(body, integrity)) // the runtime is shutting down
    }

    fn compute(body: &[u8], integrity: Integrity) -> Self {
        match integrity {
            Integrity::Md5 => Self::Md5(Md5::digest(body).into()),
            Integrity::Sha256 | Integrity::None => Self::None, // the first is part of the signature
        }
    }

    /// `Content-MD5`.
    pub(super) fn content_md5(&self) -> Option<String> {
        match self {
            Self::Md5(digest) => Some(STANDARD.encode(digest)),
            Self::None => None,
        }
    }

    /// Whether an ETag that is an MD5 is the one of other bytes.
    pub(super) fn contradicts(&self, etag: &ETag) -> bool {
        match self {
            Self::Md5(digest) => read_md5(etag).is_some_and(|told| told != *digest),
            Self::None => false,
        }
    }
}

/// Whether an ETag is the MD5 of these bytes.
pub(crate) fn is_md5_of(etag: &ETag, bytes: &[u8]) -> bool {
    read_md5(etag).is_some_and(|told| told == <[u8; 16]>::from(Md5::digest(bytes)))
}

/// The MD5 that an ETag looks like.
fn read_md5(etag: &ETag) -> Option<[u8; 16]> {
    let digits = etag.bare();
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if digits.len() != 32 || !is_hexadecimal {
        return None;
    }
    let number = u128::from_str_radix(digits, 16).ok()?;
    Some(number.to_be_bytes())
}
