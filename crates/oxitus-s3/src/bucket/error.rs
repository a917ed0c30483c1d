//! [`Error`]: how a request to the store failed, as far as the protocol must tell.

use std::error::Error as StdError;

/// The result of a request.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// A request that failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: {kind}")]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    /// The name of the operation.
    pub(crate) operation: &'static str,
    #[source]
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// How a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ErrorKind {
    /// There is no such object.
    #[error("there is no such object")]
    NoSuchKey,
    /// There is no such multipart upload, or not any more.
    #[error("there is no such multipart upload")]
    NoSuchUpload,
    /// The condition does not hold (412).
    #[error("the condition does not hold")]
    Precondition,
    /// Another conditional request was under way (409): the same one can be tried again.
    #[error("another conditional request was under way")]
    Conflict,
    /// A part that is to be completed is not there, or is another one.
    #[error("a part is not what it was")]
    InvalidPart,
    /// There is no room.
    #[error("there is no room")]
    Full,
    /// The store refused for a reason that will not go away by itself: no permission, no bucket, a
    /// request that it does not know.
    #[error("the store refused")]
    Refused,
    /// Nothing is known: the request was carried out, or will be, or never. Timeouts, broken
    /// connections, 5xx.
    #[error("nothing is known of the outcome")]
    Unknown,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, operation: &'static str) -> Self {
        Self {
            kind,
            operation,
            source: None,
        }
    }
}

impl From<Error> for oxitus_core::storage::Error {
    fn from(error: Error) -> Self {
        use oxitus_core::storage::ErrorKind as Kind;
        let (kind, context) = match error.kind {
            ErrorKind::NoSuchKey | ErrorKind::NoSuchUpload | ErrorKind::InvalidPart => {
                (Kind::Corrupt, "something that an upload needs is gone")
            }
            ErrorKind::Precondition => (Kind::LeaseLost, "somebody else has changed the upload"),
            ErrorKind::Full => (Kind::Full, "the bucket is full"),
            ErrorKind::Refused => (Kind::Other, "the store refused a request"),
            ErrorKind::Conflict | ErrorKind::Unknown => {
                (Kind::Unavailable, "the store did not carry a request out")
            }
        };
        Self::with_source(kind, context, error)
    }
}
