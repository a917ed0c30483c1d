//! `Upload-Defer-Length`: the length is told later.

use http::HeaderName;

use super::{SingletonHeader, name};

/// `Upload-Defer-Length: 1`, the only value there is (TUS 1.0.0, "Upload-Defer-Length").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadDeferLength;

impl SingletonHeader for UploadDeferLength {
    const NAME: HeaderName = name::UPLOAD_DEFER_LENGTH;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        match value {
            b"1" => Ok(Self),
            _ => Err("must be 1, or absent"),
        }
    }
}
