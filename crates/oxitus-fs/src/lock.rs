//! flock, and what has to be known with it.
//!
//! A lock belongs to the open file: two [`File`]s that were opened apart exclude each other, also
//! within one process, and clones of one share it. The lock on a data file is released only by
//! closing the last clone, so that a write that is still under way on another thread keeps it.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;

use fs4::{FileExt, TryLockError};

/// Locks for one, now or not at all.
pub(crate) fn try_exclusive(file: &File) -> io::Result<bool> {
    granted(FileExt::try_lock(file))
}

/// Locks for many, now or not at all.
pub(crate) fn try_shared(file: &File) -> io::Result<bool> {
    granted(FileExt::try_lock_shared(file))
}

/// Whether somebody else has the file locked for one. For the record only: it ends by unlocking.
pub(crate) fn is_exclusive(file: &File) -> io::Result<bool> {
    let free = try_shared(file)?;
    if free {
        FileExt::unlock(file)?;
    }
    Ok(!free)
}

fn granted(outcome: Result<(), TryLockError>) -> io::Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the file still has a name. To be asked after every lock: whoever waited through a
/// removal holds a file that nobody will find again.
pub(crate) fn has_name(metadata: &Metadata) -> bool {
    metadata.nlink() > 0
}
