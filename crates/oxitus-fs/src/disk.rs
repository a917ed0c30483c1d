//! [`Disk`]: the one door to the disk, at which tests stand and let it fail.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use bytes::Bytes;

use crate::error::{Failure, Result};

/// What is asked of the disk.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Make a file or a directory.
    Create,
    /// Open a file.
    Open,
    /// Take or try a lock.
    Lock,
    /// Read the state of a file.
    Stat,
    /// Read bytes.
    Read,
    /// Write bytes of an upload.
    Write {
        /// How many.
        bytes: u64,
    },
    /// Write into a record.
    Record,
    /// Cut a file off.
    Truncate,
    /// Bring something to the disk.
    Sync,
    /// Copy from file to file.
    Copy {
        /// How many bytes.
        bytes: u64,
    },
    /// Remove a file.
    Remove,
    /// List a directory.
    List,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Create => "create a file",
            Self::Open => "open a file",
            Self::Lock => "lock a file",
            Self::Stat => "read the state of a file",
            Self::Read => "read a file",
            Self::Write { .. } => "write a file",
            Self::Record => "write a record",
            Self::Truncate => "truncate a file",
            Self::Sync => "sync a file",
            Self::Copy { .. } => "copy a file",
            Self::Remove => "remove a file",
            Self::List => "list a directory",
        })
    }
}

/// Called before each operation, on the thread that carries it out: it may sleep, or fail in its
/// place.
#[doc(hidden)]
pub type Fault = Arc<dyn Fn(Operation) -> io::Result<()> + Send + Sync>;

/// The one door to the disk. What goes through it blocks.
#[derive(Default)]
pub(crate) struct Disk {
    fault: Option<Fault>,
}

impl Disk {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self { fault }
    }

    /// Carries out one `operation`.
    pub(crate) fn perform<T>(
        &self,
        operation: Operation,
        carry_out: impl FnOnce() -> io::Result<T>,
    ) -> Result<T> {
        self.fault
            .as_ref()
            .map_or(Ok(()), |fault| fault(operation))
            .and_then(|()| carry_out())
            .map_err(|source| Failure::Io { operation, source })
    }

    /// Writes `chunks` at `position`, and counts in `written` what got there: all of it, unless it
    /// fails. Moves the file's cursor.
    pub(crate) fn write(
        &self,
        mut file: &File,
        position: u64,
        chunks: &[Bytes],
        written: &mut u64,
    ) -> Result<()> {
        let mut slices: Vec<_> = chunks.iter().map(|chunk| IoSlice::new(chunk)).collect();
        let mut rest = slices.as_mut_slice();
        IoSlice::advance_slices(&mut rest, 0); // drops empty ones, so that 0 written means stuck
        let mut seek = Some(SeekFrom::Start(position));
        while !rest.is_empty() {
            let bytes = rest.iter().map(|slice| slice.len() as u64).sum();
            let count = self.perform(Operation::Write { bytes }, || {
                seek.take().map_or(Ok(0), |start| file.seek(start))?;
                write_some(file, rest)
            })?;
            *written += count as u64;
            IoSlice::advance_slices(&mut rest, count);
        }
        Ok(())
    }

    /// Brings the bytes of a file to the disk.
    pub(crate) fn sync(&self, file: &File) -> Result<()> {
        self.perform(Operation::Sync, || file.sync_data())
    }
}

fn write_some(mut file: &File, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    loop {
        match file.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Disk").finish_non_exhaustive()
    }
}
