//! The storage contract: [`StorageBackend`], the [`Lease`] through which every change goes, and
//! the [`Append`] that takes bytes.
//!
//! ```text
//! StorageBackend ── create │ acquire ──▶ Lease ── append ──▶ Append ── write … commit │ rollback ─┐
//!       │                                  ▲                                                     │
//!       └── info, read: nobody's leave     └─────────────────────────────────────────────────────┘
//! ```
//!
//! # Contract
//!
//! The engine and every backend rely on these clauses. `oxitus-testkit` has a test for each, by
//! its number, and every backend runs them all.
//!
//! ## Creating and finding
//! 1. After `create` the upload is visible to [`info`](StorageBackend::info): offset 0, phase
//!    `Receiving`, everything else as in [`NewUpload`].
//! 2. `create` never overwrites: an id that is taken is [`ErrorKind::AlreadyExists`], and the
//!    upload that has it is unchanged.
//! 3. An unknown id is [`ErrorKind::NotFound`] from `info`, `acquire` and `read`.
//! 4. `Upload-Metadata` and `Upload-Concat` come back byte for byte.
//!
//! ## Leases
//! 5. At most one lease of an upload is held at a time, within the backend's [`Scope`]: for a
//!    second one `acquire` with [`Acquire::Try`] fails with [`ErrorKind::Locked`] at once. Beyond
//!    the scope a later lease may take the upload away from an earlier one, and so may an `info`
//!    that recovers what an earlier one, which may be dead, has not committed: then every change
//!    that the earlier holder tries fails with [`ErrorKind::LeaseLost`] and changes nothing.
//! 6. Both [`release`](Lease::release) and dropping a lease let the next one in; after `release`
//!    has returned, at once.
//! 7. [`Acquire::Ask`] makes [`Lease::wanted`] or [`Append::wanted`] of the holder return the
//!    intent, again and again as long as somebody waits, and waits until the deadline; then it fails
//!    with [`ErrorKind::Locked`].
//! 8. `acquire` for an append at an offset that is not the committed one, or is not any more while
//!    it waits, fails with [`ErrorKind::OffsetMismatch`], and disturbs no holder.
//!
//! ## Appending
//! 9. After `commit` the offset has advanced by what was written, the bytes are those that were
//!    written, and both survive the process.
//! 10. After `rollback` bytes, offset and length are as before the append.
//! 11. [`CommitMode::Atomic`]: nothing is visible before `commit`, not even a declared length; a
//!     dropped append is a rollback, and so is a crash.
//! 12. [`CommitMode::Progressive`]: at any moment, and after a drop or a crash, the offset lies
//!     between the start and what was written, and every byte below it is right. It never goes
//!     back, except by `rollback`.
//! 13. How the bytes are cut into chunks does not matter.
//! 14. A write beyond a known length fails with [`ErrorKind::OffsetMismatch`] and stores nothing of
//!     that write.
//! 15. A declared length is recorded with the first visible byte, or by `commit` where there is
//!     none; once.
//! 16. The append whose end is the length leaves the upload `Received`; so does a declared length
//!     that equals the offset. An upload created with length 0 is `Received` at once.
//! 17. After a failed `write` what was accepted before is intact, and `commit` and `rollback` still
//!     work; a backend that stores bytes after `write` has returned may then find that it cannot
//!     store all of them, and keeps a right prefix. A failed `append`, `commit` or `rollback` has let the lease go, and `info` tells the
//!     truth.
//!
//! ## Completing and reading
//! 18. `complete` turns `Received` into `Complete`; again it does nothing. After a failure it can be
//!     tried again. On an upload that is `Receiving` it fails and changes nothing.
//! 19. `read` gives the bytes of a complete upload, whole or a range, or a place where the client
//!     gets them, and nothing of any other: [`ErrorKind::NotFound`].
//! 20. A complete upload is immutable: `append` on it fails with [`ErrorKind::OffsetMismatch`].
//!
//! ## Ending
//! 21. After `terminate` the upload is unknown, its space is free, and nothing in flight brings it
//!     back: a write, a commit or a waiting `acquire` that comes later fails. Its id may stay taken:
//!     to `create` it again either fails with [`ErrorKind::AlreadyExists`] or makes a new upload,
//!     which has nothing of the old one.
//!
//! ## Concatenating
//! 22. [`assemble`](Lease::assemble) of a recorded final upload gives the bytes of its parts in
//!     order, leaves it `Received`, and keeps the parts. One part may stand there repeatedly, and parts may be empty.
//! 23. `assemble` can be repeated after a failure or a crash, with the same result. A part that is
//!     missing or not complete fails it with [`ErrorKind::PartMissing`] or
//!     [`ErrorKind::PartUnfinished`]; one that somebody holds may fail it with a retryable error.
//!
//! ## Sweeping
//! 24. `sweep` goes through every upload once, in steps, and reports those that have expired, are
//!     `Received`, or are final and not assembled. A step reports at most `limit` of them, or none;
//!     how many it looks at is the backend's matter. It removes nothing that can be acquired, and
//!     repairs what crashes of the backend left behind.
//!
//! ## Losing
//! 25. An upload that can never be completed, because the storage has lost something of it or has
//!     run out of what it needs, fails `info` and an `acquire` for an append with
//!     [`ErrorKind::Gone`]. Any other lease of it is given, and shows the little that is known:
//!     `terminate` removes it, and a `sweep` reports it when it has expired.

mod backend;
mod capabilities;
mod error;
mod lease;

pub use self::backend::{
    Acquire, ByteRange, ByteStream, Content, Cursor, Download, Intent, NewUpload, StorageBackend,
    Sweep,
};
pub use self::capabilities::{Capabilities, Scope};
pub use self::error::{Error, ErrorKind, Result};
pub use self::lease::{Append, AppendOptions, CommitMode, Lease};
