//! Values of `Upload-Checksum`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};

/// What `Upload-Checksum` says of some content, where the algorithm is known here.
pub(crate) fn checksum(algorithm: &str, content: &[u8]) -> Option<String> {
    let digest = match algorithm {
        "sha1" => Sha1::digest(content).to_vec(),
        "sha256" => Sha256::digest(content).to_vec(),
        "sha512" => Sha512::digest(content).to_vec(),
        "md5" => Md5::digest(content).to_vec(),
        "crc32" => crc32fast::hash(content).to_be_bytes().to_vec(),
        _ => return None,
    };
    Some(format!("{algorithm} {}", STANDARD.encode(digest)))
}

/// What `Upload-Checksum` says with the algorithm that every server with checksums has.
pub(crate) fn sha1(content: &[u8]) -> String {
    format!("sha1 {}", STANDARD.encode(Sha1::digest(content)))
}
