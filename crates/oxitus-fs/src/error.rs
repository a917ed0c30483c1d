//! [`Failure`]: what goes wrong in here, before it becomes an error of the storage contract.

use std::io;

use oxitus_core::proto::id::UploadId;
use oxitus_core::storage::{Error, ErrorKind};
use rustix::io::Errno;

use crate::disk::Operation;
use crate::record::Unreadable;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("could not {operation}")]
    Io {
        operation: Operation,
        source: io::Error,
    },
    #[error("there is no such upload")]
    NotFound,
    #[error("the id is taken")]
    AlreadyExists,
    #[error("the upload is locked")]
    Locked,
    #[error("the upload does not stand there")]
    OffsetMismatch,
    #[error("the upload is not received")]
    NotReceived,
    #[error("the upload is not made of others")]
    NotFinal,
    #[error("the part {0} does not exist")]
    PartMissing(UploadId),
    #[error("the part {0} is not complete")]
    PartUnfinished(UploadId),
    #[error("the parts have {found} bytes instead of {expected}")]
    PartsChanged { expected: u64, found: u64 },
    #[error("the record cannot be read")]
    Unreadable(#[from] Unreadable),
    #[error("the record cannot be written")]
    Unwritable(#[source] serde_json::Error),
    #[error("the record changes faster than it can be read")]
    Restless,
    #[error("the data ends too early")]
    Short,
    #[error("the thread that used the disk is gone")]
    Lost(#[from] tokio::task::JoinError),
}

impl Failure {
    /// How the operating system named it.
    pub(crate) fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } => Some(source.kind()),
            _ => None,
        }
    }

    /// Whether bytes may be lost that were to be brought to the disk. A sync that never ran, because
    /// the runtime is shutting down, has lost none.
    pub(crate) fn is_failed_sync(&self) -> bool {
        matches!(
            self,
            Self::Io {
                operation: Operation::Sync,
                ..
            }
        )
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { source, .. } => kind_of(source),
            Self::NotFound => ErrorKind::NotFound,
            Self::AlreadyExists => ErrorKind::AlreadyExists,
            Self::Locked => ErrorKind::Locked,
            Self::OffsetMismatch | Self::NotReceived => ErrorKind::OffsetMismatch,
            Self::PartMissing(_) => ErrorKind::PartMissing,
            Self::PartUnfinished(_) => ErrorKind::PartUnfinished,
            Self::PartsChanged { .. } | Self::Unreadable(_) | Self::Short => ErrorKind::Corrupt,
            Self::Restless | Self::Lost(_) => ErrorKind::Unavailable,
            Self::Unwritable(_) | Self::NotFinal => ErrorKind::Other,
        }
    }
}

fn kind_of(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => return ErrorKind::Full,
        io::ErrorKind::TimedOut
        | io::ErrorKind::StaleNetworkFileHandle
        | io::ErrorKind::OutOfMemory => return ErrorKind::Unavailable,
        _ => {}
    }
    match Errno::from_io_error(error) {
        Some(Errno::MFILE | Errno::NFILE | Errno::NOLCK) => ErrorKind::Unavailable,
        _ => ErrorKind::Other,
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::with_source(failure.kind(), "the file system backend failed", failure)
    }
}

/// Takes apart "it is not there" from what went wrong.
pub(crate) trait Absent<T> {
    /// `None` where the file is not there.
    fn if_present(self) -> Result<Option<T>>;
}

impl<T> Absent<T> for Result<T> {
    fn if_present(self) -> Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(failure) if failure.io_kind() == Some(io::ErrorKind::NotFound) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_full_disk_and_an_overload_from_the_rest() {
        let kind = |errno: Errno| kind_of(&errno.into());
        assert_eq!(kind(Errno::NOSPC), ErrorKind::Full);
        assert_eq!(kind(Errno::DQUOT), ErrorKind::Full);
        assert_eq!(kind(Errno::MFILE), ErrorKind::Unavailable);
        assert_eq!(kind(Errno::STALE), ErrorKind::Unavailable);
        assert_eq!(kind(Errno::IO), ErrorKind::Other);
    }
}
