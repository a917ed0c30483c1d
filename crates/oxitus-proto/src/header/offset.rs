//! `Upload-Offset`: where a body belongs.

use http::HeaderName;

use super::{Number, SingletonHeader, name};

/// The offset at which a client means to append, in bytes (TUS 1.0.0, "Upload-Offset").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadOffset(pub Number);

impl SingletonHeader for UploadOffset {
    const NAME: HeaderName = name::UPLOAD_OFFSET;

    fn parse(value: &[u8]) -> Result<Self, &'static str> {
        Number::parse(value).map(Self)
    }
}
