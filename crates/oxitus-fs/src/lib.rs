//! Resumable uploads on a file system: [`FsBackend`].
//!
//! ```text
//! root/
//!   oxitus.json          the format's version and the shard depth
//!   <id>                 the bytes of an upload; the lock is flock on this file
//!   <id>.info            its record; also the turnstile at which other processes ask for it
//! ```
//!
//! With a shard depth, `<id>` and `<id>.info` lie in directories named after the beginning of the
//! id: `ab/cd/abcdef…`.
//!
//! # Where the truth is
//! The length of the data file is the offset, so that a plain append writes bytes and nothing else,
//! and a process that is killed loses none of them. An append that is all or nothing first marks in
//! the record from where on bytes do not count yet; whoever takes the lease next cuts off what lies
//! above such a mark. The record is created in place and never replaced: other processes hold locks
//! on it, and on some file systems every file that is deleted is paid for by the files created after
//! it.
//!
//! # Several processes
//! Any number of processes, and of [`FsBackend`] values, may use one directory at the same time. An
//! upload is written to by whoever holds the lock on its data file; the kernel takes it away from a
//! process that dies. Whoever waits for it stands in the turnstile, a lock on the record, where the
//! holder looks about ten times a second. Reading needs no lock.
//!
//! # What survives
//! A killed process loses nothing that was written, whatever the setting. What a power failure may
//! take is said by [`Durability`].
//!
//! # Limits
//! A local file system of a Unix system, or one with locks as good as those: flock has to exclude
//! every process that uses the directory. A lease has two files open. A final upload has at most 256
//! parts, which are open while they are joined; where the file system can share blocks, or copy
//! without the bytes passing through the process, that is used. An append that was broken off in the
//! middle of a checksummed body takes up space until the next lease or sweep.
//!
//! # Where things are
//! `backend` implements the contract; each of its moments has a file: `create`, `acquire`, `info`,
//! `lease`, `append`, `assemble`, `download`, `sweep`. Below them, `files` creates, locks and reads
//! the two files of an upload; `record` is their format without I/O; `pace` decides on which thread
//! the disk is used, and everything that uses it goes through `disk`.

#[cfg(not(unix))]
compile_error!("oxitus-fs needs the advisory locks and file semantics of a Unix system");

mod acquire;
mod append;
mod assemble;
mod backend;
mod builder;
mod create;
mod disk;
mod download;
mod durability;
mod error;
mod files;
mod info;
mod layout;
mod lease;
mod lock;
mod pace;
mod record;
mod store;
mod sweep;
mod turnstile;

pub use self::backend::FsBackend;
pub use self::builder::FsBackendBuilder;
#[doc(hidden)]
pub use self::disk::{Fault, Operation};
pub use self::durability::{Durability, UnknownDurability};
