//! [`Refusal`]: every way to say no, and what each says on the wire.

use http::{HeaderName, Method, StatusCode};

use crate::header::InvalidHeader;

/// `460 Checksum Mismatch`, a status of the protocol's own.
#[expect(clippy::expect_used, reason = "a constant: 460 is a valid status code")]
fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).expect("460 is a valid status code")
}

/// A request that is not carried out. Its text is the body of the answer: short, and something
/// that the developer of a client can act on.
///
/// Statuses are chosen with real clients in mind: tus-js-client tries again after 409, 423 and
/// 5xx only, and gives the upload up after any other 4xx.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// "If the version specified by the Client is not supported by the Server, it MUST respond
    /// with the 412 Precondition Failed status and MUST include the Tus-Version header."
    #[error(
        "this server speaks version {} of the protocol: send Tus-Resumable",
        crate::header::VERSION
    )]
    UnsupportedVersion,
    /// RFC 9112, section 3.2: a request of HTTP/1.1 has exactly one `Host`, which names a host.
    #[error("an HTTP/1.1 request must have exactly one Host header, which names a host")]
    InvalidHost,
    /// The body is coded in a way that is not undone here.
    #[error("a body must not be sent with a transfer coding other than chunked")]
    UnsupportedTransferCoding,
    /// Bytes are stored as sent; a content coding would be stored with them.
    #[error("a body must not be sent with a Content-Encoding")]
    UnsupportedContentCoding,
    /// The path names nothing, or an upload that is not there.
    #[error("there is no such upload")]
    NotFound,
    /// The upload has expired.
    #[error("this upload has expired")]
    Gone,
    /// The storage has lost something of the upload, or has run out of what it needs for it. The
    /// client is to begin anew.
    #[error("this upload can never be completed: begin a new one")]
    Lost,
    /// The path does not know the method.
    #[error("this method is not allowed here")]
    MethodNotAllowed {
        /// The methods that are, for `Allow`.
        allow: Vec<Method>,
    },
    /// A header is malformed or stands too often.
    #[error(transparent)]
    InvalidHeader(#[from] InvalidHeader),
    /// A header is missing.
    #[error("{0} is required")]
    MissingHeader(HeaderName),
    /// A creation says neither `Upload-Length` nor `Upload-Defer-Length: 1`.
    #[error("send Upload-Length, or Upload-Defer-Length: 1")]
    MissingLength,
    /// A creation says both.
    #[error("send either Upload-Length or Upload-Defer-Length, not both")]
    AmbiguousLength,
    /// The header belongs to an extension that this server does not offer. Ignoring it would
    /// change what the request means.
    #[error("{0} belongs to an extension that this server does not offer")]
    ExtensionNotOffered(HeaderName),
    /// "PATCH requests MUST use Content-Type: application/offset+octet-stream, otherwise the
    /// server SHOULD return a 415 Unsupported Media Type status."
    #[error("a body must be sent with Content-Type: application/offset+octet-stream")]
    UnsupportedMediaType,
    /// A creation's body would not begin at 0.
    #[error("the body of a creation begins at Upload-Offset 0")]
    CreationOffset,
    /// "The Client MUST NOT include the Upload-Length header in the final upload creation."
    #[error("a final upload has the length of its parts: do not send a length with it")]
    FinalWithLength,
    /// A final upload is made of its parts only.
    #[error("a final upload takes no bytes of its own")]
    FinalWithBody,
    /// A final upload names something that is not a partial upload of this server.
    #[error("Upload-Concat: part {position} is not a partial upload of this server")]
    NotAPartial {
        /// Which one, counted from 1.
        position: usize,
    },
    /// A final upload names a part that is not finished, and the server waits for none.
    #[error("Upload-Concat: part {position} is not finished")]
    PartUnfinished {
        /// Which one, counted from 1.
        position: usize,
    },
    /// A final upload names too many parts.
    #[error("Upload-Concat: at most {limit} parts are allowed")]
    TooManyParts {
        /// How many are allowed.
        limit: usize,
    },
    /// A header is longer than this server keeps.
    #[error("{name} is longer than {limit} bytes")]
    HeaderTooLong {
        /// Which one.
        name: HeaderName,
        /// How many bytes are allowed.
        limit: usize,
    },
    /// "If the length of the upload exceeds the maximum … the Server MUST respond with the 413
    /// Request Entity Too Large status."
    #[error("the upload is larger than the {limit} bytes that this server takes")]
    UploadTooLarge {
        /// The largest upload, in bytes, for `Tus-Max-Size`.
        limit: u64,
        /// How much is stored of an upload that exists.
        offset: Option<u64>,
    },
    /// The body does not fit into what is left of the upload.
    #[error("the body is longer than what is left of the upload")]
    BodyTooLong {
        /// How much is stored, where the upload exists.
        offset: Option<u64>,
    },
    /// "If the offsets do not match, the Server MUST respond with the 409 Conflict status without
    /// modifying the upload resource."
    #[error("Upload-Offset is not where the upload stands")]
    OffsetMismatch {
        /// Where it stands.
        offset: u64,
    },
    /// "The Server MUST respond with the 403 Forbidden status to PATCH requests against a final
    /// upload."
    #[error("a final upload cannot be changed")]
    ModifyFinal,
    /// "Once set the length MUST NOT be changed."
    #[error("the length of this upload is already known, and is another one")]
    LengthChanged,
    /// A length below what is stored already.
    #[error("Upload-Length is less than what is already stored")]
    LengthBelowOffset,
    /// "If the checksums do not match the Server MUST respond with the 460 Checksum Mismatch
    /// status."
    #[error("the body does not have the digest that Upload-Checksum names")]
    ChecksumMismatch,
    /// `Trailer` announced a digest, and none came.
    #[error("the trailer Upload-Checksum was announced and did not come")]
    ChecksumTrailerMissing,
    /// A digest came as a header and as a trailer.
    #[error("send Upload-Checksum as a header or as a trailer, not both")]
    ChecksumTwice,
    /// Somebody else is writing to this upload, or changing it.
    #[error("this upload is in use: try again")]
    Locked,
    /// The client went on elsewhere, and this request was ended in its favour.
    #[error("another request has taken this upload over")]
    Overtaken,
    /// The body came too slowly. What came is kept.
    #[error("the body came too slowly: go on from Upload-Offset")]
    Stalled {
        /// How much is stored, where the upload exists.
        offset: Option<u64>,
    },
    /// The body broke off. Mostly there is nobody left to read this.
    #[error("the body broke off")]
    BodyBroken,
    /// `If-Match` or `If-Unmodified-Since` of a download does not hold.
    #[error("the condition of this request does not hold")]
    PreconditionFailed,
    /// The range of a download lies outside of it.
    #[error("the range lies outside of the upload")]
    RangeNotSatisfiable {
        /// The size of the upload, in bytes.
        length: u64,
    },
    /// The storage is full. What came is kept.
    #[error("there is no space left on this server")]
    StorageFull {
        /// How much is stored, where the upload exists.
        offset: Option<u64>,
    },
    /// More is going on than this server was set up for.
    #[error("this server is busy: try again")]
    Overloaded,
    /// The server is going down. What came is kept.
    #[error("this server is shutting down: try again")]
    ShuttingDown,
    /// A hook or the storage did not do its work, and may do it later.
    #[error("this server cannot do that at the moment: try again")]
    Unavailable,
    /// A failure that trying again will not mend.
    #[error("this server has failed")]
    Failed,
    /// A hook has refused.
    #[error("{reason}")]
    ByHook {
        /// The status that the hook chose. One that is no error is answered as 403: clients would
        /// take it for a success.
        status: StatusCode,
        /// The reason that the hook gave.
        reason: String,
    },
}

impl Refusal {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidHost
            | Self::UnsupportedTransferCoding
            | Self::InvalidHeader(_)
            | Self::MissingHeader(_)
            | Self::MissingLength
            | Self::AmbiguousLength
            | Self::ExtensionNotOffered(_)
            | Self::CreationOffset
            | Self::FinalWithLength
            | Self::FinalWithBody
            | Self::NotAPartial { .. }
            | Self::PartUnfinished { .. }
            | Self::TooManyParts { .. }
            | Self::HeaderTooLong { .. }
            | Self::LengthChanged
            | Self::LengthBelowOffset
            | Self::ChecksumTrailerMissing
            | Self::ChecksumTwice
            | Self::Overtaken
            | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::ModifyFinal => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::OffsetMismatch { .. } | Self::Stalled { .. } => StatusCode::CONFLICT,
            Self::Gone | Self::Lost => StatusCode::GONE,
            Self::UnsupportedVersion | Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::UploadTooLarge { .. } | Self::BodyTooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType | Self::UnsupportedContentCoding => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Locked => StatusCode::LOCKED,
            Self::ChecksumMismatch => checksum_mismatch(),
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded | Self::ShuttingDown | Self::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::StorageFull { .. } => StatusCode::INSUFFICIENT_STORAGE,
            Self::ByHook { status, .. } if status.as_u16() < 400 => StatusCode::FORBIDDEN,
            Self::ByHook { status, .. } => *status,
        }
    }

    /// Where the upload stands, for `Upload-Offset`.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::OffsetMismatch { offset } => Some(*offset),
            Self::UploadTooLarge { offset, .. }
            | Self::BodyTooLong { offset }
            | Self::Stalled { offset }
            | Self::StorageFull { offset } => *offset,
            _ => None,
        }
    }

    /// The same refusal, of a request that leaves no upload behind which could stand anywhere.
    #[must_use]
    pub fn without_offset(mut self) -> Self {
        if let Self::UploadTooLarge { offset, .. }
        | Self::BodyTooLong { offset }
        | Self::Stalled { offset }
        | Self::StorageFull { offset } = &mut self
        {
            *offset = None;
        }
        self
    }

    /// Whether the client may try the same request again soon, for `Retry-After`.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Locked | Self::Overloaded | Self::ShuttingDown | Self::Unavailable
        )
    }

    /// Whether the connection must not serve another request: the rest of the body is not read,
    /// or its client is not to fight back on it.
    #[must_use]
    pub fn ends_connection(&self) -> bool {
        matches!(
            self,
            Self::Overtaken
                | Self::Stalled { .. }
                | Self::BodyBroken
                | Self::ShuttingDown
                | Self::InvalidHost
                | Self::UnsupportedTransferCoding
        )
    }
}

#[cfg(test)]
mod tests;
