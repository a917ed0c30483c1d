//! Digests, computed as bytes stream by.

use oxitus_proto::header::{ChecksumAlgorithm, UploadChecksum};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// Computes what a body's [`UploadChecksum`] will be compared with.
///
/// A digest that comes as a trailer names its algorithm only when the bytes are gone, so every
/// algorithm runs until then.
#[derive(Clone, Debug)]
pub(crate) struct Verifier(Vec<Hasher>);

impl Verifier {
    /// A verifier for one algorithm.
    pub(crate) fn of(algorithm: ChecksumAlgorithm) -> Self {
        Self(Hasher::new(algorithm).into_iter().collect())
    }

    /// A verifier for whichever algorithm turns up.
    pub(crate) fn any() -> Self {
        Self(
            ChecksumAlgorithm::ALL
                .into_iter()
                .filter_map(Hasher::new)
                .collect(),
        )
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for hasher in &mut self.0 {
            hasher.update(bytes);
        }
    }

    /// Whether the bytes have the digest `expected`.
    pub(crate) fn matches(self, expected: &UploadChecksum) -> bool {
        self.0
            .into_iter()
            .find(|hasher| hasher.algorithm() == expected.algorithm)
            .is_some_and(|hasher| hasher.finish() == expected.digest)
    }
}

#[derive(Clone, Debug)]
enum Hasher {
    Crc32(crc32fast::Hasher),
    Md5(md5::Md5),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    fn new(algorithm: ChecksumAlgorithm) -> Option<Self> {
        Some(match algorithm {
            ChecksumAlgorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
            ChecksumAlgorithm::Md5 => Self::Md5(md5::Md5::new()),
            ChecksumAlgorithm::Sha1 => Self::Sha1(Sha1::new()),
            ChecksumAlgorithm::Sha256 => Self::Sha256(Sha256::new()),
            ChecksumAlgorithm::Sha512 => Self::Sha512(Sha512::new()),
            _ => return None,
        })
    }

    fn algorithm(&self) -> ChecksumAlgorithm {
        match self {
            Self::Crc32(_) => ChecksumAlgorithm::Crc32,
            Self::Md5(_) => ChecksumAlgorithm::Md5,
            Self::Sha1(_) => ChecksumAlgorithm::Sha1,
            Self::Sha256(_) => ChecksumAlgorithm::Sha256,
            Self::Sha512(_) => ChecksumAlgorithm::Sha512,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc32(hasher) => hasher.finalize().to_be_bytes().to_vec(),
            Self::Md5(hasher) => hasher.finalize().to_vec(),
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use oxitus_proto::header::SingletonHeader;

    use super::*;

    #[test]
    fn knows_the_digest_of_every_algorithm() {
        for value in [
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
            "sha512 MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw==",
            "md5 XrY7u+Ae7tCTyyK7j1rNww==",
            "crc32 DUoRhQ==",
        ] {
            let expected = UploadChecksum::parse(value.as_bytes()).unwrap();
            for mut verifier in [Verifier::of(expected.algorithm), Verifier::any()] {
                verifier.update(b"hello ");
                verifier.update(b"world");
                assert!(verifier.clone().matches(&expected), "{value}");
                verifier.update(b"!");
                assert!(!verifier.matches(&expected), "{value}");
            }
        }
    }
}
