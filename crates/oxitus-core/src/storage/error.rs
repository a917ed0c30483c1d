//! [`Error`]: what can go wrong with storage, in the engine's terms.

use std::error::Error as StdError;
use std::fmt;

/// The result of a storage operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// A storage operation that failed.
///
/// The [kind](Self::kind) is for decisions, the source chain for the log. Nothing of it is shown
/// to clients.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    context: &'static str,
    source: Option<Source>,
}

/// How a storage operation failed, as far as it matters to what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such upload.
    NotFound,
    /// The id is taken.
    AlreadyExists,
    /// Somebody else holds the lease.
    Locked,
    /// The lease was lost to somebody else.
    LeaseLost,
    /// The bytes do not belong where the upload stands.
    OffsetMismatch,
    /// A part of a final upload is not there any more.
    PartMissing,
    /// A part of a final upload is not complete.
    PartUnfinished,
    /// The upload can never be completed: the storage has lost something of it, or has run out of
    /// what it needs.
    Gone,
    /// There is no space left.
    Full,
    /// The upload would be larger than the storage can make it.
    TooLarge,
    /// What is stored cannot be understood, or is newer than this software.
    Corrupt,
    /// The storage cannot be reached, or is overloaded.
    Unavailable,
    /// Anything else.
    Other,
}

impl Error {
    /// An error without a source.
    #[must_use]
    pub const fn new(kind: ErrorKind, context: &'static str) -> Self {
        Self {
            kind,
            context,
            source: None,
        }
    }

    /// An error with what caused it.
    #[must_use]
    pub fn with_source(kind: ErrorKind, context: &'static str, source: impl Into<Source>) -> Self {
        Self {
            kind,
            context,
            source: Some(source.into()),
        }
    }

    /// How it failed.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same operation may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Locked
                | ErrorKind::LeaseLost
                | ErrorKind::PartUnfinished
                | ErrorKind::Full
                | ErrorKind::Unavailable
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.context)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}
