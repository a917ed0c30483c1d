//! [`Digests`]: what a client says about the bytes that it sends.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use md5::{Digest as _, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::Checksum;

use crate::s3::{Result, S3Error};

/// Checks `Content-MD5` and the `x-amz-checksum-…` headers and trailers.
pub(super) struct Digests {
    headers: HeaderMap,
    /// Whether there are checksums to compare.
    announced: bool,
    md5: Option<Md5>,
    checksums: ChecksumHasher,
}

type Field = fn(&Checksum) -> Option<&String>;

/// An algorithm, and where its checksum is in the results.
const ALGORITHMS: [(&str, Field); 5] = [
    ("crc32", |checksum| checksum.checksum_crc32.as_ref()),
    ("crc32c", |checksum| checksum.checksum_crc32c.as_ref()),
    ("crc64nvme", |checksum| checksum.checksum_crc64nvme.as_ref()),
    ("sha1", |checksum| checksum.checksum_sha1.as_ref()),
    ("sha256", |checksum| checksum.checksum_sha256.as_ref()),
];

impl Digests {
    pub(super) fn announced(headers: &HeaderMap) -> Self {
        let trailers = headers.get("x-amz-trailer");
        let trailers = trailers
            .and_then(|names| names.to_str().ok())
            .unwrap_or_default();
        let is_announced = |algorithm: &str| {
            let name = header(algorithm);
            headers.contains_key(&name)
                || trailers
                    .split(',')
                    .any(|trailer| trailer.trim().eq_ignore_ascii_case(&name))
        };
        let checksums = ChecksumHasher {
            crc32: is_announced("crc32").then(Crc32::new),
            crc32c: is_announced("crc32c").then(Crc32c::new),
            crc64nvme: is_announced("crc64nvme").then(Crc64Nvme::new),
            sha1: is_announced("sha1").then(Sha1::new),
            sha256: is_announced("sha256").then(Sha256::new),
        };
        Self {
            announced: ALGORITHMS
                .iter()
                .any(|(algorithm, _)| is_announced(algorithm)),
            md5: headers.contains_key(CONTENT_MD5).then(Md5::new),
            headers: headers.clone(),
            checksums,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.checksums.update(bytes);
    }

    /// Whether the bytes were those that the client meant.
    pub(super) fn check(self, trailers: &HeaderMap) -> Result<()> {
        if self.headers.contains_key("x-amz-sdk-checksum-algorithm") && !self.announced {
            return Err(S3Error::InvalidRequest);
        }
        if let Some(md5) = self.md5 {
            let stated = self.headers.get(CONTENT_MD5);
            if stated.is_none_or(|stated| stated != STANDARD.encode(md5.finalize()).as_str()) {
                return Err(S3Error::BadDigest);
            }
        }
        let computed = self.checksums.finalize();
        for (algorithm, checksum) in ALGORITHMS {
            let name = header(algorithm);
            let stated = self.headers.get(&name).or_else(|| trailers.get(&name));
            if let Some(computed) = checksum(&computed)
                && stated.is_none_or(|stated| stated != computed.as_str())
            {
                return Err(S3Error::BadDigest);
            }
        }
        Ok(())
    }
}

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

fn header(algorithm: &str) -> String {
    format!("x-amz-checksum-{algorithm}")
}
