//! [`Operation`]: what a request asks for.

use std::fmt;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "they are named after the operations of S3")]
pub enum Operation {
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CreateBucket,
    CreateMultipartUpload,
    DeleteObject,
    GetObject,
    HeadBucket,
    HeadObject,
    ListMultipartUploads,
    ListObjectsV2,
    ListParts,
    PutObject,
    UploadPart,
    UploadPartCopy,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 14] = [
        Self::AbortMultipartUpload,
        Self::CompleteMultipartUpload,
        Self::CreateBucket,
        Self::CreateMultipartUpload,
        Self::DeleteObject,
        Self::GetObject,
        Self::HeadBucket,
        Self::HeadObject,
        Self::ListMultipartUploads,
        Self::ListObjectsV2,
        Self::ListParts,
        Self::PutObject,
        Self::UploadPart,
        Self::UploadPartCopy,
    ];

    /// Whether it is an HTTP DELETE, which stores do not charge for.
    #[must_use]
    pub const fn is_delete(self) -> bool {
        matches!(self, Self::DeleteObject | Self::AbortMultipartUpload)
    }

    /// Whether it writes an object, and may be conditional on the one that is there.
    pub(super) const fn writes_object(self) -> bool {
        matches!(
            self,
            Self::PutObject | Self::CompleteMultipartUpload | Self::DeleteObject
        )
    }
}

/// The name that S3 gives it.
impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}
