//! What a storage failure means to the client, and to the log.

use std::error::Error as StdError;
use std::fmt;

use oxitus_proto::refusal::Refusal;

use crate::storage::{Error, ErrorKind};

/// The refusal for a storage error, where `offset` is stored of an upload that exists. An error
/// that is not the client's doing is logged, with all that caused it.
pub(super) fn refusal(error: &Error, offset: Option<u64>) -> Refusal {
    let refusal = match error.kind() {
        ErrorKind::NotFound => return Refusal::NotFound,
        ErrorKind::Locked | ErrorKind::LeaseLost => return Refusal::Locked,
        ErrorKind::OffsetMismatch => match offset {
            Some(offset) => return Refusal::OffsetMismatch { offset },
            None => return Refusal::Locked,
        },
        ErrorKind::TooLarge => return Refusal::BodyTooLong { offset },
        ErrorKind::Gone => Refusal::Lost,
        ErrorKind::Full => Refusal::StorageFull { offset },
        ErrorKind::Unavailable | ErrorKind::AlreadyExists => Refusal::Unavailable,
        ErrorKind::PartMissing
        | ErrorKind::PartUnfinished
        | ErrorKind::Corrupt
        | ErrorKind::Other => Refusal::Failed,
    };
    tracing::error!(
        error = %Chain(error),
        kind = ?error.kind(),
        retryable = error.is_retryable(),
        "storage failed"
    );
    refusal
}

/// Displays an error and all that caused it.
pub(super) struct Chain<'e>(pub(super) &'e (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
