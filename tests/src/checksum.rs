//! Values for `Upload-Checksum`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::Digest as _;

/// The algorithms that the server must offer.
pub const ALGORITHMS: [&str; 5] = ["sha1", "sha256", "sha512", "md5", "crc32"];

/// The value of `Upload-Checksum` for `bytes`.
///
/// # Panics
/// Where `algorithm` is none of [`ALGORITHMS`].
#[must_use]
pub fn of(algorithm: &str, bytes: &[u8]) -> String {
    let digest = match algorithm {
        "sha1" => sha1::Sha1::digest(bytes).to_vec(),
        "sha256" => sha2::Sha256::digest(bytes).to_vec(),
        "sha512" => sha2::Sha512::digest(bytes).to_vec(),
        "md5" => md5::Md5::digest(bytes).to_vec(),
        "crc32" => crc32fast::hash(bytes).to_be_bytes().to_vec(),
        _ => panic!("{algorithm} is not an algorithm of this server"),
    };
    format!("{algorithm} {}", BASE64_STANDARD.encode(digest))
}
