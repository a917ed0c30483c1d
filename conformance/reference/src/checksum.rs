//! `Upload-Checksum`: algorithms, the grammar, and the comparison.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::answer::Refusal;
use crate::fields;

const NAME: &str = "upload-checksum";

/// How a checksum is made.
#[derive(Clone, Copy, Debug)]
struct Algorithm {
    name: &'static str,
    size: usize,
    digest: fn(&[u8]) -> Vec<u8>,
}

/// A CRC is written as its four bytes, the highest first.
const ALGORITHMS: [Algorithm; 5] = [
    Algorithm {
        name: "sha1",
        size: 20,
        digest: |bytes| Sha1::digest(bytes).to_vec(),
    },
    Algorithm {
        name: "sha256",
        size: 32,
        digest: |bytes| Sha256::digest(bytes).to_vec(),
    },
    Algorithm {
        name: "sha512",
        size: 64,
        digest: |bytes| Sha512::digest(bytes).to_vec(),
    },
    Algorithm {
        name: "md5",
        size: 16,
        digest: |bytes| Md5::digest(bytes).to_vec(),
    },
    Algorithm {
        name: "crc32",
        size: 4,
        digest: |bytes| crc32fast::hash(bytes).to_be_bytes().to_vec(),
    },
];

/// The value of `Tus-Checksum-Algorithm`.
pub(crate) fn names() -> String {
    ALGORITHMS.map(|algorithm| algorithm.name).join(",")
}

/// What the bytes of one request must add up to.
#[derive(Debug)]
pub(crate) struct Checksum {
    algorithm: Algorithm,
    digest: Vec<u8>,
}

impl Checksum {
    /// The checksum that a header or a trailer names.
    pub(crate) fn from_fields(fields: &HeaderMap) -> Result<Option<Self>, Refusal> {
        fields::text(fields, NAME)?
            .map(|value| {
                Self::parse(value)
                    .ok_or_else(|| Refusal::malformed("Upload-Checksum cannot be used"))
            })
            .transpose()
    }

    fn parse(value: &str) -> Option<Self> {
        let (name, digest) = value.split_once(' ')?;
        let algorithm = ALGORITHMS
            .into_iter()
            .find(|algorithm| algorithm.name == name)?;
        let digest = STANDARD.decode(digest).ok()?;
        (digest.len() == algorithm.size).then_some(Self { algorithm, digest })
    }

    /// Compares with what was received.
    pub(crate) fn verify(&self, bytes: &[u8]) -> Result<(), Refusal> {
        if (self.algorithm.digest)(bytes) == self.digest {
            Ok(())
        } else {
            Err(Refusal::new(
                460,
                "the checksum is not that of the bytes that were received",
            ))
        }
    }
}
