//! `Upload-Length`: the size of the whole upload.

use http::HeaderName;

use super::{Number, SingletonHeader, name};

/// The size of the whole upload, in bytes (TUS 1.0.0, "Upload-Length").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLength(pub Number);

impl SingletonHeader for UploadLength {
    const NAME: HeaderName = name::UPLOAD_LENGTH;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        Number::parse(value).map(Self)
    }
}
