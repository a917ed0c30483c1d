//! [`StorageBackend`]: where uploads live.

use std::fmt;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use http::Uri;
use oxitus_proto::header::UploadMetadata;
use oxitus_proto::id::UploadId;
use oxitus_proto::upload::{Kind, Phase, Upload};

use super::{Capabilities, Lease, Result};

/// A place where uploads are kept. See the [module](super) for the contract.
///
/// No future of this trait is cancel-safe unless it says so: the engine runs those that change
/// something in tasks that are never aborted.
#[async_trait]
pub trait StorageBackend: fmt::Debug + Send + Sync + 'static {
    /// What this backend can do. Always the same for one backend.
    fn capabilities(&self) -> Capabilities;

    /// Makes a new upload and takes its lease.
    ///
    /// # Errors
    /// [`AlreadyExists`](super::ErrorKind::AlreadyExists), [`Full`](super::ErrorKind::Full),
    /// [`TooLarge`](super::ErrorKind::TooLarge), and what can befall any storage.
    async fn create(&self, new: NewUpload) -> Result<Box<dyn Lease>>;

    /// Takes the lease of an upload.
    ///
    /// Cancel-safe: a dropped future leaves no lease behind and no holder asked.
    ///
    /// # Errors
    /// [`NotFound`](super::ErrorKind::NotFound), [`Locked`](super::ErrorKind::Locked),
    /// [`OffsetMismatch`](super::ErrorKind::OffsetMismatch) where an append was meant for another
    /// offset than the committed one, [`Gone`](super::ErrorKind::Gone) where it was meant for an
    /// upload that can never be completed.
    async fn acquire(&self, id: &UploadId, how: Acquire) -> Result<Box<dyn Lease>>;

    /// An upload as it is committed, without a lease. It may first commit what a holder beyond the
    /// [`Scope`](super::Scope) has left behind. Cancel-safe.
    ///
    /// # Errors
    /// [`NotFound`](super::ErrorKind::NotFound), [`Gone`](super::ErrorKind::Gone).
    async fn info(&self, id: &UploadId) -> Result<Upload>;

    /// The bytes of a complete upload, or the place where the client gets them. Cancel-safe.
    ///
    /// # Errors
    /// [`NotFound`](super::ErrorKind::NotFound), also for an upload that is not complete.
    async fn read(&self, id: &UploadId, range: ByteRange) -> Result<Download>;

    /// Looks at some uploads, from `from` (the beginning for `None`), and reports those that need
    /// something done, up to `limit` of them. Repairs on the way what crashes left behind.
    ///
    /// # Errors
    /// What can befall any storage.
    async fn sweep(&self, now: SystemTime, from: Option<Cursor>, limit: usize) -> Result<Sweep>;
}

/// An upload to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUpload {
    /// Its name.
    pub id: UploadId,
    /// Its length in bytes; `None` where it is told later, and for a final upload with a part
    /// whose length is not known.
    pub length: Option<u64>,
    /// The largest size it may reach, in bytes, where it has a limit of its own.
    pub max_size: Option<u64>,
    /// What it is to concatenation.
    pub kind: Kind,
    /// `Upload-Metadata` as it came.
    pub metadata: Option<UploadMetadata>,
    /// The moment.
    pub created: SystemTime,
    /// How long it may lie idle.
    pub time_to_live: Option<Duration>,
}

impl NewUpload {
    /// A whole upload without metadata that never expires.
    #[must_use]
    pub fn new(id: UploadId, length: Option<u64>, created: SystemTime) -> Self {
        Self {
            id,
            length,
            max_size: None,
            kind: Kind::Whole,
            metadata: None,
            created,
            time_to_live: None,
        }
    }

    /// The upload as it stands right after its creation.
    #[must_use]
    pub fn snapshot(&self) -> Upload {
        let mut upload = Upload::new(self.id.clone(), self.length, self.created);
        upload.max_size = self.max_size;
        upload.kind = self.kind.clone();
        upload.metadata = self.metadata.clone();
        upload.time_to_live = self.time_to_live;
        if self.length == Some(0) && !matches!(self.kind, Kind::Final(_)) {
            upload.phase = Phase::Received;
        }
        upload
    }
}

/// How to take a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquire {
    /// Now or not at all; a holder is not disturbed.
    Try,
    /// Ask a holder in another process to let go, and wait for it.
    Ask {
        /// What for.
        intent: Intent,
        /// How long to wait; without any time it is tried once.
        timeout: Duration,
    },
}

/// What a lease is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// To append at this offset, in bytes.
    Append {
        /// Where the newcomer believes the upload to stand.
        offset: u64,
    },
    /// To remove the upload.
    Terminate,
}

/// Which bytes of an upload to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The first, counted from 0.
    pub start: u64,
    /// How many; what lies beyond the end is left out.
    pub length: u64,
}

impl ByteRange {
    /// Every byte.
    pub const ALL: Self = Self {
        start: 0,
        length: u64::MAX,
    };
}

/// The bytes of an upload, as they are read.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A complete upload that is being read.
#[non_exhaustive]
pub struct Download {
    /// The upload.
    pub upload: Upload,
    /// Its bytes.
    pub content: Content,
}

/// The bytes of a download.
pub enum Content {
    /// Those that were asked for.
    Here(ByteStream),
    /// The client gets them there itself, those it asked for and no others. For a while only, so
    /// that this is never to be stored; and how a browser is to treat them has to be said there.
    Elsewhere(Uri),
}

impl Download {
    /// `bytes` of `upload`.
    #[must_use]
    pub fn new(upload: Upload, bytes: ByteStream) -> Self {
        let content = Content::Here(bytes);
        Self { upload, content }
    }

    /// `upload`, all of whose bytes the client can get at `uri`.
    #[must_use]
    pub fn redirect(upload: Upload, uri: Uri) -> Self {
        let content = Content::Elsewhere(uri);
        Self { upload, content }
    }

    /// The bytes that were asked for, where they are here.
    #[must_use]
    pub fn into_bytes(self) -> Option<ByteStream> {
        match self.content {
            Content::Here(bytes) => Some(bytes),
            Content::Elsewhere(_) => None,
        }
    }
}

/// Whoever knows the place may read it, so it is not printed.
impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Here(_) => "Here",
            Self::Elsewhere(_) => "Elsewhere",
        })
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Download")
            .field("upload", &self.upload)
            .field("content", &self.content)
            .finish()
    }
}

/// Where a sweep goes on. Opaque: only the backend that made it reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// What one step of a sweep found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Sweep {
    /// Uploads that have expired, are `Received`, or are final and not assembled.
    pub due: Vec<Upload>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

impl Sweep {
    /// What a step found, and where to go on.
    #[must_use]
    pub fn new(due: Vec<Upload>, next: Option<Cursor>) -> Self {
        Self { due, next }
    }

    /// Whether a sweep at `now` reports `upload`.
    #[must_use]
    pub fn concerns(upload: &Upload, now: SystemTime) -> bool {
        upload.is_expired(now)
            || upload.phase == Phase::Received
            || (upload.phase == Phase::Receiving && matches!(upload.kind, Kind::Final(_)))
    }
}
