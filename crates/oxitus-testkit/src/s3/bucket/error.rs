//! [`S3Error`]: how a store refuses.

use http::StatusCode;

/// A refusal: what comes in the `<Code>` of an error, and the status it comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{} {}", self.status().as_u16(), self.code())]
#[expect(missing_docs, reason = "they are named after the codes")]
pub enum S3Error {
    AccessDenied,
    BadDigest,
    BucketAlreadyOwnedByYou,
    ConditionalRequestConflict,
    EntityTooSmall,
    InternalError,
    InvalidArgument,
    InvalidDigest,
    InvalidPart,
    InvalidPartOrder,
    InvalidRange,
    InvalidRequest,
    MalformedXml,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    NotImplemented,
    NotModified,
    PreconditionFailed,
    SlowDown,
    StorageFull,
}

impl S3Error {
    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.facts().0
    }

    /// The status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.facts().1
    }

    const fn facts(self) -> (&'static str, StatusCode) {
        match self {
            Self::AccessDenied => ("AccessDenied", StatusCode::FORBIDDEN),
            Self::BadDigest => ("BadDigest", StatusCode::BAD_REQUEST),
            Self::BucketAlreadyOwnedByYou => ("BucketAlreadyOwnedByYou", StatusCode::CONFLICT),
            Self::ConditionalRequestConflict => {
                ("ConditionalRequestConflict", StatusCode::CONFLICT)
            }
            Self::EntityTooSmall => ("EntityTooSmall", StatusCode::BAD_REQUEST),
            Self::InternalError => ("InternalError", StatusCode::INTERNAL_SERVER_ERROR),
            Self::InvalidArgument => ("InvalidArgument", StatusCode::BAD_REQUEST),
            Self::InvalidDigest => ("InvalidDigest", StatusCode::BAD_REQUEST),
            Self::InvalidPart => ("InvalidPart", StatusCode::BAD_REQUEST),
            Self::InvalidPartOrder => ("InvalidPartOrder", StatusCode::BAD_REQUEST),
            Self::InvalidRange => ("InvalidRange", StatusCode::RANGE_NOT_SATISFIABLE),
            Self::InvalidRequest => ("InvalidRequest", StatusCode::BAD_REQUEST),
            Self::MalformedXml => ("MalformedXML", StatusCode::BAD_REQUEST),
            Self::NoSuchBucket => ("NoSuchBucket", StatusCode::NOT_FOUND),
            Self::NoSuchKey => ("NoSuchKey", StatusCode::NOT_FOUND),
            Self::NoSuchUpload => ("NoSuchUpload", StatusCode::NOT_FOUND),
            Self::NotImplemented => ("NotImplemented", StatusCode::NOT_IMPLEMENTED),
            Self::NotModified => ("NotModified", StatusCode::NOT_MODIFIED),
            Self::PreconditionFailed => ("PreconditionFailed", StatusCode::PRECONDITION_FAILED),
            Self::SlowDown => ("SlowDown", StatusCode::SERVICE_UNAVAILABLE),
            Self::StorageFull => ("XMinioStorageFull", StatusCode::INSUFFICIENT_STORAGE),
        }
    }
}

/// What an operation comes to.
pub type Result<T> = std::result::Result<T, S3Error>;
